"""What explorations and replays return: verdicts, counterexamples, states to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self, final

from . import _native
from ._view.notebook import framed, preformatted
from ._view.sentences import amount, sentence
from .errors import MisuseError
from .searches import Strategy
from .trace import Step, Trace, Violation, recorded
from .traces import to_html
from .values import Value

if TYPE_CHECKING:
    from .process import Process
    from .sync import AtomicU32, Cell
    from .world import World


@final
@dataclass(frozen=True)
class Counterexample:
    """An execution that violates a property."""

    violation: Violation
    trace: Trace

    @property
    def loop(self) -> tuple[Step, ...] | None:
        """The steps that repeat for ever, where that is what is wrong."""
        return self.trace.loop

    @property
    def schedule(self) -> str:
        """The line that replays it."""
        return self.trace.schedule


@final
@dataclass(frozen=True, repr=False)
class Replayed:
    """What a schedule led to; its ``repr`` is the line that replays it.

    The whole line is followed if its end violates something, as that of every reported line does. If not, it is
    followed up to its first violation.

    Attributes:
        trace: What happened.
        rerun: Whether real bodies alone were followed.
        violations: What it violates at its end; a last step can do several things wrong.
    """

    trace: Trace
    rerun: bool = False
    violations: tuple[Violation, ...] = ()

    @classmethod
    def of_execution(cls, execution: _native.Execution, name: str) -> Self:
        """From what the native module followed in the scenario of this name."""
        return cls.of_trace(recorded(execution.recording, name), execution.violations)

    @classmethod
    def of_trace(cls, trace: Trace, violations: Sequence[tuple[str, str, str]], *, rerun: bool = False) -> Self:
        """From a trace and what its end violates, of which the trace tells the first in more words."""
        first = () if trace.violation is None else (trace.violation,)
        return cls(trace, rerun, (*first, *(Violation(*words) for words in violations[1:])))

    @property
    def violation(self) -> Violation | None:
        """The first of what it violates at its end, if it does."""
        return self.trace.violation

    def __str__(self) -> str:
        violated = [f"violated: {violation}" for violation in self.violations]
        return "\n".join([str(self.trace), *(violated or ["no property is violated"])])

    def __repr__(self) -> str:
        rerun = ", rerun=True" if self.rerun else ""
        return f"xs.replay({self.trace.scenario}, {self.trace.schedule!r}{rerun})"


Verdict = Literal["sound", "violated", "incomplete"]
"""What an exploration established."""
Limit = Literal["states", "schedules", "seconds", "memory", "preemptions", "cycle"]
"""Why an exploration is no proof."""


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Exploration:
    """What an exploration found, and what that means; ``str()`` says it in a sentence.

    Attributes:
        name: The name of the scenario.
        strategy: How it was searched.
        verdict: ``"sound"``: every interleaving of the scenario as it is bounded was covered, and none violates a
            property: a proof. ``"violated"``: there is a counterexample. ``"incomplete"``: what was followed violates
            no property, but it was not everything.
        counterexamples: Shortest first; one, or with ``stop="explored"`` one for each property and server.
        exhausted: Why it is no proof; ``None`` if it is one, or ended at a violation. ``"states"``, ``"schedules"`` and
            ``"seconds"`` are limits that were hit; ``"memory"``: so little was left that it would have failed soon;
            ``"preemptions"``: schedules with more of them than allowed were
            cut off; ``"cycle"``: a schedule came back to a state that it was in, and the search does not go round.
        states: Distinct states; 0 where the strategy stores none.
        schedules: Schedules that were followed to their end; 0 where the strategy stores states instead.
        redundant: Schedules that were given up because one of their kind had been followed.
        covered_preemptions: All schedules with so many preemptions at most were followed; ``None`` if not even those
            without any, or if the strategy does not count them.
        estimated_total: How many states or schedules there are in all, by estimate; ``None`` if nothing is known.
        missed_at_most: The probability that a bug of the depth that :class:`Pct` looks for was missed, at most;
            ``None`` for other strategies.
        transitions: Steps that were taken.
        depth: Steps of the longest schedule; where states are stored, of the longest shortest one to a state.
        frontier: States that were reached but not expanded when the search ended.
        seconds: Wall-clock time of the whole exploration.
        caveats: What a proof has to be read with, a sentence each: with ``memory="c11"``, where C11 allows outcomes of
            the program that were not explored. Empty for most programs, and where a property is violated.
        body_runs: How often bodies were run to learn what they do; it does not grow with the interleavings.
        bytes_per_state: Memory of a stored state, beside the frontier.
        replay_with: The function that replays a schedule, as ``str()`` names it.
    """

    name: str
    strategy: Strategy
    verdict: Verdict
    counterexamples: tuple[Counterexample, ...] = ()
    exhausted: Limit | None = None
    states: int = 0
    schedules: int = 0
    redundant: int = 0
    covered_preemptions: int | None = None
    estimated_total: float | None = None
    missed_at_most: float | None = None
    transitions: int = 0
    depth: int = 0
    frontier: int = 0
    seconds: float = 0.0
    caveats: tuple[str, ...] = ()
    body_runs: int = 0
    bytes_per_state: float = 0.0
    replay_with: str = "xs.replay"

    @classmethod
    def of_report(cls, report: _native.Report, name: str, strategy: Strategy, **other: Any) -> Self:
        """From what the native module reports, but for what ``other`` says."""
        reported: dict[str, Any] = {field: getattr(report, field) for field in _AS_REPORTED}
        reported["counterexamples"] = tuple(
            Counterexample(Violation(*execution.violation), recorded(execution.recording, name))
            for execution in report.counterexamples
            if execution.violation is not None
        )
        reported["bytes_per_state"] = report.stored_bytes / max(report.states, 1)
        return cls(name=name, strategy=strategy, **reported | other)

    @classmethod
    def of_replay(cls, replayed: Replayed, name: str, strategy: Strategy) -> Self:
        """From one schedule that was followed."""
        violation, trace = replayed.violation, replayed.trace
        return cls(
            name=name,
            strategy=strategy,
            verdict="incomplete" if violation is None else "violated",
            counterexamples=() if violation is None else (Counterexample(violation, trace),),
            schedules=1,
            transitions=len(trace),
            depth=len(trace),
        )

    @property
    def violation(self) -> Violation | None:
        """The first violation, if there is one."""
        return self.counterexamples[0].violation if self.counterexamples else None

    @property
    def trace(self) -> Trace | None:
        """The shortest counterexample, if there is one."""
        return self.counterexamples[0].trace if self.counterexamples else None

    @property
    def schedule(self) -> str | None:
        """The line that replays the shortest counterexample."""
        return self.counterexamples[0].schedule if self.counterexamples else None

    @property
    def preemptions(self) -> int | None:
        """Preemptions of the shortest counterexample."""
        return self.counterexamples[0].trace.preemptions if self.counterexamples else None

    @property
    def traces(self) -> tuple[Trace, ...]:
        """The counterexamples' traces, to render: see :mod:`xous_sim.traces`."""
        return tuple(counterexample.trace for counterexample in self.counterexamples)

    def _repr_html_(self) -> str:
        pages = framed(to_html(self.traces), f"counterexamples of {self.name}") if self.traces else ""
        return preformatted(str(self)) + pages

    def __str__(self) -> str:
        return sentence(self)

    def __repr__(self) -> str:
        return f"<Exploration {self.verdict}, {amount(self)}>"


_AS_REPORTED: Final = (
    "verdict",
    "exhausted",
    "states",
    "schedules",
    "redundant",
    "covered_preemptions",
    "estimated_total",
    "missed_at_most",
    "transitions",
    "depth",
    "frontier",
    "seconds",
    "body_runs",
)


@final
class StateView:
    """A state that a property looks at: the shared objects and the kernel, but no thread."""

    def __init__(self, world: World, view: _native.View) -> None:
        self._world = world
        self._view = view

    def __getitem__(self, item: AtomicU32 | Cell | str) -> Value:
        """The value of an atomic or a cell, given itself or its name.

        Raises:
            MisuseError: If there is no such object.
        """
        self._check(item)
        name = item if isinstance(item, str) else getattr(item, "name", None)
        if not isinstance(name, str):
            raise MisuseError(f"a state is asked by an object or its name, not by {type(item).__name__}")
        return Value(self._view.value(name))

    def connection_map(self, process: Process | str) -> bytes:
        """The connection map of a process, given itself or its name."""
        self._check(process)
        name = process if isinstance(process, str) else process.name
        return self._view.connection_map(name)

    def _check(self, item: object) -> None:
        """Refuses what belongs to another world, unless the same scenario made it when it was set up before."""
        world = getattr(item, "_world", self._world)
        if world is not self._world and (world._scenario is None or world._scenario is not self._world._scenario):
            raise MisuseError(f"{item!r} belongs to another world than the state that is asked: ask by its name")

    def __repr__(self) -> str:
        return f"<StateView of {self._world!r}>"
