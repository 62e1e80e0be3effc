"""A search that needs more memory than there is ends before an allocation fails, and loses nothing.

Each program runs in a process of its own, whose address space is limited.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import xous_sim as xs

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


def test_a_body_for_which_python_has_no_memory_is_no_violation() -> None:
    found = ran("""
        def scenario(world):
            app, n = world.process("app"), world.atomic_u32()
            def needs_much():
                if n.fetch_add(1) == 1:
                    bytes(1 << 40)
            app.spawn(needs_much)
            app.spawn(needs_much)

        limit(100)
        for strategy in xs.Exhaustive(), xs.Dpor(), xs.Random(), xs.Pct():
            result = xs.explore(scenario, strategy)
            print(result.verdict, result.exhausted)
    """)
    assert found == ["incomplete memory"] * 4


def test_a_run_of_pytest_survives(pytester: pytest.Pytester) -> None:
    tests = """
        import pytest

        def test_1():
            limit(100)

        @pytest.mark.interleavings(plain())
        def test_2(world):
            app = world.process("app")
            for _ in range(9):
                app.spawn(world.atomic_u32().fetch_add, 1, times=9)

        def test_3():
            pass
    """
    pytester.makepyfile(textwrap.dedent(PROGRAM).format(tests=str(TESTS)) + textwrap.dedent(tests))
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.stdout.fnmatch_lines(["*memory ran short*", "*1 failed, 2 passed*"])


def test_a_search_goes_on_behind_a_body_for_which_there_was_no_memory(tmp_path: Path) -> None:
    memory = 0

    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32()

        def counts(most: int) -> None:
            nonlocal memory
            memory -= 1
            if memory == 0:
                raise MemoryError
            for _ in range(2):
                if n.fetch_add(1) < most:
                    n.fetch_sub(world.choose(2))

        for most in (1, 2, 3):
            app.spawn(counts, most)

    plain = xs.Exhaustive(reduction=False, checkpoint=tmp_path / "kept")
    whole = xs.explore(scenario, plain)
    assert (whole.verdict, whole.body_runs > 10) == ("sound", True)
    for runs in range(4, 100):
        memory = runs
        result = xs.explore(scenario, plain)
        if result.exhausted is None:
            break
        assert result.exhausted == "memory"
    assert (result.verdict, result.states) == ("sound", whole.states)
