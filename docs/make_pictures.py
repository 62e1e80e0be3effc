"""Makes the documentation's pictures, and the tables of the chapter on disconnect; ``nox -s pictures`` runs it.

Everything is explored or rendered anew. Nothing in a picture or between a table's comments is written by hand.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

import page_picture
import part_one
from page import put
from xous_sim._view.verdict_table import verdict_table
from xous_sim.explore import explore
from xous_sim.failure_modes import FAILURE_MODES
from xous_sim.verdicts import RowResult, verdicts

WIDTH = 120
DOCS = Path(__file__).parent
CHAPTER = DOCS / "disconnect"


def main() -> None:
    """Writes the pictures beside this file, and the pictures and tables of the chapter."""
    results = verdicts()
    picture_of_verdicts(results)
    picture_of_race()
    (CHAPTER / "page.svg").write_text(page_picture.picture(), "utf-8")
    put(CHAPTER / "std.md", "std connections", framed(part_one.std_connections()))
    put(CHAPTER / "std.md", "shadows", framed(part_one.shadows()))
    put(CHAPTER / "slots.md", "header fields", framed(part_one.header_fields()))
    put(CHAPTER / "when.md", "company", framed(part_one.decisions()))
    put(CHAPTER / "when.md", "alone", framed(part_one.alone()))
    put(CHAPTER / "verdicts.md", "verdicts", framed(part_one.verdict_cells(results)))


def picture_of_verdicts(results: Sequence[RowResult]) -> None:
    """The table that ``xous-sim verdicts`` prints, recorded by Rich."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), highlight=False, markup=False, emoji=False)
    for part in verdict_table(results, console):
        console.print(part)
    console.save_svg(str(DOCS / "verdicts.svg"), title="xous-sim verdicts", unique_id="verdicts")


def picture_of_race() -> None:
    """The shortest schedule of the drop/new race, as a time line."""
    trace = explore(FAILURE_MODES["A"].scenario).trace
    assert trace is not None, "the race of today's idiom is found"
    trace.to_svg(CHAPTER / "race.svg")


def framed(table: str) -> str:
    """A table that ends before the comment does: Markdown takes a line below a table for a part of it."""
    return f"\n{table}\n"


if __name__ == "__main__":
    main()
