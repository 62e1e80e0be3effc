"""Prints what was measured, and puts it into a page of documentation, between comments that name the measurement.

Nothing between the comments is written by hand.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

WIDTH = 150
"""Columns where the output is no terminal: enough for all tables."""


def console() -> Console:
    """Where the benchmark prints. What it prints is not marked up."""
    return Console(width=None if sys.stdout.isatty() else WIDTH, markup=False, highlight=False)


def table(title: str, header: Sequence[str], lines: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> Table:
    """A table for the console."""
    shown = Table(title=title)
    for name in header:
        shown.add_column(name, justify="right" if name in right else "left")
    for line in lines:
        shown.add_row(*line)
    return shown


def put(page: Path, name: str, text: str) -> None:
    """Replaces what stands between the comments ``<!-- name -->`` and ``<!-- end of name -->``.

    Raises:
        ValueError: If the page has no such comments.
    """
    old = page.read_text("utf-8")
    new, times = re.subn(
        f"(?s)(<!-- {name} -->\n).*?(<!-- end of {name} -->)", lambda found: f"{found[1]}{text}{found[2]}", old
    )
    if times != 1:
        raise ValueError(f"{page} must have the comments <!-- {name} --> and <!-- end of {name} --> once")
    page.write_text(new, "utf-8")


def markdown(header: Sequence[str], lines: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> str:
    """A table in Markdown."""
    rules = ["---:" if name in right else "---" for name in header]
    return "".join(f"| {' | '.join(map(cell, line))} |\n" for line in (header, rules, *lines))


def cell(text: str) -> str:
    """A text that does not end its cell."""
    return " ".join(text.replace("|", r"\|").split())


def ran_on(command: str) -> str:
    """The command, and where it ran."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"```sh\n{command}\n```\n\nOn {processor()}, {machine}:\n\n"


def processor() -> str:
    """The processor's name, where the system tells it."""
    told = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.*)$", told.read_text("utf-8"), re.MULTILINE) if told.exists() else None
    return found[1] if found else "an unnamed processor"
