"""Traces: executions that were recorded step by step, to print, to look at, to keep.

A trace holds more than it prints: connection maps with who holds what, shared objects, process pages, source lines.
Left out: anything that would let it run on; :func:`xous_sim.replay` does that, with the line in ``Trace.schedule``.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final, overload

from . import _native
from ._options import positive_int
from ._view.notebook import framed
from ._view.writing import PathText, hand_over
from .errors import MisuseError, TraceError


@final
@dataclass(frozen=True)
class Violation:
    """One way in which an execution went wrong.

    Attributes:
        property: What does not hold: ``severed``, ``misdelivered``, ``free-slot``, ``leak``, ``exhausted``,
            ``deadlock``, ``data-race``, ``exception``, ``kernel-panic``, ``names-crash``, ``invariant`` or ``finally``.
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

    ``str(trace)`` is a table: a line a step, with the connection map after it. Each rendering is a method that returns
    text, or writes it to a file if it is given a path. Notebooks show the page of :meth:`to_html`.

    Attributes:
        scenario: The name of what ran.
        schedule: The line that replays it.
        preemptions: How often a thread was stopped that could have gone on.
        steps: What happened, in order.
        violation: What it violates at its end, if it does.
        loop: The last of the steps, from the first one that repeats, if they repeat for ever; else ``None``.
    """

    def __init__(self, recording: _native.Recording) -> None:
        self._recording = recording
        self.scenario: Final = recording.scenario
        self.schedule: Final = recording.schedule
        self.preemptions: Final = recording.preemptions
        self.steps: Final = tuple(
            Step(thread, operation, result, source, tuple(connections), preempts)
            for thread, operation, result, source, connections, preempts in recording.steps()
        )
        violation = recording.violation
        self.violation: Final = None if violation is None else Violation(*violation)
        begin = recording.repeats_from
        self.loop: Final = None if begin is None else self.steps[begin:]

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """Reads a trace that :meth:`to_json` wrote.

        Args:
            text: A document that holds one trace.

        Raises:
            TraceError: If it is none, or holds several; the message says what is wrong and where.
        """
        if not isinstance(text, str):
            raise MisuseError(f"a trace is read from text, not from {type(text).__name__}")
        if not text.isascii() and text != text.encode("utf-8", "replace").decode("utf-8"):
            raise TraceError("the text has half a surrogate pair, which no JSON document has")
        traces = _native.Recording.parse(text)
        if len(traces) != 1:
            raise TraceError(f"one trace is wanted, and there are {len(traces)}: xous_sim.traces.load reads them all")
        return cls(traces[0])

    @overload
    def to_text(self, path: None = None, *, width: int = 100) -> str: ...
    @overload
    def to_text(self, path: PathText, *, width: int = 100) -> None: ...
    def to_text(self, path: PathText | None = None, *, width: int = 100) -> str | None:
        """Renders it as text with a column a thread, and below each step what it left.

        Args:
            path: Where it is written; ``None`` returns it.
            width: Characters of a line; many threads take more.
        """
        return hand_over(self._recording.columns(positive_int(width, "width")), path)

    @overload
    def to_svg(self, path: None = None) -> str: ...
    @overload
    def to_svg(self, path: PathText) -> None: ...
    def to_svg(self, path: PathText | None = None) -> str | None:
        """Renders it as a picture: a time line with threads, kernel and state, light or dark as the reader's system is.

        Args:
            path: Where it is written; ``None`` returns it.
        """
        return hand_over(self._recording.svg(), path)

    @overload
    def to_html(self, path: None = None) -> str: ...
    @overload
    def to_html(self, path: PathText) -> None: ...
    def to_html(self, path: PathText | None = None) -> str | None:
        """Renders it as a page to step through, which holds all it needs; see :func:`xous_sim.traces.to_html`.

        Args:
            path: Where it is written; ``None`` returns it.
        """
        return hand_over(_native.recordings_to_html([self._recording]), path)

    @overload
    def to_perfetto(self, path: None = None) -> str: ...
    @overload
    def to_perfetto(self, path: PathText) -> None: ...
    def to_perfetto(self, path: PathText | None = None) -> str | None:
        """Renders it in the Trace Event Format, which https://ui.perfetto.dev imports.

        Args:
            path: Where it is written; ``None`` returns it.
        """
        return hand_over(self._recording.perfetto(), path)

    @overload
    def to_mermaid(self, path: None = None) -> str: ...
    @overload
    def to_mermaid(self, path: PathText) -> None: ...
    def to_mermaid(self, path: PathText | None = None) -> str | None:
        """Renders it as a Mermaid sequence diagram, for books.

        Args:
            path: Where it is written; ``None`` returns it.
        """
        return hand_over(self._recording.mermaid(), path)

    @overload
    def to_json(self, path: None = None) -> str: ...
    @overload
    def to_json(self, path: PathText) -> None: ...
    def to_json(self, path: PathText | None = None) -> str | None:
        """Renders it as JSON, which ``docs/trace.schema.json`` describes.

        Args:
            path: Where it is written; ``None`` returns it.
        """
        return hand_over(_native.recordings_to_json([self._recording]), path)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        return self._recording.table()

    def __reduce__(self) -> tuple[object, ...]:
        return Trace.from_json, (self.to_json(),)

    def _repr_html_(self) -> str:
        return framed(self.to_html(), f"trace of {self.scenario}")

    def __repr__(self) -> str:
        return f"<Trace of {len(self.steps)} steps, {self.preemptions} preemptions, {self.schedule}>"


def recorded(recording: _native.Recording, scenario: str) -> Trace:
    """A recording that the native module made, with the scenario's name and the text of its source lines."""
    return Trace(recording.completed(scenario, _source_line))


def _source_line(file: str, number: int) -> str | None:
    """A line of a file without its indentation, as far as it can be read."""
    return linecache.getline(file, number).strip() or None
