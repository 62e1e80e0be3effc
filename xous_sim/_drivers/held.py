"""Which connections, and which counted references, the bodies of an execution can still reach.

Those are the ones whose Python values somebody refers to. Each is noted with the thread that got it from the kernel.
Left out: to whom that thread may have handed it on by way of Python objects that bodies share.

Bodies may be real threads: all that is done to the table are single operations of a dict.
"""

from __future__ import annotations

from typing import Any, final

from ..values import Encoded
from .base import Op


@final
class Handle(tuple[Any, ...]):
    """A connection, or a counted reference, that a body holds: it is in the table as long as it lives."""

    alive: dict[int, tuple[str, tuple[Any, ...]]]

    def __del__(self) -> None:
        self.alive.pop(id(self), None)


@final
class Held:
    """The connections and references of one execution."""

    def __init__(self) -> None:
        self._alive: dict[int, tuple[str, tuple[Any, ...]]] = {}

    def results(self) -> list[tuple[Any, ...]]:
        """Those that are held now."""
        return list(dict.fromkeys(result for _, result in self.holders()))

    def holders(self) -> list[tuple[str, tuple[Any, ...]]]:
        """Those that are held now, each behind the name of the thread that got it."""
        return list(self._alive.values())

    def counted(self, value: Encoded, thread: str) -> Encoded:
        """The same value, which a thread gets; what is in it is held as long as somebody refers to it."""
        if not isinstance(value, tuple):
            return value
        if value[0] == "t":
            return ("t", [self.counted(part, thread) for part in value[1]])
        if value[0] not in ("c", "s"):
            return value
        handle = Handle(value)
        handle.alive = self._alive
        self._alive[id(handle)] = thread, tuple(value)
        return handle


def plain(op: Op) -> Op:
    """The same operation; whoever keeps it holds nothing by that."""
    return tuple([_uncounted(part) for part in item] if isinstance(item, list) else _uncounted(item) for item in op)


def _uncounted(value: Any) -> Any:
    return tuple(value) if isinstance(value, Handle) else value
