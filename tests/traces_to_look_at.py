"""Executions that have everything in them that a rendering can show."""

from __future__ import annotations

from collections.abc import Sequence

import xous_sim as xs


def race(world: xs.World) -> None:
    """Two users of one counter, and std's own connection, which stays."""
    server, other = world.server("ticktimer-server"), world.server("log")
    app, users = world.process("app"), world.atomic_u32(0, name="USERS")
    app.std_connection(other)

    def worker() -> None:
        users.fetch_add(1)
        connection = app.connect(server)
        app.send(connection, xs.BlockingScalar(0))
        if users.fetch_sub(1) == 1:
            app.disconnect(connection)

    app.spawn(worker)
    app.spawn(worker)


def lock_and_cell(world: xs.World) -> None:
    """A mutex, a cell and an Arc, in a process with 46 slots; the second thread ends with an exception."""
    app, lock = world.process("app"), world.mutex(name="LOCK")
    cell, server = world.cell(0, name="CELL"), world.server("log")

    def holder() -> None:
        with lock:
            shared = world.arc(app.connect(server))
            cell.set(cell.get() + 1)
            assert cell.get() == 0, "the cell was changed"
            shared.drop()

    app.spawn(holder)


def death(world: xs.World) -> None:
    """A server whose process dies leaves a tombstone, although it comes back."""
    server = world.server("log", may_die=True, restarts=True)
    app = world.process("app")

    def client() -> None:
        connection = app.connect(server)
        assert app.send(connection, xs.Scalar(1)).is_ok()
        app.disconnect(connection)

    app.spawn(client)


def two_processes(world: xs.World) -> None:
    """A server with a queue in a process of its own, and nobody who answers."""
    server, app = world.process("server"), world.process("app")
    own = server.create_server("queue")

    def client() -> None:
        app.send(app.connect(own), xs.BlockingScalar(1))

    app.spawn(client)


def livelock(world: xs.World) -> None:
    """Two threads that each undo what the other waits for."""
    app, turn = world.process("app"), world.atomic_u32(0, name="TURN")

    def take(mine: int) -> None:
        world.spin_while(lambda: turn.swap(mine) != mine)

    app.spawn(take, 1)
    app.spawn(take, 2)


def mean(world: xs.World) -> None:
    """Names that would do something if they were taken for markup."""
    app = world.process("<b>app</b>")
    server = world.server("</script><img>")
    n = world.atomic_u32(0, name='"><img src="http://192.0.2.1/x" onerror="alert(1)">')

    def worker() -> None:
        n.fetch_add(1)
        app.connect(server)

    app.spawn(worker, name="<script>alert(1)</script>")


def long(world: xs.World) -> None:
    """Many threads and many steps."""
    app, n = world.process("application"), world.atomic_u32(0, name="a counter with a long name")

    def worker() -> None:
        for _ in range(8):
            n.fetch_add(1)
        assert n.load() != 48

    for number in range(6):
        app.spawn(worker, name=f"worker number {number}")


def found(scenario: object, strategy: xs.Exhaustive | xs.Random | None = None, slots: int = 32) -> xs.Trace:
    """The first counterexample."""
    trace = xs.explore(scenario, strategy or xs.Exhaustive(), slots=slots).trace  # type: ignore[arg-type]
    assert trace is not None
    return trace


def pages() -> dict[str, Sequence[xs.Trace]]:
    """The pages that are looked at, by name."""
    return {
        "race": [found(race)],
        "several": [found(death), found(race), found(two_processes)],
        "lock": [found(lock_and_cell, slots=46)],
        "livelock": [found(livelock)],
        "mean": [found(mean)],
        "long": [found(long, xs.Random(seed=1))],
    }
