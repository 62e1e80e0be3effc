"""Renderings for other tools, checked against what those tools document.

Perfetto imports the Trace Event Format: "Trace Event Format", Google, 2016
(https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU), as far as its importer reads it
(:mod:`perfetto_reader`). Mermaid's sequence diagrams: https://mermaid.js.org/syntax/sequenceDiagram.html. Written from
these, not from the code that is tested.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from typing import Any, Final

import pytest

import perfetto_reader
import traces_to_look_at as examples
import xous_sim as xs

TRACES = [trace for traces in examples.pages().values() for trace in traces]

EVENT: Final = {  # phase: what it must have, beside those that all have
    "X": {"ts", "dur"},
    "M": {"args"},
    "C": {"ts", "args"},
    "i": {"ts", "s"},
    "s": {"ts", "id"},
    "f": {"ts", "id"},
}
KEYS: Final = {"ph", "name", "cat", "pid", "tid", "ts", "dur", "args", "id", "s", "bp"}
METADATA: Final = {"process_name", "thread_name"}
MERMAID: Final = (
    r"sequenceDiagram",
    r"    participant (?P<declared>\w+) as (?:[^#;\n]|#\d+;)+",
    r"    (?P<from>\w+)(?:->>|-->>)(?P<to>\w+): (?P<message>[^\n]+)",
    r"    Note over (?P<over>\w+(?:,\w+)?): (?P<note>[^\n]+)",
    r"    loop [^\n]+",
    r"    end",
)


def events(trace: xs.Trace) -> list[dict[str, Any]]:
    document = json.loads(trace.to_perfetto())
    assert document["displayTimeUnit"] in ("ms", "ns")
    return list(document["traceEvents"])


@pytest.mark.parametrize("trace", TRACES, ids=repr)
def test_each_event_is_one_of_the_trace_event_format(trace: xs.Trace) -> None:
    for event in events(trace):
        assert event.keys() <= KEYS
        assert event.keys() >= EVENT[event["ph"]] | {"name", "pid", "tid"}
        assert all(isinstance(event[key], int) and event[key] >= 0 for key in ("pid", "tid"))
        assert isinstance(event["name"], str) and event["name"]
        assert event.get("ts", 0) >= 0 and event.get("dur", 1) > 0
        assert event.get("s", "g") in ("g", "p", "t")
        if event["ph"] == "M":
            assert event["name"] in METADATA
            assert isinstance(event["args"]["name"], str)
        if event["ph"] == "C":
            assert all(isinstance(value, int) for value in event["args"].values())


@pytest.mark.parametrize("trace", TRACES, ids=repr)
def test_slices_of_a_track_do_not_overlap_and_every_track_has_a_name(trace: xs.Trace) -> None:
    tracks: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for event in events(trace):
        if event["ph"] == "X":
            tracks.setdefault((event["pid"], event["tid"]), []).append((event["ts"], event["ts"] + event["dur"]))
    named = {(event["pid"], event["tid"]) for event in events(trace) if event["name"] == "thread_name"}
    assert tracks.keys() <= named
    for slices in tracks.values():
        assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(slices))


@pytest.mark.parametrize("trace", TRACES, ids=repr)
def test_a_flow_begins_and_ends_once_inside_slices(trace: xs.Trace) -> None:
    listed = events(trace)
    begins = Counter(event["id"] for event in listed if event["ph"] == "s")
    ends = Counter(event["id"] for event in listed if event["ph"] == "f")
    assert begins == ends
    assert set(begins.values()) <= {1}
    slices = [event for event in listed if event["ph"] == "X"]
    for flow in (event for event in listed if event["ph"] in "sf"):
        track = [each for each in slices if (each["pid"], each["tid"]) == (flow["pid"], flow["tid"])]
        assert any(each["ts"] <= flow["ts"] < each["ts"] + each["dur"] for each in track)


@pytest.mark.parametrize("trace", TRACES, ids=repr)
def test_perfetto_reads_every_event_and_ties_each_system_call_to_the_kernels_side_of_it(trace: xs.Trace) -> None:
    found = perfetto_reader.read(trace.to_perfetto())
    assert found.errors == []
    threads = {step.thread for step in trace}
    assert threads | {"system calls"} >= set(found.slices) >= threads
    for thread in threads:
        assert found.slices[thread] == [step.operation for step in trace if step.thread == thread]
    calls = found.slices.get("system calls", [])
    assert [call for _, call, _, _ in found.flows] == calls
    assert all((to, call) == ("system calls", again) for _, call, to, again in found.flows)
    assert {value for name, value in found.counters if name == "connections slots in use"} <= set(range(47))


def test_names_that_perfetto_could_not_read_are_made_readable() -> None:
    def scenario(world: xs.World) -> None:
        n = world.atomic_u32(0, name="n\x00\t\x7f\\")
        world.process("Grüße\x1b[31m").spawn(n.fetch_add, 1, name="back\\")

    trace = xs.explore(scenario, finally_=lambda state: False).trace
    assert trace is not None
    found = perfetto_reader.read(trace.to_perfetto())
    assert found.errors == []
    assert found.slices == {"Grüße [31m/back\\ ": ["n   \\.fetch_add(1, seq_cst)"]}


@pytest.mark.parametrize("trace", TRACES, ids=repr)
def test_each_step_is_in_the_perfetto_trace(trace: xs.Trace) -> None:
    slices = {event["ts"]: event["name"] for event in events(trace) if event["ph"] == "X"}
    assert [slices[ts] for ts in sorted(slices)] == [step.operation for step in trace]


@pytest.mark.parametrize("trace", TRACES, ids=repr)
def test_each_line_of_a_diagram_is_one_of_mermaids_grammar(trace: xs.Trace) -> None:
    declared: set[str] = set()
    depth = 0
    first, *lines = trace.to_mermaid().splitlines()
    assert first == "sequenceDiagram"
    for line in lines:
        (match,) = [found for rule in MERMAID if (found := re.fullmatch(rule, line))][:1]
        groups = match.groupdict()
        if "declared" in groups:
            declared.add(groups["declared"])
        used = [groups.get("from"), groups.get("to"), *(groups.get("over") or "").split(",")]
        assert {name for name in used if name} <= declared
        text = groups.get("message") or groups.get("note") or ""
        assert not re.search(r"[<>{}\"]|(?<!\d);|#(?!\d+;)", text.replace("<br/>", ""))
        depth += line.strip().startswith("loop") - (line.strip() == "end")
        assert depth >= 0
    assert depth == 0
