"""Traces: what is recorded, as JSON and back, and what each rendering promises its reader."""

from __future__ import annotations

import copy
import json
import pickle
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import traces_to_look_at as examples
import xous_sim as xs

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "trace.schema.json").read_text("utf-8"))
SCENARIOS = [
    examples.race,
    examples.lock_and_cell,
    examples.death,
    examples.two_processes,
    examples.livelock,
    examples.mean,
]


@pytest.fixture(scope="module")
def race() -> xs.Trace:
    return examples.found(examples.race)


def document(trace: xs.Trace) -> dict[str, Any]:
    return dict(json.loads(trace.to_json()))


def last(trace: xs.Trace) -> dict[str, Any]:
    """The state at the end."""
    return dict(document(trace)["traces"][0]["steps"][-1]["after"])


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_json_is_as_the_schema_says_and_is_read_back(scenario: Any) -> None:
    trace = examples.found(scenario)
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(document(trace))
    again = xs.Trace.from_json(trace.to_json())
    assert again.to_json() == trace.to_json()
    assert (again.steps, again.violation, again.loop) == (trace.steps, trace.violation, trace.loop)


def test_a_trace_by_reexecution_records_the_same() -> None:
    native = document(xs.explore(examples.race, xs.Replay("x1:0*4.1*2.0.1")).traces[0])["traces"][0]
    rerun = document(xs.explore(examples.race, xs.Rerun(schedule="x1:0*4.1*2.0.1")).traces[0])["traces"][0]
    for trace in (native, rerun):
        for state in [trace["before"], *(step["after"] for step in trace["steps"])]:
            state.pop("pages", None)  # whether ends of threads are told to the kernel differs
    assert rerun == native


def test_a_state_says_who_holds_a_connection_and_whose_handle_was_cut(race: xs.Trace) -> None:
    persistent, stale = last(race)["connections"]
    assert (persistent["server"], persistent["persistent"]) == ("log", True)
    assert (stale["cid"], stale["state"], stale["stale"]) == (3, "free", ["app/worker#2"])


def test_objects_and_queues_are_part_of_a_state() -> None:
    trace = document(examples.found(examples.lock_and_cell, slots=46))["traces"][0]
    first, third = trace["steps"][0]["after"], trace["steps"][2]["after"]
    assert {"name": "LOCK", "kind": "mutex", "value": "held by app/holder"} in first["objects"]
    assert {"name": "Arc 0", "kind": "arc", "value": "CID 2; 1 strong, 0 weak"} in third["objects"]
    assert third["connections"][0]["holders"] == ["Arc 0"]
    (queue,) = last(examples.found(examples.two_processes))["places"]
    assert queue == {"name": "queue of queue", "lines": ["1 queued", "0 received, not answered"]}


def test_the_bytes_of_a_page_add_up_to_the_page() -> None:
    def scenario(world: xs.World) -> None:
        server, app = world.server("log"), world.process("app")
        app.spawn(lambda: app.connect(server))

    trace = document(xs.replay(scenario, "x1:0").trace)["traces"][0]
    page = bytearray(4096)
    for state in [trace["before"], trace["steps"][0]["after"]]:
        for change in state["pages"][0]["changes"]:
            data = bytes.fromhex(change["bytes"])
            page[change["offset"] : change["offset"] + len(data)] = data
    parsed = xs.Page.parse(bytes(page))
    assert parsed["connection_map"].raw[:2] == b"\x02\0"
    assert parsed["pid"].value == trace["processes"][0]["pid"]


def test_processes_and_objects_of_one_name_are_told_apart() -> None:
    def scenario(world: xs.World) -> None:
        one, two = world.process("app"), world.process("app")
        first, second = world.atomic_u32(0, name="n"), world.atomic_u32(0, name="n")
        one.spawn(first.store, 1)
        two.spawn(second.store, 2)

    trace = xs.replay(scenario, "x1:0.1").trace
    told = document(trace)["traces"][0]
    assert [process["name"] for process in told["processes"]] == ["app (PID 2)", "app (PID 3)"]
    assert [(each["name"], each["value"]) for each in last(trace)["objects"]] == [("n", "1"), ("n#2", "2")]
    assert xs.Trace.from_json(trace.to_json()).to_json() == trace.to_json()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: d.update(format="other"), 'its "format" is "other"'),
        (lambda d: d.update(version=2), "a trace of version 2"),
        (lambda d: d.update(extra=1), "unknown field `extra`"),
        (lambda d: d.update(traces=[]), "one trace is wanted, and there are 0"),
        (lambda d: d.update(traces=d["traces"] * 2), "one trace is wanted, and there are 2"),
        (lambda d: d["traces"][0]["steps"][0].pop("thread"), "missing field `thread`"),
        (lambda d: d["traces"][0]["steps"][0].update(choice="zero"), "is no choice"),
        (lambda d: d["traces"][0]["steps"][0].update(thread="nobody"), 'step 1 is of thread "nobody"'),
        (lambda d: d["traces"][0].update(repeats_from=99), "repeats from step 99"),
        (lambda d: d["traces"][0]["before"]["connections"][0].update(cid=48), "CID 48 is none of the 32 slots"),
        (lambda d: d["traces"][0]["before"]["pages"][0]["changes"][0].update(offset=4096), "beyond its 4096 bytes"),
        (lambda d: d["traces"][0]["before"]["pages"][0]["changes"][0].update(bytes="0"), "pairs of hexadecimal digits"),
    ],
)
def test_a_spoiled_document_is_refused_with_its_reason(race: xs.Trace, spoil: Any, message: str) -> None:
    spoiled = copy.deepcopy(document(race))
    spoil(spoiled)
    with pytest.raises(xs.TraceError, match=re.escape(message)):
        xs.Trace.from_json(json.dumps(spoiled))


@given(st.text())
def test_text_that_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(xs.TraceError):
        xs.Trace.from_json(text)


SOUND = examples.found(examples.livelock).to_json()


@given(st.integers(0, len(SOUND) - 1), st.characters())
@example(5, "\ud800")
@settings(deadline=None)
def test_a_damaged_document_is_read_or_refused_and_never_more(at: int, character: str) -> None:
    damaged = SOUND[:at] + character + SOUND[at + 1 :]
    try:
        trace = xs.Trace.from_json(damaged)
    except xs.TraceError:
        return
    for rendering in (trace.to_text, trace.to_svg, trace.to_html, trace.to_perfetto, trace.to_mermaid):
        assert rendering()


def test_renderings_are_written_to_a_file_or_returned(race: xs.Trace, tmp_path: Path) -> None:
    for name in ("text", "svg", "html", "perfetto", "mermaid", "json"):
        rendering = getattr(race, f"to_{name}")
        assert rendering(tmp_path / name) is None
        assert (tmp_path / name).read_text("utf-8") == rendering()


def test_bad_arguments_are_refused(race: xs.Trace, tmp_path: Path) -> None:
    with pytest.raises(xs.MisuseError, match="a path is a text"):
        race.to_svg(3)  # type: ignore[call-overload]
    with pytest.raises(FileNotFoundError):
        race.to_svg(tmp_path / "absent" / "race.svg")
    with pytest.raises(xs.MisuseError, match="width must be"):
        race.to_text(width=0)
    with pytest.raises(xs.MisuseError, match="read from text"):
        xs.Trace.from_json(b"{}")  # type: ignore[arg-type]
    with pytest.raises(xs.MisuseError, match="there is no trace"):
        xs.traces.to_html([])
    with pytest.raises(xs.MisuseError, match="a trace is needed"):
        xs.traces.to_json([race.steps[0]])  # type: ignore[list-item]
    with pytest.raises(xs.MisuseError, match="a path is a text"):
        xs.traces.load(None)  # type: ignore[arg-type]
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(xs.TraceError, match="latin"):
        xs.traces.load(tmp_path / "latin")


def test_several_traces_are_kept_and_loaded_together(tmp_path: Path) -> None:
    found = xs.explore(examples.race, stop="explored")
    assert len(found.traces) == len(found.counterexamples) > 1
    xs.traces.to_json(found.traces, tmp_path / "all.json")
    assert [trace.schedule for trace in xs.traces.load(tmp_path / "all.json")] == [t.schedule for t in found.traces]


def test_a_trace_survives_pickling(race: xs.Trace) -> None:
    assert pickle.loads(pickle.dumps(race)).to_json() == race.to_json()


def test_a_line_of_text_is_never_longer_than_asked_for(race: xs.Trace) -> None:
    for width in (40, 80, 120):
        assert max(len(line) for line in race.to_text(width=width).splitlines()) <= width


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_picture_is_well_formed_and_says_what_it_shows(scenario: Any) -> None:
    trace = examples.found(scenario)
    root = ET.fromstring(trace.to_svg())
    shapes = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{shapes}title") == trace.scenario
    assert str(trace.violation).splitlines()[0][:40] in str(root.findtext(f"{shapes}desc"))
    boxes = [each for each in root.iter(f"{shapes}rect") if str(each.get("class")).startswith("step")]
    assert len(boxes) == len(trace)


def test_notebooks_show_explorations_traces_and_pages(race: xs.Trace) -> None:
    found = xs.explore(examples.race)
    assert found._repr_html_().startswith("<pre>violated: severed")
    assert 'sandbox="allow-scripts"' in race._repr_html_()
    world = xs.World()
    assert "connection_map" in world.process("app").page()._repr_html_()
