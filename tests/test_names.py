"""xous-names from Python: limits, tokens, waiting, and the crashes of the real one."""

from __future__ import annotations

import pytest

import xous_sim as xs

NET = "_Middleware Network Server_"


def client(*, limit: int | None = None, mode: xs.world.Mode = "faithful") -> tuple[xs.Process, xs.XousNames]:
    """A process, and its client of a name server that knows NET."""
    world = xs.World(mode=mode)
    name_server = world.names()
    world.server(NET, limit=limit)
    app = world.process("app")
    return app, app.xous_names(app.connect(name_server))


def test_a_lookup_connects_the_process_that_asks() -> None:
    app, names = client()
    connection = names.request_connection(NET).unwrap()
    assert app.send(connection, xs.BlockingScalar(0)).unwrap() == 0
    assert app.connection_map()[1] != 0


def test_an_unknown_name_is_not_found() -> None:
    _, names = client()
    with pytest.raises(xs.UnwrapError, match="SERVER_NOT_FOUND"):
        names.request_connection("nobody").unwrap()


def test_disconnecting_does_not_give_a_limited_connection_back_and_the_token_does() -> None:
    app, names = client(limit=1)
    granted = names.request_connection(NET)
    app.disconnect(granted.unwrap()).unwrap()
    assert not names.request_connection(NET).is_ok()
    assert names.disconnect_with_token(NET, granted.token).is_ok()
    assert names.request_connection(NET).is_ok()


def test_a_token_is_good_once() -> None:
    _, names = client(limit=2)
    token = names.request_connection(NET).token
    assert names.disconnect_with_token(NET, token).is_ok()
    assert not names.disconnect_with_token(NET, token).is_ok()


def test_trusted_init_is_done_when_every_limited_server_has_all_its_connections() -> None:
    _, names = client(limit=1)
    assert names.trusted_init_done() == 0
    names.request_connection(NET).unwrap()
    assert names.trusted_init_done() == 1


def test_a_name_is_registered_once() -> None:
    _, names = client()
    assert len(names.register_name("thing").unwrap_all()) == 4
    with pytest.raises(xs.UnwrapError, match="INTERNAL_ERROR"):
        names.register_name("thing").unwrap()


def test_an_unregistered_name_is_unknown() -> None:
    _, names = client()
    sid = names.register_name("thing").unwrap_all()
    assert names.unregister_server(sid).is_ok()
    assert names.unregister_server(sid).error() is xs.KernelError.SERVER_NOT_FOUND
    assert names.register_name("thing").is_ok()


def registering(world: xs.World) -> None:
    """A server registers while a client waits for its name."""
    name_server = world.names()
    service, app = world.process("service"), world.process("app")

    def serve() -> None:
        connection = service.connect(name_server)
        sid = service.xous_names(connection).register_name("thing").unwrap_all()
        server = service.create_server_with_sid(sid)
        service.receive(server).return_scalar(7).unwrap()
        service.disconnect(connection).unwrap()

    def ask() -> None:
        connection = app.connect(name_server)
        thing = app.xous_names(connection).request_connection_blocking("thing").unwrap()
        assert app.send(thing, xs.BlockingScalar(1)).unwrap() == 7
        app.disconnect(thing).unwrap()
        app.disconnect(connection).unwrap()

    service.spawn(serve)
    app.spawn(ask)


def test_a_client_that_waits_is_served_in_every_interleaving_with_the_registration() -> None:
    assert xs.explore(registering).verdict == "sound"


@pytest.mark.parametrize(("mode", "verdict"), [("faithful", "violated"), ("safe", "sound")])
def test_a_name_of_64_bytes_crashes_the_real_name_server_only(mode: xs.world.Mode, verdict: str) -> None:
    def scenario(world: xs.World) -> None:
        name_server = world.names()
        app = world.process("app")

        def register() -> None:
            connection = app.connect(name_server)
            app.xous_names(connection).register_name("n" * 64)
            app.disconnect(connection).unwrap()

        app.spawn(register)

    result = xs.explore(scenario, mode=mode)
    assert result.verdict == verdict
    assert result.violation is None or result.violation.property == "names-crash"
