"""Handles: a connection cannot be copied, knows that it is closed, and is shared only where its holders are counted."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

import xous_sim as xs
from scenarios import one_thread


@pytest.fixture
def world() -> xs.World:
    return xs.World()


@pytest.fixture
def app(world: xs.World) -> xs.Process:
    return world.process("app")


@pytest.fixture
def log(world: xs.World) -> xs.Server:
    return world.server("log")


def slots(process: xs.Process) -> int:
    """How many slots are in use."""
    return sum(byte != 0 for byte in process.connection_map())


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps, lambda c: copy.copy([c, c][0])])
def test_a_connection_refuses_to_be_copied(
    app: xs.Process, log: xs.Server, duplicate: Callable[[xs.Connection], object]
) -> None:
    connection = app.connect(log)
    with pytest.raises(xs.MisuseError, match=r"cannot be copied: share\(\) it"):
        duplicate(connection)
    assert app.send(connection, xs.Scalar(1)).is_ok()


def test_a_container_of_connections_refuses_to_be_copied_deeply(app: xs.Process, log: xs.Server) -> None:
    with pytest.raises(xs.MisuseError, match="cannot be copied"):
        copy.deepcopy({"log": [app.connect(log)]})


def test_leaving_the_block_closes_the_connection(app: xs.Process, log: xs.Server) -> None:
    with app.connect(log) as connection:
        assert slots(app) == 1
    assert slots(app) == 0
    assert repr(connection) == "<Connection closed>"


def test_an_exception_in_the_block_closes_the_connection_and_goes_on(app: xs.Process, log: xs.Server) -> None:
    with pytest.raises(LookupError), app.connect(log):
        raise LookupError
    assert slots(app) == 0


def test_leaving_the_block_of_a_connection_that_was_cut_raises(app: xs.Process, log: xs.Server) -> None:
    with pytest.raises(xs.UnwrapError, match="disconnect failed with SERVER_NOT_FOUND"), app.connect(log) as connection:
        app.disconnect(connection).unwrap()


def test_the_block_of_a_connection_that_failed_raises(app: xs.Process) -> None:
    with pytest.raises(xs.UnwrapError, match="connect failed with SERVER_NOT_FOUND"), app.try_connect("nobody"):
        pass


def test_a_failed_connection_is_a_value_until_it_is_unwrapped(app: xs.Process) -> None:
    failed = app.try_connect("nobody")
    assert not failed.is_ok()
    assert failed.error() is xs.KernelError.SERVER_NOT_FOUND
    assert repr(failed) == "<Connection failed: SERVER_NOT_FOUND>"
    with pytest.raises(xs.UnwrapError) as caught:
        app.send(failed, xs.Scalar(1))
    assert caught.value.error is xs.KernelError.SERVER_NOT_FOUND


def test_closing_twice_disconnects_once(app: xs.Process, log: xs.Server) -> None:
    connection = app.connect(log)
    assert connection.close().is_ok()
    successor = app.connect(log)
    assert connection.close().is_ok()
    assert app.send(successor, xs.Scalar(1)).is_ok()


@pytest.mark.parametrize(
    "use",
    [
        lambda app, connection: app.send(connection, xs.Scalar(1)),
        lambda app, connection: app.disconnect(connection),
        lambda app, connection: connection.cid,
        lambda app, connection: connection.share(),
    ],
)
def test_a_use_after_close_says_how_to_put_it_right(
    app: xs.Process, log: xs.Server, use: Callable[[xs.Process, xs.Connection], object]
) -> None:
    connection = app.connect(log)
    connection.close()
    with pytest.raises(
        xs.ClosedConnectionError, match=r"was closed before it is .*: connect again, or close\(\) later"
    ):
        use(app, connection)


def test_the_last_of_all_counted_handles_gets_the_connection_back(app: xs.Process, log: xs.Server) -> None:
    first = app.connect(log).share()
    second = first.clone()
    third = second.clone()
    assert first.drop() is None
    assert third.drop() is None
    assert slots(app) == 1
    assert app.send(second.get(), xs.Scalar(1)).is_ok()
    last = second.drop()
    assert last is not None
    assert last.close().is_ok()
    assert slots(app) == 0


def test_a_connection_that_was_shared_is_used_through_its_counted_handle_only(app: xs.Process, log: xs.Server) -> None:
    connection = app.connect(log)
    arc = connection.share()
    with pytest.raises(xs.ClosedConnectionError):
        app.send(connection, xs.Scalar(1))
    with pytest.raises(xs.MisuseError, match="belongs to the pool that it came from"):
        arc.get().close()


def test_a_counted_handle_is_useless_after_its_drop(app: xs.Process, log: xs.Server) -> None:
    arc = app.connect(log).share()
    arc.drop()
    for use in (arc.get, arc.clone, arc.drop, arc.downgrade):
        with pytest.raises(xs.MisuseError, match=r"used after its drop: clone\(\) it before"):
            use()


def test_a_weak_handle_does_not_keep_the_connection(world: xs.World, app: xs.Process, log: xs.Server) -> None:
    arc = world.arc(app.connect(log))
    weak = arc.downgrade()
    upgraded = weak.upgrade()
    assert upgraded is not None
    assert upgraded.drop() is None
    assert arc.drop() is not None
    assert weak.upgrade() is None
    weak.drop()
    with pytest.raises(xs.MisuseError, match="used after its drop"):
        weak.upgrade()


def test_the_common_connection_is_pooled_persistent_and_cannot_be_closed() -> None:
    world = xs.World(connect="unique")
    app, other, _ = world.process("app"), world.process("other"), world.server("log")
    pooled = app.get_common_connection("log")
    assert app.get_common_connection("log").cid == pooled.cid
    assert slots(app) == 1
    assert slots(other) == 0
    for refused in (pooled.close, pooled.share):
        with pytest.raises(xs.MisuseError, match="belongs to the pool"):
            refused()
    assert app.send(pooled, xs.Scalar(1)).is_ok()


def test_bodies_may_be_the_first_to_ask_for_a_common_connection() -> None:
    def scenario(world: xs.World) -> None:
        app = world.process("app")
        world.server("log")
        world.server("net")

        def user() -> None:
            try:
                connections = [app.get_common_connection(name) for name in ("log", "net")]
            except Exception as error:  # a body cannot catch what is between the package and itself
                raise AssertionError from error
            for connection in connections:
                assert app.send(connection, xs.Scalar(1)).is_ok()

        app.spawn(user)
        app.spawn(user)

    for connect in ("reuse", "unique"):
        assert xs.explore(scenario, connect=connect).verdict == "sound"


def test_a_body_cannot_close_a_common_connection() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        app.get_common_connection("log").close()

    def scenario(world: xs.World) -> None:
        world.server("log")
        one_thread(body)(world)

    with pytest.raises(xs.MisuseError, match="belongs to the pool"):
        xs.explore(scenario)


def test_the_connection_of_std_is_cached_and_has_no_close(app: xs.Process, log: xs.Server) -> None:
    std = app.std_connection(log)
    assert app.std_connection(log) is std
    assert not hasattr(std, "close")
    with pytest.raises(xs.MisuseError, match="belongs to the standard library"):
        std.connection.close()
    assert app.send(std, xs.Scalar(1)).is_ok()
    assert repr(std) == "<StdConnection <Connection CID 2 to log>>"


def test_disconnecting_std_is_possible_but_called_unsafe(app: xs.Process, log: xs.Server) -> None:
    std = app.std_connection(log)
    assert std.unsafe_disconnect().is_ok()
    assert slots(app) == 0
    assert app.send(std, xs.Scalar(1)).error() is xs.KernelError.SERVER_NOT_FOUND
    assert std.unsafe_disconnect().error() is xs.KernelError.SERVER_NOT_FOUND


@pytest.mark.parametrize("keep", [lambda app, log: app.std_connection(log), lambda app, log: app.connect(log)])
def test_what_the_scenario_itself_holds_is_no_leak(keep: Callable[[xs.Process, xs.Server], object]) -> None:
    def scenario(world: xs.World) -> None:
        app, log = world.process("app"), world.server("log")
        keep(app, log)
        app.spawn(lambda: world.choose(1))

    assert xs.explore(scenario).verdict == "sound"


def test_a_connection_that_a_thread_forgets_is_a_leak() -> None:
    def scenario(world: xs.World) -> None:
        app, log = world.process("app"), world.server("log")
        app.spawn(lambda: app.connect(log).is_ok())

    result = xs.explore(scenario)
    assert result.violation is not None
    assert (result.violation.property, result.violation.subject) == ("leak", "log")


def test_std_cannot_send_when_somebody_disconnected_the_same_cid() -> None:
    def scenario(world: xs.World) -> None:
        app, log = world.process("app"), world.server("log")
        std = app.std_connection(log)

        def user() -> None:
            app.disconnect(app.connect(log)).unwrap()
            app.send(std, xs.Scalar(1))

        app.spawn(user)

    result = xs.explore(scenario)
    assert result.violation is not None
    assert (result.violation.property, result.violation.subject) == ("severed", "log")
    assert xs.explore(scenario, connect="unique").verdict == "sound"


@pytest.mark.parametrize("verb", ["close", "share"])
def test_a_thread_cannot_take_what_the_scenario_opened_for_all(verb: str) -> None:
    def scenario(world: xs.World) -> None:
        app, log = world.process("app"), world.server("log")
        connection = app.connect(log)
        app.spawn(lambda: getattr(connection, verb)())

    with pytest.raises(xs.MisuseError, match=f"cannot {verb} a connection that the scenario opened for all of them"):
        xs.explore(scenario)


def test_a_thread_cannot_close_what_was_passed_to_it() -> None:
    def scenario(world: xs.World) -> None:
        app, log = world.process("app"), world.server("log")

        def child(connection: xs.Connection) -> None:
            connection.close()

        app.spawn(lambda: app.spawn(child, app.connect(log)))

    with pytest.raises(xs.MisuseError, match="belongs to the thread that started this one"):
        xs.explore(scenario)


def test_a_shadow_of_a_cid_is_no_owner(app: xs.Process, log: xs.Server) -> None:
    connection = app.connect(log)
    shadow = app.connection(connection.cid)
    assert app.send(shadow, xs.BlockingScalar(1)).unwrap() == 0
    with pytest.raises(xs.MisuseError, match="belongs to whoever opened it"):
        shadow.close()


def test_a_handle_of_another_world_is_refused(app: xs.Process, log: xs.Server) -> None:
    elsewhere = xs.World()
    connection = elsewhere.process("app").connect(elsewhere.server("log"))
    with pytest.raises(xs.MisuseError, match="another world: connect in the world where it is used"):
        app.send(connection, xs.Scalar(1))
    with pytest.raises(xs.MisuseError, match="another world"):
        app.disconnect(connection)
    with pytest.raises(xs.MisuseError, match="belongs to another world"):
        app.connect(elsewhere.server("net"))
