"""How the cost of a proof grows with clients and rounds: a picture and a table; ``nox -s pictures`` runs it.

Explores the fixed program for 1 to 8 clients and 1 to 3 rounds, with the reductions that are on by default and with
none. A search that hits the limit of states is left out, and so are those with more clients. Of the time, the fastest
of three explorations counts. Left out: the buggy program, whose bug is found at once whatever its size.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from page import markdown, put, ran_on
from race import guarded
from searches import explore

DOCS = Path(__file__).parents[1] / "docs"
CLIENTS = range(1, 9)
ROUNDS = (1, 2, 3)
RUNS = 3
COLOURS = {1: "#0072b2", 2: "#d55e00", 3: "#009e73"}
"""One for each number of rounds; colour-blind readers can tell them apart, and the labels say which is which."""
INK, GRID, PAPER = "#24292f", "#d8dee4", "#ffffff"
"""The paper is opaque, so that the picture can be read on light and on dark pages."""


@dataclass(frozen=True)
class Point:
    """One exploration."""

    clients: int
    rounds: int
    reduced: bool
    states: int
    seconds: float


def measure(max_states: int) -> Iterator[Point]:
    """Explores all sizes, the small ones first."""
    for reduced in (True, False):
        for rounds in ROUNDS:
            for clients in CLIENTS:
                point = fastest(clients, rounds, reduced, max_states)
                if point is None:
                    break
                yield point


def fastest(clients: int, rounds: int, reduced: bool, max_states: int) -> Point | None:
    """The fastest of several explorations of a size; ``None`` if it has too many states."""
    settings: dict[str, Any] = {} if reduced else {"symmetry": False, "reduction": False}
    found = [explore(guarded(clients, rounds), max_states=max_states, **settings) for _ in range(RUNS)]
    done = [(one.seconds, one.states) for one in found if one is not None and one.verdict == "sound"]
    return Point(clients, rounds, reduced, min(done)[1], min(done)[0]) if done else None


def draw(points: list[Point], picture: Path) -> None:
    """Writes the picture: states on the left, seconds on the right."""
    settings: Any = {
        "svg.hashsalt": "growth",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 11,
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
        **dict.fromkeys(("figure.facecolor", "axes.facecolor"), PAPER),
    }
    with mpl.rc_context(settings):
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
        curves(left, points, "states")
        curves(right, points, "seconds")
        handles, labels = left.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(ROUNDS), frameon=False)
        figure.suptitle("Proof of the fixed refcount race")
        figure.savefig(picture, metadata={"Date": None})
        plt.close(figure)


def curves(axes: Axes, points: list[Point], what: str) -> None:
    """One line for each number of rounds, with reductions and without: a column of the legend."""
    for rounds in ROUNDS:
        for reduced in (True, False):
            chosen = [point for point in points if (point.rounds, point.reduced) == (rounds, reduced)]
            axes.plot(
                [point.clients for point in chosen],
                [getattr(point, what) for point in chosen],
                color=COLOURS[rounds],
                linestyle="-" if reduced else ":",
                marker="o" if reduced else "s",
                markersize=4.5,
                label=f"{rounds} round{'s' * (rounds > 1)}{'' if reduced else ', no reduction'}",
            )
    axes.set_yscale("log")
    axes.set_xlabel("clients")
    axes.set_ylabel(what)
    axes.set_xticks(list(CLIENTS))
    axes.grid(color=GRID, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)


def table(points: list[Point]) -> str:
    """States with reductions and without, and seconds with them."""
    header = ("clients", *(f"{rounds} round{'s' * (rounds > 1)}" for rounds in ROUNDS))
    known = {(point.clients, point.rounds, point.reduced): point for point in points}

    def cell(clients: int, rounds: int) -> str:
        reduced, plain = known.get((clients, rounds, True)), known.get((clients, rounds, False))
        if reduced is None:
            return "not within the limit"
        of_all = f" of {plain.states:,}" if plain else ""
        return f"{reduced.states:,}{of_all} states, {reduced.seconds * 1000:,.1f} ms"

    lines = [(str(clients), *(cell(clients, rounds) for rounds in ROUNDS)) for clients in CLIENTS]
    return markdown(header, lines, right=header)


def main() -> None:
    """Measures, draws, and puts the table into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--max-states", type=int, default=3_000_000, help="states of an exploration at most")
    parser.add_argument("--picture", type=Path, default=DOCS / "growth.svg")
    parser.add_argument("--page", type=Path, help="a page of documentation that gets the table")
    given = parser.parse_args()
    points = list(measure(given.max_states))
    draw(points, given.picture)
    print(table(points))
    if given.page is not None:
        put(given.page, "growth", ran_on(f"python benches/growth.py --max-states {given.max_states}") + table(points))


if __name__ == "__main__":
    main()
