"""The commands of programs that the tests run on a hosted kernel."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

_ROOT: Final = Path(__file__).parents[2]
RAW: Final = f"exec {shlex.quote(sys.executable)} {shlex.quote(str(Path(__file__).parent / 'raw_client.py'))}"
"""The program that needs no library; a role follows."""


def build_real_programs() -> Path:
    """Builds the programs on the real user-space library, and says where they are."""
    if shutil.which("cargo") is None:
        pytest.skip("the programs on Xous's library are built with cargo, which is not there")
    built = subprocess.run(
        ["cargo", "build", "--quiet", "-p", "xous-sim-clients", "--bins", "--message-format=short"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version=1", "--no-deps"], cwd=_ROOT, capture_output=True, text=True, check=True
    )
    target = metadata.stdout.split('"target_directory":"', 1)[1].split('"', 1)[0]
    return Path(target) / "debug"
