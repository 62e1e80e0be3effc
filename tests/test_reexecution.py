"""Exploring by re-execution: it finds what the traced searches find, and what they must refuse."""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Callable

import pytest

import xous_sim as xs
from interrupting import interrupted
from scenarios import lock_order, one_thread, refcount_race, two_increments
from test_strategies import found
from xous_sim.idioms import IDIOMS
from xous_sim.verdicts import verdict_scenario

Scenario = Callable[[xs.World], object]


def shared_list(world: xs.World) -> None:
    """Two bodies look whether a Python list is empty, and then fill it; meanwhile the other may have done so."""
    app, tick = world.process("app"), world.atomic_u32(0, name="tick")
    cache: list[str] = []

    def fill(name: str) -> None:
        tick.fetch_add(1)
        if not cache:
            tick.fetch_add(1)
            cache.append(name)
        assert len(cache) == 1, f"filled by {' and '.join(cache)}"

    app.spawn(fill, "a", name="first")
    app.spawn(fill, "b", name="second")


def test_a_race_on_a_python_list_is_found_and_told() -> None:
    result = xs.explore(shared_list, xs.Rerun())
    assert (result.verdict, result.preemptions) == ("violated", 1)
    assert result.violation is not None
    assert result.violation.property == "exception"
    assert "AssertionError: filled by" in result.violation.message
    assert "test_reexecution.py" in result.violation.message
    assert result.trace is not None
    assert [step.operation for step in result.trace] == ["tick.fetch_add(1, seq_cst)"] * len(result.trace)
    assert "replay with xs.explore(shared_list, xs.Rerun(schedule='x1:" in str(result)


def test_a_race_on_a_python_list_is_refused_by_the_traced_searches() -> None:
    for strategy in (xs.Exhaustive(), xs.Dfs(), xs.Dpor()):
        with pytest.raises(xs.NondeterminismError):
            xs.explore(shared_list, strategy)


def test_a_counterexample_runs_again_from_its_line() -> None:
    result = xs.explore(shared_list, xs.Rerun())
    assert result.schedule is not None
    again = xs.explore(shared_list, xs.Rerun(schedule=result.schedule))
    assert (again.verdict, again.violation, again.schedules) == ("violated", result.violation, 1)
    assert str(again.trace) == str(result.trace)
    harmless = xs.explore(shared_list, xs.Rerun(schedule="x1:0*2.1"))
    assert (harmless.verdict, harmless.violation) == ("incomplete", None)
    assert "this schedule violates no property" in str(harmless)


def test_a_line_that_does_not_fit_is_refused_at_its_step_with_what_can_be_chosen() -> None:
    with pytest.raises(xs.ReplayError) as departs:
        xs.explore(lock_order, xs.Rerun(schedule="x1:0.0.1*2"))
    text = str(departs.value)
    assert "departs from the scenario at step 3: it chooses 1, but what can be chosen there is 0 (app/left: " in text
    assert "scenarios.py:" in text


@pytest.mark.parametrize("scenario", [lock_order, refcount_race, two_increments])
def test_it_follows_the_schedules_that_dfs_follows(scenario: Scenario) -> None:
    for bound in (None, 0, 1, 2):
        traced = xs.explore(scenario, xs.Dfs(max_preemptions=bound), stop="explored")
        real = xs.explore(scenario, xs.Rerun(max_preemptions=bound), stop="explored")
        assert (real.verdict, real.schedules, real.exhausted) == (traced.verdict, traced.schedules, traced.exhausted)
        assert real.covered_preemptions == traced.covered_preemptions
        assert found(real) == found(traced)
        fewest = [{c.violation.property: c.trace.preemptions for c in r.counterexamples} for r in (real, traced)]
        assert fewest[0] == fewest[1]


@pytest.mark.parametrize("connect", ["reuse", "unique"])
@pytest.mark.parametrize("name", IDIOMS)
def test_it_agrees_with_the_traced_searches_on_the_idioms(name: str, connect: xs.world.ConnectMode) -> None:
    scenario = verdict_scenario(IDIOMS[name], 2, rounds=1)
    traced = xs.explore(scenario, xs.Dfs(max_preemptions=1), connect=connect, stop="explored")
    real = xs.explore(scenario, xs.Rerun(max_preemptions=1), connect=connect, stop="explored")
    assert (real.verdict, real.schedules, found(real)) == (traced.verdict, traced.schedules, found(traced))


def test_an_unbounded_search_that_ends_is_a_proof_and_a_bounded_one_is_not() -> None:
    proof = xs.explore(lock_in_order, xs.Rerun())
    assert proof.verdict == "sound"
    assert str(proof).startswith("sound: no interleaving violates a property: all schedules were followed")
    bounded = xs.explore(two_increments, xs.Rerun(max_preemptions=0))
    assert (bounded.verdict, bounded.exhausted, bounded.covered_preemptions) == ("incomplete", "preemptions", 0)
    limited = xs.explore(two_increments, xs.Rerun(max_schedules=3))
    assert (limited.verdict, limited.exhausted, limited.schedules) == ("incomplete", "schedules", 3)
    timed = xs.explore(refcount_race, xs.Rerun(max_seconds=1e-9, max_schedules=10**6), stop="explored")
    assert timed.verdict in ("incomplete", "violated")


def lock_in_order(world: xs.World) -> None:
    """Two threads take two locks in one order, and share a Python list under them."""
    app, a, b = world.process("app"), world.mutex(name="a"), world.mutex(name="b")
    shared: list[int] = []

    def body(own: int) -> None:
        with a, b:
            shared.append(own)
            assert len(shared) <= 2

    app.spawn(body, 1)
    app.spawn(body, 2)


def test_the_scenario_runs_anew_for_each_schedule() -> None:
    made: list[list[int]] = []

    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(0, name="n")
        shared: list[int] = []
        made.append(shared)

        def body() -> None:
            shared.append(int(n.fetch_add(1)))

        app.spawn(body)
        app.spawn(body)

    result = xs.explore(scenario, xs.Rerun())
    assert (result.verdict, result.schedules) == ("sound", 2)
    assert result.body_runs == len(made)
    assert all(shared == list(range(len(shared))) for shared in made)


_everywhere: list[int] = []


def test_what_outlives_an_execution_is_found_out_with_thread_operation_and_line() -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(0, name="n")

        def body() -> None:
            _everywhere.append(1)
            n.store(len(_everywhere) % 1000)
            n.load()

        app.spawn(body, name="me")
        app.spawn(n.load, name="other")

    with pytest.raises(xs.NondeterminismError) as caught:
        xs.explore(scenario, xs.Rerun())
    text = str(caught.value)
    assert "app/me depends on something outside the scenario" in text
    assert "n.store(" in text and "test_reexecution.py:" in text
    assert "must be made by the scenario function" in text


def test_chance_is_found_out() -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(0, name="n")
        dice = random.SystemRandom()

        def body() -> None:
            n.store(dice.randrange(2**32))
            n.load()

        app.spawn(body)
        app.spawn(body)

    with pytest.raises(xs.NondeterminismError, match="time and randomness"):
        xs.explore(scenario, xs.Rerun())


def test_threads_that_spin_wait_for_a_change() -> None:
    def scenario(world: xs.World) -> None:
        app, ready = world.process("app"), world.atomic_bool(name="ready")
        data: list[int] = []

        def producer() -> None:
            data.append(1)
            ready.store(1)

        def consumer() -> None:
            world.spin_while(lambda: ready.load() == 0)
            assert data == [1]

        app.spawn(producer)
        app.spawn(consumer)

    assert xs.explore(scenario, xs.Rerun()).verdict == "sound"


def test_a_thread_that_spins_for_ever_is_a_deadlock() -> None:
    def scenario(world: xs.World) -> None:
        app, ready = world.process("app"), world.atomic_bool(name="ready")
        app.spawn(lambda: world.spin_while(lambda: ready.load() == 0), name="spinner")
        app.spawn(lambda: ready.load())

    result = xs.explore(scenario, xs.Rerun())
    assert result.violation is not None
    assert (
        result.violation.message == "no thread can go on: app/spinner spins, and nobody is left to change what it reads"
    )
    traced = xs.explore(scenario)
    assert traced.violation == result.violation


def test_choices_starts_and_joins_are_explored() -> None:
    finals: set[int] = set()

    def scenario(world: xs.World) -> None:
        app, total = world.process("app"), world.atomic_u32(0, name="total")
        log: list[int] = []

        def child(amount: xs.Value) -> None:
            log.append(int(amount))
            total.fetch_add(amount)

        def parent() -> None:
            thread = app.spawn(child, world.choose(3))
            app.join(thread)
            total.fetch_add(10 * len(log))

        app.spawn(parent)

    def at_the_end(state: xs.StateView) -> None:
        finals.add(int(state["total"]))

    result = xs.explore(scenario, xs.Rerun(), finally_=at_the_end)
    assert (result.verdict, finals) == ("sound", {10, 11, 12})


def test_a_connection_that_nobody_holds_any_more_is_a_leak_and_one_in_a_list_is_not() -> None:
    def leaking(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        app.spawn(lambda: [app.connect(server)].clear())

    def keeping(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        kept: list[xs.Connection] = []
        app.spawn(lambda: kept.append(app.connect(server)))

    result = xs.explore(leaking, xs.Rerun())
    assert result.violation == xs.explore(leaking).violation
    assert result.violation is not None
    assert result.violation.property == "leak"
    assert xs.explore(keeping, xs.Rerun()).verdict == "sound"


def caught_exception(app: xs.Process, server: xs.Server) -> None:
    connection = app.connect(server)
    try:
        raise ValueError(connection)
    except ValueError as error:
        kept = error
    del connection
    assert kept.__traceback__ is not None


def recursive_closure(app: xs.Process, server: xs.Server) -> None:
    connection = app.connect(server)

    def again(n: int) -> object:
        return again(n - 1) if n else connection

    again(2)


def class_in_the_body(app: xs.Process, server: xs.Server) -> None:
    class Holder:
        connection = app.connect(server)

    assert Holder.connection.is_ok()


def list_that_contains_itself(app: xs.Process, server: xs.Server) -> None:
    around: list[object] = [app.connect(server)]
    around.append(around)


def counted_reference_in_a_cycle(app: xs.Process, server: xs.Server) -> None:
    around: list[object] = [app.connect(server).share()]
    around.append(around)


class ClosesItself:
    """Closes its connection when it is collected, which comes too late."""

    def __init__(self, connection: xs.Connection) -> None:
        self.connection, self.itself = connection, self

    def __del__(self) -> None:
        self.connection.close()


def finaliser_in_a_cycle(app: xs.Process, server: xs.Server) -> None:
    ClosesItself(app.connect(server))


CYCLES = [
    caught_exception,
    recursive_closure,
    class_in_the_body,
    list_that_contains_itself,
    counted_reference_in_a_cycle,
    finaliser_in_a_cycle,
]


@pytest.mark.parametrize("body", CYCLES)
def test_a_connection_that_only_a_reference_cycle_keeps_is_a_leak(
    body: Callable[[xs.Process, xs.Server], None],
) -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        app.spawn(body, app, server, name="first")
        app.spawn(lambda: [world.choose(1) for _ in range(3)])

    traced = xs.explore(scenario, xs.Dfs(), stop="explored")
    real = xs.explore(scenario, xs.Rerun(), stop="explored")
    assert {c.violation.property for c in real.counterexamples} == {"leak"}
    assert [c.violation for c in real.counterexamples] == [c.violation for c in traced.counterexamples]
    assert str(real.trace) == str(traced.trace)


def test_a_stress_run_notices_what_only_a_reference_cycle_keeps() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        app.spawn(list_that_contains_itself, app, server)

    assert xs.stress(scenario, seconds=60, max_runs=3).failures == {"leak": 3}


def test_python_looks_for_garbage_again_afterwards() -> None:
    for was_on in (False, True):
        (gc.enable if was_on else gc.disable)()
        xs.explore(two_increments, xs.Rerun())
        assert (gc.isenabled(), gc.get_freeze_count()) == (was_on, 0)


def test_a_trace_names_the_threads_that_hold_a_connection_as_one_from_traces_does() -> None:
    schedule = "x1:0*4.1*2.0.1"
    rerun, traced = (
        xs.explore(refcount_race, xs.Rerun(schedule=schedule)).trace,
        xs.replay(refcount_race, schedule).trace,
    )
    assert rerun is not None and rerun.to_text() == traced.to_text()
    assert "app CID 2: log, held by app/worker and app/worker#2" in rerun.to_text()
    assert "app CID 2: free, stale in app/worker#2 *" in rerun.to_text()


def test_a_schedule_of_real_bodies_that_violates_nothing_is_told_too() -> None:
    replayed = xs.replay(shared_list, "x1:0*2.1", rerun=True)
    assert (replayed.violation, len(replayed.trace)) == (None, 3)
    assert repr(replayed) == "xs.replay(shared_list, 'x1:0*2.1', rerun=True)"
    with pytest.raises(xs.ReplayError, match="departs from the scenario at step 3"):
        xs.replay(shared_list, "x1:0*3.1", rerun=True)
    with pytest.raises(xs.MisuseError, match="rerun must be True or False"):
        xs.replay(shared_list, "x1:0", rerun=1)  # type: ignore[arg-type]


def test_a_connection_that_outlives_its_thread_is_held_by_a_python_object() -> None:
    def scenario(world: xs.World) -> None:
        app, server, kept = world.process("app"), world.server("log"), []
        app.spawn(lambda: kept.append(app.connect(server)))

    found = xs.explore(scenario, xs.Rerun(), finally_=lambda state: False)
    assert found.trace is not None and "CID 2: log, held by a shared Python object" in found.trace.to_text()


@pytest.mark.parametrize("strategy", [xs.Rerun(), xs.Dfs()])
def test_properties_are_watched(strategy: xs.Rerun | xs.Dfs) -> None:
    lost = xs.explore(two_increments, strategy, finally_=lambda state: state["count"] == 2)
    assert lost.violation is not None
    assert (lost.violation.property, len(lost.counterexamples[0].trace)) == ("finally", 4)
    never = xs.explore(two_increments, strategy, invariant=lambda state: state["count"] < 2)
    assert never.violation is not None
    assert never.violation.property == "invariant"

    def broken(state: xs.StateView) -> None:
        raise ZeroDivisionError("in the property")

    with pytest.raises(ZeroDivisionError, match="in the property"):
        xs.explore(two_increments, strategy, invariant=broken)


def test_a_pool_that_a_body_is_the_first_to_ask_for_is_made() -> None:
    def scenario(world: xs.World) -> None:
        app = world.process("app")
        world.server("log")
        for _ in range(2):
            app.spawn(lambda: app.send(app.get_common_connection("log"), xs.Scalar(1)))

    assert xs.explore(scenario, xs.Rerun()).verdict == xs.explore(scenario).verdict == "sound"


def test_a_weak_memory_is_refused_and_the_way_out_is_named() -> None:
    for strategy in (xs.Rerun(), xs.Rerun(schedule="x1:0")):
        with pytest.raises(xs.MisuseError, match="use another strategy for memory='c11'"):
            xs.explore(two_increments, strategy, memory="c11")


def test_a_body_without_an_end_is_refused() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        while True:
            world.choose(1)

    with pytest.raises(xs.BodyNeverEndsError, match="performed 100 operations in one execution without ending"):
        xs.explore(one_thread(body), xs.Rerun(), max_operations=100)

    def silent(world: xs.World, app: xs.Process) -> None:
        while True:
            pass

    with pytest.raises(xs.BodyNeverEndsError):
        xs.explore(one_thread(silent), xs.Rerun(), max_body_seconds=0.2)


def test_spinning_on_python_alone_is_refused() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        world.spin_while(lambda: True)

    with pytest.raises(xs.ScenarioError, match="performs no operation, so nothing can ever change it"):
        xs.explore(one_thread(body), xs.Rerun())


def test_a_seed_changes_the_order_and_nothing_else() -> None:
    plain = xs.explore(refcount_race, xs.Rerun(), stop="explored")
    orders = set()
    for seed in range(6):
        shuffled = xs.explore(refcount_race, xs.Rerun(seed=seed), stop="explored")
        assert (shuffled.schedules, found(shuffled)) == (plain.schedules, found(plain))
        limited = [xs.explore(two_increments, xs.Rerun(seed=seed), finally_=first_loses) for _ in range(2)]
        assert limited[0].schedule == limited[1].schedule
        orders.add(limited[0].schedule)
    assert len(orders) == 2, "either thread may come first"


def first_loses(state: xs.StateView) -> bool:
    return state["count"] == 2


def test_progress_is_told_and_may_end_it() -> None:
    seen: list[xs.Progress] = []
    result = xs.explore(refcount_race, xs.Rerun(), stop="explored", progress=seen.append)
    assert (seen[-1].schedules, seen[-1].transitions) == (result.schedules, result.transitions)


def test_ctrl_c_interrupts_it() -> None:
    script = """
import xous_sim as xs
def scenario(world):
    app, n = world.process("app"), world.atomic_u32(0)
    for _ in range(6):
        app.spawn(n.fetch_add, 1, times=6)
print("waiting", flush=True)
try:
    xs.explore(scenario, xs.Rerun(max_seconds=60))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    done = interrupted([sys.executable, "-c", script], first_line="waiting\n", seconds=0.5)
    assert (done.stdout, done.returncode) == ("interrupted\n", 0), done.stderr
