"""``xous-sim census``: what can happen to the connections of real Xous libraries."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import TaskID
from rich.table import Table

from ..census import BYSTANDER_SERVER, Census, CensusError, Finding, load, pairs, take_census
from ..result import Counterexample
from .console import output, print_json, progress
from .verdicts import INCOMPLETE, Json, MaxStates

Uses = Annotated[
    str | None,
    typer.Option(
        "--uses",
        metavar="NAME,NAME,...",
        help="What one process uses, such as net,std::net,pddb; a repeated name is another thread. By default every "
        "library together with the std service that shares its server.",
    ),
]


def census(uses: Uses = None, as_json: Json = False, max_states: MaxStates = None) -> None:
    """Says which connections of a process can be cut, or lead to the wrong server."""
    processes = [*pairs()] if uses is None else [_names(uses)]
    found = _explore(processes, max_states)
    if as_json:
        print_json([one.as_json() for one in found])
    else:
        _show(found, output())
    if not all(one.complete for one in found):
        raise typer.Exit(INCOMPLETE)


def _names(uses: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in uses.split(",") if name.strip())
    if not names:
        raise typer.BadParameter("name what the process uses, such as net,std::net", param_hint="--uses")
    inventory = load()
    for name in names:
        try:
            inventory.find(name)
        except CensusError as error:
            raise typer.BadParameter(str(error), param_hint="--uses") from error
    return names


def _explore(processes: Sequence[tuple[str, ...]], max_states: int | None) -> list[Census]:
    def work(uses: tuple[str, ...]) -> Census:
        one = take_census(uses, max_states=max_states)
        bar.advance(TaskID(0))
        return one

    with progress("exploring", len(processes)) as bar, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(work, processes))


def _show(found: Sequence[Census], console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for heading in ("connection", "used by", "severed", "misdelivered"):
        table.add_column(heading, overflow="fold")
    table.add_column("states", justify="right")
    for one in found:
        shown = [finding for finding in one.findings if finding.server != BYSTANDER_SERVER or _is_hit(finding)]
        for number, finding in enumerate(shown):
            states = f"{one.states:,}" if number == 0 else ""
            table.add_row(*_cells(one, finding), states, end_section=number == len(shown) - 1)
    console.print(table)
    console.print(
        "severed: a send through a live handle gets ServerNotFound. misdelivered: a message reaches another server "
        "than its handle was opened for, and nobody is told."
    )
    _show_schedules(found, console)


def _is_hit(finding: Finding) -> bool:
    return finding.severed is not None or finding.misdelivered is not None


def _cells(one: Census, finding: Finding) -> tuple[str, str, str, str]:
    return (
        finding.server.strip(),
        ", ".join(finding.users),
        _outcome(one, finding.severed),
        _outcome(one, finding.misdelivered),
    )


def _outcome(one: Census, counterexample: Counterexample | None) -> str:
    if counterexample is not None:
        return f"in {len(counterexample.trace)} steps"
    return "never" if one.complete else "not found, incomplete"


def _show_schedules(found: Sequence[Census], console: Console) -> None:
    console.print("\nShortest schedules; replay one with xs.replay(xous_sim.census.census_scenario(uses), schedule):")
    for one in found:
        console.print(f"uses = {list(one.uses)!r}")
        for finding in one.findings:
            for what, counterexample in (("severed", finding.severed), ("misdelivered", finding.misdelivered)):
                if counterexample is not None:
                    console.print(f"  {finding.server.strip()} {what}: {counterexample.schedule}")
