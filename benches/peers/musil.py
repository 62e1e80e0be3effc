"""Musil: every state of a state machine that is written in Python."""

from __future__ import annotations

from pathlib import Path
from typing import final

from . import pythons
from .command import json_row, last_json, run
from .peer import PROGRAMS, Case, Row


@final
class Musil:
    """Musil's breadth-first search, with or without the symmetry that the author of the model declares."""

    def __init__(self, home: Path, *, symmetry: bool) -> None:
        self._home = home
        self._strategy = "symmetry" if symmetry else ""
        self.name = "musil, symmetry" if symmetry else "musil"

    def install(self) -> None:
        pythons.install("musil", self._home)

    def available(self) -> bool:
        return pythons.installed("musil", self._home)

    def run(self, case: Case, limit_seconds: float) -> Row:
        command = [pythons.python(self._home), PROGRAMS / "musil_race.py", *case.arguments(limit_seconds)]
        return json_row(self.name, "states", case, [*command, self._strategy], limit_seconds)

    def count(self, case: Case, limit_seconds: float) -> tuple[int, int, int]:
        """How many states and schedules there are, and how many schedules fail."""
        command = [pythons.python(self._home), PROGRAMS / "musil_race.py", *case.arguments(limit_seconds), "paths"]
        told = last_json(run(command, limit_seconds))
        return told["states"], told["schedules"], told["failing"]
