"""All searches of one program, and what each of them found.

The searches are called as :func:`xous_sim.explore` calls them, but bare: no random schedules are sampled, no
counterexample is shortened or run again. So what a search has seen is what it came to by itself, and nothing makes up
for what it loses. Each counterexample is followed once, and must violate what it was reported for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path
from typing import Any, Final, NamedTuple

import xous_sim as xs
from xous_sim import _native
from xous_sim._session import Case, Session, with_session
from xous_sim.result import StateView
from xous_sim.searches import NativeStrategy
from xous_sim.world import MemoryModel

from . import bodies, calls, loops, weak
from .syntax import Program

MOST_SCHEDULES: Final = 3_000
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
    """What one search found.

    Attributes:
        found: What others must find too.
        exhausted: Why it is no proof, if it is none.
        schedules: How many it followed.
        states: How many it visited.
        departing: Counterexamples that do not violate what they were reported for when they are followed again.
    """

    found: Found
    exhausted: str | None
    schedules: int = 0
    states: int = 0
    departing: tuple[str, ...] = ()


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
BOUNDED: Final = {f"Dfs(max_preemptions={bound})": bound for bound in (0, 1)}
CUT_OFF: Final = ", cut off"
TOGETHER: Final = ("Exhaustive(symmetry=False, reduction=False)", "Exhaustive(symmetry=True, reduction=True)")
"""These also expand the states of each level together, however few there are, as they do in large programs."""


@singledispatch
def subject(program: object) -> Subject:
    """A program of any kind, ready to be explored."""
    raise NotImplementedError(type(program))


@subject.register
def _(program: Program) -> Subject:
    processes = ("app", "peer") if program.has_peer else ("app",)
    names = (*(f"a{i}" for i in range(len(program.initial))), "cell")

    def look(state: StateView) -> Seen:
        maps = [state.connection_map(process) for process in processes]
        return (*(int(state[name]) for name in names), *b"".join(maps))

    return Subject(bodies.scenario(program), look, {"connect": program.connect, "profile": program.profile})


@subject.register
def _(program: calls.Calls) -> Subject:
    return Subject(calls.scenario(program), calls.heard, {})


@subject.register
def _(program: loops.Loops) -> Subject:
    return Subject(loops.scenario(program), loops.flags, {})


@subject.register
def _(program: weak.Weak) -> Subject:
    return Subject(weak.scenario(program), weak.told(program), {}, "c11")


class Looking:
    """A program, and what its properties note of the states that they are shown.

    Args:
        program: The program.
        everywhere: Whether every state is looked at, and not only the final ones. Then few steps commute.
    """

    def __init__(self, program: object, *, everywhere: bool) -> None:
        subject_ = subject(program)
        self._look = subject_.look
        self._finals: set[Seen] = set()
        self._seen: set[Seen] = set()
        self.case = Case(
            scenario=subject_.scenario,
            options=subject_.options,
            invariant=self._anywhere if everywhere else None,
            finally_=self._at_the_end,
            stop="explored",
            memory=subject_.memory,
        )

    def _at_the_end(self, state: StateView) -> None:
        self._finals.add(self._look(state))

    def _anywhere(self, state: StateView) -> None:
        self._seen.add(self._look(state))

    def begin(self) -> None:
        """Forgets what was seen so far."""
        self._finals.clear()
        self._seen.clear()

    def found(self, verdict: str, violations: frozenset[tuple[str, str]]) -> Found:
        """What was found since then."""
        return Found(verdict, violations, frozenset(self._finals), frozenset(self._seen))


def outcomes(program: object, *, everywhere: bool = False) -> dict[str, Outcome] | None:
    """What each native search finds; nothing if there are too many schedules."""
    return native(Looking(program, everywhere=everywhere))


def native(looking: Looking) -> dict[str, Outcome] | None:
    """The same, of a program that is prepared."""

    def use(session: Session) -> dict[str, Outcome] | None:
        native = Native(looking, session)
        plain = native.search(STATELESS[PLAIN])
        return None if plain.exhausted == "schedules" else {PLAIN: plain, **dict(native.others(plain.schedules))}

    return with_session(looking.case, use)


class Native:
    """The native searches of a program that is set up."""

    def __init__(self, looking: Looking, session: Session) -> None:
        self._looking = looking
        self._session = session

    def others(self, schedules: int) -> Iterator[tuple[str, Outcome]]:
        """All searches but plain depth-first search, which followed so many schedules."""
        for name, strategy in {**STATELESS, **STATEFUL}.items():
            if name != PLAIN:
                yield name, self.search(strategy)
        for name, bound in BOUNDED.items():
            yield name, self.search(xs.Dfs(max_preemptions=bound))
        if schedules > 1:
            yield f"{PLAIN}{CUT_OFF}", self.search(xs.Dfs(deepening=False, max_schedules=schedules // 2))
        for name in TOGETHER:
            whole = self.search(STATEFUL[name], together=1)
            yield f"{name}, together", whole
            yield f"{name}, resumed", self._resumed(STATEFUL[name], whole.states)

    def search(self, strategy: NativeStrategy, **settings: int | str) -> Outcome:
        """One bare search."""
        self._looking.begin()
        return self._go_on(strategy, **settings)

    def _go_on(self, strategy: NativeStrategy, **settings: int | str) -> Outcome:
        """A bare search that adds to what was seen before."""
        keywords = {**strategy._keywords(), "shortest": False, **settings}
        report = self._session.search().explore(keywords, stop_at_first=False, progress=None, samples=0)
        return Outcome(
            self._looking.found(report.verdict, _violations(report)),
            report.exhausted,
            report.schedules,
            report.states,
            tuple(self._departing(report)),
        )

    def _resumed(self, strategy: NativeStrategy, states: int) -> Outcome:
        """A search that is interrupted half way, and goes on from its checkpoint; both halves see everything."""
        with tempfile.TemporaryDirectory() as folder:
            kept = {"checkpoint": str(Path(folder) / "half")}
            self.search(strategy, max_states=max(states // 2, 1), **kept)
            return self._go_on(strategy, **kept)

    def _departing(self, report: _native.Report) -> Iterator[str]:
        for found in report.counterexamples:
            line = found.recording.schedule
            again = self._session.search().replay(line).violations
            if found.violation is None or found.violation[:2] not in [violation[:2] for violation in again]:
                yield f"{line} was to violate {found.violation}, and violates {again}"


def _violations(report: _native.Report) -> frozenset[tuple[str, str]]:
    violations = (execution.violation for execution in report.counterexamples)
    return frozenset((violation[0], violation[1]) for violation in violations if violation is not None)
