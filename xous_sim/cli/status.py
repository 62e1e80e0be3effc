"""Exit statuses: what a shell, a Makefile or continuous integration learns from a command.

========== =========================================================================================
0          sound; or the command printed what it was asked for
1          violated: a schedule that violates a property was found, and is shown
2          the command was called wrongly, or could not do its job: one line on stderr says why
3          incomplete: nothing was found, and not everything was covered
130        Ctrl-C, after what was known by then
141        whoever read the output went away
========== =========================================================================================
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Final, Never

from ..result import Verdict

VIOLATED: Final = 1
FAILED: Final = 2
INCOMPLETE: Final = 3
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141

OF_VERDICT: Final[dict[Verdict, int]] = {"sound": 0, "violated": VIOLATED, "incomplete": INCOMPLETE}


def leave(status: int) -> Never:
    """Ends the process at once: explorations that still run in other threads are not waited for."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def fail(message: str) -> Never:
    """Says why the command could not do its job, in one line, and ends."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"xous-sim: {message}\n")
    leave(FAILED)
