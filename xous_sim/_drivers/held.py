"""Which connections the bodies of an execution can still reach: those whose Python values somebody refers to."""

from __future__ import annotations

from collections import Counter
from typing import Any, final

from ..values import Encoded
from .base import Op


@final
class _Handle(tuple[Any, ...]):
    """A connection that a body holds: it counts itself as long as it lives."""

    counts: Counter[tuple[Any, ...]]

    def __del__(self) -> None:
        self.counts[tuple(self)] -= 1


@final
class Held:
    """The connections of one execution."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Any, ...]] = Counter()

    def connections(self) -> list[tuple[Any, ...]]:
        """Those that are held now."""
        return [handle for handle, count in self._counts.items() if count > 0]

    def counted(self, value: Encoded) -> Encoded:
        """The same value; connections in it are held as long as somebody refers to them."""
        if not isinstance(value, tuple):
            return value
        if value[0] == "t":
            return ("t", [self.counted(part) for part in value[1]])
        if value[0] != "c":
            return value
        handle = _Handle(value)
        handle.counts = self._counts
        self._counts[tuple(value)] += 1
        return handle


def plain(op: Op) -> Op:
    """The same operation; whoever keeps it holds no connection by that."""
    return tuple([_uncounted(part) for part in item] if isinstance(item, list) else _uncounted(item) for item in op)


def _uncounted(value: Any) -> Any:
    return tuple(value) if isinstance(value, _Handle) else value
