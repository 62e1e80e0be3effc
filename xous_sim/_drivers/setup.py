"""Carries out the scenario function itself, before any thread runs: one operation after another, none may wait."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Never

from .._options import is_int
from .._spelling import label_of
from ..errors import MisuseError, ScenarioError
from ..values import Encoded, Raw
from .base import MAIN_TID, Op
from .bodies import Body

if TYPE_CHECKING:
    from ..world import World

KERNEL_PID, KERNEL_TID = 1, 1
"""Whoever acts where no process does."""

MAX_ROUNDS = 65_535


class SetupDriver:
    """The scenario function runs."""

    def __init__(self, world: World) -> None:
        self._world = world

    def perform(self, op: Op, pid: int | None = None) -> Raw:
        caller = (KERNEL_PID, KERNEL_TID) if pid is None else (pid, MAIN_TID)
        answer = self._world._machine.attempt(*caller, op)
        if answer.status != "done":
            raise ScenarioError(
                f"the scenario itself waits for ever in {op[0]}: let a spawned thread do what may have to wait"
            )
        return answer.value

    def spawn(self, pid: int, body: Callable[..., object], args: tuple[Any, ...], times: int, name: str | None) -> None:
        if not is_int(times) or not 1 <= times <= MAX_ROUNDS:
            raise MisuseError(f"times must be an int from 1 to {MAX_ROUNDS}, not {times!r}")
        label = str(name or label_of(body))
        self._world._machine.add_thread(pid, label, 0, times)
        self._world._bodies.of_threads.append(Body(body, args, pid))

    def finish(self) -> None:
        """Finds out which threads have the same body, now that nothing changes any more.

        Raises:
            ScenarioError: If there are no threads.
        """
        numbers = self._world._bodies.numbers_of_threads()
        if not numbers:
            raise ScenarioError("the scenario spawns no thread: call process.spawn(body) in it")
        self._world._machine.set_bodies(numbers)

    def spin_while(self, condition: Callable[[], object]) -> None:
        """A loop of the scenario function itself."""
        if condition():
            raise ScenarioError("the scenario itself spins for ever: no other thread runs before it returns")

    def yield_now(self) -> None:
        """There is nobody else."""

    def context(self) -> Hashable:
        return "setup"

    def refuse(self, error: ScenarioError) -> Never:
        raise error

    def check_look(self, instead: str) -> None:
        """The scenario function sees what it has made so far."""

    def opened(self, raw: Encoded) -> None:
        if isinstance(raw, tuple) and raw[0] in ("c", "s"):
            self._world._machine.hold(raw)

    def closed(self, raw: Encoded) -> None:
        if isinstance(raw, tuple) and raw[0] == "c":
            self._world._machine.release(raw)
