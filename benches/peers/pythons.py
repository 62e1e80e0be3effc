"""Tools that are Python packages: a virtual environment for them, of the newest Python that is there.

It is not the simulator's, because some of them need a newer Python than the simulator does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .peer import PROGRAMS

REQUIREMENTS = PROGRAMS / "requirements.txt"


def install(package: str, home: Path) -> None:
    """Installs the pinned version of a package."""
    if not python(home).exists():
        subprocess.run([newest_python(), "-m", "venv", str(home / "venv")], check=True, capture_output=True)
    pinned = [line for line in REQUIREMENTS.read_text("utf-8").splitlines() if line.startswith(f"{package}==")]
    subprocess.run([str(python(home)), "-m", "pip", "install", *pinned], check=True, capture_output=True)


def python(home: Path) -> Path:
    """The interpreter of the environment."""
    return home / "venv" / "bin" / "python"


def installed(package: str, home: Path) -> bool:
    """Whether a package is in the environment."""
    return any((home / "venv" / "lib").glob(f"python3.*/site-packages/{package}/__init__.py"))


def newest_python() -> str:
    """The newest interpreter among the running one, those on the path and those of pyenv."""
    return max(candidates(), key=minor_version)


def candidates() -> Iterator[str]:
    """Interpreters that may be there."""
    yield sys.executable
    yield from filter(None, (shutil.which(f"python3.{minor}") for minor in (13, 14, 15)))
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, pyenv.glob("versions/3.*/bin/python"))


def minor_version(interpreter: str) -> int:
    """The 13 of Python 3.13; -1 if the interpreter does not run."""
    told = subprocess.run([interpreter, "-c", "import sys; print(sys.version_info[1])"], capture_output=True, text=True)
    return int(told.stdout) if told.returncode == 0 else -1
