"""``xous-sim census``: what can happen to the connections of real Xous libraries."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer

from .._view.census_table import census_schedules, census_table
from ..census import Census, CensusError, load, pairs, take_census
from .console import counted, output, print_json
from .interrupting import interruptible
from .options import Json
from .status import INCOMPLETE
from .verdicts import MaxStates

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
    known: dict[int, Census] = {}
    with interruptible(lambda: _show([known[place] for place in sorted(known)], as_json=as_json)):
        _explore(processes, max_states, known)
    found = [known[place] for place in sorted(known)]
    _show(found, as_json=as_json)
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


def _explore(processes: Sequence[tuple[str, ...]], max_states: int | None, known: dict[int, Census]) -> None:
    """Explores several processes at a time; what is done is entered by its place."""

    def work(place: int) -> None:
        known[place] = take_census(processes[place], max_states=max_states)
        done()

    with counted("exploring", len(processes)) as done:
        pool = ThreadPoolExecutor(os.cpu_count() or 1)
        try:
            list(pool.map(work, range(len(processes))))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _show(found: Sequence[Census], *, as_json: bool) -> None:
    if as_json:
        print_json([one.as_json() for one in found])
        return
    console = output()
    if not found:
        console.print("no process was explored completely by then")
        return
    for part in census_table(found, console):
        console.print(part)
    console.print()
    for line in census_schedules(found):
        console.print(line, soft_wrap=True)
