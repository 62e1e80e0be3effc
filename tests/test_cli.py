"""The command line: what it prints, to where, and how it ends."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys

import pytest

from interrupting import interrupted

COMMAND = [sys.executable, "-c", "from xous_sim.cli import main; main()"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, encoding="utf-8", env=env, timeout=120, check=False
    )


def test_census_prints_every_pair() -> None:
    done = run("census")
    assert done.returncode == 0
    assert "net, std::net" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("columns", ["20", "40", "80", "200"])
def test_a_census_fits_a_terminal_of_any_width(columns: str) -> None:
    done = run("census", COLUMNS=columns)
    tables, _ = done.stdout.split("Shortest schedules")
    assert max(len(line) for line in tables.splitlines()) <= int(columns)
    assert "std::net" in tables


def test_json_of_a_census_is_all_that_is_on_stdout() -> None:
    done = run("census", "--uses", "net,std::net,pddb", "--json")
    (census,) = json.loads(done.stdout)
    assert census["uses"] == ["net", "std::net", "pddb"]
    assert census["connections"][0]["severed"].startswith("x1:")


def test_json_of_verdicts_is_an_array_of_rows_and_incomplete_rows_give_status_3() -> None:
    done = run("verdicts", "--json", "--max-states", "30")
    assert done.returncode == 3
    assert len(json.loads(done.stdout)) == 176


@pytest.mark.parametrize("columns", ["20", "40", "80", "200"])
def test_a_terminal_of_any_width_gets_every_idiom_within_it(columns: str) -> None:
    done = run("verdicts", "--max-states", "300", COLUMNS=columns)
    assert "incomplete" in done.stdout
    prose, code = done.stdout.split("Replay it with:")
    assert max(len(line) for line in prose.splitlines()) <= int(columns)
    assert "refcounted_drop" in code
    assert "mutex-guarded" in done.stdout


def test_verdicts_end_with_a_counterexample_step_by_step() -> None:
    done = run("verdicts", "--max-states", "1000")
    assert "client 1 counts itself as a user" in done.stdout
    assert "xs.replay(" in done.stdout


def test_ascii_is_enough() -> None:
    done = run("verdicts", "--max-states", "30", PYTHONIOENCODING="ascii")
    assert done.returncode == 3
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["census", "--uses", "nett"], "did you mean"),
        (["census", "--uses", ","], "name what the process uses"),
        (["verdicts", "--max-states", "0"], "max-states"),
        (["verdict"], "verdict"),
    ],
)
def test_a_wrong_call_ends_with_status_2_and_names_the_way_out(arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_who_goes_away_ends_the_command_quietly() -> None:
    process = subprocess.Popen(
        [*COMMAND, "verdicts", "--max-states", "30"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 141
    assert errors == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_output_that_cannot_be_written_ends_the_command_with_one_line() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "census", "--json"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_ctrl_c_prints_what_is_known_by_then_and_ends_with_status_130() -> None:
    command = [*COMMAND, "census", "--json", "--uses", "net,dns,gam,com,jtag,tts,std::net"]
    done = interrupted(command, first_line=None, seconds=3)
    assert (done.returncode, done.stdout, done.stderr) == (130, "[]\n", "interrupted\n")


def test_the_version_is_that_of_the_package() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"xous-sim {importlib.metadata.version('xous_sim')}\n")


@pytest.mark.parametrize("command", [[], ["explore"], ["serve"], ["neighbours"], ["neighbours", "bus1"]])
def test_a_short_h_is_help(command: list[str]) -> None:
    done = run(*command, "-h")
    assert (done.returncode, done.stdout) == (0, run(*command, "--help").stdout)


def test_the_package_runs_as_the_command_does() -> None:
    command = [sys.executable, "-m", "xous_sim", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == run("--version").stdout


def test_the_help_of_every_command_ends_with_an_example() -> None:
    commands = re.findall(r"^│ (\w+) ", run("--help").stdout.partition("Commands")[2], re.MULTILINE)
    assert {"verdicts", "census", "explore", "replay", "trace", "page", "litmus"} <= set(commands)
    for command in commands:
        help_text = " ".join(run(command, "--help").stdout.split())
        is_group = "COMMAND [ARGS]" in help_text
        assert is_group or f"Example: xous-sim {command}" in help_text
