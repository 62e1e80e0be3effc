"""The verdict table on a terminal: a table where it fits, indented lines where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..verdicts import RowResult
from .fitting import fits
from .folding import Folded, fold
from .sentences import several

_STYLE: Final = {"sound": "green", "violated": "red", "incomplete": "yellow"}


def verdict_table(results: Sequence[RowResult], console: Console) -> Iterator[RenderableType]:
    """What to print for ``results``."""
    lines = fold(results)
    table = _table(lines)
    if fits(table, console):
        yield table
    else:
        yield from _stacked(lines)
    yield Text(
        "sound: no interleaving of the bounded program violates a property. std: whether the program also uses std's "
        "cached connection to the same server. preemptions: of the shortest counterexample. Rows that agree are folded "
        "into one line; --json gives each."
    )


def _table(lines: Sequence[Folded]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("idiom", "connect", "slots", "std", "clients", "verdict"):
        table.add_column(heading, no_wrap=True)
    for heading in ("preemptions", "states", "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    title = ""
    for line in lines:
        table.add_row("" if line.title == title else line.title, *_cells(line))
        title = line.title
    return table


def _cells(line: Folded) -> tuple[str | Text, ...]:
    program = (line.connect, line.slots, line.std, line.clients)
    return (*program, _verdict(line), line.preemptions, line.states, line.seconds)


def _verdict(line: Folded) -> Text:
    return Text(line.verdict, style=_STYLE[line.results[0].verdict])


def _stacked(lines: Sequence[Folded]) -> Iterator[RenderableType]:
    title = ""
    for line in lines:
        if line.title != title:
            yield Text(line.title, style="bold")
        title = line.title
        text = Text(f"{line.connect}, slots {line.slots}, std {line.std}, clients {line.clients}: ")
        text.append_text(_verdict(line))
        preemptions = f"; {several(line.preemptions, 'preemption')}" if line.preemptions else ""
        text.append(f"{preemptions}; {several(line.states, 'state')}; {line.seconds} s")
        yield Padding(text, (0, 0, 0, 2))
