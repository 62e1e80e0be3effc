"""Reads JSON traces as Perfetto's importer does, as far as can be told from its source; it needs a download to run.

Written from ``src/trace_processor/importers/json`` and ``importers/common/flow_tracker.cc`` of Perfetto, versions of
2020 to 2025: what they have in common of reading texts, that events are taken in the order of their time and then of
their place, that threads are named by their number alone, and that a flow's end belongs to the innermost slice that is
open on its track by then. Left out: phases that no trace of ours has, and arguments.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_TEXT = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\["\\/bfnrt])*"')
_Event = dict[str, Any]
_Track = tuple[int, int]


@dataclass
class _Slice:
    name: str
    end: int


@dataclass
class Read:
    """What Perfetto would have of a trace.

    Attributes:
        errors: What its importer would count as errors.
        slices: The names of slices, by the name of their track.
        flows: Track and slice where an arrow begins, track and slice where it ends.
        counters: Names and values.
    """

    errors: list[str] = field(default_factory=list)
    slices: dict[str, list[str]] = field(default_factory=dict)
    flows: list[tuple[str, str, str, str]] = field(default_factory=list)
    counters: list[tuple[str, float]] = field(default_factory=list)


def read(text: str) -> Read:
    """Reads a trace."""
    reader = _Reader()
    reader.check_text(text)
    events = json.loads(text)["traceEvents"]
    for event in sorted(events, key=lambda event: event.get("ts", 0)):
        reader.take(event)
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found = Read()
        self._processes: dict[int, int] = {}
        self._names: dict[int, str] = {}
        self._open: dict[_Track, list[_Slice]] = {}
        self._begun: dict[tuple[Any, ...], tuple[str, str]] = {}

    def check_text(self, text: str) -> None:
        """What is looked at before any event."""
        if not re.sub(r"\s", "", text).startswith('{"'):
            self._error("this is not taken for JSON")
        if '"' in _TEXT.sub("", text):
            self._error("a text is not read")
        self.found.errors += [f"an escape too many: {text}" for text in _TEXT.findall(text) if text.endswith('\\"')]

    def take(self, event: _Event) -> None:
        """Takes the next event."""
        if "ts" not in event and event["ph"] != "M":
            self._error(f"no time: {event}")
            return
        track = (event["pid"], event["tid"])
        if self._processes.setdefault(event["tid"], event["pid"]) != event["pid"]:
            self._error(f"threads of two processes have the number {event['tid']}")
        phases = {"M": self._metadata, "X": self._slice, "C": self._counter, "i": self._instant}
        phases.get(event["ph"], self._flow)(event, track)

    def _error(self, message: str) -> None:
        self.found.errors.append(message)

    def _metadata(self, event: _Event, track: _Track) -> None:
        if event["name"] == "thread_name":
            self._names[event["tid"]] = event["args"]["name"]

    def _slice(self, event: _Event, track: _Track) -> None:
        self._push(track, event["name"], event["ts"], event["dur"])
        self.found.slices.setdefault(self._name(track), []).append(event["name"])

    def _push(self, track: _Track, name: str, begin: int, duration: int) -> None:
        """Opens a slice; it has to end before the one around it does."""
        around = self._innermost(track, begin)
        if around is not None and begin + duration > around.end:
            self._error(f"{name} overlaps {around.name}")
        self._open.setdefault(track, []).append(_Slice(name, begin + duration))

    def _innermost(self, track: _Track, now: int) -> _Slice | None:
        stack = self._open.setdefault(track, [])
        while stack and stack[-1].end <= now:
            stack.pop()
        return stack[-1] if stack else None

    def _counter(self, event: _Event, track: _Track) -> None:
        for name, value in event["args"].items():
            if not isinstance(value, (int, float)):
                self._error(f"no number: {event}")
            self.found.counters.append((f"{event['name']} {name}", value))

    def _instant(self, event: _Event, track: _Track) -> None:
        if event["s"] not in ("g", "p", "t"):
            self._error(f"an unknown scope: {event}")
        elif event["s"] == "t":
            self._push(track, event["name"], event["ts"], 0)

    def _flow(self, event: _Event, track: _Track) -> None:
        around = self._open.get(track, [])[-1:]
        key = (event["id"], event.get("cat"), event["name"])
        if not around or event["ph"] not in ("s", "f"):
            self._error(f"no slice around: {event}")
        elif event["ph"] == "s":
            self._begun[key] = self._name(track), around[0].name
        elif key not in self._begun or event.get("bp") != "e":
            self._error(f"an end without a beginning: {event}")
        else:
            self.found.flows.append((*self._begun[key], self._name(track), around[0].name))

    def _name(self, track: _Track) -> str:
        if track[1] not in self._names:
            self._error(f"a track without a name: {track}")
        return self._names.get(track[1], "")
