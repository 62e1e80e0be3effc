"""A reported line, replayed, violates what was reported: whoever found it, and whatever else is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import xous_sim as xs
from scenarios import lock_order
from xous_sim.searches import Strategy

Words = tuple[str, str]
Scenario = Callable[[xs.World], object]


def raises_before_it_leaks(world: xs.World) -> None:
    """Leaks at its end; but if the other thread is late, the first one raises before."""
    app, log = world.process("app"), world.server("log")
    a = world.atomic_u32(1, name="a")

    def first() -> None:
        app.connect(log)
        if a.load() == 1:
            raise ValueError("late")
        for _ in range(3):
            a.load()

    app.spawn(first)
    app.spawn(a.store, 0)


def raises_and_leaks(world: xs.World) -> None:
    """The only thread leaks wherever it raises: the two come with one step."""
    app, log = world.process("app"), world.server("log")

    def first() -> None:
        app.connect(log)
        raise ValueError("always")

    app.spawn(first)


def raises_at_once(world: xs.World) -> None:
    """A body raises before it does anything, and two others lock in opposite orders."""

    def broken() -> None:
        raise ValueError("at once")

    lock_order(world)
    world.process("other").spawn(broken)


SEARCHES = [
    xs.Exhaustive(),
    xs.Exhaustive(symmetry=False, reduction=False),
    xs.Exhaustive(shortest=False),
    xs.Dfs(),
    xs.Dpor(),
    xs.Random(seed=1),
    xs.Pct(seed=1),
    xs.Rerun(),
]


def kind(violation: xs.Violation | None) -> Words | None:
    return None if violation is None else (violation.property, violation.subject)


def replayed(scenario: Scenario, strategy: Strategy, counterexample: xs.Counterexample) -> xs.Replayed:
    return xs.replay(scenario, counterexample.schedule, rerun=isinstance(strategy, xs.Rerun))


@pytest.mark.parametrize("strategy", SEARCHES, ids=repr)
@pytest.mark.parametrize("scenario", [raises_before_it_leaks, raises_at_once, lock_order])
def test_a_reported_line_replayed_violates_what_was_reported(scenario: Scenario, strategy: Strategy) -> None:
    result = xs.explore(scenario, strategy, stop="explored")
    assert result.verdict == "violated"
    for counterexample in result.counterexamples:
        again = replayed(scenario, strategy, counterexample)
        assert kind(again.violation) == kind(counterexample.violation)
        assert again.trace.schedule == counterexample.schedule


@pytest.mark.parametrize(
    "strategy", [search for search in SEARCHES if search != xs.Exhaustive(shortest=False)], ids=repr
)
def test_a_counterexample_violates_nothing_else_before_where_that_can_be_had(strategy: Strategy) -> None:
    result = xs.explore(raises_before_it_leaks, strategy, stop="explored")
    lines = {c.violation.property: c.schedule for c in result.counterexamples}
    assert set(lines) == {"exception", "leak"}
    assert lines["leak"] in ("x1:1.0*5", "x1:0.1.0*4")


@pytest.mark.parametrize("strategy", SEARCHES, ids=repr)
def test_what_else_is_wrong_is_told_beside_an_exception_before_any_operation(strategy: Strategy) -> None:
    result = xs.explore(raises_at_once, strategy, stop="explored")
    assert {c.violation.property for c in result.counterexamples} == {"exception", "deadlock"}
    assert {c.schedule for c in result.counterexamples if c.violation.property == "exception"} == {"x1:"}


@pytest.mark.parametrize("strategy", SEARCHES, ids=repr)
def test_a_search_that_stops_at_the_first_violation_stops_at_an_exception_before_any_operation(
    strategy: Strategy,
) -> None:
    result = xs.explore(raises_at_once, strategy)
    assert [(c.violation.property, c.schedule) for c in result.counterexamples] == [("exception", "x1:")]


@pytest.mark.parametrize("strategy", SEARCHES, ids=repr)
def test_a_last_step_that_does_two_things_wrong_is_told_with_both(strategy: Strategy) -> None:
    result = xs.explore(raises_and_leaks, strategy, stop="explored")
    assert [kind(c.violation) for c in result.counterexamples] == [("exception", ""), ("leak", "log")]
    for counterexample in result.counterexamples:
        again = replayed(raises_and_leaks, strategy, counterexample)
        assert [kind(violation) for violation in again.violations] == [("exception", ""), ("leak", "log")]
        assert str(again).count("violated: ") == 2


def test_a_line_that_goes_on_behind_a_violation_to_a_harmless_end_is_told_up_to_the_violation() -> None:
    for rerun in (False, True):
        again = xs.replay(raises_at_once, "x1:0*2", rerun=rerun)
        assert (kind(again.violation), again.trace.schedule) == (("exception", ""), "x1:")
