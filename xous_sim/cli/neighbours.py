"""``xous-sim neighbours capnp`` and ``xous-sim neighbours bus1``: their tables, each with one counterexample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import typer
from rich.console import Console
from rich.progress import TaskID

from .._view.neighbour_table import neighbour_table
from ..neighbours import bus1, capnp
from ..neighbours._table import RowResult
from ..neighbours.bus1.rows import HEADINGS as BUS1_HEADINGS
from ..neighbours.capnp.rows import HEADINGS as CAPNP_HEADINGS
from .console import output, print_json, progress
from .verdicts import INCOMPLETE, Json, MaxStates

neighbours: Final = typer.Typer(
    name="neighbours",
    help="What Cap'n Proto and bus1 do about messages that wait, and what goes wrong.",
    no_args_is_help=True,
)

Results = list[RowResult[Any]]


@neighbours.command("capnp")
def capnp_table(as_json: Json = False, max_states: MaxStates = None) -> None:
    """Explores Cap'n Proto's limits on calls in flight, and says which can deadlock."""
    _run(len(list(capnp.rows())), capnp.table, CAPNP_HEADINGS, _deadlock, as_json, max_states)


@neighbours.command("bus1")
def bus1_table(as_json: Json = False, max_states: MaxStates = None) -> None:
    """Explores bus1's ways to account, and says who can starve whom."""
    _run(len(list(bus1.rows())), bus1.table, BUS1_HEADINGS, _starvation, as_json, max_states)


def _run(
    count: int,
    explore: Callable[..., Results],
    headings: Sequence[str],
    is_told: Callable[[RowResult[Any]], bool],
    as_json: bool,
    max_states: int | None,
) -> None:
    with progress("exploring", count) as bar:
        results = explore(max_states=max_states, progress=lambda row: bar.advance(TaskID(0)))
    if as_json:
        print_json([result.as_json() for result in results])
    else:
        console = output()
        for part in neighbour_table(results, headings, console):
            console.print(part)
        _tell(next(filter(is_told, results), None), console)
    if any(result.exploration.exhausted is not None for result in results):
        raise typer.Exit(INCOMPLETE)


def _deadlock(result: RowResult[Any]) -> bool:
    return any(finding.property == "deadlock" for finding in result.findings)


def _starvation(result: RowResult[Any]) -> bool:
    return any(finding.property == "starved" for finding in result.findings)


def _tell(result: RowResult[Any] | None, console: Console) -> None:
    """The shortest counterexample of a row, step by step."""
    if result is None or result.counterexample is None:
        return
    console.print()
    cells = ", ".join(cell for cell in result.row.cells if cell)
    console.print(f"How the first of these goes wrong ({cells}), in as few steps as can be:")
    console.print(str(result.counterexample.trace), soft_wrap=True)
