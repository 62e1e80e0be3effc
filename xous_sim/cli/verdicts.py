"""``xous-sim verdicts``: the verdict table, then one counterexample step by step."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import TaskID

from .._view.story import story
from .._view.verdict_table import verdict_table
from ..verdicts import RowResult, changed_by_memory, rows
from ..verdicts import verdicts as explore_all
from .console import output, print_json, progress

INCOMPLETE: Final = 3
"""The exit status when a row was not explored completely."""

Json = Annotated[bool, typer.Option("--json", help="Print a JSON array, an object a row, and nothing else.")]
MaxStates = Annotated[
    int | None,
    typer.Option("--max-states", min=1, help="Distinct states of an exploration at most; by default no limit."),
]


class Memory(StrEnum):
    """The memory models, as words of the command line."""

    sc = "sc"
    c11 = "c11"


MemoryOption = Annotated[
    Memory,
    typer.Option(
        "--memory",
        help="sc: every load reads the newest store. c11: it may read an older one where C11 allows that; programs of "
        "two clients only, and a comparison with sc.",
    ),
]


def verdicts(as_json: Json = False, max_states: MaxStates = None, memory: MemoryOption = Memory.sc) -> None:
    """Explores every connection idiom on every kernel, and says which are sound."""
    with progress("exploring", len(list(rows(memory=memory.value)))) as bar:
        results = explore_all(memory=memory.value, max_states=max_states, progress=lambda row: bar.advance(TaskID(0)))
    if as_json:
        print_json([result.as_json() for result in results])
    else:
        _show(results, output())
        if memory is Memory.c11:
            _compare(results, max_states, output())
    if any(result.verdict == "incomplete" for result in results):
        raise typer.Exit(INCOMPLETE)


def _show(results: list[RowResult], console: Console) -> None:
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


def _tell(results: list[RowResult], console: Console) -> None:
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
