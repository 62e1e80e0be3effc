"""What the parts of an exploration found, and what that makes together.

The verdict is violated if any part's is, else incomplete if any part's is. Counts are added up; of counterexamples the
best of each kind stays. Nothing here depends on the order in which parts get done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, final

from . import _native
from .progress import Teller
from .result import Limit
from .searches import Exhaustive, NativeStrategy, Pct, Random

_COUNTS: Final = ("states", "schedules", "redundant", "transitions", "frontier", "stored_bytes", "body_runs")
_LIMITS: Final[tuple[Limit, ...]] = ("memory", "seconds", "schedules", "states", "cycle", "preemptions")
"""Of several reasons for being incomplete the first is named."""
STARTED_BODY: Final = -1
"""Stands for all bodies that other bodies start: their numbers differ from process to process."""


@final
@dataclass(frozen=True)
class Found:
    """A counterexample as it travels: its schedule, and what is needed to choose among several."""

    violation: tuple[str, str, str]
    schedule: str
    preemptions: int
    length: int


@final
@dataclass(frozen=True)
class Part:
    """What was found in one part."""

    exhausted: Limit | None
    found: tuple[Found, ...]
    counts: dict[str, int]
    depth: int
    estimated_total: float | None
    missed_at_most: float | None
    sensitive: frozenset[int]
    orders: tuple[_native._Orders, ...]

    @classmethod
    def of_report(cls, report: _native.Report, static_bodies: int) -> Self:
        """From what the native module reports."""
        return cls(
            exhausted=report.exhausted,
            found=tuple(
                Found(c.violation, c.recording.schedule, c.recording.preemptions, len(c.steps))
                for c in report.counterexamples
                if c.violation is not None
            ),
            counts={name: getattr(report, name) for name in _COUNTS},
            depth=report.depth,
            estimated_total=report.estimated_total,
            missed_at_most=report.missed_at_most,
            sensitive=frozenset(body if body < static_bodies else STARTED_BODY for body in report.sensitive_bodies),
            orders=tuple(report.orders),
        )


@final
class Total:
    """All parts together, and the top of the tree above them."""

    def __init__(self, strategy: NativeStrategy, *, stop_at_first: bool) -> None:
        self.sensitive: set[int] = set()
        self.orders: list[_native._Orders] = []
        self._strategy = strategy
        self._stop_at_first = stop_at_first
        self._found: dict[tuple[str, str], Found] = {}
        self._exhausted: set[Limit] = set()
        self._counts: Counter[str] = Counter()
        self._depth = 0
        self._estimates: list[float | None] = []
        self._covered: int | None = None
        self._missed: float | None = None

    def begin(self, top: _native.Split, bound: int | None) -> None:
        """Begins with the top of the tree, anew for each bound on preemptions."""
        self._counts["transitions"] = self._counts["transitions"] or top.transitions
        self._exhausted.clear()
        self._estimates.clear()
        complete = [preemptions for preemptions in top.complete if bound is None or preemptions <= bound]
        self._counts["schedules"] = 0 if isinstance(self._strategy, Exhaustive) else len(complete)
        self._counts["states"] = top.states if isinstance(self._strategy, Exhaustive) else 0
        if bound is not None and any(preemptions > bound for preemptions in _preemptions(top)):
            self._exhausted.add("preemptions")
        for violation, schedule, preemptions in top.counterexamples:
            if bound is None or preemptions <= bound:
                self._find([Found(violation, schedule, preemptions, _length(schedule))])

    def prefixes(self, top: _native.Split, bound: int | None) -> list[str]:
        """The parts that the bound does not exclude."""
        return [prefix for prefix, preemptions in top.parts if bound is None or preemptions <= bound]

    def add(self, part: Part) -> None:
        """Adds one part; they come in their order."""
        self._counts.update(part.counts)
        self._depth = max(self._depth, part.depth)
        self._estimates.append(_estimate(part))
        if part.missed_at_most is not None:
            self._missed = part.missed_at_most * (1.0 if self._missed is None else self._missed)
        self.sensitive |= part.sensitive
        self.orders += part.orders
        if part.exhausted is not None:
            self._exhausted.add(part.exhausted)
        self._find(part.found)

    def _find(self, found: Iterable[Found]) -> None:
        for one in found:
            self._depth = max(self._depth, one.length)
            kind = one.violation[:2]
            known = self._found.get(kind)
            if known is None or self._rank(one) < self._rank(known):
                self._found[kind] = one

    def _rank(self, found: Found) -> tuple[int, int, str]:
        """The better of two counterexamples of one kind is the shorter one, or the one with fewer preemptions."""
        if isinstance(self._strategy, Exhaustive):
            return found.length, found.preemptions, found.schedule
        return found.preemptions, found.length, found.schedule

    @property
    def is_enough(self) -> bool:
        """Whether the rest need not be explored."""
        return self._stop_at_first and bool(self._found)

    def goes_deeper(self, bound: int | None) -> bool:
        """Notes that a bound was explored; whether a larger one might find more."""
        if self.is_enough or self._exhausted != {"preemptions"}:
            return False
        self._covered = bound
        return True

    def best(self) -> list[Found]:
        """The counterexamples, shortest first; one, if the first is enough."""
        found = sorted(self._found.values(), key=lambda one: (one.length, one.preemptions, one.schedule))
        return found[:1] if self._stop_at_first else found

    def tell(self, teller: Teller, share: float) -> None:
        """Tells of the progress: ``share`` of the parts are done."""
        counts = self._counts
        done = counts["states"] or counts["schedules"]
        teller(counts["states"], counts["frontier"], counts["schedules"], counts["transitions"], done / share)

    def figures(self) -> dict[str, Any]:
        """The fields of an exploration that are numbers, and the verdict."""
        exhausted = next((limit for limit in _LIMITS if limit in self._exhausted), None)
        figures: dict[str, Any] = {name: self._counts[name] for name in _COUNTS if name != "stored_bytes"}
        return figures | {
            "verdict": "violated" if self._found else "sound" if exhausted is None else "incomplete",
            "exhausted": None if self.is_enough else exhausted,
            "depth": self._depth,
            "covered_preemptions": self._covered,
            "estimated_total": self._estimated(),
            "missed_at_most": self._missed,
            "bytes_per_state": self._counts["stored_bytes"] / max(self._counts["states"], 1),
        }

    def _estimated(self) -> float | None:
        known = [estimate for estimate in self._estimates if estimate is not None]
        if not self._exhausted or len(known) < len(self._estimates) or not known:
            return None
        return max(known) if isinstance(self._strategy, (Random, Pct)) else sum(known)


def _estimate(part: Part) -> float | None:
    """How much there is in a part, exactly or by estimate."""
    if part.exhausted is None:
        return float(part.counts["states"] or part.counts["schedules"])
    return part.estimated_total


def _preemptions(top: _native.Split) -> Sequence[int]:
    """Those of all schedules of the top, complete or not."""
    return [*top.complete, *(preemptions for _, preemptions in top.parts)]


def _length(schedule: str) -> int:
    """The steps of a schedule line."""
    runs = schedule.removeprefix("x1:").split(".")
    return sum(int(run.partition("*")[2] or 1) for run in runs if run)
