"""Arguments of the neighbour systems: numbers in range, words that are known."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from .._options import is_int
from ..errors import MisuseError

LARGEST: Final = (1 << 64) - 1
"""Numbers of the native module have 64 bits."""
MOST_WORDS: Final = 1 << 40
"""Of anything that is explored, so that no sum of words overflows."""


def number(value: object, what: str, *, least: int = 0, most: int = LARGEST) -> int:
    """``value``, an int in range.

    Raises:
        MisuseError: If it is none.
    """
    if not is_int(value) or not least <= value <= most:
        raise MisuseError(f"{what} must be an int from {least} to {most}, not {value!r}")
    return value


def word(value: object, what: str, known: Collection[str]) -> str:
    """``value``, one of the known words.

    Raises:
        MisuseError: If it is none of them.
    """
    if not isinstance(value, str) or value not in known:
        raise MisuseError(f"{what} is one of {', '.join(map(repr, known))}, not {value!r}")
    return value


def flag(value: object, what: str) -> bool:
    """``value``, a bool.

    Raises:
        MisuseError: If it is none.
    """
    if not isinstance(value, bool):
        raise MisuseError(f"{what} must be True or False, not {value!r}")
    return value
