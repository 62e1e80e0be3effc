"""Persistent std: services that std uses never disconnect on drop.

Proposed in xous-core issue 482 for the services that std talks to itself. The CID is cached as std does it: a static
atomic, 0 while nobody has connected, filled by whoever finds it empty. Whoever needs the slot back calls
``app.disconnect(connection)``, which is unsafe and which nobody here does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..handles import Connection
from ..process import Process, Server
from ..world import World
from .idiom import Idiom, Open


def prepare(world: World, app: Process, server: Server) -> Open:
    """Declares the cached CID."""
    cached = world.atomic_u32(0, name="CACHED_CID")

    def get() -> Connection:
        cid = cached.load("relaxed")
        if cid != 0:
            return app.connection(cid)
        connection = app.connect(server).unwrap()
        cached.store(connection, "relaxed")
        return connection

    @contextmanager
    def open_() -> Iterator[Connection]:
        yield get()

    return open_


IDIOM = Idiom(
    name="persistent_std",
    title="persistent std",
    source="xous-core issue 482, proposal: std-related services never disconnect on drop",
    prepare=prepare,
)
