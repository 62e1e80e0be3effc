"""What the tables of both systems share: results of rows, and exploring several rows at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, final

from ..result import Counterexample, Exploration, Verdict


class AnyRow(Protocol):
    """A line of either table."""

    @property
    def cells(self) -> tuple[str, ...]: ...

    def as_json(self) -> dict[str, object]: ...


R = TypeVar("R", bound=AnyRow)


@final
@dataclass(frozen=True)
class Finding:
    """A property that is violated, and in how many steps at least."""

    property: str
    steps: int
    schedule: str

    def __str__(self) -> str:
        return f"{self.property} in {self.steps} steps" if self.steps != 1 else f"{self.property} in 1 step"


@final
@dataclass(frozen=True)
class RowResult(Generic[R]):
    """What the exploration of a row found."""

    row: R
    exploration: Exploration

    @property
    def verdict(self) -> Verdict:
        """What the exploration established."""
        return self.exploration.verdict

    @property
    def counterexample(self) -> Counterexample | None:
        """The shortest one."""
        return min(self.exploration.counterexamples, key=lambda found: len(found.trace), default=None)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All properties that are violated, in the order of their names."""
        found = (
            Finding(one.violation.property, len(one.trace), one.schedule) for one in self.exploration.counterexamples
        )
        return tuple(sorted(found, key=lambda finding: finding.property))

    def as_json(self) -> dict[str, object]:
        """The row as ``xous-sim neighbours ... --json`` prints it."""
        return {
            **self.row.as_json(),
            "verdict": self.verdict,
            "violations": [
                {"property": one.property, "steps": one.steps, "schedule": one.schedule} for one in self.findings
            ],
            "message": None if self.counterexample is None else self.counterexample.violation.message,
            "states": self.exploration.states,
            "transitions": self.exploration.transitions,
            "seconds": round(self.exploration.seconds, 6),
        }


def explore_rows(
    rows: Sequence[R],
    explore: Callable[[R], RowResult[R]],
    workers: int | None,
    progress: Callable[[RowResult[R]], object],
) -> list[RowResult[R]]:
    """Explores rows on several threads; the search itself runs without the interpreter lock."""

    def work(row: R) -> RowResult[R]:
        result = explore(row)
        progress(result)
        return result

    pool = ThreadPoolExecutor(workers or os.cpu_count() or 1)
    try:
        return list(pool.map(work, rows))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
