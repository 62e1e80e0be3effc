"""Disconnect-locked, held: constructors hold the AtomicBool too while they count and connect.

The stronger reading of the issue's possible solution: the flag is a spin lock around the count and the system call on
both sides.
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
    hold = world.atomic_bool(name="HOLD")

    @contextmanager
    def open_() -> Iterator[Connection]:
        world.spin_while(lambda: hold.swap(1, "acquire") == 1)
        refcount.fetch_add(1, "relaxed")
        connection = app.connect(server).unwrap()
        hold.store(0, "release")
        yield connection
        world.spin_while(lambda: hold.swap(1, "acquire") == 1)
        if refcount.fetch_sub(1, "relaxed") == 1:
            app.disconnect(connection).unwrap()
        hold.store(0, "release")

    return open_


IDIOM = Idiom(
    name="disconnect_locked_held",
    title="disconnect-locked, held",
    source="xous-core issue 482, possible solution: constructors hold the AtomicBool too",
    prepare=prepare,
)
