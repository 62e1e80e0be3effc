"""``xous-sim litmus``: the classic tests of weak memory, with what C11 allows and what is found."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from .._view.fitting import fits
from ..litmus import LITMUS, Row
from .console import counted, output, print_json
from .interrupting import interruptible
from .options import Json
from .status import VIOLATED


def litmus(as_json: Json = False) -> None:
    """Explores the litmus tests. Ends with 1 if something is found that C11 forbids."""
    rows: list[Row] = []
    with interruptible(lambda: _show(rows, as_json=as_json)), counted("exploring", len(LITMUS)) as done:
        for test in LITMUS.values():
            rows.append(test.row())
            done()
    _show(rows, as_json=as_json)
    if any(row.found and not row.allowed for row in rows):
        raise typer.Exit(VIOLATED)


def _show(rows: Sequence[Row], *, as_json: bool) -> None:
    if as_json:
        print_json([row._asdict() for row in rows])
        return
    console, table = output(), _table(rows)
    if fits(table, console):
        console.print(table)
        return
    for row in rows:
        console.print(f"{row.name}, {row.orders}: {row.outcome}: {_allowed(row)}, {_found(row)}")


def _table(rows: Sequence[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("test", "orders", "outcome", "C11", "found"):
        table.add_column(heading, no_wrap=True)
    name = ""
    for row in rows:
        style = "red" if row.found and not row.allowed else ""
        table.add_row(
            "" if row.name == name else row.name, row.orders, row.outcome, _allowed(row), Text(_found(row), style)
        )
        name = row.name
    return table


def _allowed(row: Row) -> str:
    return "allowed" if row.allowed else "forbidden"


def _found(row: Row) -> str:
    return "found" if row.found else f"not found{', a limit' if row.limit else ''}"
