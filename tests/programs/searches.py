"""All searches of one program, and what each of them found.

The searches are called as :func:`xous_sim.explore` calls them, but bare: no random schedules are sampled, no
counterexample is shortened or run again. So what a search has seen is what it came to by itself, and nothing makes up
for what it loses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Final, NamedTuple

import xous_sim as xs
from xous_sim import _native
from xous_sim._session import Case, Session, with_session
from xous_sim.result import StateView
from xous_sim.searches import NativeStrategy
from xous_sim.world import MemoryModel

from . import bodies, calls, loops, sections, starts, weak
from .syntax import Program

MOST_SCHEDULES: Final = 10_000
"""Programs with more of them are not compared."""

Seen = tuple[int, ...]
"""What an observer sees of a state."""


class Subject(NamedTuple):
    """A program, ready to be explored."""

    scenario: Callable[[xs.World], None]
    look: Callable[[StateView], Seen]
    options: dict[str, Any]
    memory: MemoryModel = "sc"


@dataclass(frozen=True)
class Found:
    """What all searches must agree on."""

    verdict: str
    violations: frozenset[tuple[str, str]]
    finals: frozenset[Seen]
    seen: frozenset[Seen]


@dataclass(frozen=True)
class Outcome:
    """What one search found, and why it is no proof, if it is none."""

    found: Found
    exhausted: str | None


PLAIN: Final = "Dfs(deepening=False)"
STATELESS: Final[dict[str, NativeStrategy]] = {
    PLAIN: xs.Dfs(deepening=False, max_schedules=MOST_SCHEDULES),
    "Dfs()": xs.Dfs(max_schedules=MOST_SCHEDULES),
    "Dpor()": xs.Dpor(max_schedules=MOST_SCHEDULES),
}
STATEFUL: Final[dict[str, NativeStrategy]] = {
    f"Exhaustive({symmetry=}, {reduction=})": xs.Exhaustive(symmetry=symmetry, reduction=reduction, shortest=False)
    for symmetry in (False, True)
    for reduction in (False, True)
}
TOGETHER: Final = ("Exhaustive(symmetry=False, reduction=False)", "Exhaustive(symmetry=True, reduction=True)")
"""These also expand the states of each level together, however few there are, as they do in large programs."""


@singledispatch
def subject(program: object) -> Subject:
    """A program of any kind, ready to be explored."""
    raise NotImplementedError(type(program))


@subject.register
def _(program: Program) -> Subject:
    processes = ("app", "peer") if program.has_peer else ("app",)

    def look(state: StateView) -> Seen:
        maps = [state.connection_map(process) for process in processes]
        return (*(int(state[name]) for name in ("a0", "a1", "cell")), *b"".join(maps))

    return Subject(bodies.scenario(program), look, {"connect": program.connect})


@subject.register
def _(program: sections.Sections) -> Subject:
    return Subject(sections.scenario(program), sections.logs, {})


@subject.register
def _(program: calls.Calls) -> Subject:
    return Subject(calls.scenario(program), calls.heard, {})


@subject.register
def _(program: starts.Starts) -> Subject:
    return Subject(starts.scenario(program), starts.tids, {})


@subject.register
def _(program: loops.Loops) -> Subject:
    return Subject(loops.scenario(program), loops.flags, {})


@subject.register
def _(program: weak.Weak) -> Subject:
    return Subject(weak.scenario(program), weak.told(program), {}, "c11")


def outcomes(program: object, *, everywhere: bool = False) -> dict[str, Outcome] | None:
    """What each search finds; nothing if there are too many schedules.

    Args:
        program: The program.
        everywhere: Whether every state is looked at, and not only the final ones. Then few steps commute.
    """
    prepared = subject(program)
    finals: set[Seen] = set()
    seen: set[Seen] = set()

    def at_the_end(state: StateView) -> None:
        finals.add(prepared.look(state))

    def anywhere(state: StateView) -> None:
        seen.add(prepared.look(state))

    def search(session: Session, strategy: NativeStrategy, **settings: int) -> Outcome:
        finals.clear()
        seen.clear()
        report = _search(session, strategy, **settings)
        return Outcome(Found(report.verdict, _violations(report), frozenset(finals), frozenset(seen)), report.exhausted)

    def use(session: Session) -> dict[str, Outcome] | None:
        found = {PLAIN: search(session, STATELESS[PLAIN])}
        if found[PLAIN].exhausted == "schedules":
            return None
        others = {name: strategy for name, strategy in {**STATELESS, **STATEFUL}.items() if name != PLAIN}
        found |= {name: search(session, strategy) for name, strategy in others.items()}
        return found | {f"{name}, together": search(session, STATEFUL[name], together=1) for name in TOGETHER}

    case = Case(
        scenario=prepared.scenario,
        options=prepared.options,
        invariant=anywhere if everywhere else None,
        finally_=at_the_end,
        stop="explored",
        memory=prepared.memory,
    )
    return with_session(case, use)


def _search(session: Session, strategy: NativeStrategy, **settings: int) -> _native.Report:
    """One bare search."""
    keywords = {**strategy._keywords(), "shortest": False, **settings}
    return session.search().explore(keywords, stop_at_first=False, progress=None, samples=0)


def _violations(report: _native.Report) -> frozenset[tuple[str, str]]:
    violations = (execution.violation for execution in report.counterexamples)
    return frozenset((violation[0], violation[1]) for violation in violations if violation is not None)
