"""The commands of ``xous-sim``, and what holds for all of them: exit statuses, Ctrl-C, closed pipes.

Exit status: 0 the command did its job, 1 it could not (one line says why), 2 it was called wrongly, 3 an exploration
hit a limit before it was complete, 130 Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from types import FrameType
from typing import Never

import typer

from ..errors import XousSimError
from .census import census
from .neighbours import neighbours
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
app.add_typer(neighbours)


def main() -> None:
    """Runs the command line; ends the process."""
    signal.signal(signal.SIGINT, _interrupted)
    try:
        app(prog_name="xous-sim")
    except (XousSimError, OSError) as error:
        _fail(str(error))
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        _fail(f"this is a defect of xous-sim, please report it: {error!r} in {at.filename}, line {at.lineno}")


def _fail(message: str) -> Never:
    sys.stderr.write(f"xous-sim: {message}\n")
    sys.stderr.flush()
    os._exit(FAILED)


def _interrupted(number: int, frame: FrameType | None) -> None:
    """Ends at once: explorations that still run in other threads are not waited for."""
    show_cursor = "\r\x1b[K\x1b[?25h" if sys.stderr.isatty() else ""
    os.write(sys.stderr.fileno(), f"{show_cursor}interrupted\n".encode())
    os._exit(INTERRUPTED)
