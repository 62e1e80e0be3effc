"""Windows of streaming calls: how far a caller runs ahead of the Returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from .._checking import MOST_WORDS, number


@final
@dataclass(frozen=True)
class NoWindow:
    """The caller waits for nothing."""

    def _words(self) -> tuple[str, int, int]:
        return ("none", 0, 0)

    def __str__(self) -> str:
        return ""


@final
@dataclass(frozen=True)
class FixedWindow:
    """The caller goes on while less than the window and the largest message is without a Return.

    Attributes:
        words: The window.
    """

    words: int

    def __post_init__(self) -> None:
        number(self.words, "a window", most=MOST_WORDS)

    def _words(self) -> tuple[str, int, int]:
        return ("fixed", self.words, 0)

    def __str__(self) -> str:
        return f"window {self.words}"


@final
@dataclass(frozen=True)
class AdaptiveWindow:
    """A window that grows with the throughput; when exactly is open, so exploration covers any growth at any Return.

    Attributes:
        least: Words at the beginning.
        most: Words at most.
    """

    least: int
    most: int

    def __post_init__(self) -> None:
        number(self.least, "a window's beginning", least=1, most=MOST_WORDS)
        number(self.most, "a window's end", least=self.least, most=MOST_WORDS)

    def _words(self) -> tuple[str, int, int]:
        return ("adaptive", self.least, self.most)

    def __str__(self) -> str:
        return f"window {self.least} to {self.most}"


Window = NoWindow | FixedWindow | AdaptiveWindow
"""How far a caller runs ahead."""
