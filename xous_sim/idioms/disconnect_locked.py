"""Disconnect-locked: an AtomicBool is held from before the decrement until disconnect has returned.

A possible solution that xous-core issue 482 names, in the form where only drops take part: they exclude each other.
Constructors do not look at the flag.
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
        refcount.fetch_add(1, "relaxed")
        connection = app.connect(server).unwrap()
        yield connection
        world.spin_while(lambda: hold.swap(1, "acquire") == 1)
        if refcount.fetch_sub(1, "relaxed") == 1:
            app.disconnect(connection).unwrap()
        hold.store(0, "release")

    return open_


IDIOM = Idiom(
    name="disconnect_locked",
    title="disconnect-locked",
    source="xous-core issue 482, possible solution: drops hold an AtomicBool",
    prepare=prepare,
)
