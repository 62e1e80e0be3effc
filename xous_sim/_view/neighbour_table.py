"""The tables of the neighbour systems on a terminal: a table where it fits, indented lines where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..neighbours._table import RowResult
from .fitting import fits
from .sentences import counted

_STYLE: Final = {"sound": "green", "violated": "red", "incomplete": "yellow"}


def neighbour_table(
    results: Sequence[RowResult[Any]], headings: Sequence[str], console: Console
) -> Iterator[RenderableType]:
    """What to print for ``results``; ``headings`` are those of their rows' cells."""
    table = _table(results, headings)
    if fits(table, console):
        yield table
    else:
        yield from _stacked(results)
    yield Text(
        "sound: no order of steps of the bounded case violates a property. Otherwise: each property that can be "
        "violated, with the steps of a shortest way there; --json has the schedules."
    )


def _table(results: Sequence[RowResult[Any]], headings: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in (*headings, "found (in steps)"):
        table.add_column(heading, no_wrap=True)
    table.add_column("states", justify="right", no_wrap=True)
    before = ""
    for result in results:
        first, *others = result.row.cells
        shown = "" if first == before else first
        table.add_row(shown, *others, _found(result), f"{result.exploration.states:,}")
        before = first
    return table


def _found(result: RowResult[Any]) -> Text:
    findings = ", ".join(f"{finding.property} ({finding.steps})" for finding in result.findings)
    return Text(findings or result.verdict, style=_STYLE[result.verdict])


def _stacked(results: Sequence[RowResult[Any]]) -> Iterator[RenderableType]:
    for result in results:
        yield Text(", ".join(cell for cell in result.row.cells if cell), style="bold")
        text = _found(result)
        text.append(f"; {counted(result.exploration.states, 'state')}")
        yield Padding(text, (0, 0, 0, 2))
