"""The simulator's own speed and size, for the refcount race of issue 482; ``nox -s bench`` runs it.

Prints what it measures and judges nothing, because figures depend on the machine. Of each exploration the fastest of
several runs counts. Reductions are off where they are not named, so that states are comparable. A strategy that this
version does not have is left out.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xous_sim as xs
from page import console, markdown, put, ran_on, table
from race import Scenario, guarded, race
from searches import explore, explore_in_rust
from xous_sim.idioms import IDIOMS
from xous_sim.verdicts import verdict_scenario

ROUNDS = 2
SAMPLES = 200_000
"""Schedules of a strategy that follows schedules."""
HEADER = ("what", "explored", "seconds", "a second", "bytes a state", "body runs", "verdict")
RIGHT = HEADER[1:6]
PLAIN: dict[str, Any] = {"symmetry": False, "reduction": False}
Line = tuple[str, ...]


def fastest(runs: int, scenario: Scenario, **how: Any) -> xs.Exploration | None:
    """The fastest of several explorations, by what they say of their search."""
    found = [exploration for _ in range(runs) if (exploration := explore(scenario, **how)) is not None]
    return min(found, key=lambda exploration: exploration.seconds, default=None)


def fastest_in_rust(runs: int, idiom: str, clients: int, **how: Any) -> dict[str, Any] | None:
    """The same for an idiom that is written in Rust."""
    found = [explore_in_rust(idiom, clients, ROUNDS, **PLAIN, **how) for _ in range(runs)]
    known = [exploration for exploration in found if exploration is not None]
    return min(known, key=lambda exploration: float(exploration["seconds"]), default=None)


def line_of(title: str, found: xs.Exploration | None) -> Iterator[Line]:
    """An exploration as a line of the table, if it could be made."""
    if found is None:
        return
    schedules: int | None = getattr(found, "schedules", None)
    explored, unit = (found.states, "states") if not schedules else (schedules, "schedules")
    speed = f"{explored / max(found.seconds, 1e-9):,.0f}"
    size = f"{found.bytes_per_state:.1f}" if unit == "states" else ""
    yield (title, f"{explored:,} {unit}", f"{found.seconds:.4f}", speed, size, str(found.body_runs), found.verdict)


def exhaustive(clients: int, runs: int) -> Iterator[Line]:
    """All states, with reductions and without, on one core and on two."""
    for name, scenario in (("race", race(clients, ROUNDS)), ("under a lock", guarded(clients, ROUNDS))):
        title = f"{name}, {clients} clients"
        ways: dict[str, dict[str, Any]] = {
            "": PLAIN,
            ", 2 workers": {**PLAIN, "workers": 2},
            ", symmetry": {"symmetry": True, "reduction": False},
            ", all reductions": {},
        }
        for way, settings in ways.items():
            yield from line_of(title + way, fastest(runs, scenario, **settings))


def by_schedules(clients: int, runs: int) -> Iterator[Line]:
    """Strategies that follow schedules, in a program without a bug."""
    scenario = guarded(clients, ROUNDS)
    for strategy in ("Dpor", "Dfs", "Random", "Pct"):
        settings = {"deepening": False} if strategy == "Dfs" else {}
        found = fastest(runs, scenario, strategy=strategy, max_schedules=SAMPLES, **settings)
        yield from line_of(f"{strategy}, under a lock, {clients} clients", found)


def in_rust(clients: int, runs: int) -> Iterator[Line]:
    """Idioms that are written in Rust, on one core and on two."""
    for idiom in ("refcounted_drop", "mutex_guarded"):
        for way, settings in (("", {}), (", 2 workers", {"workers": 2})):
            best = fastest_in_rust(runs, idiom, clients, **settings)
            if best is not None:
                yield rust_line(f"{idiom} in Rust, {clients} clients{way}", best)


def rust_line(title: str, best: dict[str, Any]) -> Line:
    """A line of the table for an idiom in Rust."""
    states, seconds = best["states"], best["seconds"]
    size = f"{best['stored_bytes'] / states:.1f}"
    speed = f"{states / seconds:,.0f}"
    return (title, f"{states:,} states", f"{seconds:.4f}", speed, size, str(best["body_runs"]), best["verdict"])


def first_bug(clients: int, runs: int) -> str:
    """How long the call takes that finds the bug."""
    took = []
    for _ in range(runs):
        started = time.perf_counter()
        explore(race(clients, ROUNDS), stop="first")
        took.append(time.perf_counter() - started)
    return (
        f"The bug of {clients} clients, from the call of `explore` to its answer with the counterexample run again: "
        f"{took[0] * 1000:.2f} ms the first time in a process, {min(took) * 1000:.2f} ms at best."
    )


def against_python(idiom: str, clients: int, runs: int) -> str:
    """How much longer an idiom takes that is written in Python: both in the scenario of the verdict table."""
    python = fastest(runs, verdict_scenario(IDIOMS[idiom], clients, rounds=ROUNDS), **PLAIN)
    rust = fastest_in_rust(runs, idiom, clients, bystander=True)
    if python is None or rust is None:
        return f"`{idiom}`: not measured."
    ratio = python.seconds / python.states / (rust["seconds"] / rust["states"])
    return f"`{idiom}`, {clients} clients and a bystander: a state in Python takes {ratio:.2f} times one in Rust."


def verdicts() -> str:
    """How long the whole verdict table takes."""
    command = [str(Path(sys.executable).with_name("xous-sim")), "verdicts", "--json"]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return f"`xous-sim verdicts --json`: {time.perf_counter() - started:.1f} s of wall time."


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="explorations of each kind, of which the fastest counts")
    parser.add_argument("--clients", type=int, default=5, help="threads of the large scenarios")
    parser.add_argument("--page", type=Path, help="a page of documentation that gets the figures")
    given = parser.parse_args()
    size = (given.clients, given.runs)
    sentences = [first_bug(2, given.runs), first_bug(given.clients, given.runs)]
    lines = [*exhaustive(*size), *in_rust(*size), *by_schedules(*size)]
    sentences += [against_python(name, given.clients - 1, given.runs) for name in ("refcounted_drop", "mutex_guarded")]
    sentences += [verdicts()]
    title = f"{ROUNDS} rounds a client, fastest of {given.runs} runs"
    console().print(table(title, HEADER, lines, right=RIGHT), *sentences, sep="\n")
    if given.page is not None:
        command = f"python benches/refcount_race.py --runs {given.runs} --clients {given.clients}"
        told = "".join(f"\n- {sentence}" for sentence in sentences)
        put(given.page, "own figures", ran_on(command) + markdown(HEADER, lines, right=RIGHT) + told + "\n")


if __name__ == "__main__":
    main()
