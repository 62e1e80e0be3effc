"""Disconnect-locked, checked: the issue's possible solution as it is worded.

Drop sets an AtomicBool before it checks the count and clears it after disconnect; constructors check it and wait. They
only look: nothing stops a drop that begins right behind the look.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..handles import Connection
from ..process import Process, Server
from ..world import World
from .idiom import Idiom, Open


def prepare(world: World, app: Process, server: Server) -> Open:
    """Declares the crate's counter and its flag."""
    refcount = world.atomic_u32(0, name="REFCOUNT")
    dropping = world.atomic_bool(name="DROPPING")

    @contextmanager
    def open_() -> Iterator[Connection]:
        world.spin_while(lambda: dropping.load("acquire") == 1)
        refcount.fetch_add(1, "relaxed")
        connection = app.connect(server).unwrap()
        yield connection
        dropping.store(1, "release")
        if refcount.fetch_sub(1, "relaxed") == 1:
            app.disconnect(connection).unwrap()
        dropping.store(0, "release")

    return open_


IDIOM = Idiom(
    name="disconnect_locked_checked",
    title="disconnect-locked, checked",
    source="xous-core issue 482, possible solution as worded: constructors check the AtomicBool",
    prepare=prepare,
)
