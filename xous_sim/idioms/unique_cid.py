"""Unique CID: every object has a connection of its own and disconnects it when it goes.

Proposed in xous-core issue 482 together with a kernel whose ``connect`` never gives the same CID twice; the handle is
neither ``Copy`` nor ``Clone``, so its drop is the only one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..handles import Connection
from ..process import Process, Server
from ..world import World
from .idiom import Idiom, Open


def prepare(world: World, app: Process, server: Server) -> Open:
    """Declares nothing: the kernel keeps the only count."""

    @contextmanager
    def open_() -> Iterator[Connection]:
        with app.connect(server) as connection:
            yield connection

    return open_


IDIOM = Idiom(
    name="unique_cid",
    title="unique CID",
    source="xous-core issue 482, proposal: connect never reuses, CID is neither Copy nor Clone",
    prepare=prepare,
)
