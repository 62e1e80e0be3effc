"""What a dying server does to its clients, in two scenarios: a map that fills with tombstones, a sender that hangs.

Both follow from what the kernel does when a process ends: it turns the slots of the clients into tombstones, which no
connect uses again, and it wakes nobody who waits for an answer. Left out: what a supervisor could do about it.
"""

from __future__ import annotations

from typing import Final

from .messages import BlockingScalar
from .process import Process, Server
from .world import World

LOG: Final = "log"


def tombstone_leak(world: World, *, deaths: int = 1) -> None:
    """A client connects again whenever its server has died and come back; it forgets the slot of the old connection.

    Args:
        world: Where to build it.
        deaths: How often the server dies at most.
    """
    app, log = _mortal_server(world, deaths)

    def client() -> None:
        connection = app.connect(log).unwrap()
        while not app.send(connection, BlockingScalar(0)).is_ok():
            connection = app.connect(log).unwrap()
        app.disconnect(connection)

    app.spawn(client)


def tombstones_freed(world: World, *, deaths: int = 1) -> None:
    """The same, but the client disconnects the tombstone before it connects again.

    Args:
        world: Where to build it.
        deaths: How often the server dies at most.
    """
    app, log = _mortal_server(world, deaths)

    def client() -> None:
        connection = app.connect(log).unwrap()
        while not app.send(connection, BlockingScalar(0)).is_ok():
            app.disconnect(connection).unwrap()
            connection = app.connect(log).unwrap()
        app.disconnect(connection)

    app.spawn(client)


def hanging_sender(world: World) -> None:
    """A server's process dies while a client waits for its answer: the kernel wakes the client never."""
    owner, app = world.process("owner"), world.process("app")
    log = owner.create_server(LOG)
    connection = app.connect(log)
    owner.may_die()

    def serve() -> None:
        owner.receive(log).return_scalar(7)

    def client() -> None:
        app.send(connection, BlockingScalar(0))

    owner.spawn(serve)
    app.spawn(client)


def _mortal_server(world: World, deaths: int) -> tuple[Process, Server]:
    world.deaths(at_most=deaths)
    return world.process("app"), world.server(LOG, may_die=True, restarts=True)
