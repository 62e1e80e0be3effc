"""Mutex-guarded: the count and the system call happen under one lock.

The textbook repair of the refcounted drop. On Xous it has its price: std's Mutex is itself a service of the ticktimer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..handles import Connection
from ..process import Process, Server
from ..world import World
from .idiom import Idiom, Open


def prepare(world: World, app: Process, server: Server) -> Open:
    """Declares the crate's counter and the lock around it."""
    guard = world.mutex(name="GUARD")
    refcount = world.atomic_u32(0, name="REFCOUNT")

    @contextmanager
    def open_() -> Iterator[Connection]:
        with guard:
            refcount.fetch_add(1, "relaxed")
            connection = app.connect(server).unwrap()
        yield connection
        with guard:
            if refcount.fetch_sub(1, "relaxed") == 1:
                app.disconnect(connection).unwrap()

    return open_


IDIOM = Idiom(
    name="mutex_guarded",
    title="mutex-guarded",
    source="the repair of the refcounted drop that comes to mind first",
    prepare=prepare,
)
