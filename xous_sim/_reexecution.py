"""Exploring by re-execution: every schedule runs the scenario and its real bodies from the beginning.

For bodies that share Python objects, which no trace can describe. The native search decides which schedules are
followed, and drives one :class:`Reexecution`: it goes on with the running execution, or begins anew and follows a
schedule first. What happens along a schedule that was followed before must happen again; else the scenario depends on
something that the scenario function does not make.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar, final

from . import _native
from ._drivers.acting import acting_in
from ._drivers.base import Op
from ._drivers.collector import paused
from ._drivers.running import FAULT, Carried, Choice, RunningDriver, Words
from ._drivers.running_thread import RunningThread
from ._drivers.watchdog import Watchdog
from ._session import Case, set_up, watched
from .errors import MisuseError, NondeterminismError, ReplayError
from .progress import Teller
from .result import Counterexample, Exploration, Replayed
from .searches import Rerun
from .trace import Trace, Violation, recorded
from .world import PoolNeeded, World

Visit = tuple[list[Choice], list[Words], Words | None, int | None]
"""What the native search wants to know after a step: who can act, what the step violates, what the state violates, and
a number for the state, where threads go round in loops."""
_Found = TypeVar("_Found")


def explore_by_reexecution(case: Case, strategy: Rerun, teller: Teller | None) -> Exploration:
    """Explores a case, or follows the one schedule that the strategy names.

    Raises:
        MisuseError: For a weak memory: what real bodies share in Python is sequentially consistent.
    """
    schedule = strategy.schedule
    if schedule is not None:
        return _with_running(case, lambda running: _follow(running, strategy, schedule))
    return _with_running(case, lambda running: _search(running, strategy, teller))


def replay_by_reexecution(case: Case, schedule: str) -> Replayed:
    """Follows one schedule, and tells it whether or not it violates anything.

    Raises:
        MisuseError: For a weak memory, as above.
        ReplayError: If the schedule does not fit.
    """

    def use(running: Reexecution) -> Replayed:
        choices, found = running.shown(_native.schedule_choices(schedule))
        trace = running.trace(choices, next(iter(found), None))
        return Replayed.of_trace(trace, found, rerun=True)

    return _with_running(case, use)


def _with_running(case: Case, use: Callable[[Reexecution], _Found]) -> _Found:
    """Uses real bodies, which are ended when that is over."""
    if case.memory != "sc":
        raise MisuseError(
            f'Rerun() runs real bodies, whose memory is "sc": use another strategy for memory={case.memory!r}, '
            "such as Exhaustive() or Dpor()"
        )
    pools: set[PoolNeeded] = set()
    watchdog = Watchdog(case.max_body_seconds)

    def work() -> _Found:
        running = Reexecution(case, pools, watchdog)
        try:
            return use(running)
        finally:
            running.end()

    while True:
        try:
            return watchdog.guard(work)
        except PoolNeeded as needed:
            pools.add(needed)


def _search(running: Reexecution, strategy: Rerun, teller: Teller | None) -> Exploration:
    case = running.case
    report, found = _native.explore_by_reexecution(
        running,
        strategy._keywords(),
        seed=strategy.seed,
        stop_at_first=case.stop == "first",
        progress=teller,
    )
    executions = running.executions
    if teller is not None:
        teller(0, 0, report.schedules, report.transitions, report.estimated_total)
    told = [running.told(_native.schedule_choices(line), violation) for violation, line in found]
    return Exploration.of_report(report, case.name, strategy, body_runs=executions, counterexamples=tuple(told))


def _follow(running: Reexecution, strategy: Rerun, schedule: str) -> Exploration:
    choices, found = running.shown(_native.schedule_choices(schedule))
    told = tuple(running.told(choices, words) for words in found[:1])
    return Exploration(
        name=running.case.name,
        strategy=strategy,
        verdict="violated" if told else "incomplete",
        counterexamples=told,
        schedules=1,
        transitions=len(choices),
        depth=len(choices),
    )


@dataclass(frozen=True)
class _Moment:
    """Where an execution was before a step: who could act, and what the one who did was about to do."""

    choice: Choice
    enabled: tuple[Choice, ...]
    thread: str
    op: Op | None
    source: str


@final
class Reexecution:
    """The execution that runs now, and what is remembered of it when another one begins."""

    def __init__(self, case: Case, pools: set[PoolNeeded], watchdog: Watchdog) -> None:
        self.case = case
        self.executions = 0
        self._pools = pools
        self._watchdog = watchdog
        self._driver: RunningDriver | None = None
        self._path: list[_Moment] = []
        self._paused = ExitStack()

    # What the native search calls.

    def begin(self) -> Visit:
        """Sets the scenario up anew and starts its threads."""
        self.end()
        self.executions += 1
        self._path = []
        self._paused.enter_context(paused())
        world = World(**self.case.options)
        set_up(world, self.case.scenario, self._pools)
        self._driver = driver = RunningDriver(world, self.case.max_operations, self._watchdog)
        world._driven_by = driver
        self._invariant = watched(world, self.case.invariant, *world._invariants)
        self._finally = watched(world, self.case.finally_, *world._finals)
        with acting_in(world):
            at_once = driver.begin()
        return self._visit(at_once)

    def follow(self, choices: list[Choice]) -> None:
        """Begins anew and takes the choices; they were taken before, so everything must happen as it did then."""
        before = self._path
        self.begin()
        for number, choice in enumerate(choices):
            self._check(number, choice, before)
            self.step(*choice)

    def step(self, agent: int, pick: int) -> Visit:
        """Lets an agent act."""
        return self._visit(self._step((agent, pick)).violations)

    # How a step is taken, and told.

    def _step(self, choice: Choice) -> Carried:
        self._path.append(self._moment(choice))
        with acting_in(self._running.world):
            return self._running.step(*choice)

    @property
    def _running(self) -> RunningDriver:
        assert self._driver is not None, "an execution begins before it goes on"
        return self._driver

    def actor(self, choice: Choice) -> RunningThread | int:
        """Who takes a choice: a thread, or the number of a process that may die."""
        return self._running.actor(choice[0])

    def acting(self) -> str | None:
        """The name of the thread whose body runs now."""
        thread = None if self._driver is None else self._driver.current
        return None if thread is None else thread.name

    def _moment(self, choice: Choice) -> _Moment:
        actor = self._running.actor(choice[0])
        enabled = tuple(self._enabled)
        if isinstance(actor, RunningThread):
            return _Moment(choice, enabled, actor.name, actor.pending, actor.source)
        return _Moment(choice, enabled, "a process", None, "")

    def _visit(self, violations: list[Words]) -> Visit:
        self._enabled = self._running.enabled()
        return self._enabled, violations, self._broken(), self._running.digest()

    def _broken(self) -> Words | None:
        """What the state violates."""
        machine = self._running.world._machine
        message = None if self._invariant is None else self._invariant(_native.look(machine))
        if message is not None:
            return "invariant", "", message
        if any(pick != FAULT for _, pick in self._enabled):
            return None
        found = self._running.quiet()
        if found is None and self._finally is not None:
            message = self._finally(_native.look(machine))
            return None if message is None else ("finally", "", message)
        return found

    def end(self) -> None:
        """Ends the execution that runs."""
        if self._driver is not None:
            with acting_in(self._driver.world):
                self._driver.end()
        self._driver = self._invariant = self._finally = None
        self._paused.close()

    def _check(self, number: int, choice: Choice, before: list[_Moment]) -> None:
        """Refuses a scenario that does something else when it runs again.

        Raises:
            NondeterminismError: In that case.
        """
        same = number < len(before) and [m.choice for m in before[: number + 1]] == self._taken(choice)
        expected = before[number] if same else None
        if choice in self._enabled and (expected is None or expected == self._moment(choice)):
            return
        now = None if choice not in self._enabled else self._moment(choice)
        raise NondeterminismError(
            f"{expected.thread if expected else f'agent {choice[0]}'} depends on something outside the scenario: "
            f"along the same schedule, at step {number + 1}, {self._in_words(expected)} in one execution became "
            f"{self._in_words(now)} in another. Python objects that bodies share must be made by the scenario "
            "function; time and randomness are nothing that a schedule can repeat"
        )

    def _taken(self, choice: Choice) -> list[Choice]:
        """The choices up to now, and one more."""
        return [*(moment.choice for moment in self._path), choice]

    def _in_words(self, moment: _Moment | None) -> str:
        if moment is None or moment.op is None:
            return "something else"
        operation = _native.operation_in_words(self._running.world._machine, moment.op)
        return f"{operation} ({moment.source}) with {len(moment.enabled)} choices"

    def told(self, choices: list[Choice], violation: Words) -> Counterexample:
        """Runs a counterexample once more, and tells it.

        Raises:
            NondeterminismError: If it does not violate at its end what it did before.
        """
        shown, found = self.shown(choices)
        if shown != choices or all(words[:2] != violation[:2] for words in found):
            raise NondeterminismError(
                f"a schedule of {self.case.name} that violated {violation[0]} does not when it runs again: a scenario "
                "and its properties must depend on nothing outside the scenario function"
            )
        trace = self.trace(choices, violation)
        return Counterexample(trace.violation or Violation(*violation), trace)

    def trace(self, choices: list[Choice], violation: Words | None) -> Trace:
        """Runs a schedule once more, and tells it."""
        before = self._path
        self.begin()
        running = self._running
        machine = running.world._machine
        recorder = _native.ExecutionRecorder(machine, running.holders())
        for number, choice in enumerate(choices):
            self._check(number, choice, before)
            enabled = self._enabled
            carried = self._step(choice)
            words = (carried.thread, carried.operation, carried.result, carried.source)
            recorder.step(choice, words, self._path[-1].op, enabled, machine, running.holders())
            self._visit([])
        return recorded(recorder.finish(machine, violation), self.case.name)

    def shown(self, choices: list[Choice]) -> tuple[list[Choice], list[Words]]:
        """Follows a schedule, and tells what its end violates; if that is nothing, goes up to its first violation only.

        Raises:
            ReplayError: If it does not fit.
        """
        visit, first = self.begin(), None
        for number, choice in enumerate(choices):
            first = first or _told_of(choices[:number], visit)
            if choice not in visit[0]:
                raise ReplayError(self._departs(number, choice))
            visit = self.step(*choice)
        return _told_of(choices, visit) or first or (choices, [])

    def _departs(self, number: int, choice: Choice) -> str:
        possible = [f"{agent}{_picked(pick)} ({self._agent(agent)})" for agent, pick in self._enabled]
        return (
            f"the schedule departs from the scenario at step {number + 1}: it chooses {choice[0]}{_picked(choice[1])}, "
            f"but what can be chosen there is {', or '.join(possible) or 'nothing'}"
        )

    def _agent(self, agent: int) -> str:
        actor = self._running.actor(agent)
        if not isinstance(actor, RunningThread) or actor.pending is None:
            return "a process that may die"
        operation = _native.operation_in_words(self._running.world._machine, actor.pending)
        return f"{actor.name}: {operation} at {actor.source}"


def _told_of(choices: list[Choice], visit: Visit) -> tuple[list[Choice], list[Words]] | None:
    """A schedule with what its end violates, if it does."""
    _, violations, broken, _ = visit
    found = violations if broken is None else [*violations, broken]
    return (choices, found) if found else None


def _picked(pick: int) -> str:
    return f"={pick}" if 0 < pick < FAULT else ""
