"""Refcounted drop beside a connection of std: the crate counts its users, but std's cached CID is not among them.

Connecting to a server again gives the same CID, so a program that uses ``Ticktimer`` and also sleeps shares one slot
between the crate and std. Std caches the CID in a static of its own, for ever, and nobody counts it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..handles import Connection
from ..messages import BlockingScalar
from ..process import Process, Server
from ..world import World
from . import refcounted_drop
from .idiom import Idiom, Open


def prepare(world: World, app: Process, server: Server) -> Open:
    """Declares the crate's counter; std has connected before."""
    std = app.std_connection(server)
    new = refcounted_drop.prepare(world, app, server)

    @contextmanager
    def open_() -> Iterator[Connection]:
        with new() as connection:
            yield connection
        app.send(std, BlockingScalar(0))

    return open_


IDIOM = Idiom(
    name="refcounted_std_shadow",
    title="refcounted + std shadow",
    source="xous-core today: XousNames, Ticktimer, LocalTime, NetConn, Dns, Pddb and Trng share a server with std",
    prepare=prepare,
)
