"""One definition of a preemption: every search counts alike, whole, in parts, and with the real bodies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import xous_sim as xs
from test_strategies import found
from xous_sim.searches import Strategy


def dies_between_sends(world: xs.World) -> None:
    """Fails only if the server dies between two sends; three other threads make the tree wide."""
    log, app = world.server("log", may_die=True), world.process("app")
    n, connection = world.atomic_u32(0), app.connect(log)

    def client() -> None:
        early = n.load() == 0
        first, second = (app.send(connection, xs.Scalar(0)).is_ok() for _ in range(2))
        assert not (early and first and not second)

    app.spawn(client)
    for _ in range(3):
        app.spawn(n.fetch_add, 1, times=5)


def in_parts(bound: int) -> xs.Exploration:
    """The bounded search on an executor."""
    with ThreadPoolExecutor(2) as executor:
        return xs.explore(dies_between_sends, xs.Dfs(max_preemptions=bound, executor=executor), stop="explored")


@pytest.mark.parametrize("bound", [0, 1])
def test_a_death_is_no_preemption_whoever_searches(bound: int) -> None:
    whole = xs.explore(dies_between_sends, xs.Dfs(max_preemptions=bound), stop="explored")
    parts = in_parts(bound)
    assert (whole.verdict, whole.preemptions) == ("violated", 0)
    assert (parts.verdict, parts.preemptions) == ("violated", 0)
    assert found(parts) == found(whole)
    assert (parts.schedules, parts.covered_preemptions) == (whole.schedules, whole.covered_preemptions)


def test_a_death_is_no_preemption_of_real_bodies() -> None:
    traced = xs.explore(dies_between_sends, xs.Dfs(max_preemptions=0), stop="explored")
    real = xs.explore(dies_between_sends, xs.Rerun(max_preemptions=0), stop="explored")
    assert (real.verdict, real.preemptions, found(real)) == ("violated", 0, found(traced))
    assert (real.schedules, real.covered_preemptions) == (traced.schedules, traced.covered_preemptions)


@pytest.mark.parametrize("strategy", [xs.Random(seed=3), xs.Pct(seed=3), xs.Dpor(), xs.Rerun(max_preemptions=0)])
def test_a_counterexample_is_shortened_to_one_in_which_a_death_interrupts_nobody(strategy: Strategy) -> None:
    result = xs.explore(dies_between_sends, strategy)
    assert result.trace is not None
    assert (result.trace.preemptions, result.schedule) == (0, "x1:0*2.!4.0")


def test_what_goes_on_after_a_death_is_whoever_went_before_it() -> None:
    """The line interrupts the client twice; the death between the two is no turn of its own."""
    for rerun in (False, True):
        trace = xs.replay(dies_between_sends, "x1:0.!4.1.0", rerun=rerun).trace
        assert [step.preempts for step in trace] == [False, False, True, True], rerun
