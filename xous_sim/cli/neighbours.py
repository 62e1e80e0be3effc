"""``xous-sim neighbours capnp`` and ``xous-sim neighbours bus1``: their tables, each with one counterexample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

import typer
from rich.console import Console

from .._view.neighbour_table import neighbour_table
from ..neighbours import bus1, capnp
from ..neighbours._table import RowResult
from ..neighbours.bus1.rows import HEADINGS as BUS1_HEADINGS
from ..neighbours.capnp.rows import HEADINGS as CAPNP_HEADINGS
from .console import counted, output, print_json
from .interrupting import interruptible
from .options import Json
from .status import INCOMPLETE
from .verdicts import MaxStates

neighbours: Final = typer.Typer(
    name="neighbours",
    help="What Cap'n Proto and bus1 do about messages that wait, and what goes wrong.",
    no_args_is_help=True,
    epilog="Example: xous-sim neighbours capnp",
)

Results = Sequence[RowResult[Any]]


@final
@dataclass(frozen=True)
class _System:
    """One of the systems: its rows, how they are explored, and the property of which a counterexample is told.

    ``replay`` is what replays a counterexample, with the number of the row and the schedule left open.
    """

    rows: tuple[Any, ...]
    explore: Callable[..., Results]
    headings: Sequence[str]
    told: str
    replay: str


_CAPNP: Final = _System(
    tuple(capnp.rows()), capnp.table, CAPNP_HEADINGS, "deadlock", "capnp.replay(list(capnp.rows())[{}].case, {!r})"
)
_BUS1: Final = _System(
    tuple(bus1.rows()), bus1.table, BUS1_HEADINGS, "starved", "bus1.replay(list(bus1.rows())[{}].attack, {!r})"
)


@neighbours.command("capnp", epilog="Example: xous-sim neighbours capnp --json")
def capnp_table(as_json: Json = False, max_states: MaxStates = None) -> None:
    """Explores Cap'n Proto's limits on calls in flight, and says which can deadlock."""
    _run(_CAPNP, as_json=as_json, max_states=max_states)


@neighbours.command("bus1", epilog="Example: xous-sim neighbours bus1 --json")
def bus1_table(as_json: Json = False, max_states: MaxStates = None) -> None:
    """Explores bus1's ways to account, and says who can starve whom."""
    _run(_BUS1, as_json=as_json, max_states=max_states)


def _run(system: _System, *, as_json: bool, max_states: int | None) -> None:
    known: list[RowResult[Any]] = []

    def show_known() -> None:
        order = {row: place for place, row in enumerate(system.rows)}
        _show(system, sorted(known, key=lambda result: order[result.row]), as_json=as_json)

    with interruptible(show_known), counted("exploring", len(system.rows)) as done:

        def row_done(result: RowResult[Any]) -> None:
            known.append(result)
            done()

        results = system.explore(max_states=max_states, progress=row_done)
    _show(system, results, as_json=as_json)
    if any(result.exploration.exhausted is not None for result in results):
        raise typer.Exit(INCOMPLETE)


def _show(system: _System, results: Results, *, as_json: bool) -> None:
    if as_json:
        print_json([result.as_json() for result in results])
        return
    console = output()
    for part in neighbour_table(results, system.headings, console):
        console.print(part)
    shows = (result for result in results if system.told in [finding.property for finding in result.findings])
    _tell(system, next(shows, None), console)


def _tell(system: _System, result: RowResult[Any] | None, console: Console) -> None:
    """The shortest counterexample of a row, step by step."""
    if result is None or result.counterexample is None:
        return
    console.print()
    cells = ", ".join(cell for cell in result.row.cells if cell)
    console.print(f"How the first of these goes wrong ({cells}), in as few steps as can be:")
    console.print(str(result.counterexample.trace), soft_wrap=True)
    module = system.replay.partition(".")[0]
    line = system.replay.format(system.rows.index(result.row), result.counterexample.schedule)
    console.print(f"Replay it with:\n  from xous_sim.neighbours import {module}\n  {line}", soft_wrap=True)
