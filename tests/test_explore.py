"""Explorations of small scenarios whose answer is known: verdicts, counterexamples, deadlocks, exceptions, limits."""

from __future__ import annotations

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


def test_one_step_may_violate_two_properties() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        app.disconnect(9).unwrap()

    result = xs.explore(one_thread(body), stop="explored")
    assert found(result) == {"free-slot", "exception"}
    assert {counterexample.schedule for counterexample in result.counterexamples} == {"x1:0"}


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
    result = xs.explore(
        two_increments, xs.Exhaustive(symmetry=False), invariant=lambda state: asked.append(int(state["count"]))
    )
    # With the count the kernel's threads change: either of them, or both, may have ended with the count at 1.
    assert sorted(asked) == [0, 1, 1, 1, 2]
    assert result.states == 12


def test_a_property_sees_the_connection_map() -> None:
    seen: set[bytes] = set()
    xs.explore(refcount_race, invariant=lambda state: seen.add(state.connection_map("app")[:2]), stop="explored")
    assert seen == {b"\0\0", b"\x02\0"}


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

    result = xs.explore(scenario, xs.Exhaustive(**limit))  # type: ignore[arg-type]
    assert (result.verdict, result.exhausted) == ("incomplete", exhausted)
    assert result.frontier > 0
    assert f"the limit of {exhausted} was hit" in str(result)
    assert "proof" not in str(result)
