"""Folds rows of the verdict table that say the same, so that it stays short enough to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, final

from ..verdicts import Row, RowResult

Dimension = Callable[[Row], object]
"""Something that rows of one idiom and connect mode may differ in."""
_DIMENSIONS: Final[tuple[Dimension, ...]] = (
    lambda row: row.std_shadow,
    lambda row: row.clients,
    lambda row: row.slots,
)
"""All of them; of those that explain a difference equally well the first is taken."""


@final
@dataclass(frozen=True)
class Folded:
    """Rows of one idiom and connect mode with one verdict; each property is a cell of the table."""

    results: tuple[RowResult, ...]

    @property
    def title(self) -> str:
        return self.results[0].row.idiom.title

    @property
    def connect(self) -> str:
        return self.results[0].row.connect

    @property
    def slots(self) -> str:
        return ", ".join(str(n) for n in sorted({result.row.slots for result in self.results}))

    @property
    def std(self) -> str:
        shadows = {result.row.std_shadow for result in self.results}
        return "any" if len(shadows) == 2 else "with" if True in shadows else "without"

    @property
    def clients(self) -> str:
        return ", ".join(str(n) for n in sorted({result.row.clients for result in self.results}))

    @property
    def verdict(self) -> str:
        first = self.results[0]
        return first.verdict if first.violation is None else f"{first.verdict}: {first.violation}"

    @property
    def preemptions(self) -> str:
        return _span([r.exploration.preemptions for r in self.results if r.exploration.preemptions is not None])

    @property
    def states(self) -> str:
        return _span([result.exploration.states for result in self.results])

    @property
    def seconds(self) -> str:
        return f"{sum(result.exploration.seconds for result in self.results):.2f}"


def _span(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    low, high = _short(min(numbers)), _short(max(numbers))
    return low if low == high else f"{low}-{high}"


def _short(number: int) -> str:
    return f"{number:,}" if number < 100_000 else f"{number / 1_000_000:.1f}M"


def fold(results: Sequence[RowResult]) -> list[Folded]:
    """The lines of the table, in the order of ``results``."""
    groups = groupby(results, key=lambda result: (result.row.idiom.name, result.row.connect))
    return [folded for _, group in groups for folded in _split(tuple(group), _DIMENSIONS)]


def _split(results: tuple[RowResult, ...], dimensions: Sequence[Dimension]) -> Iterator[Folded]:
    """One line if all results agree, else lines for each value of the dimension that explains the difference best."""
    if _agree(results) or not dimensions:
        yield Folded(results)
        return
    best = min(dimensions, key=lambda dimension: sum(not _agree(part) for part in _parts(results, dimension)))
    for part in _parts(results, best):
        yield from _split(part, [dimension for dimension in dimensions if dimension is not best])


def _agree(results: Sequence[RowResult]) -> bool:
    return len({(result.verdict, result.violation) for result in results}) == 1


def _parts(results: Sequence[RowResult], dimension: Dimension) -> list[tuple[RowResult, ...]]:
    parts: dict[object, list[RowResult]] = {}
    for result in results:
        parts.setdefault(dimension(result.row), []).append(result)
    return [tuple(part) for part in parts.values()]
