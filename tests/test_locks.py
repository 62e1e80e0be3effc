"""Who holds a lock: a thread, and none that gets its TID later."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import xous_sim as xs
from xous_sim.searches import Strategy

Scenario = Callable[[xs.World], object]

EVERY_SEARCH = [
    xs.Exhaustive(),
    xs.Exhaustive(symmetry=False, reduction=False),
    xs.Dfs(),
    xs.Dpor(),
    xs.Random(max_schedules=20),
    xs.Rerun(),
]


def one_after_the_other(*bodies: Callable[[xs.Mutex], object]) -> Scenario:
    """A thread starts threads one behind the other; each gets the TID of the one before."""

    def scenario(world: xs.World) -> None:
        app, mutex = world.process("app"), world.mutex(name="M")

        def parent() -> None:
            for body in bodies:
                app.join(app.spawn(body, mutex))

        app.spawn(parent)

    return scenario


@pytest.mark.parametrize("strategy", EVERY_SEARCH)
def test_a_thread_cannot_unlock_what_an_ended_thread_with_its_tid_has_locked(strategy: Strategy) -> None:
    result = xs.explore(one_after_the_other(xs.Mutex.lock, xs.Mutex.unlock), strategy)
    assert result.violation is not None
    assert result.violation.property == "exception"
    assert "unlocks a mutex that it does not hold" in result.violation.message


@pytest.mark.parametrize("strategy", EVERY_SEARCH)
def test_a_lock_whose_holder_has_ended_stays_held_and_is_not_the_next_threads_own(strategy: Strategy) -> None:
    result = xs.explore(one_after_the_other(xs.Mutex.lock, xs.Mutex.lock), strategy)
    assert result.violation is not None
    assert result.violation.property == "deadlock"
    assert "app/thread 4 waits in M.lock(), held by app/thread 4, which has ended" in result.violation.message


@pytest.mark.parametrize("strategy", EVERY_SEARCH)
def test_a_lock_that_the_set_up_holds_is_no_threads(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app, mutex = world.process("app"), world.mutex(name="M")
        mutex.lock()
        app.spawn(mutex.lock, name="first")

    result = xs.explore(scenario, strategy)
    assert result.violation is not None
    assert "app/first waits in M.lock(), held by the scenario" in result.violation.message


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Rerun()])
def test_a_trace_names_the_thread_that_locked_and_not_the_one_that_got_its_tid(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app, mutex, ready = world.process("app"), world.mutex(name="M"), world.atomic_u32()

        def first() -> None:
            mutex.lock()
            ready.store(1)

        def parent() -> None:
            world.spin_while(lambda: ready.load() == 0)
            app.join(app.spawn(mutex.try_lock))

        app.spawn(first)
        app.spawn(parent)

    result = xs.explore(scenario, strategy, finally_=lambda state: False)
    assert result.trace is not None
    assert "held by app/first" in result.trace.to_json()


def test_a_thread_of_a_stress_run_cannot_unlock_what_an_ended_one_has_locked() -> None:
    result = xs.stress(one_after_the_other(xs.Mutex.lock, xs.Mutex.unlock), seconds=60, max_runs=3)
    assert result.failures == {"exception": 3}


def test_a_thread_of_a_stress_run_waits_for_a_lock_that_an_ended_one_has_locked() -> None:
    result = xs.stress(one_after_the_other(xs.Mutex.lock, xs.Mutex.lock), seconds=60, max_runs=3)
    assert result.failures == {"deadlock": 3}


def test_on_a_weak_machine_a_lock_is_held_by_a_thread_too() -> None:
    result = xs.explore(one_after_the_other(xs.Mutex.lock, xs.Mutex.unlock), memory="c11")
    assert result.violation is not None
    assert result.violation.property == "exception"
