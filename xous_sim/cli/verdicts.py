"""``xous-sim verdicts``: the verdict table, then one counterexample step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from .._view.story import story
from .._view.verdict_table import verdict_table
from ..verdicts import RowResult, changed_by_memory, rows
from ..verdicts import verdicts as explore_all
from ..world import MemoryModel
from .console import counted, output, print_json
from .interrupting import interruptible
from .options import Json
from .status import INCOMPLETE

MaxStates = Annotated[
    int | None,
    typer.Option("--max-states", min=1, help="Distinct states of an exploration at most; by default no limit."),
]


MemoryOption = Annotated[
    MemoryModel,
    typer.Option(
        "--memory",
        help="sc: every load reads the newest store. c11: it may read an older one where C11 allows that; programs of "
        "two clients only, and a comparison with sc.",
    ),
]


def verdicts(as_json: Json = False, max_states: MaxStates = None, memory: MemoryOption = "sc") -> None:
    """Explores every connection idiom on every kernel, and says which are sound."""
    known: list[RowResult] = []
    total = len(list(rows(memory=memory)))
    with interruptible(lambda: _show(_in_order(known), as_json=as_json)), counted("exploring", total) as done:

        def row_done(result: RowResult) -> None:
            known.append(result)
            done()

        results = explore_all(memory=memory, max_states=max_states, progress=row_done)
    _show(results, as_json=as_json)
    if memory == "c11" and not as_json:
        with interruptible(lambda: None):
            _compare(results, max_states, output())
    if any(result.verdict == "incomplete" for result in results):
        raise typer.Exit(INCOMPLETE)


def _in_order(results: Sequence[RowResult]) -> list[RowResult]:
    """Results in the order of the table, whichever was there first."""
    memory = results[0].row.memory if results else "sc"
    order = {row: place for place, row in enumerate(rows(memory=memory))}
    return sorted(results, key=lambda result: order[result.row])


def _show(results: Sequence[RowResult], *, as_json: bool) -> None:
    if as_json:
        print_json([result.as_json() for result in results])
        return
    console = output()
    if not results:
        console.print("no program was explored completely by then")
        return
    for part in verdict_table(results, console):
        console.print(part)
    _tell(results, console)


def _compare(results: list[RowResult], max_states: int | None, console: Console) -> None:
    """What a strong machine says otherwise."""
    console.print()
    changed = changed_by_memory(results, max_states=max_states)
    console.print(
        f"Of these {len(results)} programs, {len(changed)} have another verdict where loads read the newest store."
    )
    for weak, strong in changed:
        row = weak.row
        std = "with" if row.std_shadow else "without"
        program = f"{row.idiom.title}, {row.connect}, {row.slots} slots, {std} std"
        console.print(f"  {program}: {_outcome(weak)}, not {_outcome(strong)}")


def _outcome(result: RowResult) -> str:
    return result.violation or result.verdict


def _tell(results: Sequence[RowResult], console: Console) -> None:
    """The story of the simplest program of the table, if it went wrong."""
    result = results[0]
    if not result.exploration.counterexamples:
        return
    row = result.row
    console.print()
    console.print(
        f"How it goes wrong, {row.idiom.title}: {row.clients} clients, connect as today, {row.slots} slots. This is a "
        "shortest schedule that violates a property."
    )
    for line in story(result.exploration.counterexamples[0]):
        console.print(line)
    line = repr(result.exploration.schedule)
    if row.memory != "sc":
        line += f", memory={row.memory!r}"
    console.print(
        "Replay it with:\n  import xous_sim as xs\n  from xous_sim.idioms import IDIOMS\n"
        "  from xous_sim.verdicts import verdict_scenario\n"
        f"  xs.replay(verdict_scenario(IDIOMS[{row.idiom.name!r}], {row.clients}), {line})",
        soft_wrap=True,
    )
