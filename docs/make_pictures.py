"""Makes the documentation's pictures; ``nox -s pictures`` runs it.

``verdicts.svg`` is the table that ``xous-sim verdicts`` prints, explored anew and recorded by Rich. Nothing in a
picture is drawn by hand.
"""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from xous_sim._view.verdict_table import verdict_table
from xous_sim.verdicts import verdicts

WIDTH = 120
DOCS = Path(__file__).parent


def main() -> None:
    """Writes the pictures beside this file."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), highlight=False, markup=False, emoji=False)
    for part in verdict_table(verdicts(), console):
        console.print(part)
    console.save_svg(str(DOCS / "verdicts.svg"), title="xous-sim verdicts", unique_id="verdicts")


if __name__ == "__main__":
    main()
