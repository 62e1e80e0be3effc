"""Makes the documentation's pictures; ``nox -s pictures`` runs it.

``verdicts.svg`` is what ``xous-sim verdicts`` prints, recorded by Rich. Nothing in a picture is drawn by hand.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 120
DOCS = Path(__file__).parent


def printed(*arguments: str) -> str:
    """What a terminal would show of a command."""
    command = [str(Path(sys.executable).with_name("xous-sim")), *arguments]
    environment = {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def main() -> None:
    """Writes the pictures beside this file."""
    console = Console(record=True, width=WIDTH, file=sys.stderr)
    console.print(Text.from_ansi(printed("verdicts")))
    console.save_svg(str(DOCS / "verdicts.svg"), title="xous-sim verdicts", unique_id="verdicts")


if __name__ == "__main__":
    main()
