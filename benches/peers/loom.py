"""Loom: every execution of threads under Rust's memory model, reduced dynamically."""

from __future__ import annotations

from pathlib import Path
from typing import final

from . import crates
from .command import json_row
from .peer import Case, Row

MOST_CLIENTS = 4
"""Loom has room for 5 threads, and the one that starts the clients is one of them."""


@final
class Loom:
    """Loom's only search."""

    name = "loom"

    def __init__(self, home: Path) -> None:
        self._home = home

    def install(self) -> None:
        crates.build("loom", self._home)

    def available(self) -> bool:
        return crates.executable("loom", self._home).exists()

    def run(self, case: Case, limit_seconds: float) -> Row:
        if case.clients > MOST_CLIENTS:
            return Row(self.name, case, "not run", note=f"it takes {MOST_CLIENTS} clients at most")
        command = [crates.executable("loom", self._home), *case.arguments(limit_seconds)]
        return json_row(self.name, "schedules", case, command, limit_seconds)
