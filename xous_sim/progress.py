"""How far an exploration is, while it runs.

``explore(..., progress=...)`` takes a callable that gets a :class:`Progress` a few times a second and once at the end,
or ``True`` for a display on stderr. What the callable raises ends the exploration.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from .errors import MisuseError


@final
@dataclass(frozen=True, kw_only=True)
class Progress:
    """What a search has done so far.

    Attributes:
        states: Distinct states; 0 where the strategy stores none.
        frontier: States that wait to be expanded.
        schedules: Schedules that were followed to their end; 0 where the strategy stores states instead.
        transitions: Steps that were taken.
        seconds: Wall-clock time since the search began.
        rate: States a second, or schedules a second, since then.
        estimated_total: How many states or schedules there are in all, by estimate; ``None`` if nothing is known.
        eta_seconds: When the search will have seen them, in seconds from now; ``None`` if nothing is known. A guess.
    """

    states: int
    frontier: int
    schedules: int
    transitions: int
    seconds: float
    rate: float
    estimated_total: float | None
    eta_seconds: float | None

    @property
    def done(self) -> int:
        """States or schedules: what the strategy counts."""
        return self.states or self.schedules


Told = Callable[[Progress], object]
"""Whoever is told."""


class Teller:
    """Makes a :class:`Progress` of bare numbers, and hands it on."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._started = time.monotonic()

    def __call__(
        self, states: int, frontier: int, schedules: int, transitions: int, estimated_total: float | None
    ) -> None:
        seconds = time.monotonic() - self._started
        done = states or schedules
        rate = done / seconds if seconds > 0 else 0.0
        left = None if estimated_total is None else max(estimated_total - done, 0.0)
        self._told(
            Progress(
                states=states,
                frontier=frontier,
                schedules=schedules,
                transitions=transitions,
                seconds=seconds,
                rate=rate,
                estimated_total=estimated_total,
                eta_seconds=left / rate if left is not None and rate > 0 else None,
            )
        )


def check_progress(progress: object) -> None:
    """Refuses what cannot be told.

    Raises:
        MisuseError: If it is neither a callable nor a bool nor ``None``.
    """
    if progress is not None and not isinstance(progress, bool) and not callable(progress):
        raise MisuseError(f"progress must be a function of a Progress, or True, not {type(progress).__name__}")
