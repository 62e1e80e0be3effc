"""A search that needs more memory than there is ends before an allocation fails, and loses nothing.

Each program runs in a process of its own, whose address space is limited.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory is left")

TESTS = Path(__file__).parent
PROGRAM = """
    import resource, sys
    sys.path.insert(0, {tests!r})
    import xous_sim as xs
    from scenarios import race

    def limit(megabytes):
        with open("/proc/self/status") as status:
            used = next(int(line.split()[1]) for line in status if line.startswith("VmSize"))
        resource.setrlimit(resource.RLIMIT_AS, ((used + 1024 * megabytes) * 1024,) * 2)

    def spins(world):
        app, done, n = world.process("app"), world.atomic_u32(), world.atomic_u32()
        def waits():
            for _ in range(12):
                n.fetch_add(1)
            world.spin_while(lambda: done.load() < 7)
        def ends():
            for _ in range(12):
                n.fetch_sub(1)
            done.fetch_add(1)
        for _ in range(7):
            app.spawn(waits)
            app.spawn(ends)

    def plain(**settings):
        return xs.Exhaustive(symmetry=False, reduction=False, **settings)
"""


def ran(program: str) -> list[str]:
    """What a program prints."""
    code = textwrap.dedent(PROGRAM).format(tests=str(TESTS)) + textwrap.dedent(program)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("megabytes", [20, 100, 150, 300, 500])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_search_without_memory_is_incomplete_and_leaves_a_checkpoint(
    tmp_path: Path, megabytes: int, workers: int
) -> None:
    file = tmp_path / "race.checkpoint"
    found, states = ran(f"""
        limit({megabytes})
        result = xs.explore(race(9), plain(workers={workers}, checkpoint={str(file)!r}), stop="explored")
        print(result.exhausted)
        print(result.states)
        assert "memory ran short" in str(result) or result.counterexamples, result
    """)
    assert found == "memory"
    again = ran(f"""
        search = plain(max_states={int(states) + 1000}, checkpoint={str(file)!r})
        result = xs.explore(race(9), search, stop="explored")
        print(result.exhausted, result.states)
    """)
    assert again == [f"states {int(states) + 1001}"]


@pytest.mark.parametrize(
    ("scenario", "strategy", "memory"),
    [
        ("spins", "plain()", "sc"),
        ("spins", "xs.Exhaustive()", "sc"),
        ("race(7)", "plain()", "c11"),
    ],
)
def test_whatever_grows_ends_in_time(scenario: str, strategy: str, memory: str) -> None:
    found = ran(f"""
        limit(120)
        result = xs.explore({scenario}, {strategy}, memory={memory!r}, stop="explored")
        print(result.exhausted)
    """)
    assert found == ["memory"]
