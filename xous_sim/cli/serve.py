"""``xous-sim serve``: real Xous programs, run on the emulator and watched."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer

from ..errors import MisuseError
from ..hosted import HostedReport, HostedServer

FOUND: Final = 1
"""The exit status when something was found, or the kernel panicked."""
_INTERRUPTED: Final = 130
_GLANCE: Final = 0.2
"""Seconds between two looks at whether all is over."""


class Profile(StrEnum):
    """How the kernel answers."""

    safe = "safe"
    faithful = "faithful"


class Connect(StrEnum):
    """What connect gives a process that is connected already."""

    reuse = "reuse"
    unique = "unique"


class Schedule(StrEnum):
    """Who runs."""

    free = "free"
    random = "random"
    pct = "pct"


def serve(
    commands: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- CMD [CMD ...]", help="Each is one process, started with sh -c: PID 2, 3, ..."),
    ] = None,
    listen: Annotated[
        str, typer.Option(metavar="IP:PORT", help="Where to listen; port 0 is any free one.")
    ] = "127.0.0.1:0",
    profile: Annotated[
        Profile, typer.Option("--profile", "--mode", help="safe answers sanely, faithful as the real kernel.")
    ] = Profile.safe,
    slots: Annotated[int, typer.Option(metavar="32|46", help="Connections per process.")] = 32,
    connect: Annotated[Connect, typer.Option(help="What connect gives a process that is connected.")] = Connect.reuse,
    names: Annotated[bool, typer.Option("--names", help="Serve names, as xous-names does.")] = False,
    trace: Annotated[Path | None, typer.Option(metavar="FILE", help="Write what happened, as JSON.")] = None,
    schedule: Annotated[
        Schedule, typer.Option(help="Let one thread run at a time, drawn from --seed.")
    ] = Schedule.free,
    seed: Annotated[
        int | None, typer.Option(min=0, max=(1 << 64) - 1, help="Seeds keys, SIDs and the schedule.")
    ] = None,
    depth: Annotated[int, typer.Option(min=1, help="For pct: the depth of the bugs that it looks for.")] = 3,
    moves: Annotated[int, typer.Option(min=1, help="For pct: among how many moves priorities change.")] = 100,
    invite: Annotated[int, typer.Option(min=0, help="Further processes, for programs that you start.")] = 0,
) -> None:
    """Serves real Xous programs, and says at the end what they did to each other's connections."""
    if not commands and not invite:
        raise typer.BadParameter("name a program to run, or --invite one", param_hint="CMD")
    try:
        server = HostedServer(
            listen=listen,
            mode=profile.value,
            slots=slots,  # type: ignore[arg-type]  # checked there
            connect=connect.value,
            names=names,
            schedule=schedule.value,
            seed=seed,
            depth=depth,
            moves=moves,
            record=trace is not None,
        )
    except MisuseError as error:
        raise typer.BadParameter(str(error)) from error
    stopped = _Stopped()
    with server:
        _begin(server, commands or [], invite)
        while not stopped and not server.wait(timeout=_GLANCE):
            pass
    report = server.report()
    if trace is not None:
        trace.write_text(server.trace().to_json(), "utf-8")
    print(report, flush=True)
    raise typer.Exit(_INTERRUPTED if stopped else _status(report))


def _begin(server: HostedServer, commands: list[str], invited: int) -> None:
    print(f"listening on {server.address}", flush=True)
    if not server.is_loopback:
        print("this is not loopback: whoever can connect and has a key becomes a process", file=sys.stderr, flush=True)
    for command in commands:
        print(f"PID {server.spawn(command)}: {command}", flush=True)
    for _ in range(invited):
        invitation = server.invite()
        variables = (f"{name}={shlex.quote(value)}" for name, value in invitation.environment.items())
        print(f"PID {invitation.pid} for you: {' '.join(variables)}", flush=True)


def _status(report: HostedReport) -> int:
    return FOUND if report.findings or report.panicked else 0


class _Stopped:
    """Whether Ctrl-C was pressed. The second time it ends at once; programs then end with their connections."""

    def __init__(self) -> None:
        self._times = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._times += 1
        if self._times > 1:
            os._exit(_INTERRUPTED)

    def __bool__(self) -> bool:
        return self._times > 0
