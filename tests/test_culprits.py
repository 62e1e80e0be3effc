"""Who is blamed: what somebody else did to a connection is told with the step that did it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import xous_sim as xs
from scenarios import refcount_race
from xous_sim.searches import Strategy

BOTH = [xs.Exhaustive(), xs.Rerun()]


def violation(result: xs.Exploration) -> tuple[str, str]:
    assert result.violation is not None, result
    return result.violation.property, result.violation.message


@pytest.mark.parametrize("strategy", BOTH)
def test_a_thread_that_cut_its_own_connection_is_named_itself(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app, log = world.process("app"), world.server("log")

        def body() -> None:
            connection = app.connect(log)
            app.disconnect(connection)
            app.send(connection, xs.Scalar(1))

        app.spawn(body)

    result = xs.explore(scenario, strategy)
    assert violation(result) == (
        "severed",
        "a send to log gets ServerNotFound (9) although the server lives: CID 2 was disconnected, "
        "by the same thread in step 2",
    )
    assert result.trace is not None and result.trace.violation == result.violation


@pytest.mark.parametrize("strategy", BOTH)
def test_another_thread_that_cut_a_connection_is_named_with_its_step(strategy: Strategy) -> None:
    result = xs.explore(refcount_race, strategy)
    assert result.trace is not None
    *earlier, _ = enumerate(result.trace, 1)
    step = next(n for n, step in reversed(earlier) if step.operation.startswith("disconnect"))
    kind, message = violation(result)
    assert kind in ("severed", "free-slot")
    assert ", by app/worker" in message and f" in step {step}" in message
    replayed = xs.replay(refcount_race, result.schedule or "", rerun=isinstance(strategy, xs.Rerun))
    assert replayed.violation == result.violation


def destroyed(disconnects: int) -> Callable[[xs.World], None]:
    """A client disconnects so many times, perhaps after the server was destroyed."""

    def scenario(world: xs.World) -> None:
        owner, app = world.process("owner"), world.process("app")
        log = owner.create_server("log")
        connection = app.connect(log)

        def client() -> None:
            for _ in range(disconnects):
                app.disconnect(connection)

        app.spawn(client)
        owner.spawn(lambda: owner.destroy_server(log))

    return scenario


@pytest.mark.parametrize("strategy", [*BOTH, xs.Dpor(), xs.Dfs()])
def test_a_single_disconnect_is_right_though_the_server_was_destroyed_before(strategy: Strategy) -> None:
    assert xs.explore(destroyed(1), strategy).verdict == "sound"


@pytest.mark.parametrize("strategy", BOTH)
def test_a_second_disconnect_is_wrong_even_when_the_server_was_destroyed_first(strategy: Strategy) -> None:
    result = xs.explore(destroyed(2), strategy)
    assert violation(result)[0] == "free-slot"
    result = xs.explore(destroyed(2), xs.Rerun(schedule="x1:1.0*2"))
    assert violation(result)[0] == "free-slot"


@pytest.mark.parametrize("strategy", BOTH)
def test_a_server_that_was_destroyed_is_named_where_a_message_reaches_another_one(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        owner, app = world.process("owner"), world.process("app")
        first, second = owner.create_server("first"), world.server("second")
        connection = app.connect(first)
        owner.spawn(lambda: owner.destroy_server(first))

        def client() -> None:
            connected = app.connect(second)
            app.send(connection, xs.Scalar(1))
            app.disconnect(connected)

        app.spawn(client)

    result = xs.explore(scenario, strategy)
    assert violation(result) == (
        "misdelivered",
        "a message for first reaches second: CID 2 was given to another connection after it was cut, "
        "by owner/<lambda> in step 1",
    )


@pytest.mark.parametrize("strategy", BOTH)
def test_who_disconnected_before_is_named_where_a_slot_is_free_already(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app, log = world.process("app"), world.server("log")
        connection = app.connect(log)
        app.spawn(lambda: app.disconnect(connection), name="first")
        app.spawn(lambda: app.disconnect(connection), name="second")

    kind, message = violation(xs.explore(scenario, strategy))
    first = message.removeprefix("disconnect of CID 2 gets ServerNotFound (9): it was cut already, by app/")
    assert (kind, first in ("first in step 1", "second in step 1")) == ("free-slot", True)


@pytest.mark.parametrize("strategy", BOTH)
def test_nobody_is_named_where_nothing_was_ever_connected(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app = world.process("app")
        app.spawn(lambda: app.disconnect(7))

    assert violation(xs.explore(scenario, strategy)) == (
        "free-slot",
        "disconnect of CID 7 gets ServerNotFound (9): nothing is connected there",
    )
