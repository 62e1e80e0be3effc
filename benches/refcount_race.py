"""Speed and size of exhaustive exploration, for the refcount race of issue 482; ``nox -s bench`` runs it.

Prints what it measures and judges nothing, because figures depend on the machine. Of each exploration the fastest of
several runs counts. Symmetry is off where it is not named, so that states are comparable. Left out: searches other than
the exhaustive one.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import xous_sim as xs
from xous_sim import _native
from xous_sim.idioms import IDIOMS
from xous_sim.verdicts import verdict_scenario

Scenario = Callable[[xs.World], object]
ROUNDS = 2


def race(clients: int) -> Scenario:
    """The issue's idiom: count, connect, send; count back, and the last one disconnects."""

    def scenario(world: xs.World) -> None:
        ticktimer, app = world.server("ticktimer-server"), world.process("app")
        refcount = world.atomic_u32(0, name="REFCOUNT")

        def client() -> None:
            refcount.fetch_add(1, "relaxed")
            connection = app.connect(ticktimer)
            app.send(connection, xs.BlockingScalar(0))
            if refcount.fetch_sub(1, "relaxed") == 1:
                app.disconnect(connection)

        for _ in range(clients):
            app.spawn(client, times=ROUNDS)

    return scenario


def guarded(clients: int) -> Scenario:
    """The same with count and system call under one lock."""

    def scenario(world: xs.World) -> None:
        ticktimer, app = world.server("ticktimer-server"), world.process("app")
        refcount, lock = world.atomic_u32(0, name="REFCOUNT"), world.mutex(name="LOCK")

        def client() -> None:
            with lock:
                refcount.fetch_add(1, "relaxed")
                connection = app.connect(ticktimer)
            app.send(connection, xs.BlockingScalar(0))
            with lock:
                if refcount.fetch_sub(1, "relaxed") == 1:
                    app.disconnect(connection)

        for _ in range(clients):
            app.spawn(client, times=ROUNDS)

    return scenario


def fastest(scenario: Scenario, runs: int, *, symmetry: bool = False) -> xs.Exploration:
    """All of a scenario's states, explored several times; the fastest exploration."""
    explorations = (xs.explore(scenario, xs.Exhaustive(symmetry=symmetry), stop="explored") for _ in range(runs))
    return min(explorations, key=lambda exploration: exploration.seconds)


def report(title: str, found: xs.Exploration) -> None:
    """Prints a line of figures."""
    speed = found.states / found.seconds
    print(
        f"{title:28} {found.verdict:9} {found.states:>11,} states {found.transitions:>11,} transitions "
        f"{found.seconds:>8.3f} s {speed:>11,.0f} states/s {found.bytes_per_state:>6.1f} bytes/state "
        f"{found.body_runs:>4} body runs"
    )


def compare(name: str, clients: int, runs: int) -> None:
    """Prints how much longer an idiom takes that is written in Python, against the same one in Rust.

    Both in the scenario of the verdict table; what tracing costs is part of the figure.
    """
    python = fastest(verdict_scenario(IDIOMS[name], clients, rounds=ROUNDS), runs)
    explorations = (
        _native.explore_idiom(
            name,
            connect="reuse",
            slots=32,
            std_shadow=False,
            clients=clients,
            rounds=ROUNDS,
            bystander=True,
            stop_at_first=False,
            symmetry=False,
        )
        for _ in range(runs)
    )
    rust = min(explorations, key=lambda exploration: float(exploration["seconds"]))
    ratio = python.seconds / rust["seconds"]
    per_state = ratio * rust["states"] / python.states
    print(
        f"{name}, {clients} clients and a bystander: Python {python.states:,} states in {python.seconds:.3f} s, "
        f"Rust {rust['states']:,} states in {rust['seconds']:.3f} s, ratio {ratio:.2f}, a state {per_state:.2f}"
    )


def time_verdicts() -> None:
    """Prints how long the whole verdict table takes."""
    command = [str(Path(sys.executable).with_name("xous-sim")), "verdicts", "--json"]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(f"xous-sim verdicts --json: {time.perf_counter() - started:.1f} s of wall time")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--runs", type=int, default=5, help="explorations of each scenario, of which the fastest counts"
    )
    parser.add_argument("--clients", type=int, default=5, help="threads of the large scenarios")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, {ROUNDS} rounds, fastest of {options.runs} runs")
    large = fastest(race(options.clients), options.runs)
    report(f"race, {options.clients} clients", large)
    fixed = fastest(guarded(options.clients), options.runs)
    report(f"under a lock, {options.clients} clients", fixed)
    print(f"speed under a lock / race: {fixed.states / fixed.seconds / (large.states / large.seconds):.2f}")
    equal = fastest(race(options.clients), options.runs, symmetry=True)
    report(f"race, {options.clients} clients, symmetry", equal)
    print(f"states without symmetry / with it: {large.states / equal.states:.1f}")
    for clients in range(2, options.clients + 2):
        report(f"race, {clients} clients, one run", fastest(race(clients), 1))
    for name in ("refcounted_drop", "mutex_guarded"):
        compare(name, options.clients - 1, options.runs)
    time_verdicts()


if __name__ == "__main__":
    main()
