"""Tools that are Rust crates: a small project for each, built with its own lock file."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from .peer import PROGRAMS


def build(crate: str, home: Path) -> None:
    """Builds the program of a crate."""
    if shutil.which("cargo") is None:
        raise FileNotFoundError("no cargo")
    manifest = PROGRAMS / crate / "Cargo.toml"
    command = ["cargo", "build", "--release", "--locked", "--manifest-path", str(manifest)]
    subprocess.run([*command, "--target-dir", str(home / "cargo")], check=True, capture_output=True)


def executable(crate: str, home: Path) -> Path:
    """Where :func:`build` puts the program."""
    return home / "cargo" / "release" / f"refcount-race-{crate}"
