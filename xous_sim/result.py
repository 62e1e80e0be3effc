"""What explorations and replays return: verdicts, counterexamples, traces, states to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, final

from . import _native
from .errors import MisuseError
from .values import Value

if TYPE_CHECKING:
    from .process import Process
    from .sync import AtomicU32, Cell
    from .world import World


@final
@dataclass(frozen=True)
class Violation:
    """One way in which an execution went wrong.

    Attributes:
        property: What does not hold: ``severed``, ``misdelivered``, ``free-slot``, ``leak``, ``exhausted``,
            ``deadlock``, ``exception``, ``kernel-panic``, ``names-crash``, ``invariant`` or ``finally``.
        subject: What it concerns, where there are several: the name of a server. May be empty.
        message: The sentence for a reader.
    """

    property: str
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.property}: {self.message}"


@final
@dataclass(frozen=True)
class Step:
    """One step of a trace.

    Attributes:
        thread: The name of the thread.
        operation: What it did, in words.
        result: What it got, in words.
        source: File and line of the operation.
        connections: The slots in use after the step, each as (process, CID, server); the server of a tombstone is
            ``None``.
        preempts: Whether another thread was stopped for it that could have gone on.
    """

    thread: str
    operation: str
    result: str
    source: str
    connections: tuple[tuple[str, int, str | None], ...]
    preempts: bool


@final
class Trace:
    """A recorded execution, step by step.

    ``str(trace)`` is a table: a line a step, with the connection map after it.
    """

    def __init__(self, execution: _native.Execution) -> None:
        self._execution = execution
        self.schedule: Final = execution.schedule
        self.preemptions: Final = execution.preemptions
        self.steps: Final = tuple(
            Step(step.thread_name, step.text, step.result, step.source, tuple(step.connections), step.preempts)
            for step in execution.steps
        )

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        return self._execution.text

    def __repr__(self) -> str:
        return f"<Trace of {len(self.steps)} steps, {self.preemptions} preemptions, {self.schedule}>"


@final
@dataclass(frozen=True)
class Counterexample:
    """A shortest execution that violates a property."""

    violation: Violation
    trace: Trace

    @property
    def schedule(self) -> str:
        """The line that replays it."""
        return self.trace.schedule


@final
@dataclass(frozen=True)
class Replay:
    """What a schedule led to."""

    trace: Trace
    violation: Violation | None

    def __init__(self, trace: Trace, violation: tuple[str, str, str] | None) -> None:
        object.__setattr__(self, "trace", trace)
        object.__setattr__(self, "violation", None if violation is None else Violation(*violation))

    def __str__(self) -> str:
        ending = "no property is violated" if self.violation is None else f"violated: {self.violation}"
        return f"{self.trace}\n{ending}"


Verdict = Literal["sound", "violated", "incomplete"]
"""What an exploration established."""


@final
class Exploration:
    """What an exploration found, and what that means.

    Attributes:
        verdict: ``"sound"``: every interleaving of the scenario as it is bounded was covered, and none violates a
            property: a proof. ``"violated"``: there is a counterexample. ``"incomplete"``: a limit was hit first.
        counterexamples: Shortest first; one, or with ``stop="explored"`` one for each property and server.
        states: Distinct states.
        transitions: Steps between them.
        depth: Steps of the longest shortest schedule to a state.
        frontier: States that were reached but not expanded when the search ended.
        seconds: Wall-clock time of the search.
        body_runs: How often bodies were run to learn what they do; it does not grow with the interleavings.
        bytes_per_state: Memory of a stored state, beside the frontier.
        exhausted: Which limit was hit, ``"states"`` or ``"seconds"``; ``None`` if none was.
    """

    def __init__(self, report: _native.Report, name: str) -> None:
        self._name = name
        self.verdict: Final[Verdict] = report.verdict
        self.counterexamples: Final = tuple(
            Counterexample(Violation(*execution.violation), Trace(execution))
            for execution in report.counterexamples
            if execution.violation is not None
        )
        self.states: Final = report.states
        self.transitions: Final = report.transitions
        self.depth: Final = report.depth
        self.frontier: Final = report.frontier
        self.seconds: Final = report.seconds
        self.body_runs: Final = report.body_runs
        self.bytes_per_state: Final = report.stored_bytes / max(report.states, 1)
        self.exhausted: Final = report.exhausted

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

    def __str__(self) -> str:
        size = f"{self.states:,} states, {self.transitions:,} transitions, {self.seconds:.3f} s"
        if self.verdict == "sound":
            return f"sound: no interleaving violates a property ({size})"
        if self.verdict == "incomplete":
            return (
                f"incomplete: the limit of {self.exhausted} was hit with {self.frontier:,} states not yet "
                f"expanded ({size}); nothing is said about the rest"
            )
        found = [f"violated: {self.violation} ({size})"]
        found += [f"replay with xs.replay({self._name}, {c.schedule!r})" for c in self.counterexamples[:1]]
        return "\n".join(found)

    def __repr__(self) -> str:
        return f"<Exploration {self.verdict}, {self.states:,} states>"


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
        name = item if isinstance(item, str) else getattr(item, "name", None)
        if not isinstance(name, str):
            raise MisuseError(f"a state is asked by an object or its name, not by {type(item).__name__}")
        return Value(self._view.value(name))

    def connection_map(self, process: Process | str) -> bytes:
        """The connection map of a process, given itself or its name."""
        name = process if isinstance(process, str) else process.name
        return self._view.connection_map(name)
