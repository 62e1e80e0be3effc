"""The commands of ``xous-sim``, and what holds for all of them: exit statuses, Ctrl-C, closed pipes.

Exit status: 0 the command did its job, 2 it was called wrongly, 3 an exploration hit a limit before it was complete,
130 Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

import typer

from ..errors import XousSimError
from .census import census
from .verdicts import verdicts

INTERRUPTED = 130
FAILED = 1

app = typer.Typer(
    name="xous-sim",
    help="Which ways to manage connections are sound on Xous, which are not, and the schedules that break them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(verdicts)
app.command()(census)


def main() -> None:
    """Runs the command line; ends the process."""
    signal.signal(signal.SIGINT, _interrupted)
    try:
        app(prog_name="xous-sim")
    except XousSimError as error:
        sys.stderr.write(f"xous-sim: {error}\n")
        sys.exit(FAILED)


def _interrupted(number: int, frame: FrameType | None) -> None:
    """Ends at once: explorations that still run in other threads are not waited for."""
    show_cursor = "\r\x1b[K\x1b[?25h" if sys.stderr.isatty() else ""
    os.write(sys.stderr.fileno(), f"{show_cursor}interrupted\n".encode())
    os._exit(INTERRUPTED)
