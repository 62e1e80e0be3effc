"""Arc pool, strong: one common connection of the process, which the pool itself keeps for ever.

From a comment on xous-core issue 482: ``static COMMON: OnceLock<Arc<CID>>``. Users take it from the pool and give it
back; the pool's own reference is never dropped, so nobody ever disconnects.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..handles import Connection
from ..process import Process, Server
from ..world import World
from .idiom import Idiom, Open


def prepare(world: World, app: Process, server: Server) -> Open:
    """Declares nothing: the pool belongs to the process."""

    @contextmanager
    def open_() -> Iterator[Connection]:
        yield app.get_common_connection(server.name)

    return open_


IDIOM = Idiom(
    name="arc_pool_strong",
    title="Arc pool (strong)",
    source="a comment on xous-core issue 482: get_common_connection, OnceLock<Arc<CID>>",
    prepare=prepare,
)
