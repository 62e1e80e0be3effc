"""The progress of an exploration on stderr: a bar on a terminal, a plain line now and then where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from ..progress import Progress, Told

_LINE_INTERVAL: Final = 5.0
"""Seconds between two plain lines."""


@contextmanager
def displayed(name: str) -> Iterator[Told]:
    """A display of the exploration of ``name``, and whom to tell."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if console.is_terminal:
        with _bar(console) as bar:
            task = bar.add_task(name, total=None)
            yield lambda now: bar.update(task, completed=now.done, total=now.estimated_total, description=in_words(now))
    else:
        yield _Lines(name, console)


def _bar(console: Console) -> Bar:
    columns = (BarColumn(bar_width=20), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
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


def in_words(now: Progress) -> str:
    """Numbers as a reader wants them."""
    noun = "states" if now.states else "schedules"
    words = [f"{now.done:,} {noun}", f"{now.rate:,.0f} a second"]
    if now.frontier:
        words.append(f"{now.frontier:,} waiting")
    if now.estimated_total is not None:
        words.append(f"about {now.estimated_total:,.0f} in all")
    if now.eta_seconds is not None:
        words.append(f"{_duration(now.eta_seconds)} left")
    return ", ".join(words)


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:,.0f} h"
