"""Small scenarios that several tests explore."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xous_sim as xs

Scenario = Callable[[xs.World], None]


def two_increments(world: xs.World) -> None:
    """Two threads read, add and write back: an update can be lost."""
    app, count = world.process("app"), world.atomic_u32(0, name="count")

    def increment() -> None:
        count.store(int(count.load()) + 1)

    app.spawn(increment)
    app.spawn(increment)


def refcount_race(world: xs.World) -> None:
    """The idiom of the issue: the last user disconnects, while another one connects."""
    app, server = world.process("app"), world.server("log")
    users = world.atomic_u32(0, name="users")

    def worker() -> None:
        users.fetch_add(1, "relaxed")
        connection = app.connect(server)
        app.send(connection, xs.Scalar(1))
        if users.fetch_sub(1, "relaxed") == 1:
            app.disconnect(connection)

    app.spawn(worker)
    app.spawn(worker)


def race(clients: int) -> Scenario:
    """The same with so many users, each twice."""

    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        users = world.atomic_u32(0, name="users")

        def worker() -> None:
            users.fetch_add(1, "relaxed")
            connection = app.connect(server)
            app.send(connection, xs.Scalar(1))
            if users.fetch_sub(1, "relaxed") == 1:
                app.disconnect(connection)

        for _ in range(clients):
            app.spawn(worker, times=2)

    return scenario


def lock_order(world: xs.World) -> None:
    """Two threads take two mutexes in opposite order."""
    app, a, b = world.process("app"), world.mutex(name="a"), world.mutex(name="b")

    def both(first: xs.Mutex, second: xs.Mutex) -> None:
        with first, second:
            pass

    app.spawn(both, a, b, name="left")
    app.spawn(both, b, a, name="right")


def one_thread(body: Callable[[xs.World, xs.Process], None]) -> Scenario:
    """A scenario of one thread that runs ``body(world, app)``."""

    def scenario(world: xs.World) -> None:
        app = world.process("app")
        app.spawn(body, world, app)

    return scenario


def exploring(body: Callable[[xs.World, xs.Process], object], **options: Any) -> xs.Exploration:
    """Explores a scenario of one thread."""
    return xs.explore(one_thread(body), **options)  # type: ignore[arg-type]


def ending(result: xs.Exploration) -> str:
    """The exception that ended a thread."""
    assert result.violation is not None, result
    assert result.violation.property == "exception"
    return result.violation.message
