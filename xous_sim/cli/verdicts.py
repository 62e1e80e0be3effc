"""``xous-sim verdicts``: the verdict table, then one counterexample step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from .._view.story import story
from .._view.verdict_table import verdict_table
from ..verdicts import RowResult, rows
from ..verdicts import verdicts as explore_all
from .console import counted, output, print_json
from .interrupting import interruptible
from .options import Json
from .status import INCOMPLETE

MaxStates = Annotated[
    int | None,
    typer.Option("--max-states", min=1, help="Distinct states of an exploration at most; by default no limit."),
]


def verdicts(as_json: Json = False, max_states: MaxStates = None) -> None:
    """Explores every connection idiom on every kernel, and says which are sound."""
    known: list[RowResult] = []
    with (
        interruptible(lambda: _show(_in_order(known), as_json=as_json)),
        counted("exploring", len(list(rows()))) as done,
    ):

        def row_done(result: RowResult) -> None:
            known.append(result)
            done()

        results = explore_all(max_states=max_states, progress=row_done)
    _show(results, as_json=as_json)
    if any(result.verdict == "incomplete" for result in results):
        raise typer.Exit(INCOMPLETE)


def _in_order(results: Sequence[RowResult]) -> list[RowResult]:
    """Results in the order of the table, whichever was there first."""
    order = {row: place for place, row in enumerate(rows())}
    return sorted(results, key=lambda result: order[result.row])


def _show(results: Sequence[RowResult], *, as_json: bool) -> None:
    if as_json:
        print_json([result.as_json() for result in results])
        return
    console = output()
    for part in verdict_table(results, console):
        console.print(part)
    _tell(results, console)


def _tell(results: Sequence[RowResult], console: Console) -> None:
    """The story of the simplest program of the table, if it went wrong."""
    result = results[0] if results else None
    if result is None or not result.exploration.counterexamples:
        return
    row = result.row
    console.print()
    console.print(
        f"How it goes wrong, {row.idiom.title}: {row.clients} clients, connect as today, {row.slots} slots. This is a "
        "shortest schedule that violates a property."
    )
    for line in story(result.exploration.counterexamples[0]):
        console.print(line)
    console.print(
        "Replay it with:\n  import xous_sim as xs\n  from xous_sim.idioms import IDIOMS\n"
        "  from xous_sim.verdicts import verdict_scenario\n"
        f"  xs.replay(verdict_scenario(IDIOMS[{row.idiom.name!r}], {row.clients}), {result.exploration.schedule!r})",
        soft_wrap=True,
    )
