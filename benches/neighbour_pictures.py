"""Makes the pictures of the pages on Cap'n Proto and bus1; ``nox -s pictures`` runs it.

``capnp-table.svg`` and ``bus1-table.svg`` are the tables that ``xous-sim neighbours`` prints, explored anew.
``capnp-proxy.svg`` is a stream over a proxy, with and without windows; ``bus1-shares.svg`` is what is left for a
newcomer beside colluding users. What is drawn is simulated or counted anew.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import matplotlib
from rich.console import Console

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "xous_sim"
matplotlib.rcParams["svg.fonttype"] = "none"
from matplotlib import pyplot  # noqa: E402

from xous_sim._view.neighbour_table import neighbour_table  # noqa: E402
from xous_sim.neighbours import bus1, capnp  # noqa: E402
from xous_sim.neighbours.bus1 import newcomer_share  # noqa: E402
from xous_sim.neighbours.bus1.rows import HEADINGS as BUS1_HEADINGS  # noqa: E402
from xous_sim.neighbours.capnp import Flow, Link, simulate  # noqa: E402
from xous_sim.neighbours.capnp.rows import HEADINGS as CAPNP_HEADINGS  # noqa: E402

DOCS: Final = Path(__file__).parents[1] / "docs"
SECONDS: Final = 4.0
LINKS: Final = (Link(10_000_000, 0.02), Link(4_000_000, 0.02))
"""A fast first hop, and a slow one behind the proxy; 80 ms for a message and its Return."""
WINDOWS: Final[tuple[int | Literal["adaptive"] | None, ...]] = (None, 65_536, 1 << 20, "adaptive")
LIMIT: Final = 1_024


def proxy() -> None:
    """Queue of the proxy, memory in all, and throughput, for each window."""
    figure, (queue, memory, throughput) = pyplot.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
    for window in WINDOWS:
        moments = simulate(Flow(links=LINKS, window=window), SECONDS, samples=200)
        label = f"{window:,} bytes" if isinstance(window, int) else window or "no window"
        times = [moment.seconds for moment in moments]
        queue.plot(times, [moment.waiting[1] / 1e6 for moment in moments], label=label)
        memory.plot(times, [moment.in_flight / 1e6 for moment in moments], label=label)
        throughput.plot(times, [moment.consumed / moment.seconds / 1e6 for moment in moments], label=label)
    for axes, title in ((queue, "queue of the proxy, MB"), (memory, "sent and not returned, MB")):
        axes.set_title(title)
        axes.set_yscale("symlog", linthresh=0.01)
    throughput.set_title("consumed since the beginning, MB/s")
    for axes in (queue, memory, throughput):
        axes.set_xlabel("seconds")
    queue.legend()
    save(figure, "capnp-proxy.svg")


def shares() -> None:
    """What a newcomer gets beside so many users who have taken what they can get."""
    figure, axes = pyplot.subplots(figsize=(7, 3.6), layout="constrained")
    users = range(41)
    for rule in ("half", "per-user", "quasilinear"):
        axes.step(users, [newcomer_share(LIMIT, rule, count) for count in users], where="mid", label=f"{rule} rule")
    axes.set_yscale("symlog", linthresh=1)
    axes.set_xlabel("colluding users")
    axes.set_ylabel(f"units of {LIMIT:,} for a newcomer")
    axes.legend()
    save(figure, "bus1-shares.svg")


def table(system: str, results: Sequence[Any], headings: Sequence[str]) -> None:
    """A table as it is printed."""
    console = Console(record=True, width=120, file=io.StringIO(), highlight=False, markup=False, emoji=False)
    for part in neighbour_table(results, headings, console):
        console.print(part)
    name = f"{system}-table"
    console.save_svg(str(DOCS / f"{name}.svg"), title=f"xous-sim neighbours {system}", unique_id=name)


def save(figure: Any, name: str) -> None:
    figure.savefig(DOCS / name, metadata={"Date": None})
    pyplot.close(figure)


def main() -> None:
    """Writes the pictures beside this file."""
    proxy()
    shares()
    table("capnp", capnp.table(), CAPNP_HEADINGS)
    table("bus1", bus1.table(), BUS1_HEADINGS)


if __name__ == "__main__":
    main()
