"""Exploring by re-execution and the traced search follow the same schedules, on random programs.

Compared are how many schedules there are with few preemptions, which properties they violate, and all values of the
shared objects that any state on them shows. The two have the kernel in common, and nothing of how bodies are run.
HYPOTHESIS_PROFILE=nightly draws more programs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, Phase, assume, given, settings

import xous_sim as xs
from programs.bodies import scenario
from programs.mortal import mortal_programs
from programs.syntax import Program, programs
from xous_sim import _native
from xous_sim._session import Case, Property, Session, with_session

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
MOST_SCHEDULES = 150
SETTINGS = settings(
    max_examples=5_000 if NIGHTLY else 100,
    deadline=None,
    derandomize=not NIGHTLY,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
    phases=(Phase.explicit, Phase.generate),
)


@dataclass
class Found:
    """What a search finds."""

    schedules: int = 0
    exhausted: str | None = None
    violations: set[tuple[str, str]] = field(default_factory=set)
    seen: set[tuple[int, ...]] = field(default_factory=set)
    final: set[tuple[int, ...]] = field(default_factory=set)


def looking(program: Program, found: Found) -> tuple[Property, Property]:
    """Properties that hold everywhere and at the end, and note what they see."""
    processes = ("app", "peer") if program.has_peer else ("app",)

    def look(state: xs.StateView) -> tuple[int, ...]:
        maps = [state.connection_map(process) for process in processes]
        return (*(int(state[name]) for name in ("a0", "a1", "cell")), *b"".join(maps))

    return lambda state: found.seen.add(look(state)), lambda state: found.final.add(look(state))


def traced(program: Program, strategy: xs.Dfs) -> Found:
    """What the traced search finds, without the random schedules that follow it."""
    found = Found()
    everywhere, at_the_end = looking(program, found)
    options = {"connect": program.connect}
    case = Case(scenario=scenario(program), options=options, invariant=everywhere, finally_=at_the_end, stop="explored")

    def use(session: Session) -> _native.Report:
        return session.search().explore(strategy._keywords(), stop_at_first=False, progress=None, samples=0)

    report = with_session(case, use)
    found.schedules, found.exhausted = report.schedules, report.exhausted
    found.violations = {execution.violation[:2] for execution in report.counterexamples if execution.violation}
    return found


def real(program: Program, strategy: xs.Rerun) -> Found:
    """What exploring by re-execution finds."""
    found = Found()
    everywhere, at_the_end = looking(program, found)
    result = xs.explore(
        scenario(program),
        strategy,
        connect=program.connect,
        invariant=everywhere,
        finally_=at_the_end,
        stop="explored",
    )
    found.schedules, found.exhausted = result.schedules, result.exhausted
    found.violations = {(c.violation.property, c.violation.subject) for c in result.counterexamples}
    return found


def check(program: Program) -> None:
    """Searches a program both ways."""
    for bound in (0, 1):
        expected = traced(program, xs.Dfs(max_preemptions=bound, max_schedules=MOST_SCHEDULES))
        assume(expected.exhausted in (None, "preemptions"))
        actual = real(program, xs.Rerun(max_preemptions=bound))
        if looks_once_more(program):
            actual = replace(actual, schedules=expected.schedules, exhausted=expected.exhausted)
        assert actual == expected


def looks_once_more(program: Program) -> bool:
    """Whether a trace may look once more than the real body, which leads to the same states by more schedules.

    A body that yields by itself remembers in its trace what changed before a loop of ``spin_while``, too.
    """
    text = repr(program.threads)
    return "'yield'" in text and "'spin" in text


@SETTINGS
@given(program=programs())
def test_real_bodies_do_what_their_traces_say(program: Program) -> None:
    check(program)


@SETTINGS
@given(program=mortal_programs())
def test_they_do_so_too_where_processes_die(program: Program) -> None:
    check(program)
