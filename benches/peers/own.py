"""The simulator in the form of the other tools: a call of ``explore`` by the clock, setup and tracing included."""

from __future__ import annotations

import time
from typing import Any, final

from race import program
from searches import explore, explore_in_rust

from .peer import Case, Row


@final
class Own:
    """One of the simulator's searches over the scenario in Python."""

    def __init__(self, name: str, strategy: str, **settings: Any) -> None:
        self.name = name
        self._strategy = strategy
        self._settings = settings

    def install(self) -> None: ...

    def available(self) -> bool:
        return True

    def run(self, case: Case, limit_seconds: float) -> Row:
        scenario = program(case.clients, case.rounds, fixed=case.fixed)
        settings = {**self._settings, "max_seconds": limit_seconds}
        started = time.perf_counter()
        found = explore(scenario, strategy=self._strategy, stop="first", **settings)
        seconds = time.perf_counter() - started
        if found is None:
            return Row(self.name, case, "not there")
        schedules: int | None = getattr(found, "schedules", None)
        if self._strategy != "Exhaustive" and schedules is not None:
            return Row(self.name, case, found.verdict, schedules, "schedules", seconds)
        return Row(self.name, case, found.verdict, found.states, "states", seconds)


@final
class OwnInRust:
    """The exhaustive search over the same idiom written in Rust. It knows no limit of time."""

    name = "xous_sim, idiom in Rust"

    def install(self) -> None: ...

    def available(self) -> bool:
        return True

    def run(self, case: Case, limit_seconds: float) -> Row:
        idiom = "mutex_guarded" if case.fixed else "refcounted_drop"
        started = time.perf_counter()
        found = explore_in_rust(idiom, case.clients, case.rounds, stop="first", symmetry=True)
        seconds = time.perf_counter() - started
        if found is None:
            return Row(self.name, case, "not there")
        return Row(self.name, case, found["verdict"], found["states"], "states", seconds)
