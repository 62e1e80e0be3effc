"""The refcount race of issue 482 as scenarios: the benchmark's program, buggy and fixed.

N clients count themselves, connect, send a message, count back, and the last one disconnects; each does so for some
rounds. In the fixed program a lock is held over count and system call. The folder ``programs`` has the same programs in
the languages of other tools.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import xous_sim as xs

Scenario = Callable[[xs.World], object]


def race(clients: int, rounds: int) -> Scenario:
    """The issue's idiom."""

    def scenario(world: xs.World) -> None:
        _set_up(world, clients, rounds, nullcontext())

    return scenario


def guarded(clients: int, rounds: int) -> Scenario:
    """The same with count and system call under one lock."""

    def scenario(world: xs.World) -> None:
        _set_up(world, clients, rounds, world.mutex(name="LOCK"))

    return scenario


def program(clients: int, rounds: int, *, fixed: bool) -> Scenario:
    """The buggy or the fixed program."""
    return guarded(clients, rounds) if fixed else race(clients, rounds)


def _set_up(world: xs.World, clients: int, rounds: int, lock: AbstractContextManager[Any]) -> None:
    ticktimer, app = world.server("ticktimer-server"), world.process("app")
    refcount = world.atomic_u32(0, name="REFCOUNT")

    def client() -> None:
        with lock:
            refcount.fetch_add(1, "relaxed")
            connection = app.connect(ticktimer)
        app.send(connection, xs.BlockingScalar(0))
        with lock:
            if refcount.fetch_sub(1, "relaxed") == 1:
                app.disconnect(connection)

    for _ in range(clients):
        app.spawn(client, times=rounds)
