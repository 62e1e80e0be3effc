"""``xous-sim serve``: what it prints, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import xous_sim as xs
from hosted.programs import RAW
from hosted.raw_client import DONE

COMMAND = [sys.executable, "-c", "from xous_sim.cli import main; main()"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run("serve", *arguments)


def test_it_names_address_and_processes_and_reports_at_the_end() -> None:
    done = serve("--", "sleep 1; exit 3", "true")
    assert done.returncode == 1
    first, second, third, *report = done.stdout.splitlines()
    assert re.fullmatch(r"listening on 127\.0\.0\.1:\d+", first)
    assert (second, third) == ("PID 2: sleep 1; exit 3", "PID 3: true")
    assert 'process 2 failed: "sleep 1; exit 3" ended with status 3' in report
    assert "process 3 ended with status 0" in report
    assert report[-1] == "nothing was found wrong with any connection"
    assert done.stderr == ""


def test_it_says_so_when_others_can_connect() -> None:
    done = serve("--listen", "0.0.0.0:0", "--", "true")
    assert "this is not loopback" in done.stderr


def test_a_trace_is_written(tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    done = serve("--trace", str(file), "--", f"{RAW} serve-and-end", f"{RAW} ask")
    assert "ended with status 42" in done.stdout
    (trace,) = json.loads(file.read_text("utf-8"))["traces"]
    operations = [step["operation"] for step in trace["steps"]]
    assert operations.count("send BlockingScalar 0 through CID 2 (raw-server)") == 20


def test_a_trace_of_a_schedule_is_rendered(tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    done = serve("--schedule", "random", "--trace", str(file), "--", f"{RAW} serve-and-end", f"{RAW} ask")
    assert "ended with status 42" in done.stdout
    for style in ("text", "svg", "html", "perfetto", "mermaid"):
        rendered = run("trace", str(file), "--format", style)
        assert rendered.returncode == 0 and "raw-server" in rendered.stdout, rendered.stderr


@pytest.mark.parametrize("path", ["nowhere/trace.json", "."])
def test_a_trace_that_cannot_be_written_is_told_before_anything_runs(tmp_path: Path, path: str) -> None:
    done = serve("--trace", str(tmp_path / path), "--", "true")
    assert done.returncode == 2
    assert done.stdout == "" and str(tmp_path) in done.stderr


def test_an_address_that_is_taken_is_told() -> None:
    with xs.HostedServer() as server:
        done = serve("--listen", server.address, "--", "true")
    assert done.returncode == 2
    assert server.address in done.stderr and "in use" in done.stderr


def test_it_listens_where_the_variable_of_the_real_kernel_says() -> None:
    done = subprocess.run(
        [*COMMAND, "serve", "--", "true"],
        env={**os.environ, "XOUS_LISTEN_ADDR": "127.0.0.2:0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("listening on 127.0.0.2:")


def test_it_ends_with_the_last_program_if_asked_to() -> None:
    done = serve("--until-last", "--", f"{RAW} serve", f"({RAW} ask); test $? = {DONE}")
    assert "process 3 ended with status 0" in done.stdout
    assert done.returncode == 0


def test_with_json_a_report_is_all_that_is_on_stdout() -> None:
    done = serve("--json", "--", "exit 3")
    report = json.loads(done.stdout)
    (ended,) = report["exits"]
    assert ended == {"pid": 2, "code": 3, "program": 0, "command": "exit 3", "signal": None, "stopped": False}
    assert report["findings"] == []
    assert "listening on" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_programs_and_still_reports(number: signal.Signals) -> None:
    with subprocess.Popen([*COMMAND, "serve", "--", f"{RAW} wait"], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        for line in program.stdout:
            if line == "waiting\n":
                break
        program.send_signal(number)
        rest = program.stdout.read()
        assert program.wait(timeout=30) == 130
    assert "process 2 ended with status 0" in rest


def test_a_kernel_panic_is_told_and_gives_status_1() -> None:
    code = "import os,socket;h,p=os.environ['XOUS_SERVER'].split(':');socket.create_connection((h,int(p))).close()"
    done = serve("--profile", "faithful", "--", f'{sys.executable} -c "{code}"; sleep 5')
    assert done.returncode == 1
    assert "the kernel ended: KernelPanic: a client closed its connection" in done.stdout


def test_an_invitation_names_the_variables() -> None:
    with subprocess.Popen([*COMMAND, "serve", "--invite", "1"], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        program.stdout.readline()
        line = program.stdout.readline()
        assert line.startswith("PID 2 for you: ")
        pairs = dict(pair.split("=", 1) for pair in line.removeprefix("PID 2 for you: ").split())
        script = Path(__file__).parent / "raw_client.py"
        environment = {**os.environ, **pairs}
        client = subprocess.Popen([sys.executable, script, "wait"], env=environment, stdout=subprocess.PIPE)
        try:
            with client:
                assert client.stdout is not None and client.stdout.readline() == b"waiting\n"
                client.terminate()
            assert program.wait(timeout=30) == 0
        finally:
            program.kill()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name a program"),
        (["--slots", "33", "--", "true"], "32 or 46"),
        (["--listen", "nowhere", "--", "true"], "address"),
        (["--schedule", "dfs", "--", "true"], "dfs"),
        (["--seed", "-1", "--", "true"], "seed"),
    ],
)
def test_wrong_calls_give_status_2(arguments: list[str], says: str) -> None:
    done = serve(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
