"""Objects of one world are of no use in another: a body, a set-up or a property that uses them is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import xous_sim as xs
from xous_sim.searches import Strategy

Use = Callable[["Elsewhere", xs.World, xs.Process], object]


class Elsewhere:
    """Another world, and what is in it."""

    def __init__(self, world: xs.World) -> None:
        self.world = world
        self.app = world.process("app")
        self.log = world.server("log")
        self.n = world.atomic_u32(0, name="n")
        self.cell = world.cell(0)
        self.mutex = world.mutex()
        self.once = world.once_lock()
        self.connection = self.app.connect(self.log)
        self.arc = self.app.connect(self.log).share()
        self.weak = self.arc.downgrade()


USES: dict[str, Use] = {
    "an atomic": lambda other, world, app: other.n.fetch_add(1),
    "a cell": lambda other, world, app: other.cell.set(1),
    "a mutex": lambda other, world, app: other.mutex.lock(),
    "a once lock": lambda other, world, app: other.once.get_or_init(lambda: other.connection),
    "a process that connects": lambda other, world, app: other.app.connect("log"),
    "a process that spawns": lambda other, world, app: other.app.spawn(print),
    "its connection map": lambda other, world, app: other.app.connection_map(),
    "a server": lambda other, world, app: app.connect(other.log),
    "a connection that is closed": lambda other, world, app: other.connection.close(),
    "a connection to send through": lambda other, world, app: app.send(other.connection, xs.Scalar(1)),
    "a connection in a cell": lambda other, world, app: world.test.cell.set(other.connection),  # type: ignore[attr-defined]
    "a connection in an atomic": lambda other, world, app: world.test.n.store(other.connection),  # type: ignore[attr-defined]
    "a connection in a lock": lambda other, world, app: world.test.once.get_or_init(  # type: ignore[attr-defined]
        lambda: other.connection
    ),
    "a weak handle in a cell": lambda other, world, app: world.test.cell.set(other.weak),  # type: ignore[attr-defined]
    "an arc of a connection": lambda other, world, app: world.arc(other.connection),
    "an arc": lambda other, world, app: other.arc.clone(),
    "a weak handle": lambda other, world, app: other.weak.upgrade(),
    "a choice": lambda other, world, app: other.world.choose(2),
    "a yield": lambda other, world, app: other.world.yield_now(),
    "a loop": lambda other, world, app: other.world.spin_while(lambda: False),
    "a fence": lambda other, world, app: other.world.fence(),
}
HANDED_ON: dict[str, Use] = {
    "a connection": lambda other, world, app: app.spawn(print, other.connection),
    "an arc": lambda other, world, app: app.spawn(print, other.arc),
}


def explored(use: Use, where: str, strategy: Strategy, other: Elsewhere | None = None) -> xs.Exploration:
    """Explores a scenario that uses another world somewhere."""
    elsewhere = other or Elsewhere(xs.World())

    def scenario(world: xs.World) -> None:
        world.test = Elsewhere(world)  # type: ignore[attr-defined]
        app: Any = world.test.app  # type: ignore[attr-defined]
        if where == "set-up":
            use(elsewhere, world, app)
        app.spawn(lambda: use(elsewhere, world, app) if where == "body" else world.test.n.load())  # type: ignore[attr-defined]
        if where == "property":
            world.invariant(lambda state: bool(use(elsewhere, world, app)) or True)

    return xs.explore(scenario, strategy)


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Rerun()], ids=["Exhaustive", "Rerun"])
@pytest.mark.parametrize(
    ("use", "where"),
    [pytest.param(use, where, id=f"{name} in a {where}") for where in ("body", "set-up") for name, use in USES.items()]
    + [pytest.param(use, "body", id=f"{name} that is handed on") for name, use in HANDED_ON.items()],
)
def test_what_belongs_to_another_world_is_refused(use: Use, where: str, strategy: Strategy) -> None:
    try:
        result = explored(use, where, strategy)
    except (xs.ScenarioError, xs.MisuseError) as error:
        told = str(error)
    else:
        assert result.violation is not None, result
        told = result.violation.message
    assert "another world" in told


def test_a_property_that_uses_another_world_is_refused() -> None:
    for strategy in (xs.Exhaustive(), xs.Rerun()):
        with pytest.raises(xs.ScenarioError, match="another world"):
            explored(USES["an atomic"], "property", strategy)


def test_a_world_that_is_explored_is_of_no_use_in_another_exploration() -> None:
    def outer(world: xs.World) -> None:
        other = Elsewhere(world)
        with pytest.raises(xs.ScenarioError, match="another world"):
            explored(USES["an atomic"], "body", xs.Exhaustive(), other)
        assert other.n.load() == 0
        other.app.spawn(other.n.load)

    assert xs.explore(outer).verdict == "sound"


def test_a_state_is_asked_by_objects_of_its_own_world() -> None:
    elsewhere = Elsewhere(xs.World())

    def scenario(world: xs.World) -> None:
        mine = Elsewhere(world)
        mine.app.spawn(mine.n.load)

    for ask in (lambda state: state[elsewhere.n] == 0, lambda state: state.connection_map(elsewhere.app)):
        with pytest.raises(xs.MisuseError, match="belongs to another world"):
            xs.explore(scenario, invariant=ask)


def test_a_state_is_asked_by_objects_of_the_same_scenario_set_up_again() -> None:
    first: list[xs.AtomicU32] = []

    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(0, name="n")
        first.append(n)
        app.spawn(n.fetch_add, 1)

    for strategy in (xs.Exhaustive(), xs.Rerun()):
        assert xs.explore(scenario, strategy, finally_=lambda state: state[first[0]] == 1).verdict == "sound"


def test_worlds_without_an_explorer_are_independent() -> None:
    one, two = Elsewhere(xs.World()), Elsewhere(xs.World())
    one.n.fetch_add(1)
    two.n.fetch_add(2)
    assert [int(other.n.load()) for other in (one, two)] == [1, 2]
    with pytest.raises(xs.MisuseError, match="another world"):
        one.cell.set(two.connection)
    with pytest.raises(xs.MisuseError, match="another world"):
        one.world.arc(two.connection)
