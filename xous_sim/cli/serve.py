"""``xous-sim serve``: real Xous programs, run on the emulator and watched."""

from __future__ import annotations

import shlex
import signal
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from ..errors import MisuseError
from ..hosted import HostedReport, HostedServer, Schedule
from ..world import ConnectMode, Mode
from .console import print_json, print_text
from .interrupting import interruptible
from .options import Json
from .status import VIOLATED

_GLANCE: Final = 0.2
"""Seconds between two looks at whether all is over."""

Commands = Annotated[
    list[str] | None,
    typer.Argument(metavar="CMD...", help="Each is one process, started with sh -c: PID 2, 3, ..."),
]
Listen = Annotated[
    str,
    typer.Option(
        "--listen", envvar="XOUS_LISTEN_ADDR", metavar="IP:PORT", help="Where to listen; port 0 is any free one."
    ),
]
Profile = Annotated[
    Mode, typer.Option("--profile", "--mode", help="safe answers sanely, faithful as the real kernel does.")
]
Slots = Annotated[int, typer.Option("--slots", help="Connections of a process: 32 or 46.")]
Connect = Annotated[ConnectMode, typer.Option("--connect", help="Whether connect gives an existing CID again.")]
Names = Annotated[bool, typer.Option("--names", help="Let PID 1 serve names, as xous-names does.")]
TraceFile = Annotated[Path | None, typer.Option("--trace", metavar="FILE", help="Write what happened, as JSON.")]
Scheduled = Annotated[Schedule, typer.Option("--schedule", help="random, pct: let one thread run at a time.")]
Seed = Annotated[
    int | None, typer.Option("--seed", min=0, max=(1 << 64) - 1, help="Seeds keys, SIDs and the schedule.")
]
Depth = Annotated[int, typer.Option("--depth", min=1, help="pct: the depth of bugs.")]
Moves = Annotated[int, typer.Option("--moves", min=1, help="pct: among how many moves priorities change.")]
UntilLast = Annotated[bool, typer.Option("--until-last", help="End when the last program has; services never do.")]
Invite = Annotated[int, typer.Option("--invite", min=0, help="Further processes, for programs that you start.")]


def serve(
    commands: Commands = None,
    listen: Listen = "127.0.0.1:0",
    profile: Profile = "safe",
    slots: Slots = 32,
    connect: Connect = "reuse",
    names: Names = False,
    trace: TraceFile = None,
    schedule: Scheduled = "free",
    seed: Seed = None,
    depth: Depth = 3,
    moves: Moves = 100,
    invite: Invite = 0,
    until_last: UntilLast = False,
    as_json: Json = False,
) -> None:
    """Serves real Xous programs, and says at the end what they did to each other's connections.

    Ends with 1 if something was found, the kernel panicked, or a program ended by itself and not with status 0.
    """
    if not commands and not invite:
        raise typer.BadParameter("name a program to run, or --invite one", param_hint="CMD")
    if trace is not None:
        trace.open("a").close()  # A path that cannot be written to is told now, not when all is over.
    try:
        server = HostedServer(
            listen=listen,
            mode=profile,
            slots=slots,  # type: ignore[arg-type]  # checked there
            connect=connect,
            names=names,
            schedule=schedule,
            seed=seed,
            depth=depth,
            moves=moves,
            record=trace is not None,
        )
    except MisuseError as error:
        raise typer.BadParameter(str(error)) from error
    told = Console(stderr=as_json, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def tell() -> None:
        _tell(server, trace, as_json=as_json)

    with interruptible(tell), server:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        _begin(server, commands or [], invite, told)
        last = len(commands or []) - 1
        while not server.wait(timeout=_GLANCE):
            if until_last and any(ended.program == last for ended in server.report().exits):
                break
    tell()
    raise typer.Exit(_status(server.report()))


def _begin(server: HostedServer, commands: list[str], invited: int, told: Console) -> None:
    """Starts the programs."""
    told.print(f"listening on {server.address}")
    if not server.is_loopback:
        warning = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
        warning.print("this is not loopback: whoever can connect and has a key becomes a process")
    for command in commands:
        told.print(f"PID {server.spawn(command)}: {command}")
    for _ in range(invited):
        invitation = server.invite()
        variables = (f"{name}={shlex.quote(value)}" for name, value in invitation.environment.items())
        told.print(f"PID {invitation.pid} for you: {' '.join(variables)}")


def _tell(server: HostedServer, trace: Path | None, *, as_json: bool) -> None:
    report = server.report()
    if as_json:
        print_json(report.as_json())
    else:
        print_text(f"{report}\n")
    if trace is not None:
        trace.write_text(server.trace().to_json(), "utf-8")


def _status(report: HostedReport) -> int:
    return VIOLATED if report.findings or report.panicked or report.failures else 0
