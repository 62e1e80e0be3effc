"""Builds every mutant and runs the cross-check on it, which must fail. Prints a table; one that survives is an error.

Where drawn programs do not notice a mutant, those that were written for the comparison may, or the comparisons of the
Rust crates: on a toy model whose agents can do what no thread of a world does, and on programs with deaths.

Run it in a copy of the project (``nox -s mutants`` makes one), because it changes the source. Arguments are parts of
names: only mutants that have one of them are built.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from mutants.mutations import MUTATIONS, Mutation, Shown

ROOT: Final = Path(__file__).parents[2]
PROGRAMS: Final = {"the end": 20_000, "every state": 3_000}
"""Ten times as many as continuous integration compares, and a fifth of what a night does."""
WRITTEN: Final = (
    "tests/test_spinning.py",
    "tests/property/test_searches_agree.py",
    "tests/property/test_loops_against_brute_force.py",
    "-k",
    "not all_searches",
)
"""Tests whose programs were written for one kind of mistake each."""
SECONDS: Final = 3_600
"""A mutant that is not through by then goes round, which is noticed too."""
CHECK: Final = """
import sys
sys.path.insert(0, "tests")
from programs.agreement import Tally, compare_drawn
tally = Tally(everywhere={everywhere})
number = 0
while len(tally.compared) < {programs}:
    try:
        compare_drawn(number, tally, shrinks=False)
    except BaseException as error:
        how = "they differ" if isinstance(error, AssertionError) else f"one ends with {{type(error).__name__}}"
        sys.exit(f"{{how}} after {{len(tally.compared)}} programs")
    number += 1
"""


def noticed(shown: Shown, programs: int) -> str | None:
    """How the searches that are built differ; nothing if they agree on so many programs."""
    check = CHECK.format(everywhere=shown == "every state", programs=programs)
    command = [sys.executable, "-c", check]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"not through after {SECONDS} s"
    return done.stderr.strip().splitlines()[-1] if done.returncode else None


def noticed_by_written_programs(*chosen: str) -> str | None:
    """Which of the chosen tests, whose programs were written for it, fails; nothing if none does."""
    command = [sys.executable, "-m", "pytest", "--quiet", "--exitfirst", *chosen]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if not done.returncode:
        return None
    failed = re.search(r"^FAILED [^:]+::(\w+)", done.stdout, re.MULTILINE)
    return f"`{failed[1]}` fails" if failed else "written programs fail"


def noticed_in_rust() -> str | None:
    """Which test of the Rust crates fails first; nothing if none does."""
    command = ["cargo", "test", "--quiet", "-p", "xous-sim-explore", "-p", "xous-sim-userland"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if not done.returncode:
        return None
    failed = re.search(r"^failures:\n +(\w+)$", done.stdout, re.MULTILINE)
    return f"`{failed[1]}` fails in Rust" if failed else "the Rust tests fail"


def build() -> None:
    """Builds the extension module in place.

    Raises:
        ValueError: If it does not compile.
    """
    command = ["maturin", "develop", "--quiet", "--profile", "quick", "--skip-install"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if built.returncode:
        raise ValueError(f"it does not compile:\n{built.stderr}")


def hunt(mutation: Mutation) -> str | None:
    """How the cross-check notices one mutant; the source is then as it was."""
    path = ROOT / mutation.path
    original = path.read_text("utf-8")
    try:
        path.write_text(mutation.applied_to(original), "utf-8")
        if mutation.shown_in == "Rust":
            return noticed_in_rust()
        if mutation.shown_in == "bodies":
            return noticed_by_written_programs("tests/test_bodies_told_apart.py")
        build()
        programs = PROGRAMS.get(mutation.shown_in)
        drawn = noticed(mutation.shown_in, programs) if programs else None
        return drawn or noticed_by_written_programs(*WRITTEN) or noticed_in_rust()
    finally:
        path.write_text(original, "utf-8")


def main(parts: list[str]) -> int:
    """Hunts the mutants whose names have one of the parts; how many survived."""
    build()
    if difference := noticed("the end", 100):
        raise ValueError(f"the searches differ without a mutation: {difference}")
    chosen = [m for m in MUTATIONS if not parts or any(part in m.name for part in parts)]
    survivors = 0
    for mutation in chosen:
        how = hunt(mutation)
        survivors += how is None
        print(f"| {mutation.name} | {how or 'SURVIVED'} |", flush=True)
    print(f"{len(chosen)} mutants, {survivors} survived", flush=True)
    return survivors


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
