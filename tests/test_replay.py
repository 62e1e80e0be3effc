"""Results as text, schedules that are followed again, and that nothing depends on chance."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

import xous_sim as xs
from scenarios import lock_order, refcount_race, two_increments


def test_a_result_prints_its_verdict_and_the_line_that_replays_it() -> None:
    result = xs.explore(lock_order)
    assert str(result).startswith("violated: deadlock: no thread can go on: app/left waits")
    assert "replay with xs.replay(lock_order, 'x1:0.1')" in str(result)
    assert repr(result) == f"<Exploration violated, {result.states:,} states>"
    table = str(result.trace)
    assert "app/left" in table
    assert "a.lock()" in table
    assert "connections after it" in table
    assert repr(result.trace) == "<Trace of 2 steps, 1 preemptions, x1:0.1>"


@pytest.mark.parametrize("scenario", [lock_order, refcount_race])
def test_a_replay_of_a_counterexample_reproduces_it(scenario: Callable[[xs.World], None]) -> None:
    result = xs.explore(scenario)
    assert result.schedule is not None
    replayed = xs.replay(scenario, result.schedule)
    assert replayed.violation == result.violation
    assert str(replayed.trace) == str(result.trace)
    assert "violated: " in str(replayed)


def test_a_replay_of_a_harmless_schedule_violates_nothing() -> None:
    replayed = xs.replay(lock_order, "x1:0*4.1*4")
    assert replayed.violation is None
    assert len(replayed.trace) == 8
    assert str(replayed).endswith("no property is violated")


def test_a_replay_evaluates_the_users_properties() -> None:
    replayed = xs.replay(two_increments, "x1:0.1*2.0", finally_=lambda state: state["count"] == 2)
    assert replayed.violation is not None
    assert replayed.violation.property == "finally"


def test_a_schedule_that_does_not_fit_is_refused_at_its_step() -> None:
    with pytest.raises(xs.ReplayError, match=r"at step 5: it chooses 0, but 1 can be chosen there"):
        xs.replay(lock_order, "x1:0*5")
    with pytest.raises(xs.ReplayError, match=r"at step 1: it chooses 7, but 0, 1 can be chosen there"):
        xs.replay(lock_order, "x1:7")


_DETERMINISM = """
import sys
sys.path.insert(0, {tests!r})
import xous_sim as xs
from scenarios import lock_order, refcount_race, two_increments
for scenario in (lock_order, refcount_race, two_increments):
    r = xs.explore(scenario, stop="explored")
    print(r.verdict, r.states, r.transitions, r.depth, r.body_runs, r.bytes_per_state)
    for c in r.counterexamples:
        print(c.violation, c.schedule, c.trace.preemptions)
"""


def test_results_are_the_same_whatever_the_hash_seed_and_however_often() -> None:
    script = _DETERMINISM.format(tests=os.path.dirname(__file__))

    def output(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        return run.stdout

    first = output("1")
    assert first.count("\n") > 5
    assert output("2") == first
    assert output("77") == first
    results = [xs.explore(refcount_race, stop="explored") for _ in range(2)]
    assert [r.states for r in results] == [results[0].states] * 2
    assert [c.schedule for c in results[0].counterexamples] == [c.schedule for c in results[1].counterexamples]
