"""Runs a command and presses Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

_PATIENCE = 60
"""Seconds until a command that does not react is killed."""


def _react_to_ctrl_c() -> None:
    """A shell starts what runs in the background with Ctrl-C ignored; the command must not inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupted(
    command: Sequence[str], *, first_line: str | None, seconds: float, file: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """What a command says and returns when Ctrl-C is pressed.

    Args:
        command: What is run.
        first_line: Waited for before the key is pressed.
        seconds: Waited behind that.
        file: Waited for, too: the command makes it.
    """
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_react_to_ctrl_c
    )
    try:
        if first_line is not None:
            assert process.stdout is not None
            assert process.stdout.readline() == first_line
        end = time.monotonic() + _PATIENCE
        while file is not None and not file.exists() and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=_PATIENCE)
    finally:
        process.kill()
        process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, output, errors)
