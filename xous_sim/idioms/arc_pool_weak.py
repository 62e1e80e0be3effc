"""Arc pool, weak: the pool holds a ``Weak``, and the drop of the last user's ``Arc`` disconnects.

The variant of the common connection that frees its slot: ``static POOL: Mutex<Weak<CID>>``. The lock guards the pool,
not the drop: the last ``Arc`` goes, and its CID is disconnected some steps later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..handles import Connection
from ..process import Process, Server
from ..sync import Arc
from ..world import World
from .idiom import Idiom, Open


def prepare(world: World, app: Process, server: Server) -> Open:
    """Declares the pool: a cell under a lock, which at first holds no ``Weak``."""
    lock = world.mutex(name="POOL")
    pool = world.cell(0, name="pool")

    def get() -> Arc:
        with lock:
            content = pool.get()
            if content != 0:
                weak = world.weak(content)
                user = weak.upgrade()
                if user is not None:
                    return user
                weak.drop()
            user = app.connect(server).share()
            pool.set(user.downgrade())
            return user

    @contextmanager
    def open_() -> Iterator[Connection]:
        user = get()
        yield user.get()
        last = user.drop()
        if last is not None:
            last.close().unwrap()

    return open_


IDIOM = Idiom(
    name="arc_pool_weak",
    title="Arc pool (weak)",
    source="the comment's pool with Weak references, so that the last user's drop disconnects",
    prepare=prepare,
)
