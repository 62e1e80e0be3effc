"""Limits: what a vat counts of the calls on one connection, and what it does when there are too many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, final

from .._checking import MOST_WORDS, number, word

Release = Literal["return", "finish"]
"""When a call's words are given back."""
Reading = Literal["V1", "V2"]
"""When a reader stops: after a Call that goes beyond the limit (V1), or before a Call that does not fit (V2)."""
Block = Literal["above", "at"]
"""How many words stop a reader by rule V1: more than the limit, or as many."""
Wake = Literal["below", "at"]
"""How few words let it go on: fewer than the limit, or as many."""


@final
@dataclass(frozen=True)
class NoLimit:
    """The vat takes whatever comes, as C++ does unless told otherwise."""

    def _words(self) -> dict[str, Any]:
        return {"kind": "none"}

    def __str__(self) -> str:
        return "no limit"


@final
@dataclass(frozen=True)
class Words:
    """The vat counts the words of the calls in flight, and stops reading everything on the connection.

    The defaults are those of C++ since 2016.

    Attributes:
        limit: Words (of 8 bytes) at most, 0 to 2**40.
        release: When words are given back: ``"return"``, or ``"finish"`` as the thread of 2021 feared.
        reading: ``"V1"``: anything is read until a Call has gone beyond the limit. ``"V2"``: a Call that does not fit
            waits at the head of the link.
        block: For V1: whether it takes more than the limit to stop the reader.
        wake: For V1: whether it takes fewer than the limit to let it go on.

    Raises:
        MisuseError: For a limit out of range, or an unknown word.
    """

    limit: int
    release: Release = "return"
    reading: Reading = "V1"
    block: Block = "above"
    wake: Wake = "below"

    def __post_init__(self) -> None:
        number(self.limit, "a limit", most=MOST_WORDS)
        word(self.release, "release", ("return", "finish"))
        word(self.reading, "reading", ("V1", "V2"))
        word(self.block, "block", ("above", "at"))
        word(self.wake, "wake", ("below", "at"))

    def _words(self) -> dict[str, Any]:
        return {
            "kind": "words",
            "limit": self.limit,
            "release": self.release,
            "reading": self.reading,
            "block": self.block,
            "wake": self.wake,
        }

    def __str__(self) -> str:
        wakes = ", wakes at it" if self.wake == "at" else ""
        blocks = ", stops at it" if self.block == "at" else ""
        return f"{_counted(self.limit)}, at {self.release.title()}, {self.reading}{blocks}{wakes}"


@final
@dataclass(frozen=True)
class Advertised:
    """The peer knows the limit; the vat always reads, and answers a Call that does not fit with an exception.

    Attributes:
        limit: Words at most, given back at Return.
    """

    limit: int

    def __post_init__(self) -> None:
        number(self.limit, "a limit", most=MOST_WORDS)

    def _words(self) -> dict[str, Any]:
        return {"kind": "advertised", "limit": self.limit}

    def __str__(self) -> str:
        return f"{_counted(self.limit)}, advertised"


@final
@dataclass(frozen=True)
class Held:
    """The vat counts what its answer table holds, results and entries included; it always reads.

    Attributes:
        soft: Words beyond which it reports.
        hard: Words beyond which it drops the connection.
    """

    soft: int
    hard: int

    def __post_init__(self) -> None:
        number(self.soft, "a soft limit", most=MOST_WORDS)
        number(self.hard, "a hard limit", least=self.soft, most=MOST_WORDS)

    def _words(self) -> dict[str, Any]:
        return {"kind": "held", "limit": self.soft, "second": self.hard}

    def __str__(self) -> str:
        return f"soft {self.soft}, hard {self.hard}"


@final
@dataclass(frozen=True)
class Requests:
    """The vat runs so many calls at once and lets so many wait, and then reads nothing (Go before 2022).

    Attributes:
        running: Calls that run at most, at least 1.
        waiting: Calls that wait at most.
    """

    running: int
    waiting: int

    def __post_init__(self) -> None:
        number(self.running, "calls that run", least=1, most=64)
        number(self.waiting, "calls that wait", most=64)

    def _words(self) -> dict[str, Any]:
        return {"kind": "requests", "limit": self.running, "second": self.waiting}

    def __str__(self) -> str:
        return f"Go: {self.running} running, {self.waiting} waiting"


Limit = NoLimit | Words | Advertised | Held | Requests
"""What a vat does about too many calls."""


def _counted(words: int) -> str:
    return "1 word" if words == 1 else f"{words} words"
