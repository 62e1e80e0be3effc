"""The commands that run a scenario of the user's: what they print, how they end, and what they say of bad input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import xous_sim as xs
from interrupting import interrupted

COMMAND = [sys.executable, "-c", "from xous_sim.cli import main; main()"]
RACE = "x1:0*4.1*2.0.1"
SCENARIOS = """
from pathlib import Path

import xous_sim as xs

def race(world):
    server, app, users = world.server("log"), world.process("app"), world.atomic_u32(0, name="USERS")
    def worker():
        users.fetch_add(1)
        connection = app.connect(server)
        app.send(connection, xs.Scalar(1))
        if users.fetch_sub(1) == 1:
            app.disconnect(connection)
    app.spawn(worker)
    app.spawn(worker)

def sound(world):
    app, n = world.process("app"), world.atomic_u32(0, name="n")
    app.spawn(n.fetch_add, 1)

def large(world):
    Path("large.began").touch()
    app, n = world.process("app"), world.atomic_u32(0)
    for _ in range(9):
        app.spawn(lambda: n.fetch_add(world.choose(50)), times=9)

def prints(world):
    app, n = world.process("app"), world.atomic_u32(0, name="n")
    print("the scenario prints")
    def loud():
        print("a body prints")
        n.fetch_add(1)
        assert n.load() == 1
    app.spawn(loud)
    app.spawn(loud)

def small(state):
    return state["n"] == 0

def nothing():
    pass

def raises(world):
    return {}["key"]

def spawns_nothing(world):
    pass

LIMIT = 3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "race.py").write_text(SCENARIOS, encoding="utf-8")
    (tmp_path / "raises.py").write_text("raise ValueError('no\\x00 luck')\n", encoding="utf-8")
    (tmp_path / "leaves.py").write_text("raise SystemExit(0)\n", encoding="utf-8")
    (tmp_path / "syntax.py").write_text("def f(:\n", encoding="utf-8")
    (tmp_path / "text.txt").write_text("hello\n", encoding="utf-8")
    (tmp_path / "other.json").write_text("{}\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=env,
        cwd=folder,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "status", "begins"),
    [
        (["explore", "race.py::sound"], 0, "sound: no interleaving violates"),
        (["explore", "race.py::race"], 1, "violated: severed: a send to log"),
        (["explore", "race.py::race", "--max-states", "5"], 3, "incomplete: the limit of states"),
        (["explore", "race.py::race", "--strategy", "dpor"], 1, "violated: "),
        (["explore", "race.py::race", "--strategy", "rerun"], 1, "violated: "),
        (["explore", "race.py::race", "--connect", "unique"], 1, "violated: leak"),
        (["explore", "race.py::sound", "--strategy", "pct", "--seed", "3", "--max-schedules", "5"], 3, "incomplete: "),
        (["explore", "race.py::sound", "--invariant", "small"], 1, "violated: invariant"),
        (["explore", "race.py::sound", "--finally", "small"], 1, "violated: finally"),
        (["replay", "race.py::race", RACE], 1, "race: 8 steps"),
        (["replay", "race.py::race", "x1:0*2"], 3, "race: 2 steps"),
        (["replay", "race.py::race", "x1:0*2", "--rerun"], 3, "race: 2 steps"),
        (["replay", "race.py::race", RACE, "--rerun"], 1, "race: 8 steps"),
    ],
)
def test_the_status_is_the_verdict(folder: Path, arguments: list[str], status: int, begins: str) -> None:
    done = run(folder, *arguments)
    assert (done.returncode, done.stderr) == (status, "")
    assert done.stdout.startswith(begins)


def test_the_line_that_explore_prints_replays_with_the_same_kernel(folder: Path) -> None:
    done = run(folder, "explore", "race.py::race", "--slots", "46", "--connect", "unique")
    line = done.stdout.partition("replay with: xous-sim ")[2].split("\n")[0]
    again = run(folder, *line.replace("'", "").split())
    assert again.returncode == 1
    assert "46 slots, connect: unique" in again.stdout
    assert "=> leak" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explore", "raises.py::f"], "raises.py does not import: ValueError: no"),
        (["explore", "leaves.py::f"], "leaves.py does not import: SystemExit: 0"),
        (["explore", "syntax.py::f"], "syntax.py does not import: SyntaxError: "),
        (["explore", "text.txt::f"], "text.txt is no Python file"),
        (["explore", "absent.py::f"], "absent.py: there is no such file"),
        (["explore", "race.py"], "'race.py' names no scenario: give FILE.py::scenario"),
        (["explore", "race.py::"], "names no scenario"),
        (["explore", "race.py::rac"], "rac is not there; did you mean race?"),
        (["explore", "race.py::zzz"], "zzz is not there; it has race, sound, large"),
        (["explore", "race.py::LIMIT"], "LIMIT is no function"),
        (["explore", "race.py::raises"], "the scenario raised KeyError: 'key'"),
        (["explore", "race.py::spawns_nothing"], "spawns no thread"),
        (["explore", "race.py::sound", "--invariant", "smal"], "did you mean small?"),
        (["explore", "race.py::race", "--slots", "33"], "33 is no size of the connection map"),
        (["explore", "race.py::race", "--strategy", "dpor", "--max-states", "5"], "means nothing to dpor"),
        (
            ["explore", "race.py::nothing"],
            "a scenario takes the world that it sets up: scenario(world), and nothing() does not",
        ),
        (["explore", "race.py::race", "--strategy", "bfs"], "'--strategy': 'bfs' is not one of 'exhaustive', 'dpor',"),
        (["explore", "race.py::race", "--profile", "x"], "'--profile': 'x' is not one of 'hardware', 'hosted'."),
        (["explore", "race.py::race", "--max-seconds", "-1"], "max_seconds"),
        (["explore", "race.py::race", "--checkpoint", "absent/file", "--max-states", "2"], "absent/file"),
        (["explore", "race.py::race", "--strategy", "rerun", "--memory", "c11"], 'whose memory is "sc"'),
        (["replay", "race.py::race", "x2:0"], "is not part of a schedule"),
        (["replay", "race.py::sound", RACE], "departs from the scenario at step 2"),
        (["trace", "race.py::sound"], "there is no counterexample to render"),
        (
            ["trace", "race.py::race", "--output", "absent/race.html", "--format", "html"],
            "absent/race.html: No such file",
        ),
        (["trace", "race.py::race", "--format", "png"], "png"),
        (["trace", "absent.json"], "absent.json: No such file"),
        (["trace", "other.json"], "other.json: this is no trace"),
        (["page", "absent.bin"], "absent.bin: No such file"),
        (["page", "text.txt"], "text.txt: a process page has 4096 bytes, these are 6"),
        (["page", "--slots", "33"], "33 is no size of the connection map"),
        (["nothing"], "nothing"),
    ],
)
def test_bad_input_ends_with_status_2_and_a_clear_message(folder: Path, arguments: list[str], message: str) -> None:
    done = run(folder, *arguments, COLUMNS="200")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "defect" not in done.stderr
    assert done.stdout == ""


def test_json_of_an_exploration_holds_its_counts_and_traces(folder: Path) -> None:
    done = run(folder, "explore", "race.py::race", "--all", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["verdict"], found["strategy"]) == (1, "violated", "exhaustive")
    assert {trace["violation"]["property"] for trace in found["counterexamples"]} >= {"severed", "free-slot"}
    assert found["states"] > 0


@pytest.mark.parametrize("rerun", [[], ["--rerun"]])
@pytest.mark.parametrize(("line", "steps"), [(RACE, 8), ("x1:0*2", 2)])
def test_json_of_a_replay_is_one_trace(folder: Path, rerun: list[str], line: str, steps: int) -> None:
    done = run(folder, "replay", "race.py::race", line, "--json", *rerun)
    trace = json.loads(done.stdout)
    assert trace["schedule"] == line
    assert len(trace["steps"]) == steps


def test_a_trace_that_was_written_as_json_is_rendered_later(folder: Path) -> None:
    done = run(folder, "trace", "race.py::race", "--json", "--output", "race.json")
    assert (done.returncode, done.stdout) == (0, "")
    (trace,) = xs.traces.load(folder / "race.json")
    again = run(folder, "trace", "race.json", "--format", "mermaid")
    assert (again.returncode, again.stdout) == (0, trace.to_mermaid())


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("text", "race: 8 steps"),
        ("svg", "<svg xmlns"),
        ("html", "<!doctype html>"),
        ("perfetto", "{"),
        ("mermaid", "sequenceDiagram"),
        ("json", "{"),
    ],
)
def test_a_schedule_is_rendered_in_each_format(folder: Path, form: str, begins: str) -> None:
    done = run(folder, "trace", "race.py::race", RACE, "--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(begins)
    assert "severed" in done.stdout


def test_of_several_traces_one_is_chosen_where_a_format_shows_one(folder: Path) -> None:
    run(folder, "trace", "race.py::race", "--all", "--json", "--output", "all.json")
    several = run(folder, "trace", "all.json", "--format", "svg")
    assert several.returncode == 2
    assert "svg shows one trace, and there are" in several.stderr
    one = run(folder, "trace", "all.json", "--format", "svg", "--number", "2")
    assert one.returncode == 0
    assert one.stdout.count("<svg") == 1
    assert "there is no trace 99" in run(folder, "trace", "all.json", "--number", "99").stderr


@pytest.mark.parametrize("columns", ["40", "80"])
def test_a_trace_fits_a_terminal_of_few_columns(folder: Path, columns: str) -> None:
    done = run(folder, "replay", "race.py::race", RACE, COLUMNS=columns)
    assert max(len(line) for line in done.stdout.splitlines()) <= int(columns)
    assert "ServerNotFound" in done.stdout


def test_ctrl_c_says_how_far_a_search_came_and_saves_its_checkpoint(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    command = [*COMMAND, "explore", "race.py::large", "--json", "--checkpoint", "kept"]
    done = interrupted(command, first_line=None, seconds=3, file=folder / "large.began")
    known = json.loads(done.stdout)
    assert (done.returncode, known["verdict"], known["interrupted"]) == (130, "incomplete", True)
    assert known["states"] > 0
    ended = json.loads(run(folder, "explore", "race.py::sound", "--json").stdout)
    assert (known.keys(), ended["interrupted"]) == (ended.keys(), False)
    assert known["scenario"] == "race.py::large"
    assert done.stderr == "interrupted\n"
    assert (folder / "kept").is_file()


@pytest.mark.parametrize("every", [[], ["--all"]])
def test_ctrl_c_before_a_search_has_begun_leaves_json_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch, every: list[str]
) -> None:
    monkeypatch.chdir(folder)
    slow = "import pathlib, time\npathlib.Path('slow.began').touch()\ntime.sleep(60)\n"
    (folder / "slow.py").write_text(slow, encoding="utf-8")
    command = [*COMMAND, "explore", "slow.py::scenario", "--json", *every]
    done = interrupted(command, first_line=None, seconds=0.1, file=folder / "slow.began")
    known = json.loads(done.stdout)
    assert (done.returncode, known["verdict"], known["states"]) == (130, "incomplete", 0)
    assert known["counterexamples"] == (None if every else [])  # a search that goes on may have found some


def test_ctrl_c_leaves_an_empty_document_of_traces(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    command = [*COMMAND, "trace", "race.py::large", "--json"]
    done = interrupted(command, first_line=None, seconds=0.1, file=folder / "large.began")
    assert json.loads(done.stdout)["traces"] == []
    assert "incomplete: interrupted after" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["explore", "race.py::prints", "--json"],
        ["explore", "race.py::prints", "--json", "--strategy", "rerun"],
        ["replay", "race.py::prints", "x1:0*2", "--json"],
        ["trace", "race.py::prints", "--json"],
    ],
)
def test_json_is_all_that_stdout_has_when_bodies_print(folder: Path, arguments: list[str]) -> None:
    done = run(folder, *arguments)
    assert json.loads(done.stdout)
    assert "the scenario prints\n" in done.stderr
    assert "a body prints\n" in done.stderr


def test_the_line_that_explore_prints_names_the_properties_too(folder: Path) -> None:
    done = run(folder, "explore", "race.py::sound", "--finally", "small")
    line = done.stdout.partition("replay with: xous-sim ")[2].split("\n")[0]
    assert "=> finally: small does not hold" in run(folder, *line.replace("'", "").split()).stdout


def test_a_reader_who_goes_away_ends_the_command_with_status_141(folder: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "trace", "race.py::race", "--format", "html"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 141


def test_a_page_is_listed_field_by_field_and_read_back_from_a_dump(folder: Path) -> None:
    fresh = json.loads(run(folder, "page", "--slots", "46", "--json").stdout)
    assert fresh["slots"] == 46
    fields = {field["name"]: field for field in fresh["fields"]}
    assert (fields["connection_map"]["offset"], fields["connection_map"]["size"]) == (36, 46)
    world = xs.World()
    app = world.process("app")
    app.connect(world.server("log"))
    (folder / "page.bin").write_bytes(app.page().render())
    done = run(folder, "page", "page.bin", COLUMNS="120")
    assert "connection_map      02\n" in done.stdout
    assert re.search(r"^ *70 +2 \(padding\)", done.stdout, re.MULTILINE)
    assert app.page().hex_dump(width=120) in done.stdout


@pytest.mark.parametrize("columns", ["40", "80"])
def test_a_page_fits_a_terminal_of_few_columns(folder: Path, columns: str) -> None:
    (folder / "page.bin").write_bytes(full_page())
    done = run(folder, "page", "page.bin", "--slots", "46", COLUMNS=columns)
    assert max(len(line) for line in done.stdout.splitlines()) <= int(columns)
    listed, _, dump = done.stdout.partition("31 threads")
    value = listed.partition("connection_map")[2].partition("pid")[0].split()
    assert "".join(value[:-2]) == "".join(f"{cid:02x}" for cid in range(2, 48))  # and then offset and size of the next
    assert "last_tid_allocated" in dump


def full_page() -> bytes:
    """The page of a process that has used all of its 46 slots."""
    world = xs.World(slots=46)
    app = world.process("app")
    for number in range(46):
        app.connect(world.server(f"server {number}"))
    return app.page().render()


def test_litmus_tests_agree_with_what_c11_allows(folder: Path) -> None:
    done = run(folder, "litmus", "--json")
    rows = json.loads(done.stdout)
    assert done.returncode == 0
    assert not [row for row in rows if row["found"] and not row["allowed"]]
    assert any(row["found"] for row in rows)


def test_a_shell_completes_the_functions_of_a_file_without_running_it(folder: Path) -> None:
    variables = {"_XOUS_SIM_COMPLETE": "complete_bash", "COMP_WORDS": "xous-sim explore race.py::s", "COMP_CWORD": "2"}
    done = run(folder, **variables)
    assert done.stdout.split() == ["race.py::sound", "race.py::small", "race.py::spawns_nothing"]
    broken = run(folder, **(variables | {"COMP_WORDS": "xous-sim explore raises.py::f"}))
    assert (broken.stdout.strip(), broken.stderr) == ("", "")


def test_a_file_of_the_name_of_a_module_is_itself(folder: Path) -> None:
    (folder / "json.py").write_text(SCENARIOS, encoding="utf-8")
    done = run(folder, "explore", "json.py::sound")
    assert (done.returncode, done.stderr) == (0, "")
