"""The progress of an exploration on stderr: a bar on a terminal, a plain line now and then where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from ..progress import Progress, Told
from .sentences import counted, rounded

_LINE_INTERVAL: Final = 5.0
"""Seconds between two plain lines."""
_BAR: Final = 10
_BESIDE_WORDS: Final = _BAR + len(" ") + len(" 00:00:00")
"""Columns that a bar takes beside the words."""


@contextmanager
def displayed(name: str) -> Iterator[Told]:
    """A display of the exploration of ``name``, and whom to tell."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if console.is_terminal:
        with bar(console) as shown:
            task = shown.add_task(name, total=None)
            room = max(console.width - _BESIDE_WORDS, 1)

            def tell(now: Progress) -> None:
                shown.update(task, completed=now.done, total=now.estimated_total, description=in_words(now, room))

            yield tell
    else:
        yield _Lines(name, console)


def bar(console: Console) -> Bar:
    """A bar with the words beside it, and the time behind them."""
    columns = (BarColumn(bar_width=_BAR), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    return Bar(*columns, console=console, transient=True)


class _Lines:
    """Prints a line when the last one is a while ago."""

    def __init__(self, name: str, console: Console) -> None:
        self._name = name
        self._console = console
        self._next = _LINE_INTERVAL

    def __call__(self, now: Progress) -> None:
        if now.seconds >= self._next:
            self._next = now.seconds + _LINE_INTERVAL
            self._console.print(f"{self._name}: {in_words(now)}, {now.seconds:.0f} s", soft_wrap=True)


def in_words(now: Progress, room: int | None = None) -> str:
    """Numbers as a reader wants them; where there is little room, what matters least is left out."""
    words = _by_importance(now)
    text = ", ".join(words.values())
    for least in sorted(words, reverse=True)[:-1]:
        if room is None or len(text) <= room:
            break
        del words[least]
        text = ", ".join(words.values())
    return text


def _by_importance(now: Progress) -> dict[int, str]:
    """What there is to say, in the order of reading; 0 matters most."""
    words = {0: counted(now.done, "state" if now.states else "schedule"), 3: f"{now.rate:,.0f} a second"}
    if now.frontier:
        words[4] = f"{now.frontier:,} waiting"
    if now.estimated_total is not None:
        words[1] = f"about {rounded(now.estimated_total)} in all"
    if now.eta_seconds is not None:
        words[2] = f"{_duration(now.eta_seconds)} left"
    return words


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{rounded(seconds / 3600)} h"
