"""Ploom: every schedule of Python threads that use its primitives, each in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import final

from . import pythons
from .command import json_row
from .peer import PROGRAMS, Case, Row


@final
class Ploom:
    """Ploom's depth-first search, without a bound on preemptions."""

    name = "ploom"

    def __init__(self, home: Path) -> None:
        self._home = home

    def install(self) -> None:
        pythons.install("ploom", self._home)

    def available(self) -> bool:
        return pythons.installed("ploom", self._home)

    def run(self, case: Case, limit_seconds: float) -> Row:
        command = [pythons.python(self._home), PROGRAMS / "ploom_race.py", *case.arguments(limit_seconds)]
        return json_row(self.name, "schedules", case, command, limit_seconds)
