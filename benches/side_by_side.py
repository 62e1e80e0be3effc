"""The refcount race in the simulator and in other tools, as one table; ``nox -s bench`` runs it.

A tool that is not there or fails is a row that says so. One that does not finish a program within the limit is not
given it with more clients. Of short searches the fastest of three counts, for every tool. Left out: what installing
and compiling take (``install_peers`` does it), and how well the tools explain what they find.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from page import console, markdown, put, ran_on, table
from peers import Case, Frontrun, Loom, Musil, Own, OwnInRust, Peer, Ploom, Row, Shuttle, Spin

ROUNDS = 2
CLIENTS = {"buggy": (2, 3, 5), "fixed": (2, 3, 4, 5, 6, 8)}
SHORT_SECONDS = 0.5
"""Searches below that are repeated."""
BASE = "xous_sim"
"""The row that the others are compared with: the simulator as users get it."""
HEADER = ("program", "clients", "tool", "verdict", "explored", "seconds", "ratio", "note")
RIGHT = ("clients", "explored", "seconds", "ratio")


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    home = Path(__file__).parents[1] / "target" / "peers"
    parser.add_argument("--home", type=Path, default=home, help="where the other tools are installed")
    parser.add_argument("--limit", type=float, default=20.0, help="seconds that a search may take")
    parser.add_argument("--page", type=Path, help="a page of documentation that gets the table")
    return parser.parse_args()


def contestants(home: Path) -> list[Peer]:
    """All tools, each search by itself; the simulator comes first."""
    return [
        Own(BASE, "Exhaustive"),
        Own("xous_sim, no reduction", "Exhaustive", symmetry=False, reduction=False),
        OwnInRust(),
        Own("xous_sim, Dpor", "Dpor"),
        Spin(reduction=True),
        Loom(home),
        Shuttle(home, "dfs"),
        Shuttle(home, "random"),
        Frontrun(home),
        Ploom(home),
        Musil(home, symmetry=True),
        Musil(home, symmetry=False),
    ]


def measure(peer: Peer, case: Case, limit_seconds: float) -> Row:
    """One row, whatever happens."""
    if not peer.available():
        return Row(peer.name, case, "not there", note="not installed")
    try:
        row = peer.run(case, limit_seconds)
        if row.seconds is None or row.seconds > SHORT_SECONDS:
            return row
        again = [peer.run(case, limit_seconds) for _ in range(2)]
        return min((row, *again), key=lambda one: one.seconds or 0.0)
    except Exception as error:
        return Row(peer.name, case, "failed", note=f"{type(error).__name__}: {error}")


def rows(peers: list[Peer], limit_seconds: float) -> Iterator[Row]:
    """All rows, a tool after the other."""
    for program, sizes in CLIENTS.items():
        for peer in peers:
            for clients in sizes:
                row = measure(peer, Case(clients, ROUNDS, program == "fixed"), limit_seconds)
                yield row
                if row.verdict not in ("sound", "violated"):
                    break


def cells(row: Row, base: Row | None) -> tuple[str, ...]:
    """A row as it is printed."""
    more = ">" if row.verdict == "incomplete" else ""
    seconds = "" if row.seconds is None else f"{more}{row.seconds:.4f}"
    ratio = ""
    if row.seconds is not None and base is not None and base.seconds:
        ratio = f"{more}{rounded(row.seconds / base.seconds)}"
    explored = "" if row.explored is None else f"{row.explored:,} {row.unit}"
    return (row.case.program, str(row.case.clients), row.tool, row.verdict, explored, seconds, ratio, row.note)


def rounded(ratio: float) -> str:
    """A ratio with the digits that mean something."""
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"


def ordered(measured: list[Row]) -> list[tuple[str, ...]]:
    """What is printed, by program and number of clients."""
    bases = {row.case: row for row in measured if row.tool == BASE}
    by_size = sorted(measured, key=lambda row: (row.case.fixed, row.case.clients))
    return [cells(row, bases.get(row.case)) for row in by_size]


def main() -> None:
    """Measures and prints."""
    given, screen = options(), console()
    measured = []
    for row in rows(contestants(given.home), given.limit):
        measured.append(row)
        screen.print(f"{row.case.program}, {row.case.clients} clients, {row.tool}: {row.verdict}", style="dim")
    lines = ordered(measured)
    screen.print(table(f"The refcount race, {ROUNDS} rounds a client", HEADER, lines, right=RIGHT))
    if given.page is not None:
        command = f"python benches/side_by_side.py --limit {given.limit:g}"
        put(given.page, "side by side", ran_on(command) + markdown(HEADER, lines, right=RIGHT))


if __name__ == "__main__":
    main()
