"""SPIN: the model checker for Promela, with its partial-order reduction.

The model is translated and compiled before the clock starts. Its hash table is given a size that fits the number of
clients, because clearing a large one takes longer than searching a small model.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import final

from .command import last_line, run
from .peer import PROGRAMS, Case, Row, Verdict

MOST_MEGABYTES = 6_000
MOST_STEPS = 10_000
TABLE_BITS = {2: 18, 3: 18, 4: 20, 5: 20, 6: 22}
"""The size of the hash table by number of clients."""


@final
class Spin:
    """SPIN's depth-first search, with or without its partial-order reduction."""

    def __init__(self, *, reduction: bool) -> None:
        self._reduction = reduction
        self.name = "SPIN, partial-order reduction" if reduction else "SPIN, no reduction"

    def install(self) -> None:
        """Installs Debian's package, which only root can do."""
        if self.available():
            return
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            raise FileNotFoundError("no spin, and no root with apt-get to install it")
        subprocess.run(["apt-get", "install", "--yes", "spin"], check=True, capture_output=True)

    def available(self) -> bool:
        return shutil.which("spin") is not None and shutil.which("gcc") is not None

    def run(self, case: Case, limit_seconds: float) -> Row:
        with TemporaryDirectory() as folder:
            self._compile(case, Path(folder))
            command = ["./pan", f"-m{MOST_STEPS}", f"-w{TABLE_BITS.get(case.clients, 26)}"]
            started = time.perf_counter()
            finished = run(command, limit_seconds, ending=signal.SIGINT, directory=Path(folder))
            return self._row(case, finished.output, finished.interrupted, time.perf_counter() - started)

    def count(self, case: Case, limit_seconds: float) -> int:
        """How many states there are, also where sends fail."""
        with TemporaryDirectory() as folder:
            self._compile(case, Path(folder))
            finished = run(["./pan", f"-m{MOST_STEPS}", "-c0"], limit_seconds, directory=Path(folder))
            return self._row(case, finished.output, finished.interrupted, 0.0).explored or 0

    def _compile(self, case: Case, folder: Path) -> None:
        model = PROGRAMS / "refcount_race.pml"
        sizes = [f"-DN={case.clients}", f"-DROUNDS={case.rounds}", *(["-DFIXED"] if case.fixed else [])]
        options = ["-O2", "-DSAFETY", f"-DMEMLIM={MOST_MEGABYTES}", *([] if self._reduction else ["-DNOREDUCE"])]
        subprocess.run(["spin", *sizes, "-a", str(model)], cwd=folder, check=True, capture_output=True)
        subprocess.run(["gcc", *options, "-o", "pan", "pan.c"], cwd=folder, check=True, capture_output=True)

    def _row(self, case: Case, output: str, interrupted: bool, seconds: float) -> Row:
        stored = re.search(r"(\d+(?:\.\d+)?(?:e\+\d+)?) states, stored", output)
        errors = re.search(r"errors: (\d+)", output)
        if stored is None or errors is None:
            return Row(self.name, case, "failed", note=last_line(output))
        complete = not interrupted and "Search not completed" not in output
        verdict: Verdict = "violated" if errors[1] != "0" else "sound" if complete else "incomplete"
        return Row(self.name, case, verdict, int(float(stored[1])), "states", seconds)
