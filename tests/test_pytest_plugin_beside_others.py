"""The plugin beside pytest-randomly, whose seed it takes, and pytest-xdist, whose processes explore on their own."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from marked_tests import RACE

DRAWN = """
import pytest
import xous_sim as xs

@pytest.mark.parametrize("strategy", [
    pytest.param("random", marks=pytest.mark.interleavings(xs.Random(max_schedules=30))),
    pytest.param("pct", marks=pytest.mark.interleavings(xs.Pct(max_schedules=30))),
    pytest.param("seeded", marks=pytest.mark.interleavings(xs.Random(seed=7, max_schedules=30))),
])
def test_drawn(world, strategy):
    app, n = world.process("app"), world.atomic_u32(0, name="n")
    for i in range(4):
        app.spawn(lambda i=i: n.store(i), name=f"writer {i}", times=4)

    @world.finally_
    def writer_two_is_not_last(state):
        return state[n] != 2
"""


def drawn(pytester: pytest.Pytester, *options: str) -> dict[str, str]:
    """The schedules that fail."""
    pytester.makepyfile(test_it=DRAWN)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)
    result.assert_outcomes(failed=3)
    commands = re.findall(r"test_drawn\[(\w+)\]' --xous-replay '?(x1:[^'\s]+)", result.stdout.str())
    return dict(commands)


def test_the_seed_of_pytest_randomly_decides_which_schedules_are_drawn(pytester: pytest.Pytester) -> None:
    first, again, other = (drawn(pytester, f"--randomly-seed={n}") for n in (1, 1, 2))
    assert first == again
    assert first["random"] != other["random"] and first["pct"] != other["pct"]
    assert first["seeded"] == other["seeded"], "a seed that is written stands"


def test_the_seed_of_the_command_line_replaces_every_other(pytester: pytest.Pytester) -> None:
    first, other = (drawn(pytester, f"--xous-seed={n}", "--randomly-seed=1") for n in (5, 6))
    assert first["random"] == first["seeded"]
    assert all(first[name] != other[name] for name in ("random", "pct", "seeded"))


def test_processes_of_xdist_explore_undisturbed_and_one_summary_counts_them(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
            import pytest
            import xous_sim as xs

            @pytest.mark.interleavings(xs.Exhaustive(workers=2))
            @pytest.mark.parametrize("threads", range(1, 9))
            def test_threads(world, threads):
                app, n = world.process("app"), world.cell(0, name="n")
                for _ in range(threads):
                    app.spawn(lambda: n.set(n.get() + 1))

                @world.finally_
                def nothing_is_lost(state):
                    return state[n] == threads
        """
    )
    result = pytester.runpytest_subprocess("-n", "2", "--xous-report", "out")
    result.assert_outcomes(passed=1, failed=7)
    result.stdout.fnmatch_lines(["8 explored: 1 proven, 7 violated, 0 incomplete"])
    result.stdout.fnmatch_lines_random(
        [f"pytest 'test_it.py::test_threads[[]{n}]' --xous-replay *" for n in range(2, 9)]
    )
    pages = {f"[[ATTACHMENT|{page}]]" for page in (pytester.path / "out").glob("*.html")}
    printed = ElementTree.parse(pytester.path / "out" / "junit.xml").iter("system-out")
    assert len(pages) == 7 and pages == {each.text for each in printed}
    several = pytester.runpytest_subprocess("-n", "2", "--xous-replay", "x1:0")
    several.assert_outcomes(failed=8)
    several.stdout.fnmatch_lines(["MisuseError: --xous-replay follows a schedule of one test, and 8 marked tests *"])


@pytest.mark.parametrize("columns", [44, 96])
def test_a_failure_in_a_process_of_xdist_is_laid_out_and_coloured_for_the_terminal_of_all(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    pytester.makepyfile(test_it=RACE.format(arguments=""))
    result = pytester.runpytest_subprocess("-n", "1", "--color=yes", "-p", "no:randomly")
    printed = re.sub(r"\x1b\[31m\x1b\[1m(severed: .*?)\x1b\[0m", r"bold red: \1", result.stdout.str())
    told = re.sub(r"\x1b\[\d*m", "", printed.partition("bold red: ")[2].partition("replay it:")[0]).splitlines()
    assert told[0].startswith("severed: a send to log gets ServerNotFound")
    assert columns - 16 <= max(map(len, told)) <= columns
    result.stdout.fnmatch_lines(["*FAILED* - severed: a send *"])
