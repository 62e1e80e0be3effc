"""Where the commands print: tables and sentences to stdout, progress to stderr, JSON to stdout alone."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Never, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_PIPE_WIDTH: Final = 120
"""Columns where there is no terminal that could be too narrow."""
_LINE_INTERVAL: Final = 5.0
"""Seconds between two plain lines of progress."""


class ReaderGoneError(Exception):
    """Whoever read the output went away; the command ends, and says so by its status."""


class _Output(Console):
    """A console whose reader may go away."""

    def on_broken_pipe(self) -> Never:
        raise ReaderGoneError


_kept: TextIO | None = None
"""Where results go if nothing else may go there."""


def keep_stdout_for_results() -> None:
    """From now on stdout has results only: what a scenario prints, or a program that it starts, goes to stderr."""
    global _kept
    if _kept is None:
        sys.stdout.flush()
        _kept = open(os.dup(1), "w", encoding=sys.stdout.encoding)  # noqa: SIM115 - it is open to the end
        os.dup2(2, 1)


def output() -> Console:
    """The console for results."""
    stream = _kept or sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else _PIPE_WIDTH
    return _Output(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def print_text(text: str) -> None:
    """Prints text as it stands; what the terminal's encoding cannot say is replaced."""
    stream = _kept or sys.stdout
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        raise ReaderGoneError from None


def print_json(value: object) -> None:
    """Prints a value as JSON and nothing else."""
    print_text(json.dumps(value, indent=2) + "\n")


@contextmanager
def counted(description: str, total: int) -> Iterator[Callable[[], None]]:
    """Progress of so many parts on stderr, and whom to tell that one is done: a bar, or a plain line now and then."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        yield _Lines(description, total, console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(description, total=total)
        yield lambda: bar.advance(task)


class _Lines:
    """Prints a line when the last one is a while ago."""

    def __init__(self, description: str, total: int, console: Console) -> None:
        self._description = description
        self._total = total
        self._console = console
        self._done = 0
        self._next = time.monotonic() + _LINE_INTERVAL

    def __call__(self) -> None:
        self._done += 1
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _LINE_INTERVAL
            self._console.print(f"{self._description}: {self._done} of {self._total}", soft_wrap=True)
