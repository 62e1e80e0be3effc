"""Stress: real threads, whose runs cannot be repeated; tested where their outcome does not depend on who is first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

import xous_sim as xs
from scenarios import one_thread, two_increments


def few(scenario: Callable[[xs.World], None], runs: int = 3, **options: Any) -> xs.Stress:
    """A few runs, however long they take."""
    return xs.stress(scenario, seconds=60, max_runs=runs, **options)


def opposite_locks(world: xs.World) -> None:
    """A deadlock whatever happens: each thread waits for the other before it takes its second lock."""
    app = world.process("app")
    locks = [world.mutex(name="a"), world.mutex(name="b")]
    holds = [world.atomic_bool(name="has a"), world.atomic_bool(name="has b")]

    def both(mine: int) -> None:
        with locks[mine]:
            holds[mine].store(1)
            world.spin_while(lambda: holds[1 - mine].load() == 0)
            with locks[1 - mine]:
                pass

    app.spawn(both, 0, name="left")
    app.spawn(both, 1, name="right")


def disconnects_nothing(world: xs.World, app: xs.Process) -> None:
    """Fails whoever else runs."""
    app.disconnect(7).unwrap()


def test_what_always_fails_fails_in_every_run() -> None:
    result = few(one_thread(disconnects_nothing))
    assert (result.runs, result.failed) == (3, 3)
    assert result.failures == {"exception": 3, "free-slot": 3}
    assert "UnwrapError" in result.messages["exception"]
    assert result.exploration.violation is not None


def test_what_never_fails_never_fails() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log", answer=7)

        def client() -> None:
            with app.connect(server) as connection:
                assert app.send(connection, xs.BlockingScalar(0)).unwrap() == 7

        app.spawn(client, times=3)

    result = few(scenario)
    assert (result.runs, result.failed, dict(result.failures)) == (3, 0, {})
    assert result.exploration.verdict == "sound"
    assert "Both agree, but only the explorer knows" in str(result)


def test_a_deadlock_is_noticed_whatever_time_it_takes() -> None:
    result = few(opposite_locks, max_run_seconds=600)
    assert result.failures == {"deadlock": 3}
    assert "app/left waits in b.lock()" in result.messages["deadlock"]


def test_spinning_for_what_never_comes_is_a_deadlock() -> None:
    def scenario(world: xs.World) -> None:
        app, never = world.process("app"), world.atomic_bool(name="never")
        for _ in range(2):
            app.spawn(lambda: world.spin_while(lambda: never.load() == 0))

    result = few(scenario, max_run_seconds=600)
    assert result.failures == {"deadlock": 3}
    assert result.exploration.violation is not None and result.exploration.violation.property == "deadlock"


def test_a_spinning_thread_goes_on_when_another_one_has_changed_something() -> None:
    def scenario(world: xs.World) -> None:
        app, turn = world.process("app"), world.atomic_u32(name="turn")

        def takes_turns(mine: int) -> None:
            for n in range(mine, 20, 2):
                world.spin_while(lambda n=n: turn.load() != n)  # type: ignore[misc]
                turn.store(n + 1)

        app.spawn(takes_turns, 0)
        app.spawn(takes_turns, 1)

    assert few(scenario).failed == 0


def test_servers_that_wait_for_messages_are_no_deadlock() -> None:
    def scenario(world: xs.World) -> None:
        owner, app = world.process("owner"), world.process("app")
        log = owner.create_server("log")
        connection = app.connect(log)

        def serve() -> None:
            while True:
                owner.receive(log).return_scalar(5)

        def client() -> None:
            assert app.send(connection, xs.BlockingScalar(0)).unwrap() == 5

        owner.spawn(serve)
        app.spawn(client)

    result = few(scenario, max_run_seconds=600, strategy=xs.Random(max_schedules=1))
    assert result.failed == 0


def test_threads_that_bodies_start_are_joined() -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(name="n")

        def child(add: xs.Value) -> None:
            n.fetch_add(add)

        def parent() -> None:
            thread = app.spawn(child, n.fetch_add(2))
            app.join(thread)
            assert n.load() == 2

        app.spawn(parent)

    assert few(scenario).failed == 0


def test_a_connection_that_is_left_open_is_a_leak_and_one_that_is_kept_is_none() -> None:
    def leaks(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        app.spawn(lambda: app.connect(server))

    def keeps(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        connection = app.connect(server)
        app.spawn(lambda: app.send(connection, xs.Scalar(1)))
        app.spawn(lambda: app.get_common_connection("log"))

    assert few(leaks).failures == {"leak": 3}
    assert few(keeps).failed == 0


def test_final_conditions_are_looked_at_when_all_threads_have_ended() -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(name="n")
        app.spawn(n.store, 3)
        world.invariant(lambda state: state[n] != 3)
        world.finally_(lambda state: state[n] == 4)

    result = few(scenario, finally_=lambda state: state["n"] == 3)
    assert result.failures == {"invariant": 3, "finally": 3}


def test_an_exception_in_a_finaliser_counts() -> None:
    class Finalised:
        def __del__(self) -> None:
            raise ValueError("in a finaliser")

    def body(world: xs.World, app: xs.Process) -> None:
        world.choose(1)
        handle = Finalised()
        del handle
        world.choose(1)

    result = few(one_thread(body))
    assert result.failures == {"exception": 3}
    assert "in a finaliser" in result.messages["exception"]


def test_a_process_that_ends_itself_ends_its_threads_without_a_failure() -> None:
    def scenario(world: xs.World) -> None:
        app, other = world.process("app"), world.process("other")
        lock = world.mutex()
        app.spawn(app.terminate)
        other.spawn(lambda: lock.try_lock())

    assert few(scenario).failed == 0


def test_a_thread_that_never_ends_by_itself_is_ended_and_counted() -> None:
    began = threading.Event()

    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32()

        def goes_on() -> None:
            n.load()
            while threading.current_thread() is not threading.main_thread():
                began.set()

        app.spawn(goes_on)

    before = threading.active_count()
    result = few(scenario, 1, max_run_seconds=0.05)
    assert result.failures == {"unfinished": 1}
    assert began.is_set() and threading.active_count() == before


def test_a_thread_that_cannot_be_ended_is_an_error_of_ours() -> None:
    release = threading.Event()

    def scenario(world: xs.World) -> None:
        app = world.process("app")

        def sleeps() -> None:
            world.choose(1)
            if threading.current_thread() is not threading.main_thread():
                release.wait()

        app.spawn(sleeps)

    with pytest.raises(xs.BodyNeverEndsError, match="app/sleeps goes on even when it is interrupted"):
        few(scenario, 1, max_run_seconds=0.05)
    release.set()


def test_what_a_scenario_must_not_do_is_refused() -> None:
    def foreign(world: xs.World) -> None:
        app, other, server = world.process("app"), world.process("other"), world.server("log")

        def body() -> None:
            if threading.current_thread() is not threading.main_thread():
                other.connect(server)

        app.spawn(body)

    with pytest.raises(xs.ScenarioError, match="through another process than its own"):
        few(foreign)
    with pytest.raises(xs.ScenarioError, match="spawns no thread"):
        few(lambda world: None)


def test_time_ends_the_runs_and_one_is_made_in_any_case() -> None:
    began = time.monotonic()
    result = xs.stress(two_increments, seconds=1e-9)
    assert result.runs == 1
    assert time.monotonic() >= began + result.seconds


def result_of(verdict: str, runs: int, failures: dict[str, int], failed: int) -> str:
    """The text of a result that is made up."""
    exploration = xs.Exploration(name="scenario", strategy=xs.Exhaustive(), verdict=verdict)  # type: ignore[arg-type]
    return str(
        xs.Stress(exploration=exploration, runs=runs, failed=failed, failures=failures, messages={}, seconds=1.0)
    )


def test_the_text_compares_runs_with_the_proof() -> None:
    sound = result_of("sound", 1000, {}, 0)
    assert sound.splitlines()[0] == "real threads: 1,000 runs in 1.00 s, none failed"
    assert sound.splitlines()[1].startswith("explorer: sound: no interleaving violates a property")
    incomplete = result_of("incomplete", 10, {"leak": 1, "deadlock": 2}, 2)
    assert incomplete.splitlines()[0] == "real threads: 10 runs in 1.00 s, 2 failed (20.00%): deadlock in 2, leak in 1"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seconds": 0}, "seconds must be a positive number"),
        ({"seconds": "1"}, "seconds must be a positive number"),
        ({"max_runs": 0}, "max_runs must be a positive int"),
        ({"max_run_seconds": -1}, "max_run_seconds must be a positive number"),
        ({"strategy": 3}, "a strategy is needed"),
        ({"slots": 3}, "3 is no size"),
        ({"finally_": 3}, "a property is a function"),
    ],
)
def test_an_argument_without_meaning_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(xs.MisuseError, match=message):
        xs.stress(two_increments, **options)
