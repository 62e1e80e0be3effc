"""``xous-sim neighbours``: what it prints, to where, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import ModuleType

import pytest

from xous_sim.neighbours import bus1, capnp

COMMAND = [sys.executable, "-c", "from xous_sim.cli import main; main()", "neighbours"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, encoding="utf-8", env=env, timeout=120, check=False
    )


@pytest.mark.parametrize("system", [capnp, bus1])
def test_json_is_an_array_of_rows_and_all_that_is_on_stdout(system: ModuleType) -> None:
    done = run(system.__name__.rpartition(".")[2], "--json", "--max-states", "40")
    found = json.loads(done.stdout)
    assert (len(found), done.stderr) == (len(list(system.rows())), "")
    assert {row["verdict"] for row in found} <= {"sound", "violated", "incomplete"}
    for row in found:
        assert all(violation["schedule"].startswith("x1:") for violation in row["violations"])


def test_rows_that_hit_a_limit_give_status_3() -> None:
    assert run("capnp", "--max-states", "40").returncode == 3


def test_the_table_ends_with_the_cycle_step_by_step() -> None:
    done = run("capnp")
    assert done.returncode == 0
    assert "deadlock (13)" in done.stdout
    assert "Finish 0 is behind Call 3 on the link to B; which closes the cycle" in done.stdout


@pytest.mark.parametrize(("system", "message"), [("capnp", "=> deadlock"), ("bus1", "=> starved")])
def test_the_lines_that_replay_the_counterexample_do(system: str, message: str) -> None:
    _, _, lines = run(system).stdout.partition("Replay it with:")
    program = [line.strip() for line in lines.strip().splitlines()]
    program[-1] = f"print({program[-1]}.trace)"
    done = subprocess.run([sys.executable, "-c", "\n".join(program)], capture_output=True, text=True, check=True)
    assert message in done.stdout


@pytest.mark.parametrize("columns", ["40", "80", "200"])
@pytest.mark.parametrize("system", ["capnp", "bus1"])
def test_a_terminal_of_any_width_gets_every_row_within_it(system: str, columns: str) -> None:
    done = run(system, "--max-states", "60", COLUMNS=columns)
    table, _, _ = done.stdout.partition("How the first")
    assert max(len(line) for line in table.splitlines()) <= int(columns)


def test_a_wrong_call_ends_with_status_2() -> None:
    done = run("dbus")
    assert done.returncode == 2
    assert "dbus" in done.stderr
