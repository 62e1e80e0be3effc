"""Properties that a scenario states itself: they hold for whatever explores it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import xous_sim as xs
from scenarios import Scenario, one_thread


def lost_update(world: xs.World) -> None:
    """Two increments, one of which may be lost."""
    app, n = world.process("app"), world.atomic_u32(0, name="n")

    def add() -> None:
        n.store(int(n.load()) + 1)

    app.spawn(add)
    app.spawn(add)

    @world.finally_
    def nothing_is_lost(state: xs.StateView) -> bool:
        return state[n] == 2


def too_large(world: xs.World) -> None:
    """A number that is too large for a moment."""
    app, n = world.process("app"), world.atomic_u32(0, name="n")

    def up_and_down() -> None:
        n.store(9)
        n.store(0)

    app.spawn(up_and_down)

    @world.invariant
    def small(state: xs.StateView) -> None:
        if state[n] == 9:
            raise AssertionError("too large")


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Dpor(), xs.Dfs(), xs.Rerun(), xs.Random(), xs.Pct()])
@pytest.mark.parametrize(
    ("scenario", "message"),
    [(lost_update, "finally: nothing_is_lost does not hold"), (too_large, "invariant: small: too large")],
)
def test_every_search_looks_at_them(strategy: xs.searches.Strategy, scenario: Scenario, message: str) -> None:
    assert str(xs.explore(scenario, strategy).violation) == message


def test_a_search_in_parts_looks_at_them() -> None:
    with ThreadPoolExecutor(2) as executor:
        result = xs.explore(lost_update, xs.Exhaustive(executor=executor))
    assert str(result.violation) == "finally: nothing_is_lost does not hold"


def test_a_replay_looks_at_them() -> None:
    line = xs.explore(lost_update).schedule
    assert line is not None
    assert str(xs.replay(lost_update, line).violation) == "finally: nothing_is_lost does not hold"


def test_they_hold_beside_those_of_the_exploration() -> None:
    def impossible(state: xs.StateView) -> bool:
        return False

    assert str(xs.explore(lost_update, invariant=impossible).violation) == "invariant: impossible does not hold"
    assert str(xs.explore(too_large, finally_=lambda state: True).violation) == "invariant: small: too large"


def test_several_must_all_hold() -> None:
    def scenario(world: xs.World) -> None:
        world.process("app").spawn(lambda: world.choose(1))
        for number in range(3):
            world.finally_(lambda state, number=number: number != 2)

    assert xs.explore(scenario).verdict == "violated"


def states_a_property(world: xs.World, app: xs.Process) -> None:
    """A body that states a property."""
    world.finally_(lambda state: True)


def test_a_property_is_stated_in_the_scenario_and_nowhere_else() -> None:
    with pytest.raises(xs.MisuseError, match="belongs to a scenario"):
        xs.World().invariant(lambda state: True)
    with pytest.raises(xs.MisuseError, match="a body makes a property"):
        xs.explore(one_thread(states_a_property))
    with pytest.raises(xs.MisuseError, match="a property is a function, not int"):
        xs.explore(lambda world: world.invariant(3))  # type: ignore[type-var]
