"""Nobody runs: a property is asked, or the exploration is over. What the set-up left behind answers no question."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Never, final

from ..errors import ScenarioError
from ..values import Encoded, Raw
from .base import Op

if TYPE_CHECKING:
    from ..world import World


def outside_of_bodies(world: World, op: Op) -> ScenarioError:
    """What to say of an operation that no body asks for."""
    name = world._machine.object_name(op[1]) if op[0] in ("atomic", "cell", "mutex") else None
    if name is None:
        return _only_in_bodies(f"{op[0]} needs a thread of the scenario that is explored", "")
    return _only_in_bodies(f"{name} belongs to a scenario that is explored", f': use state["{name}"]')


def kept_from_looking(instead: str) -> ScenarioError:
    """What to say of a look into the kernel that no body takes."""
    return _only_in_bodies("the kernel belongs to a scenario that is explored", f": use {instead}")


def no_look_in_bodies(instead: str) -> ScenarioError:
    """What to say of a body that looks into the kernel."""
    return ScenarioError(
        f"a body looks into the kernel, which no program can do: look at the state in a property: {instead}"
    )


def _only_in_bodies(why: str, instead: str) -> ScenarioError:
    return ScenarioError(
        f"{why}, so only its bodies can do this: a property looks at the state that it is given{instead}"
    )


@final
class IdleDriver:
    """Refuses everything."""

    def __init__(self, world: World) -> None:
        self._world = world

    def perform(self, op: Op, pid: int | None = None) -> Raw:
        raise outside_of_bodies(self._world, op)

    def spawn(self, pid: int, body: Callable[..., object], args: tuple[Any, ...], times: int, name: str | None) -> Any:
        raise outside_of_bodies(self._world, ("spawn",))

    def spin_while(self, condition: Callable[[], object]) -> None:
        """Nobody spins."""
        raise outside_of_bodies(self._world, ("spin_while",))

    def yield_now(self) -> None:
        """Nobody yields."""
        raise outside_of_bodies(self._world, ("yield_now",))

    def context(self) -> Hashable:
        return "idle"

    def refuse(self, error: ScenarioError) -> Never:
        raise error

    def check_look(self, instead: str) -> None:
        raise kept_from_looking(instead)

    def opened(self, raw: Encoded) -> None:
        """Nothing is opened."""

    closed = opened
