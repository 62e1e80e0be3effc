"""Which connections the bodies of an execution can still reach: those whose Python values somebody refers to.

Each is noted with the thread that got it from the kernel. Left out: to whom that thread may have handed it on by way of
Python objects that bodies share.

Bodies may be real threads: all that is done to the table are single operations of a dict.
"""

from __future__ import annotations

from typing import Any, final

from ..values import Encoded
from .base import Op


@final
class Handle(tuple[Any, ...]):
    """A connection that a body holds: it is in the table as long as it lives."""

    alive: dict[int, tuple[str, tuple[Any, ...]]]

    def __del__(self) -> None:
        self.alive.pop(id(self), None)


@final
class Held:
    """The connections of one execution."""

    def __init__(self) -> None:
        self._alive: dict[int, tuple[str, tuple[Any, ...]]] = {}

    def connections(self) -> list[tuple[Any, ...]]:
        """Those that are held now."""
        return list(dict.fromkeys(connection for _, connection in self.holders()))

    def holders(self) -> list[tuple[str, tuple[Any, ...]]]:
        """Those that are held now, each behind the name of the thread that got it."""
        return list(self._alive.values())

    def counted(self, value: Encoded, thread: str) -> Encoded:
        """The same value, which a thread gets; connections in it are held as long as somebody refers to them."""
        if not isinstance(value, tuple):
            return value
        if value[0] == "t":
            return ("t", [self.counted(part, thread) for part in value[1]])
        if value[0] != "c":
            return value
        handle = Handle(value)
        handle.alive = self._alive
        self._alive[id(handle)] = thread, tuple(value)
        return handle


def plain(op: Op) -> Op:
    """The same operation; whoever keeps it holds no connection by that."""
    return tuple([_uncounted(part) for part in item] if isinstance(item, list) else _uncounted(item) for item in op)


def _uncounted(value: Any) -> Any:
    return tuple(value) if isinstance(value, Handle) else value
