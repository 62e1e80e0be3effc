"""Explorations of small scenarios whose answer is known: verdicts, counterexamples, deadlocks, exceptions, limits."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import xous_sim as xs
from scenarios import lock_order, one_thread, refcount_race, two_increments


def found(result: xs.Exploration) -> set[str]:
    """The properties that are violated."""
    return {counterexample.violation.property for counterexample in result.counterexamples}


def message(result: xs.Exploration) -> str:
    assert result.violation is not None, result
    return result.violation.message


def test_a_scenario_without_a_race_is_sound() -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")
        app.spawn(lambda: count.fetch_add(1), times=3)
        app.spawn(lambda: count.fetch_add(1), times=3)

    result = xs.explore(scenario, finally_=lambda state: state["count"] == 6)
    assert (result.verdict, result.violation, result.trace, result.schedule) == ("sound", None, None, None)
    assert result.states == 16
    assert result.transitions == 24
    assert (result.depth, result.frontier, result.exhausted) == (6, 0, None)


def test_the_shortest_lost_update_takes_four_steps() -> None:
    result = xs.explore(two_increments, finally_=lambda state: state["count"] == 2)
    assert result.violation is not None
    assert result.violation.property == "finally"
    assert result.trace is not None
    assert len(result.trace) == 4
    assert result.preemptions == sum(step.preempts for step in result.trace)
    assert result.preemptions == 1


def test_the_shortest_severed_connection_takes_eight_steps() -> None:
    result = xs.explore(refcount_race)
    assert found(result) == {"severed"}
    assert result.trace is not None
    assert len(result.trace) == 8
    assert [step.operation for step in result.trace][-2:] == [
        "disconnect CID 2 (log)",
        "send Scalar 1 through CID 2 (log)",
    ]


def test_a_deadlock_says_who_waits_for_what() -> None:
    result = xs.explore(lock_order)
    assert found(result) == {"deadlock"}
    assert result.schedule == "x1:0.1"
    assert "app/left waits in b.lock(), held by app/right" in message(result)
    assert "app/right waits in a.lock(), held by app/left" in message(result)


def test_a_client_of_a_server_that_never_answers_is_a_deadlock() -> None:
    def scenario(world: xs.World) -> None:
        app, owner = world.process("app"), world.process("owner")
        server = owner.create_server("mute")
        owner.spawn(lambda: owner.receive(server).opcode == 1)
        app.spawn(lambda: app.send(app.connect(server), xs.BlockingScalar(1)), name="client")

    result = xs.explore(scenario)
    assert found(result) == {"deadlock"}
    assert "app/client waits for a reply of mute" in message(result)


def test_a_server_thread_that_waits_for_messages_is_no_deadlock() -> None:
    def scenario(world: xs.World) -> None:
        app, owner = world.process("app"), world.process("owner")
        server = owner.create_server("idle")

        def serve() -> None:
            while True:
                owner.receive(server).return_scalar(7)

        def client() -> None:
            with app.connect(server) as connection:
                assert app.send(connection, xs.BlockingScalar(1)).unwrap() == 7

        owner.spawn(serve)
        app.spawn(client)

    # The loop of the server has no end, but the one message that it gets bounds what is explored.
    assert xs.explore(scenario).verdict == "sound"


def test_a_real_server_answers_two_clients_each_with_its_own_number() -> None:
    def scenario(world: xs.World) -> None:
        app, owner = world.process("app"), world.process("owner")
        server, total = owner.create_server("adder"), world.atomic_u32(0, name="total")

        def serve() -> None:
            for _ in range(2):
                envelope = owner.receive(server)
                assert envelope.kind == 4
                assert envelope.return_scalar(envelope.arg(1)).is_ok()

        def client(number: int) -> None:
            with app.connect(server) as connection:
                answer = app.send(connection, xs.BlockingScalar(1, number)).unwrap()
                assert answer == number
                total.fetch_add(answer)

        owner.spawn(serve)
        owner.spawn(serve)
        app.spawn(client, 10)
        app.spawn(client, 200)

    result = xs.explore(scenario, finally_=lambda state: state["total"] == 210)
    # One connection for both, closed by the first: the clients cut each other, as real ones do.
    assert found(result) <= {"severed", "free-slot"}
    assert xs.explore(scenario, connect="unique", finally_=lambda state: state["total"] == 210).verdict == "sound"


def test_an_exception_is_reported_with_its_traceback() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        app.send(9, xs.Scalar(1)).unwrap()

    result = xs.explore(one_thread(body))
    assert found(result) == {"exception"}
    text = message(result)
    assert "thread app/body ends with an exception" in text
    assert "test_explore.py" in text
    assert "app.send(9, xs.Scalar(1)).unwrap()" in text
    assert "xous_sim.errors.UnwrapError: send failed with SERVER_NOT_FOUND (9) and was unwrapped" in text


def test_an_exception_that_a_finaliser_swallows_is_reported_too() -> None:
    class Guard:
        def __del__(self) -> None:
            raise ValueError("from a finaliser")

    def body(world: xs.World, app: xs.Process) -> None:
        guard = Guard()
        world.choose(1)
        del guard
        world.choose(1)

    result = xs.explore(one_thread(body))
    assert found(result) == {"exception"}
    assert "ValueError: from a finaliser" in message(result)


def test_an_exception_before_the_first_operation_is_blamed_on_its_thread() -> None:
    def scenario(world: xs.World) -> None:
        app = world.process("app")

        def child() -> None:
            raise ValueError("at once")

        def parent() -> None:
            world.choose(1)
            app.spawn(child)

        app.spawn(parent)
        app.spawn(lambda: [world.choose(1) for _ in range(3)])

    result = xs.explore(scenario)
    assert result.schedule == "x1:0*2"
    assert "ValueError: at once" in message(result)


def test_misuse_of_a_mutex_ends_the_thread_with_an_exception() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        with mutex[0]:
            mutex[0].lock()

    mutex: list[xs.Mutex] = []

    def scenario(world: xs.World) -> None:
        mutex[:] = [world.mutex()]
        one_thread(body)(world)

    result = xs.explore(scenario)
    assert found(result) == {"exception"}
    assert "locks a mutex that it holds already" in message(result)


def test_a_kernel_panic_is_an_outcome_of_the_faithful_kernel_only() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        app.terminate()

    result = xs.explore(one_thread(body), profile="hosted")
    assert found(result) == {"kernel-panic"}
    assert "the kernel panics" in message(result)
    assert xs.explore(one_thread(body), profile="hosted", mode="safe").verdict == "sound"


def test_an_invariant_is_checked_in_every_state() -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")

        def body() -> None:
            for n in (1, 5, 1):
                count.store(n)

        app.spawn(body)

    result = xs.explore(scenario, invariant=lambda state: state["count"] < 5)
    assert found(result) == {"invariant"}
    assert result.schedule == "x1:0*2"
    assert xs.explore(scenario, invariant=lambda state: state["count"] < 6).verdict == "sound"


def test_an_assertion_of_a_property_becomes_its_message() -> None:
    def never_two(state: xs.StateView) -> None:
        if state["count"] == 2:
            raise AssertionError("two is too many")

    assert message(xs.explore(two_increments, finally_=never_two)) == "never_two: two is too many"
    assert message(xs.explore(two_increments, invariant=never_two)) == "never_two: two is too many"


def test_an_exception_of_a_property_reaches_the_caller() -> None:
    def broken(state: xs.StateView) -> None:
        raise ZeroDivisionError("in the property")

    for name in ("invariant", "finally_"):
        with pytest.raises(ZeroDivisionError, match="in the property"):
            xs.explore(two_increments, **{name: broken})  # type: ignore[arg-type]


def test_an_invariant_is_asked_once_for_each_distinct_shared_part() -> None:
    asked: list[int] = []
    result = xs.explore(two_increments, invariant=lambda state: asked.append(int(state["count"])), symmetry=False)
    # With the count the kernel's threads change: either of them, or both, may have ended with the count at 1.
    assert sorted(asked) == [0, 1, 1, 1, 2]
    assert result.states == 12


def test_a_property_sees_the_connection_map() -> None:
    seen: set[bytes] = set()
    xs.explore(refcount_race, invariant=lambda state: seen.add(state.connection_map("app")[:2]), stop="explored")
    assert seen == {b"\0\0", b"\x02\0"}


def test_choose_covers_every_number() -> None:
    def scenario(world: xs.World) -> None:
        app, chosen = world.process("app"), world.atomic_u32(99, name="chosen")
        app.spawn(lambda: chosen.store(world.choose(4)))

    final: set[int] = set()
    result = xs.explore(scenario, finally_=lambda state: final.add(int(state["chosen"])))
    assert final == {0, 1, 2, 3}
    assert result.verdict == "sound"
    assert result.body_runs == 1


def test_a_body_starts_and_joins_threads_and_passes_them_results() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log", answer=3)
        total = world.atomic_u32(20, name="total")

        def child(number: xs.Value, connection: xs.Connection) -> None:
            total.fetch_add(app.send(connection, xs.BlockingScalar(1)).unwrap())
            total.fetch_add(number)

        def parent() -> None:
            with app.connect(server) as connection:
                threads = [app.spawn(child, total.swap(100), connection) for _ in range(2)]
                for thread in threads:
                    app.join(thread)

        app.spawn(parent)

    final: set[int] = set()
    result = xs.explore(scenario, finally_=lambda state: final.add(int(state["total"])))
    assert result.verdict == "sound"
    # Whatever the first child has added when the second swap takes it away comes back with the second child.
    assert final == {226}


def test_a_passed_value_and_a_passed_connection_are_not_mixed_up() -> None:
    def scenario(world: xs.World) -> None:
        app, server, kinds = world.process("app"), world.server("log"), world.atomic_u32(0, name="kinds")

        def child(something: xs.Value | xs.Connection) -> None:
            kinds.fetch_add(1 if isinstance(something, xs.Value) else 10)

        def parent() -> None:
            app.join(app.spawn(child, kinds.load()))
            with app.connect(server) as connection:
                app.join(app.spawn(child, connection))

        app.spawn(parent)

    assert xs.explore(scenario, finally_=lambda state: state["kinds"] == 11).verdict == "sound"


def test_spinning_until_somebody_else_sets_a_flag_is_sound() -> None:
    def scenario(world: xs.World) -> None:
        app, flag = world.process("app"), world.atomic_bool(name="flag")
        app.spawn(lambda: flag.store(1))
        app.spawn(lambda: world.spin_while(lambda: flag.load() == 0))

        def yielding() -> None:
            while flag.load() == 0:
                world.yield_now()

        app.spawn(yielding)

    assert xs.explore(scenario, finally_=lambda state: state["flag"] == 1).verdict == "sound"


@pytest.mark.parametrize("setter_first", [True, False])
def test_a_change_between_two_looks_of_a_spin_condition_is_not_missed(setter_first: bool) -> None:
    def scenario(world: xs.World) -> None:
        app, a, b = world.process("app"), world.atomic_u32(0, name="a"), world.atomic_u32(0, name="b")

        def setter() -> None:
            a.store(1)

        def spinner() -> None:
            world.spin_while(lambda: a.load() == 0 and b.load() == 0)

        for body in (setter, spinner) if setter_first else (spinner, setter):
            app.spawn(body)

    assert xs.explore(scenario).verdict == "sound"


def test_spinning_for_a_flag_that_nobody_sets_is_a_deadlock() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        world.spin_while(lambda: world.choose(1) == 0)

    def scenario(world: xs.World) -> None:
        app, flag = world.process("app"), world.atomic_bool(name="flag")
        app.spawn(lambda: world.spin_while(lambda: flag.load() == 0), name="waiter")

    result = xs.explore(scenario)
    assert found(result) == {"deadlock"}
    assert "app/waiter spins" in message(result)


def test_times_repeats_a_body() -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")
        app.spawn(lambda: count.fetch_add(1), times=5)

    result = xs.explore(scenario, finally_=lambda state: state["count"] == 5)
    assert result.verdict == "sound"
    assert (result.states, result.body_runs) == (6, 1)


def test_a_once_lock_is_initialised_once_while_others_wait() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        pool, opened = world.once_lock(), world.atomic_u32(0, name="opened")

        def open_it() -> xs.Connection:
            opened.fetch_add(1)
            return app.connect(server)

        def user() -> None:
            assert app.send(pool.get_or_init(open_it), xs.Scalar(1)).is_ok()

        for _ in range(3):
            app.spawn(user)

    assert xs.explore(scenario, connect="unique", finally_=lambda state: state["opened"] == 1).verdict == "sound"


def test_a_once_lock_whose_initialiser_fails_stays_empty() -> None:
    def scenario(world: xs.World) -> None:
        app, server, pool = world.process("app"), world.server("log"), world.once_lock()

        def fail() -> xs.Connection:
            raise LookupError

        def user() -> None:
            try:
                pool.get_or_init(fail)
            except LookupError:
                pool.get_or_init(lambda: app.connect(server))

        app.spawn(user)

    assert xs.explore(scenario).verdict == "sound"


def test_an_arc_that_each_thread_drops_is_closed_by_the_last() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        arc = app.connect(server).share()

        def user(arc: xs.Arc) -> None:
            assert app.send(arc.get(), xs.Scalar(1)).is_ok()
            last = arc.drop()
            if last is not None:
                last.close().unwrap()

        app.spawn(user, arc.clone())
        app.spawn(user, arc)

    assert xs.explore(scenario).verdict == "sound"


def test_an_arc_that_is_forgotten_leaks_nothing_but_one_dropped_without_closing_does() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        arc = app.connect(server).share()
        app.spawn(lambda: arc.drop() is None)

    result = xs.explore(scenario)
    assert found(result) == {"leak"}
    assert "CID 2 is still connected to log" in message(result)


def test_a_body_passes_an_arc_to_a_thread_that_it_starts() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")

        def user(arc: xs.Arc) -> None:
            app.send(arc.get(), xs.Scalar(1))
            last = arc.drop()
            if last is not None:
                last.close()

        def parent() -> None:
            arc = app.connect(server).share()
            app.spawn(user, arc.clone())
            user(arc)

        app.spawn(parent)

    assert xs.explore(scenario).verdict == "sound"


def test_a_weak_reference_is_upgraded_only_while_a_strong_one_is_left() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        upgraded = world.atomic_u32(0, name="upgraded")
        strong = app.connect(server).share()
        weak = strong.downgrade()

        def drop(arc: xs.Arc) -> None:
            last = arc.drop()
            if last is not None:
                last.close().unwrap()

        def upgrade() -> None:
            arc = weak.upgrade()
            if arc is not None:
                upgraded.store(1)
                assert app.send(arc.get(), xs.Scalar(1)).is_ok()
                drop(arc)
            weak.drop()

        app.spawn(drop, strong)
        app.spawn(upgrade)

    final: set[int] = set()
    result = xs.explore(scenario, finally_=lambda state: final.add(int(state["upgraded"])))
    assert result.verdict == "sound"
    assert final == {0, 1}


def test_compare_exchange_lets_one_thread_win() -> None:
    def scenario(world: xs.World) -> None:
        app, owner, wins = world.process("app"), world.atomic_u32(0, name="owner"), world.atomic_u32(0, name="wins")

        def contend(number: int) -> None:
            won, before = owner.compare_exchange(0, number)
            if won == 1:
                wins.fetch_add(1)
            else:
                assert before != number

        for number in (1, 2, 3):
            app.spawn(contend, number)

    final: set[tuple[int, int]] = set()
    result = xs.explore(scenario, finally_=lambda state: final.add((int(state["owner"]), int(state["wins"]))))
    assert result.verdict == "sound"
    assert final == {(1, 1), (2, 1), (3, 1)}


def test_bodies_that_differ_only_in_a_default_or_a_captured_helper_are_different() -> None:
    def scenario(world: xs.World) -> None:
        app, total = world.process("app"), world.atomic_u32(0, name="total")

        def by_keyword(amount: int) -> object:
            def body(*, amount: int = amount) -> None:
                total.fetch_add(amount)

            return body

        def by_helper(amount: int) -> object:
            def helper() -> int:
                return amount

            return lambda: total.fetch_add(helper())

        for amount in (1, 10):
            app.spawn(by_keyword(amount))  # type: ignore[arg-type]
        for amount in (100, 1000):
            app.spawn(by_helper(amount))  # type: ignore[arg-type]

    assert xs.explore(scenario, finally_=lambda state: state["total"] == 1111).verdict == "sound"


def test_a_body_may_use_a_name_that_the_scenario_assigns_later() -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")
        app.spawn(lambda: helper())

        def helper() -> None:
            count.store(5)

    assert xs.explore(scenario, finally_=lambda state: state["count"] == 5).verdict == "sound"


def test_exploring_everything_collects_a_counterexample_of_each_kind() -> None:
    result = xs.explore(refcount_race, stop="explored")
    assert {"severed", "free-slot"} <= found(result)
    lengths = [len(c.trace) for c in result.counterexamples]
    assert lengths == sorted(lengths)
    assert result.frontier == 0
    assert len(xs.explore(refcount_race).counterexamples) == 1


@pytest.mark.parametrize(("limit", "exhausted"), [({"max_states": 5}, "states"), ({"max_seconds": 1e-9}, "seconds")])
def test_a_search_that_hits_a_limit_is_incomplete_and_says_which(limit: dict[str, float], exhausted: str) -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0)
        for amount in (1, 10, 100, 1000):
            app.spawn(count.fetch_add, amount, times=9)

    result = xs.explore(scenario, **limit)  # type: ignore[arg-type]
    assert (result.verdict, result.exhausted) == ("incomplete", exhausted)
    assert result.frontier > 0
    assert f"the limit of {exhausted} was hit" in str(result)
    assert "proof" not in str(result)


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
def test_a_replay_of_a_counterexample_reproduces_it(scenario: object) -> None:
    result = xs.explore(scenario)  # type: ignore[arg-type]
    assert result.schedule is not None
    replayed = xs.replay(scenario, result.schedule)  # type: ignore[arg-type]
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
