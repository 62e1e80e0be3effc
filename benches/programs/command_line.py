"""What the Python programs have in common: arguments, the clock, and the line of JSON that they print.

``python frontrun_race.py CLIENTS ROUNDS buggy|fixed SECONDS`` explores once. Imports are not on the clock.
"""

import argparse
import json
import time
from collections.abc import Callable
from typing import NamedTuple


class Asked(NamedTuple):
    """What to explore, and for how long."""

    clients: int
    rounds: int
    fixed: bool
    seconds: float
    strategy: str


def asked() -> Asked:
    """The arguments of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("clients", type=int)
    parser.add_argument("rounds", type=int)
    parser.add_argument("program", choices=["buggy", "fixed"])
    parser.add_argument("seconds", type=float)
    parser.add_argument("strategy", nargs="?", default="")
    given = parser.parse_args()
    return Asked(given.clients, given.rounds, given.program == "fixed", given.seconds, given.strategy)


def report(explore: Callable[[Asked], tuple[str, int]]) -> None:
    """Explores, and prints verdict, number of schedules or states, and seconds."""
    what = asked()
    started = time.perf_counter()
    verdict, explored = explore(what)
    seconds = time.perf_counter() - started
    print(json.dumps({"verdict": verdict, "explored": explored, "seconds": seconds}))
