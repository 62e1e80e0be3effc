"""Exploring by re-execution and the traced search follow the same schedules, on random programs.

Compared are how many schedules there are with few preemptions, which properties they violate, and all values of the
shared objects that any state on them shows. The two have the kernel in common, and nothing of how bodies are run.
HYPOTHESIS_PROFILE=nightly draws more programs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from hypothesis import HealthCheck, assume, given, settings

import xous_sim as xs
from programs.bodies import scenario
from programs.mortal import mortal_programs
from programs.syntax import Program, programs

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
MOST_SCHEDULES = 150
SETTINGS = settings(
    max_examples=5_000 if NIGHTLY else 100,
    deadline=None,
    derandomize=not NIGHTLY,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


@dataclass
class Found:
    """What a search finds."""

    schedules: int = 0
    exhausted: str | None = None
    violations: set[tuple[str, str]] = field(default_factory=set)
    seen: set[tuple[int, ...]] = field(default_factory=set)
    final: set[tuple[int, ...]] = field(default_factory=set)


def explored(program: Program, strategy: xs.Dfs | xs.Rerun) -> Found:
    """What a strategy finds."""
    found = Found()
    processes = ("app", "peer") if program.has_peer else ("app",)

    def look(state: xs.StateView) -> tuple[int, ...]:
        maps = [state.connection_map(process) for process in processes]
        return (*(int(state[name]) for name in ("a0", "a1", "cell")), *b"".join(maps))

    result = xs.explore(
        scenario(program),
        strategy,
        connect=program.connect,
        invariant=lambda state: found.seen.add(look(state)),
        finally_=lambda state: found.final.add(look(state)),
        stop="explored",
    )
    found.schedules, found.exhausted = result.schedules, result.exhausted
    found.violations = {(c.violation.property, c.violation.subject) for c in result.counterexamples}
    return found


def check(program: Program) -> None:
    """Searches a program both ways."""
    for bound in (0, 1):
        traced = explored(program, xs.Dfs(max_preemptions=bound, max_schedules=MOST_SCHEDULES))
        assume(traced.exhausted in (None, "preemptions"))
        real = explored(program, xs.Rerun(max_preemptions=bound))
        assert (real.schedules, real.exhausted) == (traced.schedules, traced.exhausted)
        assert real.violations == traced.violations
        assert real.final == traced.final
        assert real.seen == traced.seen


@SETTINGS
@given(program=programs())
def test_real_bodies_do_what_their_traces_say(program: Program) -> None:
    check(program)


@SETTINGS
@given(program=mortal_programs())
def test_they_do_so_too_where_processes_die(program: Program) -> None:
    check(program)
