"""A trace as a story: who acts, what comes of it, and the line of the source that asks for it.

Steps of one thread in a row stand under its name. A name says so where another thread was stopped that could have gone
on: that is where to look. Left out: connection maps that did not change.
"""

from __future__ import annotations

import linecache
import os
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from ..trace import Step, Trace
from .rehearsal import Printed

_INDENT: Final = " " * 6


Slots = tuple[tuple[str, int, str | None], ...]
"""Connections in use: process, CID, server."""


@final
@dataclass(frozen=True)
class Line:
    """A line, and what kind of line it is: ``wrong``, ``thread``, ``preempts``, ``source``, ``aside``, ``command``."""

    text: str = ""
    kind: str = ""


@final
@dataclass(frozen=True)
class Paragraph:
    """A line that may be broken, unless it is ``whole``; what follows is indented as ``hanging`` says."""

    first: str = ""
    text: str = ""
    kind: str = ""
    hanging: str = ""
    whole: bool = False

    def fitted(self, width: int) -> list[Line]:
        """The lines that it takes; an empty one is a line too."""
        if self.whole or not self.text:
            return [Line(f"{self.first}{self.text}", self.kind)]
        wrapped = textwrap.wrap(
            self.text,
            width,
            initial_indent=self.first,
            subsequent_indent=self.hanging,
            break_on_hyphens=False,
            break_long_words=False,
        )
        return [Line(line, self.kind) for line in wrapped]


def story(trace: Trace, folder: Path, printed: Sequence[Printed] = ()) -> Iterator[Paragraph]:
    """A trace, paragraph by paragraph; file names are relative to ``folder``."""
    begun = [Paragraph("", f"{line.thread} prints: {line.text}", "aside", "  ") for line in printed if not line.step]
    yield from begun
    before: Step | None = None
    begin = None if trace.loop is None else len(trace) - len(trace.loop)
    for number, step in enumerate(trace):
        if number == begin:
            yield Paragraph("", "these steps repeat for ever:", "preempts")
        if before is None or step.thread != before.thread or step.preempts:
            yield _entrance(step, before)
        yield from _told(number + 1, step, () if before is None else before.connections, folder)
        for line in printed:
            if line.step == number + 1:
                who = "" if line.thread == step.thread else f"{line.thread} "
                yield Paragraph(_INDENT, f"{who}prints: {line.text}", "aside", _INDENT + "  ")
        before = step


def _entrance(step: Step, before: Step | None) -> Paragraph:
    if step.preempts and before is not None:
        return Paragraph("", f"{step.thread}, while {before.thread} could go on", "preempts", "  ")
    return Paragraph("", step.thread, "thread")


def _told(number: int, step: Step, before: Slots, folder: Path) -> Iterator[Paragraph]:
    came = f" -> {step.result}" if step.result else ""
    yield Paragraph(f"{number:>4}  ", f"{step.operation}{came}", hanging=_INDENT + "  ")
    if step.source not in ("", "?"):
        yield Paragraph(_INDENT, _source(step.source, folder), "source", _INDENT + "  ")
    if step.connections != before:
        yield Paragraph(_INDENT, f"connections now: {_connections(step)}", "aside", _INDENT + "  ")


def _source(place: str, folder: Path) -> str:
    """File, line and the line's text."""
    name, _, number = place.rpartition(":")
    if not number.isdigit():
        return place
    shown = os.path.relpath(name, folder) if Path(name).is_relative_to(folder) else name
    text = linecache.getline(name, int(number)).strip()
    return f"{shown}:{number}: {text}" if text else f"{shown}:{number}"


def _connections(step: Step) -> str:
    several = len({process for process, _, _ in step.connections}) > 1
    slots = [
        f"{f'{process} ' if several else ''}{cid} {server or 'tombstone'}" for process, cid, server in step.connections
    ]
    return ", ".join(slots) or "none"
