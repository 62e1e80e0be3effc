"""Shuttle: schedules of threads of Rust, at random or all of them, without reduction."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, final

from . import crates
from .command import json_row, last_json, run
from .peer import Case, Row


@final
class Shuttle:
    """One of Shuttle's searches. A random one is no proof, so it is only given programs with a bug."""

    def __init__(self, home: Path, search: Literal["dfs", "random"]) -> None:
        self._home = home
        self._search = search
        self.name = "shuttle, depth first" if search == "dfs" else "shuttle, random"

    def install(self) -> None:
        crates.build("shuttle", self._home)

    def available(self) -> bool:
        return crates.executable("shuttle", self._home).exists()

    def run(self, case: Case, limit_seconds: float) -> Row:
        if case.fixed and self._search == "random":
            return Row(self.name, case, "not run", note="random schedules prove nothing")
        command = [crates.executable("shuttle", self._home), *case.arguments(limit_seconds), self._search]
        silent = {"SHUTTLE_SILENCE_WARNINGS": "1"}
        return json_row(self.name, "schedules", case, command, limit_seconds, environment=silent)

    def count(self, case: Case, limit_seconds: float) -> tuple[int, int]:
        """How many orders of acts there are, and how many of them fail; what happens under the lock is one act."""
        command = [crates.executable("shuttle", self._home), *case.arguments(limit_seconds), "count"]
        told = last_json(run(command, limit_seconds))
        return told["orders"], told["failing"]
