"""What a tool is to the benchmark: it can be installed, may be there, and explores a program within a limit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

PROGRAMS = Path(__file__).parents[1] / "programs"
"""Where the program is, in each tool's language."""

Verdict = Literal["sound", "violated", "incomplete", "failed", "not there", "not run"]
"""What came out: the first three are a tool's answer, the others say why there is none."""


@dataclass(frozen=True)
class Case:
    """A program and its size."""

    clients: int
    rounds: int
    fixed: bool

    @property
    def program(self) -> str:
        """The program's name."""
        return "fixed" if self.fixed else "buggy"

    def arguments(self, seconds: float) -> list[str | Path]:
        """The case as the programs take it on their command line."""
        return [str(self.clients), str(self.rounds), self.program, str(round(seconds))]


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        tool: Which tool, and which of its searches.
        case: What it explored.
        verdict: What came out.
        explored: How many states or schedules; ``None`` if that is not known.
        unit: ``"states"`` or ``"schedules"``.
        seconds: Wall-clock seconds of the search, without imports and compilation.
        note: Why there is no answer, or what to know about it.
    """

    tool: str
    case: Case
    verdict: Verdict
    explored: int | None = None
    unit: str = ""
    seconds: float | None = None
    note: str = ""


class Peer(Protocol):
    """A tool and one of its searches."""

    @property
    def name(self) -> str:
        """What the table calls it."""

    def install(self) -> None:
        """Installs the tool.

        Raises:
            OSError: If something that it needs is not there.
            subprocess.CalledProcessError: If its installation fails.
        """

    def available(self) -> bool:
        """Whether the tool can be run."""

    def run(self, case: Case, limit_seconds: float) -> Row:
        """Explores a case, for so many seconds at most."""
