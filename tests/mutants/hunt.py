"""Builds every mutant and runs the cross-check on it, which must fail. Prints a table; one that survives is an error.

Run it in a copy of the project (``nox -s mutants`` makes one), because it changes the source. Arguments are parts of
names: only mutants that have one of them are built.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from mutants.mutations import MUTATIONS, Mutation

ROOT: Final = Path(__file__).parents[2]
PROGRAMS: Final = {"the end": 2_000, "every state": 300}
"""As many as continuous integration compares."""
SECONDS: Final = 1_800
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
        print(f"{{type(error).__name__}} after {{len(tally.compared)}} programs")
        raise
    number += 1
"""


def mutate(mutation: Mutation) -> None:
    """Puts the mutant's text in place.

    Raises:
        LookupError: If the text that it replaces is not there exactly once.
    """
    path = ROOT / mutation.path
    source = path.read_text("utf-8")
    if source.count(mutation.old) != 1:
        raise LookupError(f"{mutation.path} has {mutation.old!r} {source.count(mutation.old)} times, not once")
    path.write_text(source.replace(mutation.old, mutation.new), "utf-8")


def build() -> None:
    """Builds the extension module in place."""
    command = ["maturin", "develop", "--quiet", "--profile", "quick", "--skip-install"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if built.returncode:
        raise ValueError(f"the mutant does not compile:\n{built.stderr}")


def verdict(mutation: Mutation) -> str | None:
    """How the cross-check noticed; nothing if it did not."""
    check = CHECK.format(everywhere=mutation.seen_in == "every state", programs=PROGRAMS[mutation.seen_in])
    try:
        done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"not through after {SECONDS} s"
    if done.returncode == 0:
        return None
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def hunt(mutation: Mutation) -> str | None:
    """The verdict on one mutant; the source is then as it was."""
    path = ROOT / mutation.path
    original = path.read_text("utf-8")
    try:
        mutate(mutation)
        build()
        return verdict(mutation)
    finally:
        path.write_text(original, "utf-8")


def main(parts: list[str]) -> int:
    """Hunts all mutants whose names have one of the parts."""
    chosen = [m for m in MUTATIONS if not parts or any(part in m.name for part in parts)]
    survivors = 0
    for mutation in chosen:
        noticed = hunt(mutation)
        survivors += noticed is None
        print(f"| {mutation.name} | {noticed or 'SURVIVED'} |", flush=True)
    print(f"{len(chosen)} mutants, {survivors} survived", flush=True)
    return survivors


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
