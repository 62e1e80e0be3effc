"""How pytest tells of a failed exploration: what is wrong, the steps with their source lines, the command that replays.

Fits any width from 40 columns up. Only the command is never broken, so that it can be copied. Left out: connection maps
that a step leaves as they were.
"""

from __future__ import annotations

import os
import shlex
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, final

import pytest

from .._view.sentences import amount, counted
from .story import Line, story

if TYPE_CHECKING:
    from ..result import Exploration

_NARROWEST: Final = 30
_WIDEST: Final = 100
"""Columns that are used at most; longer lines are hard to read."""


@final
@dataclass(frozen=True)
class Found:
    """What a failed test tells.

    Attributes:
        exploration: What was found.
        command: The command that follows the counterexample again; ``None`` if there is none.
        folder: What file names are relative to.
        place: The test's file and line.
    """

    exploration: Exploration
    command: str | None
    folder: Path
    place: tuple[str, int]

    @classmethod
    def of(cls, item: pytest.Function, found: Exploration) -> Self:
        path, line, _ = item.reportinfo()
        return cls(found, _command(item, found), item.config.invocation_params.dir, (os.fspath(path), line or 0))

    @property
    def headline(self) -> str:
        """What is wrong; an exception comes with its traceback, on lines of its own."""
        violation = self.exploration.violation
        return str(violation or self.exploration).replace(":   File ", ":\n  File ")

    @property
    def summary(self) -> str:
        """What is wrong, in a line."""
        first, *others = self.headline.splitlines()
        raised = next((line for line in others if not line.startswith(" ")), None)
        if self.exploration.violation is None or raised is None:
            return first
        return f"{self.exploration.violation.property}: {raised}"

    def lines(self, width: int) -> list[Line]:
        """What is told, line by line."""
        if self.exploration.violation is None:
            return [*_wrapped(self.headline, width, "wrong"), Line(), *_wrapped(_INCOMPLETE, width)]
        assert self.exploration.trace is not None, "what is violated has a trace"
        told = [*_wrapped(self.headline, width, "wrong"), *_wrapped(_size(self.exploration), width, "aside"), Line()]
        told += [line for step in story(self.exploration.trace, self.folder) for line in step.fitted(width)]
        return [*told, Line(), Line("replay it:"), Line(self.command or "", "command")]


_INCOMPLETE: Final = (
    "Not every interleaving was covered, so this is no proof. Give the search more room, make the scenario smaller, or "
    "accept that with @pytest.mark.interleavings(allow_incomplete=True)."
)


def _size(found: Exploration) -> str:
    steps, preemptions = len(found.trace or ()), found.preemptions or 0
    explored = f"; {amount(found)} explored" if found.states or found.schedules else ""
    return f"({counted(steps, 'step')}, {counted(preemptions, 'preemption')}{explored})"


def _wrapped(text: str, width: int, kind: str = "") -> list[Line]:
    lines = [part for line in text.splitlines() for part in _broken(line, width)]
    return [Line(line, kind) for line in lines]


def _broken(line: str, width: int) -> list[str]:
    """A line in pieces; lines of a traceback stay whole, because terminals and editors look for file names in them."""
    if line.startswith(" "):
        return [line]
    return textwrap.wrap(line, width, break_on_hyphens=False, break_long_words=False) or [""]


def _command(item: pytest.Function, found: Exploration) -> str | None:
    if found.schedule is None:
        return None
    path = os.path.relpath(item.path, item.config.invocation_params.dir)
    test = f"{path}::{item.nodeid.partition('::')[2]}"
    return f"pytest {shlex.quote(test)} --xous-replay {shlex.quote(found.schedule)}"


@final
class InterleavingFailed(Exception):
    """A marked test has an interleaving that violates something, or was not explored to the end."""

    def __init__(self, found: Found) -> None:
        super().__init__(found.headline)
        self.found = found


class _Crash(NamedTuple):
    """Where pytest says that a test failed, and what it says in its summary."""

    path: str
    lineno: int
    message: str


_STYLES: Final[dict[str, dict[str, bool]]] = {
    "wrong": {"red": True, "bold": True},
    "thread": {"bold": True},
    "preempts": {"yellow": True, "bold": True},
    "source": {"cyan": True},
    "aside": {"light": True},
    "command": {"bold": True},
}


@final
@dataclass(frozen=True)
class Told:
    """A failed exploration as pytest prints it."""

    found: Found
    notes: list[str] = field(default_factory=list)

    @property
    def reprcrash(self) -> _Crash:
        """What pytest's summary and JUnit's message are made of."""
        return _Crash(*self.found.place, self.found.summary)

    def _lines(self, width: int) -> list[Line]:
        noted = [Line(line) for note in self.notes for line in ("", *note.splitlines())]
        return [*self.found.lines(max(_NARROWEST, min(width, _WIDEST))), *noted]

    def toterminal(self, writer: Any) -> None:
        for line in self._lines(writer.fullwidth):
            writer.line(line.text, **_STYLES.get(line.kind, {}))

    def __str__(self) -> str:
        return "\n".join(line.text for line in self._lines(80))


def retell(report: pytest.TestReport, call: pytest.CallInfo[None]) -> None:
    """Puts what an exploration found in the place of a traceback."""
    error = None if call.excinfo is None else call.excinfo.value
    if isinstance(error, InterleavingFailed):
        report.longrepr = Told(error.found, getattr(error, "__notes__", []))  # type: ignore[assignment]
