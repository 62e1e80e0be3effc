"""Runs a tool's program as a process with a limit of time, and reads the line of JSON that it prints."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .peer import Case, Row

STARTUP_SECONDS = 5
"""What a program may take beyond its limit: to start, and to notice that its time is up."""


@dataclass(frozen=True)
class Finished:
    """How a process ended, and what it printed."""

    output: str
    errors: str
    interrupted: bool


def run(
    command: Sequence[str | Path],
    seconds: float,
    *,
    ending: signal.Signals = signal.SIGKILL,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Runs a command, and ends it with the processes that it started when its time is up.

    Args:
        command: The program and its arguments.
        seconds: Wall-clock seconds at most.
        ending: The signal that ends it; one who still has something to print is given a second for it.
        directory: Where it runs.
        environment: Variables that are set for it beside those that are set already.
    """
    process = subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=directory,
        env={**os.environ, **(environment or {})},
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=seconds)
        return Finished(output, errors, False)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, ending)
        output, errors = _last_words(process)
        return Finished(output, errors, True)


def _last_words(process: subprocess.Popen[str]) -> tuple[str, str]:
    try:
        return process.communicate(timeout=1)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.communicate()


def json_row(
    tool: str,
    unit: str,
    case: Case,
    command: Sequence[str | Path],
    limit_seconds: float,
    *,
    environment: Mapping[str, str] | None = None,
) -> Row:
    """Runs a program that prints its verdict as JSON, and makes it a row."""
    finished = run(command, limit_seconds + STARTUP_SECONDS, environment=environment)
    if finished.interrupted:
        return Row(tool, case, "incomplete", unit=unit, seconds=limit_seconds)
    try:
        told = last_json(finished)
        return Row(tool, case, told["verdict"], int(told["explored"]), unit, float(told["seconds"]))
    except (KeyError, ValueError):
        return Row(tool, case, "failed", note=last_line(finished.errors) or last_line(finished.output))


def last_json(finished: Finished) -> dict[str, Any]:
    """The JSON on the last line of what a process printed.

    Raises:
        ValueError: If there is none.
    """
    told: dict[str, Any] = json.loads(last_line(finished.output))
    return told


def last_line(text: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
