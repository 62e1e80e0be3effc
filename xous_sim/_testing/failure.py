"""How pytest tells of a failed exploration: what is wrong, the steps with their source lines, the command that replays.

Fits any width from 40 columns up. Only the command is never broken, so that it can be copied. Left out: connection maps
that a step leaves as they were.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, final

import pytest

from .._view.sentences import amount, counted
from .rehearsal import Printed
from .story import Line, Paragraph, story

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
        printed: What the bodies print on the way.
    """

    exploration: Exploration
    command: str | None
    folder: Path
    place: tuple[str, int]
    printed: Sequence[Printed] = ()

    @classmethod
    def of(cls, item: pytest.Function, found: Exploration, printed: Sequence[Printed] = ()) -> Self:
        path, line, _ = item.reportinfo()
        place = os.fspath(path), line or 0
        return cls(found, _command(item, found), item.config.invocation_params.dir, place, printed)

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

    def told(self) -> Told:
        """The same for pytest, which prints it."""
        path, line = self.place
        return Told(_Crash(path, line, self.summary), list(self._paragraphs()))

    def _paragraphs(self) -> Iterator[Paragraph]:
        yield from _unindented(self.headline, "wrong")
        if self.exploration.violation is None:
            yield from (Paragraph(), Paragraph("", _INCOMPLETE))
            return
        assert self.exploration.trace is not None, "what is violated has a trace"
        yield from (Paragraph("", _size(self.exploration), "aside"), Paragraph())
        yield from story(self.exploration.trace, self.folder, self.printed)
        yield from (Paragraph(), Paragraph("", "replay it:"))
        yield Paragraph("", self.command or "", "command", whole=True)


_INCOMPLETE: Final = (
    "Not every interleaving was covered, so this is no proof. Give the search more room, make the scenario smaller, or "
    "accept that with @pytest.mark.interleavings(allow_incomplete=True)."
)


def _size(found: Exploration) -> str:
    steps, preemptions = len(found.trace or ()), found.preemptions or 0
    explored = f"; {amount(found)} explored" if found.states or found.schedules else ""
    return f"({counted(steps, 'step')}, {counted(preemptions, 'preemption')}{explored})"


def _unindented(text: str, kind: str = "") -> list[Paragraph]:
    """Paragraphs; lines of a traceback stay whole, because terminals and editors look for file names in them."""
    return [Paragraph("", line, kind, whole=line.startswith(" ")) for line in text.splitlines()]


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
    """A failed exploration as pytest prints it.

    Attributes:
        reprcrash: What pytest's summary and JUnit's message are made of.
        paragraphs: What is told, in any width.
    """

    reprcrash: _Crash
    paragraphs: list[Paragraph]

    @classmethod
    def received(cls, sent: Sendable) -> Self:
        """What :meth:`sendable` made."""
        crash, paragraphs = sent
        return cls(_Crash(*crash), [Paragraph(*fields) for fields in paragraphs])

    def sendable(self) -> Sendable:
        """The same of lists and texts, which cross between the processes of pytest-xdist."""
        return list(self.reprcrash), [list(astuple(paragraph)) for paragraph in self.paragraphs]

    def lines(self, width: int) -> list[Line]:
        """The lines on a terminal that is so wide."""
        used = max(_NARROWEST, min(width, _WIDEST))
        return [line for paragraph in self.paragraphs for line in paragraph.fitted(used)]

    def toterminal(self, writer: Any) -> None:
        for line in self.lines(writer.fullwidth):
            writer.line(line.text, **_STYLES.get(line.kind, {}))

    def __str__(self) -> str:
        return "\n".join(line.text for line in self.lines(80))


Sendable = tuple[list[Any], list[list[Any]]]
"""Where pytest says that a test failed, and the fields of paragraphs."""


def retell(report: pytest.TestReport, call: pytest.CallInfo[None]) -> None:
    """Puts what an exploration found in the place of a traceback."""
    error = None if call.excinfo is None else call.excinfo.value
    if isinstance(error, InterleavingFailed):
        told = error.found.told()
        for note in getattr(error, "__notes__", []):
            told.paragraphs.extend([Paragraph(), *(Paragraph("", line, whole=True) for line in note.splitlines())])
        report.longrepr = told  # type: ignore[assignment]  # pytest prints whatever prints itself
