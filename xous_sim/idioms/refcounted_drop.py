"""Refcounted drop: a static counter of live objects, and the last one to go disconnects.

This is what the client libraries of Xous do today (30 counters in 29 files), and what API.md and the Xous Book teach.
The counter and the system calls are separate steps, so other threads can come between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..handles import Connection
from ..process import Process, Server
from ..world import World
from .idiom import Idiom, Open


def prepare(world: World, app: Process, server: Server) -> Open:
    """Declares the crate's counter."""
    refcount = world.atomic_u32(0, name="REFCOUNT")

    @contextmanager
    def open_() -> Iterator[Connection]:
        refcount.fetch_add(1, "relaxed")
        connection = app.connect(server).unwrap()
        yield connection
        if refcount.fetch_sub(1, "relaxed") == 1:
            app.disconnect(connection).unwrap()

    return open_


IDIOM = Idiom(
    name="refcounted_drop",
    title="refcounted drop",
    source="xous-core today: static AtomicU32 REFCOUNT; xous-core issue 482 quotes it",
    prepare=prepare,
)
