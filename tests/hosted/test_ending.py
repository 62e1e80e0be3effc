"""How runs and programs end: what is a program's fault and what our doing, and that nobody is left behind."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import xous_sim as xs
from hosted.programs import RAW
from hosted.raw_client import DONE
from hosted.test_serve import serve

FAR_TOO_LONG = 60.0


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + FAR_TOO_LONG
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.01)


def when_there(file: Path) -> str:
    """A program that ends, with 0, soon after the file is there."""
    return f"until test -e {shlex.quote(str(file))}; do sleep 0.05; done; sleep 0.5"


def test_a_service_that_is_asleep_when_the_run_ends_is_no_finding(tmp_path: Path) -> None:
    calling = tmp_path / "calling"
    sleeper = f"{RAW} sleep-as-service {calling}"
    done = serve("--until-last", "--", f"{RAW} clock", sleeper, when_there(calling))
    assert "nothing was found" in done.stdout, (done.stdout, done.stderr)
    assert done.returncode == 0, done.stdout


def test_a_program_that_sleeps_by_the_clock_when_the_run_ends_is_no_finding(tmp_path: Path) -> None:
    calling = tmp_path / "calling"
    done = serve("--until-last", "--", f"{RAW} clock", f"{RAW} sleep {calling}", when_there(calling))
    assert "nothing was found" in done.stdout, (done.stdout, done.stderr)
    assert done.returncode == 0, done.stdout


def test_a_program_whose_call_was_forgotten_is_a_finding(tmp_path: Path) -> None:
    calling = tmp_path / "calling"
    done = serve("--until-last", "--", f"{RAW} forget", f"{RAW} sleep {calling}", when_there(calling))
    assert "unanswered: process 3, thread 2, CID 2" in done.stdout
    assert done.returncode == 1


def test_a_server_that_ends_during_the_run_leaves_its_caller_hanging(tmp_path: Path) -> None:
    calling = tmp_path / "calling"
    done = serve("--until-last", "--", f"{RAW} leave", f"{RAW} sleep-as-service {calling}", when_there(calling))
    assert "hanging: process 3, thread 2, CID 3" in done.stdout
    assert done.returncode == 1


def test_the_kernel_stays_as_the_run_has_left_it() -> None:
    with xs.HostedServer() as server:
        pid = server.spawn(f"{RAW} wait")
        until(lambda: server.report().calls == 3)
        server.close()
        assert server.kernel.connection_map(pid)[0] == 2


def test_a_shell_that_ends_does_not_end_the_next_process_with_its_pid() -> None:
    with xs.HostedServer() as server:
        first = server.spawn(f"({RAW} greet); sleep 0.7")
        until(lambda: server.report().calls and not server.kernel.processes()[1:])
        second = server.spawn(f"sleep 1.4; {RAW} greet")
        assert first == second == 2
        assert server.wait(timeout=FAR_TOO_LONG)
    assert [ended.code for ended in server.report().exits] == [0, 0]


def test_sixty_four_short_programs_all_end_well() -> None:
    with xs.HostedServer() as server:
        for number in range(64):
            until(lambda: len(server.kernel.processes()) < 5)
            server.spawn(f"{RAW} greet" if number % 2 else f"({RAW} greet)")
        assert server.wait(timeout=FAR_TOO_LONG)
    assert [ended.code for ended in server.report().exits] == [0] * 64


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    "left",
    [
        "sleep 78",
        pytest.param("setsid sleep 78", marks=pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")),
    ],
)
def test_what_a_program_leaves_behind_ends_with_it(tmp_path: Path, left: str) -> None:
    numbers = tmp_path / "number"
    with xs.HostedServer() as server:
        server.spawn(f"{left} & echo $! > {numbers}; exec {RAW.removeprefix('exec ')} greet")
        assert server.wait(timeout=FAR_TOO_LONG)
        until(lambda: not is_alive(int(numbers.read_text())))


@pytest.mark.parametrize(
    ("command", "how"),
    [
        ("exit 7", "ended with status 7"),
        ("/nonexistent", "ended with status 127, by which a shell says that there is no such command"),
        ("exit 101", "ended with status 101, as a Rust program does that panics"),
        ("kill -SEGV $$", "was ended by signal 11 (SIGSEGV)"),
    ],
)
def test_a_program_that_fails_is_told_and_gives_status_1(command: str, how: str) -> None:
    for arguments in (["--until-last", "--", "sleep 60", command], ["--", command]):
        done = serve(*arguments)
        assert f'failed: "{command}" {how}' in done.stdout
        assert done.returncode == 1


def test_programs_that_are_ended_with_the_run_have_not_failed() -> None:
    done = serve("--until-last", "--", "trap 'exit 5' TERM; sleep 60", "sleep 60", f"{RAW} wait", "true")
    assert "failed" not in done.stdout
    assert done.returncode == 0
    assert "process 2 was ended with the kernel" in done.stdout


def test_the_last_program_is_told_from_an_earlier_one_with_its_pid() -> None:
    done = serve("--until-last", "--", "true", f"sleep 1; {RAW.removeprefix('exec ')} greet; exit 3")
    assert 'failed: "sleep 1' in done.stdout and "ended with status 3" in done.stdout


def test_exits_tell_which_program_ended_how() -> None:
    with xs.HostedServer() as server:
        server.spawn("kill -KILL $$")
        server.spawn(f"{RAW} wait")
        until(lambda: server.report().exits and server.report().calls == 3)
    killed, stopped = server.report().exits
    assert (killed.program, killed.code, killed.signal, killed.stopped) == (0, None, signal.SIGKILL, False)
    assert (stopped.program, stopped.command, stopped.code, stopped.stopped) == (1, f"{RAW} wait", 0, True)
    assert server.report().failures == (killed,)
    assert DONE not in {killed.code, stopped.code}
