"""Two small counts that need no exploration: what a limited reader lets in, and what a window lets out."""

from __future__ import annotations

from collections.abc import Iterable

from ... import _native
from ...errors import MisuseError
from .._checking import number, word
from .limits import Block, Wake


def admitted(limit: int, sizes: Iterable[int], returns: int, *, block: Block = "above", wake: Wake = "below") -> int:
    """Counts the calls that a vat has read once so many of them have returned, the oldest first.

    All calls are on the link from the start. The vat gives words back at Return and reads by rule V1.

    Args:
        limit: Words at most.
        sizes: The words of each Call, in order.
        returns: How many calls have returned; more than were read count as all of them.
        block: Whether more than the limit stops the vat, or the limit itself.
        wake: Whether less than the limit lets it go on, or the limit itself.

    Raises:
        MisuseError: For numbers that are negative or too large, alone or added up.

    Example:
        >>> from xous_sim.neighbours.capnp import admitted
        >>> [admitted(114, [114] * 40, returns) for returns in range(5)]
        [2, 2, 4, 4, 6]
    """
    known = (word(block, "block", ("above", "at")), word(wake, "wake", ("below", "at")))
    arguments = (number(limit, "limit"), _sizes(sizes), number(returns, "returns"))
    return _summed(_native.admitted(*arguments, block_when=known[0], wake_when=known[1]))


def sends_until_blocked(window: int, sizes: Iterable[int]) -> int:
    """Counts the messages that a stream sends until it must wait, the one after which it waits included.

    A stream goes on while less is in flight than the window and the largest message together. Without any Return, equal
    messages of size ``s`` stop it after ``ceil(window / s) + 1`` of them.

    Args:
        window: The window, in the unit of the sizes.
        sizes: The sizes of the messages, in order.

    Returns:
        That number; all messages if none of them stops the stream.

    Raises:
        MisuseError: For numbers that are negative or too large, alone or added up.

    Example:
        >>> from xous_sim.neighbours.capnp import sends_until_blocked
        >>> sends_until_blocked(65_536, [1_000] * 100)
        67
    """
    return _summed(_native.sends_until_blocked(number(window, "window"), _sizes(sizes)))


def _sizes(sizes: Iterable[int]) -> list[int]:
    if not isinstance(sizes, Iterable):
        raise MisuseError(f"sizes are several ints, not {type(sizes).__name__}")
    return [number(size, "a size") for size in sizes]


def _summed(count: int | None) -> int:
    if count is None:
        raise MisuseError("the sizes add up to more than 64 bits hold: use a coarser unit")
    return count
