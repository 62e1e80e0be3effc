"""The hosted kernel as a library: real programs run on it, and Python looks at them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import xous_sim as xs
from hosted.programs import RAW, build_real_programs
from hosted.raw_client import DONE

FAR_TOO_LONG = 60.0


@pytest.fixture(scope="module")
def real() -> Path:
    return build_real_programs()


def run(server: xs.HostedServer, *clients: int) -> dict[int, int | None]:
    """Waits for the clients; their exit statuses."""
    server.begin()
    end = time.monotonic() + FAR_TOO_LONG
    while True:
        codes = {ended.pid: ended.code for ended in server.report().exits}
        if set(clients) <= set(codes):
            return codes
        assert time.monotonic() < end, server.report()
        time.sleep(0.005)


def test_a_program_that_needs_no_library_serves_another() -> None:
    with xs.HostedServer() as server:
        server.spawn(f"{RAW} serve")
        client = server.spawn(f"{RAW} ask")
        assert run(server, client)[client] == DONE
    assert server.report().findings == ()
    assert server.report().ending is None


def test_processes_get_the_lowest_free_pid_from_2_on() -> None:
    with xs.HostedServer() as server:
        assert [server.spawn("sleep 60"), server.spawn("sleep 60"), server.invite().pid] == [2, 3, 4]


def test_the_kernel_can_be_looked_at_while_programs_run() -> None:
    with xs.HostedServer() as server:
        pid = server.spawn(f"{RAW} wait")
        end = time.monotonic() + FAR_TOO_LONG
        while (2 not in server.kernel.threads(pid)) or server.kernel.connection_map(pid)[0] == 0:
            assert time.monotonic() < end, server.report()
            time.sleep(0.005)
        copy = server.kernel
        assert copy.connection_map(pid)[:2] == bytes([2, 0])
        assert copy.crash_process(pid).outcome == "ended"
        assert pid in server.kernel.processes()


def test_whoever_is_invited_may_join_from_outside() -> None:
    with xs.HostedServer(names=True) as server:
        invitation = server.invite()
        environment = {**os.environ, **invitation.environment}
        script = Path(__file__).parent / "raw_client.py"
        with subprocess.Popen([sys.executable, script, "wait"], env=environment, stdout=subprocess.PIPE) as program:
            assert program.stdout is not None and program.stdout.readline() == b"waiting\n"
            assert server.wait(timeout=0.05) is False
            server.close()
            assert program.wait(timeout=FAR_TOO_LONG) == 0


def test_keys_differ_from_server_to_server_unless_they_are_seeded() -> None:
    def key(seed: int | None) -> str:
        with xs.HostedServer(seed=seed) as server:
            return server.invite().environment["XOUS_PROCESS_KEY"]

    assert key(None) != key(None)
    assert key(7) == key(7) != key(8)


def test_it_listens_on_loopback_unless_it_is_told_otherwise() -> None:
    with xs.HostedServer() as server:
        assert server.is_loopback and server.address.startswith("127.0.0.1:")
    with xs.HostedServer(listen="0.0.0.0:0") as server:
        assert not server.is_loopback


def test_closing_ends_programs_that_never_join() -> None:
    with xs.HostedServer() as server:
        pid = server.spawn("sleep 1000 & sleep 1000")
    (ended,) = server.report().exits
    assert (ended.pid, ended.code) == (pid, None)


def test_waiting_ends_when_the_programs_have() -> None:
    with xs.HostedServer() as server:
        server.spawn("exit 3")
        assert server.wait(timeout=FAR_TOO_LONG)
        assert [ended.code for ended in server.report().exits] == [3]


def test_a_server_that_is_closed_stays_closed() -> None:
    server = xs.HostedServer()
    server.close()
    server.close()
    host, port = server.address.split(":")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((host, int(port)))


def test_other_python_threads_run_while_one_waits() -> None:
    with xs.HostedServer() as server:
        server.spawn("sleep 60")
        waited: list[bool] = []
        thread = threading.Thread(target=lambda: waited.append(server.wait(timeout=0.3)))
        thread.start()
        looks = 0
        while thread.is_alive():
            looks += len(server.kernel.processes())
        assert waited == [False] and looks > 0


def test_nothing_is_traced_unless_asked_for() -> None:
    with xs.HostedServer() as server, pytest.raises(xs.MisuseError, match="record=True"):
        server.trace()


def refcounted(
    real: Path, *, pause: float = 0.0, **options: object
) -> tuple[xs.HostedReport, xs.Trace, list[str], int | None]:
    """Runs the app and its services, started one after another with pauses between them."""
    with xs.HostedServer(record=True, **options) as server:  # type: ignore[arg-type]
        for service in ("ticktimer-server", "log", "other"):
            server.spawn(f"exec {real}/refcounted {service}")
            time.sleep(pause)
        app = server.spawn(f"exec {real}/refcounted app")
        code = run(server, app)[app]
    return server.report(), server.trace(), until_last_of(app, server.order), code


def until_last_of(pid: int, order: Sequence[str]) -> list[str]:
    """The moves until the last one of a process: how far the services get before they are ended is not scheduled."""
    last = max((place for place, move in enumerate(order) if move.startswith(f"{pid}/")), default=-1)
    return list(order[: last + 1])


@pytest.mark.skipif(sys.platform != "linux", reason="scheduling needs /proc")
def test_a_seed_shows_what_the_refcounted_wrapper_does_to_its_second_user(real: Path) -> None:
    report, trace, order, code = refcounted(real, schedule="random", seed=38)
    assert code == 45
    severed, misdelivered = report.findings[:2]
    assert (severed.property, misdelivered.property) == ("severed", "misdelivered")
    assert "a send to ticktimer-server got ServerNotFound although the server lives" in severed.message
    assert "a message meant for ticktimer-server reached other" in misdelivered.message
    assert severed.cid == misdelivered.cid and severed.pid == misdelivered.pid
    assert any("disconnected it" in event for event in severed.history)
    assert trace.violation is not None and trace.violation.property == "severed"
    operations = [(step.thread, step.operation) for step in trace]
    assert ("refcounted app/4", "connect to ticktimer-server") in operations
    assert refcounted(real, schedule="random", seed=38)[2] == order


@pytest.mark.skipif(sys.platform != "linux", reason="scheduling needs /proc")
def test_the_order_does_not_depend_on_how_long_it_takes_to_start_the_programs(real: Path) -> None:
    orders = [refcounted(real, schedule="random", seed=38, pause=pause)[2] for pause in (0.0, 0.003, 0.03)]
    assert orders[0] == orders[1] == orders[2]


@pytest.mark.skipif(sys.platform != "linux", reason="scheduling needs /proc")
def test_scheduled_programs_move_only_when_they_are_told_to_begin() -> None:
    with xs.HostedServer(schedule="random") as server:
        client = server.spawn(f"{RAW} ask")
        time.sleep(0.2)
        before = server.order
        server.spawn(f"{RAW} serve")
        assert run(server, client)[client] == DONE
        first = server.order[0]
    assert before == ()
    assert first in ("2/65536 calls 18", "3/65536 calls 18")


def test_a_trace_of_real_programs_is_read_back(real: Path) -> None:
    _, trace, _, _ = refcounted(real)
    again = xs.Trace.from_json(trace.to_json())
    assert again.steps == trace.steps and len(trace) > 10


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"listen": "localhost"}, "no address to listen at"),
        ({"listen": "127.0.0.1:99999"}, "no address to listen at"),
        ({"mode": "fast"}, "no mode"),
        ({"slots": 33}, "no size of the connection map"),
        ({"connect": "always"}, "no connect"),
        ({"schedule": "dfs"}, "no schedule"),
        ({"seed": -1}, "seed"),
        ({"seed": 1 << 64}, "seed"),
        ({"depth": 0}, "depth"),
        ({"moves": 0}, "moves"),
        ({"patience": 0}, "patience"),
        ({"patience": float("inf")}, "patience"),
        ({"names": 1}, "names"),
        ({"record": "yes"}, "record"),
    ],
)
def test_arguments_without_meaning_are_refused(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(xs.MisuseError, match=says):
        xs.HostedServer(**arguments)  # type: ignore[arg-type]


def test_an_address_that_is_taken_is_an_os_error() -> None:
    with xs.HostedServer() as server, pytest.raises(OSError, match=f"{server.address}: .* in use"):
        xs.HostedServer(listen=server.address)


def test_a_command_must_be_text() -> None:
    with xs.HostedServer() as server:
        for command in ("", b"true", None):
            with pytest.raises(xs.MisuseError, match="command"):
                server.spawn(command)  # type: ignore[arg-type]


def test_the_33rd_process_finds_no_pid() -> None:
    with xs.HostedServer() as server:
        for _ in range(31):
            server.invite()
        with pytest.raises(OSError, match="all PIDs are taken"):
            server.spawn("true")
