"""The census on a terminal: a table where it fits, indented lines where it does not; then the schedules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..census import BYSTANDER_SERVER, Census, Finding
from ..result import Counterexample
from .fitting import fits


def census_table(found: Sequence[Census], console: Console) -> Iterator[RenderableType]:
    """What to print for ``found``."""
    table = _table(found)
    if fits(table, console):
        yield table
    else:
        yield from _stacked(found)
    yield Text(
        "severed: a send through a live handle gets ServerNotFound. misdelivered: a message reaches another server "
        "than its handle was opened for, and nobody is told. never: no interleaving of the bounded program does it."
    )


def census_schedules(found: Sequence[Census]) -> Iterator[str]:
    """The lines that replay what was found."""
    yield "Shortest schedules; replay one with xs.replay(xous_sim.census.census_scenario(uses), schedule):"
    for one in found:
        yield f"uses = {list(one.uses)!r}"
        for finding in one.findings:
            for what, counterexample in (("severed", finding.severed), ("misdelivered", finding.misdelivered)):
                if counterexample is not None:
                    yield f"  {finding.server.strip()} {what}: {counterexample.schedule}"


def _table(found: Sequence[Census]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("connection", "used by", "severed", "misdelivered"):
        table.add_column(heading)
    table.add_column("states", justify="right")
    for one in found:
        shown = _shown(one)
        for number, finding in enumerate(shown):
            cells = (finding.server.strip(), ", ".join(finding.users))
            outcomes = (_outcome(one, finding.severed), _outcome(one, finding.misdelivered))
            states = f"{one.states:,}" if number == 0 else ""
            table.add_row(*cells, *outcomes, states, end_section=finding is shown[-1])
    return table


def _stacked(found: Sequence[Census]) -> Iterator[RenderableType]:
    for one in found:
        for finding in _shown(one):
            yield Text(f"{finding.server.strip()}, used by {', '.join(finding.users)}", style="bold")
            severed, misdelivered = _outcome(one, finding.severed), _outcome(one, finding.misdelivered)
            yield Padding(f"severed: {severed}; misdelivered: {misdelivered}", (0, 0, 0, 2))


def _shown(one: Census) -> list[Finding]:
    """The connections of the libraries and of std, and the bystander's if anything happens to it."""
    return [f for f in one.findings if f.server != BYSTANDER_SERVER or f.severed or f.misdelivered]


def _outcome(one: Census, counterexample: Counterexample | None) -> str:
    if counterexample is not None:
        return f"in {len(counterexample.trace)} steps"
    return "never" if one.complete else "not found, incomplete"
