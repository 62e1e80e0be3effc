"""Checks that the tools are given the same program: what each can count must be what brute force counts.

States are counted without reductions, with locking and unlocking as steps. So are schedules, but for two differences:
the simulator's go on after a failing send, and in Shuttle what happens under the lock counts as one step. Loom,
frontrun and ploom count only what is left after their reductions, or far too slowly; their programs can be compared by
reading.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ground_truth import count
from page import console, markdown, put, table
from peers import Case, Musil, Shuttle, Spin
from race import program
from searches import explore
from side_by_side import options

HEADER = ("tool", "program", "clients", "rounds", "what", "counted", "brute force", "equal")
CASES = tuple(Case(clients, rounds, fixed) for fixed in (False, True) for clients in (2, 3) for rounds in (1, 2))


class Check(NamedTuple):
    """Something counted twice."""

    tool: str
    case: Case
    what: str
    counted: Any
    expected: Any

    def cells(self) -> tuple[str, ...]:
        """The check as it is printed."""
        equal = "yes" if self.counted == self.expected else "NO"
        size = (self.case.program, str(self.case.clients), str(self.case.rounds))
        return (self.tool, *size, self.what, shown(self.counted), shown(self.expected), equal)


def shown(counted: Any) -> str:
    """A number, or several, or why there is none."""
    numbers = counted if isinstance(counted, tuple) else (counted,)
    return " / ".join(f"{number:,}" if isinstance(number, int) else str(number) for number in numbers)


def own(case: Case) -> Iterator[Check]:
    """The simulator's states and, where that is soon done, schedules."""
    truth = count(case.clients, case.rounds, fixed=case.fixed)
    scenario = program(case.clients, case.rounds, fixed=case.fixed)
    states = explore(scenario, symmetry=False, reduction=False)
    if states is not None:
        yield Check("xous_sim", case, "states", states.states, truth.states)
    whole = count(case.clients, case.rounds, fixed=case.fixed, past_failures=True)
    few = whole.schedules < 100_000
    found = explore(scenario, strategy="Dfs", deepening=False) if few else None
    if found is not None:
        schedules: int | None = getattr(found, "schedules", None)
        yield Check("xous_sim, Dfs", case, "schedules", schedules, whole.schedules)


def spin(case: Case, limit_seconds: float) -> Check:
    """SPIN's states."""
    truth = count(case.clients, case.rounds, fixed=case.fixed)
    counted = attempt(Spin(reduction=False).count, case, limit_seconds)
    return Check("SPIN", case, "states", counted, truth.states)


def musil(tool: Musil, case: Case, limit_seconds: float) -> Check:
    """Musil's states, and the paths through their graph."""
    truth = count(case.clients, case.rounds, fixed=case.fixed)
    expected = (truth.states, truth.schedules, truth.failing)
    return Check("musil", case, "states / schedules / failing", attempt(tool.count, case, limit_seconds), expected)


def shuttle(tool: Shuttle, case: Case, limit_seconds: float) -> Check:
    """Shuttle's orders of acts."""
    truth = count(case.clients, case.rounds, fixed=case.fixed, sections=True)
    expected = (truth.schedules, truth.failing)
    return Check("shuttle", case, "schedules / failing", attempt(tool.count, case, limit_seconds), expected)


def attempt(counting: Callable[[Case, float], Any], case: Case, limit_seconds: float) -> Any:
    """What a tool counts, or how that fails."""
    try:
        return counting(case, limit_seconds)
    except (KeyError, ValueError, OSError, subprocess.CalledProcessError) as error:
        return f"failed: {type(error).__name__}"


def checks(home: Path, limit_seconds: float) -> Iterator[Check]:
    """All that can be counted by the tools that are there."""
    state_machines, schedules = Musil(home, symmetry=False), Shuttle(home, "dfs")
    for case in CASES:
        yield from own(case)
        if Spin(reduction=False).available():
            yield spin(case, limit_seconds)
        if state_machines.available():
            yield musil(state_machines, case, limit_seconds)
        if schedules.available() and (case.clients, case.rounds) == (2, 1):
            yield shuttle(schedules, case, limit_seconds)


def main() -> None:
    """Counts and prints."""
    given = options()
    lines = [check.cells() for check in checks(given.home, given.limit)]
    console().print(table("The same program in each tool", HEADER, lines))
    if given.page is not None:
        put(given.page, "same program", markdown(HEADER, lines))


if __name__ == "__main__":
    main()
