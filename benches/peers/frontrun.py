"""Frontrun: DPOR over the bytecodes of Python threads."""

from __future__ import annotations

from pathlib import Path
from typing import final

from . import pythons
from .command import json_row
from .peer import PROGRAMS, Case, Row


@final
class Frontrun:
    """Frontrun's systematic search, without its preemption bound."""

    name = "frontrun, DPOR"

    def __init__(self, home: Path) -> None:
        self._home = home

    def install(self) -> None:
        pythons.install("frontrun", self._home)

    def available(self) -> bool:
        return pythons.installed("frontrun", self._home)

    def run(self, case: Case, limit_seconds: float) -> Row:
        python = pythons.python(self._home)
        script = [PROGRAMS / "frontrun_race.py", *case.arguments(limit_seconds)]
        return json_row(self.name, "schedules", case, [python.with_name("frontrun"), python, *script], limit_seconds)
