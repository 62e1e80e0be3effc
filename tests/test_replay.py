"""Results as text, schedules that are followed again, and that nothing depends on chance."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import scenarios
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
    with pytest.raises(xs.ReplayError) as ended:
        xs.replay(lock_order, "x1:0*5")
    text = str(ended.value)
    assert text.startswith(
        "the schedule departs from the scenario at step 5: it chooses 0, but app/left has ended; "
        "what can be chosen there is 1 (app/right: b.lock() at "
    )
    assert text.endswith(f"scenarios.py:{_line_of('with first, second')})")
    with pytest.raises(xs.ReplayError, match=r"step 1: it chooses 7, but there are 2 threads, numbered from 0; what"):
        xs.replay(lock_order, "x1:7")


def test_a_schedule_that_asks_a_waiting_thread_says_what_it_waits_for() -> None:
    with pytest.raises(xs.ReplayError) as waits:
        xs.replay(lock_order, "x1:0.1*2")
    assert "at step 3: it chooses 1, but app/right waits in a.lock() at " in str(waits.value)
    assert str(waits.value).endswith("; no thread can go on there")


def test_a_pick_that_there_is_not_is_told_with_those_that_there_are() -> None:
    def scenario(world: xs.World) -> None:
        app = world.process("app")
        app.spawn(lambda: world.choose(3), name="chooser")

    with pytest.raises(xs.ReplayError) as picked:
        xs.replay(scenario, "x1:0=3")
    assert "it chooses 0=3, but app/chooser picks nothing like that: choose(3) at " in str(picked.value)
    assert "; what can be chosen there is 0 to 0=2 (app/chooser: choose(3) at " in str(picked.value)


def _line_of(text: str) -> int:
    """The number of the line in scenarios.py that contains ``text``."""
    lines = Path(scenarios.__file__).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


_DETERMINISM = """
import sys
sys.path.insert(0, {tests!r})
import scenarios
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
