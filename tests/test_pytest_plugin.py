"""The pytest plugin, used as its user uses it: marked tests in a folder of their own, and what pytest says of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import xous_sim._testing.exploring  # noqa: F401 - else each run of pytest in this process imports it anew

RACE = """
import pytest
import xous_sim as xs

@pytest.fixture
def log():
    return lambda world: world.server("log")

@pytest.mark.interleavings({arguments})
def test_clients(world, log):
    server, app = log(world), world.process("app")
    users = world.atomic_u32(0, name="REFCOUNT")

    def client():
        users.fetch_add(1)
        connection = app.connect(server)
        app.send(connection, xs.BlockingScalar(0))
        if users.fetch_sub(1) == 1:
            app.disconnect(connection)

    app.spawn(client)
    app.spawn(client)
"""
COUNT = """
import pytest
import xous_sim as xs

@pytest.mark.interleavings({arguments})
def test_count(world):
    app, n = world.process("app"), world.atomic_u32(0, name="n")
    for _ in range(3):
        app.spawn(n.fetch_add, 1, times=2)

    @world.finally_
    def nothing_is_lost(state):
        return state[n] == 6
"""


def run(pytester: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    """A run of pytest over one file of tests, without other plugins, whose imports would take most of the time."""
    pytester.makepyfile(test_it=code)
    others = ["randomly", "xdist"] + ["hypothesispytest"] * ("hypothesis" not in code)
    return pytester.runpytest(*(word for name in others for word in ("-p", f"no:{name}")), *options)


def schedule_in(result: pytest.RunResult) -> str:
    """The line that the command at the end of a failure replays."""
    found = re.search(r"--xous-replay '?(x1:[^'\s]+)", result.stdout.str())
    assert found is not None
    return found[1]


def test_a_race_fails_with_its_story_and_a_command(pytester: pytest.Pytester) -> None:
    result = run(pytester, RACE.format(arguments=""))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "severed: a send to log gets ServerNotFound (9) although the server lives: CID 2",
            "(8 steps, 2 preemptions; * states explored)",
            "app/client",
            "   1  REFCOUNT.fetch_add(1, seq_cst) -> 0",
            "      test_it.py:14: users.fetch_add(1)",
            "      connections now: 2 log",
            "app/client#2, while app/client could go on",
            "      connections now: none",
            "pytest test_it.py::test_clients --xous-replay 'x1:*'",
            "1 explored: 0 proven, 1 violated, 0 incomplete",
            "FAILED test_it.py::test_clients - severed: *",
        ]
    )
    result.stdout.no_fnmatch_line("*_testing*")


def test_every_line_but_the_command_fits_40_columns(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = run(pytester, RACE.format(arguments="")).outlines
    told = lines[next(n for n, line in enumerate(lines) if line.startswith("severed")) :]
    told = told[: told.index("replay it:")]
    assert max(map(len, told)) <= 40
    assert "".join(told).replace(" ", "").count("app.send(connection,xs.BlockingScalar(0))") == 2


def test_a_sound_test_passes_and_counts_as_proven(pytester: pytest.Pytester) -> None:
    result = run(pytester, COUNT.format(arguments=""))
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["1 explored: 1 proven, 0 violated, 0 incomplete"])


@pytest.mark.parametrize("arguments", ["max_preemptions=1", "xs.Random(max_schedules=5)", "strategy=xs.Pct()"])
def test_an_incomplete_exploration_fails_unless_that_is_allowed(pytester: pytest.Pytester, arguments: str) -> None:
    result = run(pytester, COUNT.format(arguments=arguments))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["Not every interleaving was covered*", "*(allow_incomplete=True)."])
    allowed = run(pytester, COUNT.format(arguments=f"{arguments}, allow_incomplete=True"))
    allowed.assert_outcomes(passed=1)
    allowed.stdout.fnmatch_lines(
        ["1 explored: 0 proven, 0 violated, 1 incomplete", "incomplete, accepted: test_it.py::test_count"]
    )


def test_allowing_incomplete_explorations_allows_no_violation(pytester: pytest.Pytester) -> None:
    run(pytester, RACE.format(arguments="allow_incomplete=True")).assert_outcomes(failed=1)


def test_the_command_of_a_failure_replays_it(pytester: pytest.Pytester) -> None:
    failed = run(pytester, RACE.format(arguments=""))
    line = schedule_in(failed)
    again = run(pytester, RACE.format(arguments=""), "test_it.py::test_clients", "--xous-replay", line)
    again.assert_outcomes(failed=1)
    assert schedule_in(again) == line
    again.stdout.fnmatch_lines(["(8 steps, 2 preemptions; 1 schedule explored)"])


def test_a_schedule_of_real_bodies_is_replayed_with_real_bodies(pytester: pytest.Pytester) -> None:
    code = """
import pytest
import xous_sim as xs

@pytest.mark.interleavings(xs.Rerun())
def test_shared(world):
    app, seen = world.process("app"), []

    def once():
        found = bool(seen)
        world.choose(1)
        seen.append(1)
        assert found or len(seen) == 1

    app.spawn(once)
    app.spawn(once)
"""
    line = schedule_in(run(pytester, code))
    again = run(pytester, code, "--xous-replay", line)
    again.assert_outcomes(failed=1)
    assert schedule_in(again) == line


def test_a_replayed_schedule_that_violates_nothing_is_skipped(pytester: pytest.Pytester) -> None:
    result = run(pytester, COUNT.format(arguments=""), "--xous-replay", "x1:0*2.1*2.2*2", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*the schedule violates no property; nothing is said about others*"])


def test_a_schedule_of_another_scenario_says_where_it_departs(pytester: pytest.Pytester) -> None:
    result = run(pytester, COUNT.format(arguments=""), "--xous-replay", "x1:0*9")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["ReplayError: the schedule departs from the scenario at step 3*"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--xous-replay", "nonsense"), "*is not part of a schedule*"),
        (("--xous-seed", "-1"), "*--xous-seed must be an int from 0*"),
        (("--xous-seed", "x"), "*--xous-seed must be an int from 0*"),
        (("--xous-budget", "0"), "*--xous-budget must be a positive number*"),
        (("--xous-budget", "soon"), "*--xous-budget must be a positive number*"),
        (("--xous-report", "test_it.py"), "*--xous-report: cannot write to *test_it.py*"),
        (("--xous-report", "/proc/nowhere"), "*--xous-report: cannot write to /proc/nowhere*"),
    ],
)
def test_an_option_without_meaning_is_a_usage_error(
    pytester: pytest.Pytester, options: tuple[str, ...], message: str
) -> None:
    result = run(pytester, COUNT.format(arguments=""), *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_one_schedule_is_not_replayed_in_several_tests(pytester: pytest.Pytester) -> None:
    code = COUNT.format(arguments="") + COUNT.format(arguments="").replace("test_count", "test_again")
    result = run(pytester, code, "--xous-replay", "x1:0")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*2 marked tests are selected*"])
    run(pytester, code, "--xous-replay", "x1:0", "-k", "again").assert_outcomes(skipped=1, deselected=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("bound=1", "*has no argument 'bound'; it has strategy, max_preemptions,*"),
        ("3", "*a strategy is needed, such as xs.Exhaustive(), not int*"),
        ("xs.Random(), 3", "*takes one strategy*"),
        ("xs.Exhaustive(), max_preemptions=1", "*max_preemptions has no meaning for Exhaustive*"),
        ("max_seconds=-1", "*max_seconds must be a positive number, not -1*"),
        ("allow_incomplete=1", "*allow_incomplete must be True or False, not 1*"),
        ("slots=33", "*33 is no size of the connection map*"),
    ],
)
def test_a_mark_without_meaning_says_what_is_wrong(pytester: pytest.Pytester, arguments: str, message: str) -> None:
    result = run(pytester, COUNT.format(arguments=arguments))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"MisuseError: {message}"])
    result.stdout.no_fnmatch_line("*_testing*")


def test_an_error_in_the_test_shows_its_line_and_none_of_ours(pytester: pytest.Pytester) -> None:
    code = COUNT.format(arguments="") + "    world.server('a'); world.server('a')\n"
    result = run(pytester, code)
    result.stdout.fnmatch_lines([">   *world.server('a'); world.server('a')", "E *there is a server 'a' already*"])
    result.stdout.no_fnmatch_line("*world.py*")


def test_a_failed_assertion_outside_of_the_threads_is_an_ordinary_failure(pytester: pytest.Pytester) -> None:
    result = run(pytester, COUNT.format(arguments="") + "    assert app.pid == 1\n")
    result.stdout.fnmatch_lines(["E *assert * == 1"])


def test_a_failed_assertion_of_a_thread_comes_with_its_traceback(pytester: pytest.Pytester) -> None:
    code = """
import pytest

@pytest.mark.interleavings
def test_add(world):
    app, n = world.process("app"), world.atomic_u32(0, name="n")

    def add():
        n.store(int(n.load()) + 1)
        assert n.load() == 2

    app.spawn(add)
"""
    result = run(pytester, code)
    result.stdout.fnmatch_lines(
        [
            "exception: thread app/add ends with an exception:",
            '  File "*test_it.py", line 9, in add',
            "AssertionError: assert 1 == 2",
            "FAILED test_it.py::test_add - exception: AssertionError: assert 1 == 2",
        ]
    )


def test_a_world_cannot_be_used_before_there_is_one(pytester: pytest.Pytester) -> None:
    code = """
import pytest

@pytest.fixture
def app(world):
    return world.process("app")

@pytest.mark.interleavings
def test_fixture(app, world):
    app.spawn(print)

def test_unmarked(world):
    world.process("app")

@pytest.mark.interleavings
def test_without_world():
    pass
"""
    result = run(pytester, code)
    result.assert_outcomes(errors=1, failed=2)
    result.stdout.fnmatch_lines(["E *MisuseError: world.process is used where there is no world yet: mark the test *"])
    result.stdout.fnmatch_lines(["a test that is marked with interleavings takes the fixture `world`"])


def test_marks_of_a_class_are_defaults_and_leave_other_tests_alone(pytester: pytest.Pytester) -> None:
    code = """
import pytest
import xous_sim as xs

@pytest.mark.interleavings(max_preemptions=0, allow_incomplete=True)
class TestAll:
    def test_bounded(self, world):
        self.two(world)

    @pytest.mark.interleavings(xs.Dfs(), max_preemptions=None)
    def test_unbounded(self, world):
        self.two(world)

    @pytest.mark.parametrize("times", [1, 2])
    def test_times(self, times, world):
        world.process("app").spawn(lambda: world.choose(1), times=times)

    def test_ordinary(self):
        pass

    def two(self, world):
        app, n = world.process("app"), world.atomic_u32()
        for _ in range(2):
            app.spawn(n.fetch_add, 1, times=2)
"""
    result = run(pytester, code)
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(["4 explored: 3 proven, 0 violated, 1 incomplete"])


def test_fixtures_are_set_up_once_for_an_exploration(pytester: pytest.Pytester) -> None:
    code = """
import pytest
import xous_sim as xs

@pytest.fixture
def noted():
    print("set up")
    yield []
    print("torn down")

@pytest.mark.interleavings(xs.Rerun())
def test_two(world, noted, tmp_path):
    noted.append(world)
    app, n = world.process("app"), world.atomic_u32()
    for _ in range(2):
        app.spawn(n.fetch_add, 1, times=2)

@pytest.fixture(autouse=True)
def others(request):
    yield
"""
    result = run(pytester, code, "-s")
    result.assert_outcomes(passed=1)
    assert [line.strip(". ") for line in result.outlines if "set up" in line or "torn down" in line] == [
        "test_it.py set up",
        "torn down",
    ]


def test_hypothesis_has_every_example_explored(pytester: pytest.Pytester) -> None:
    code = """
import pytest
from hypothesis import given, settings, strategies as st

@pytest.mark.interleavings
@settings(derandomize=True, database=None)
@given(rounds=st.integers(1, 5))
def test_rounds(world, rounds):
    app, n = world.process("app"), world.cell(0, name="n")

    def add():
        n.set(n.get() + 1)

    app.spawn(add)
    app.spawn(add)

    @world.finally_
    def few(state):
        return state[n] == 2 or rounds < 3
"""
    result = run(pytester, code)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["finally: few does not hold", "*--xous-replay*", "* test_rounds(*"])
    result.stdout.fnmatch_lines(["*rounds=3,*", "1 explored: 0 proven, 1 violated, 0 incomplete"])


def test_a_report_folder_holds_each_counterexample_and_a_junit_file(pytester: pytest.Pytester) -> None:
    code = RACE.format(arguments="") + COUNT.format(arguments="")
    run(pytester, code, "--xous-report", "deep/out").assert_outcomes(failed=1, passed=1)
    folder = pytester.path / "deep" / "out"
    cases = {case.get("name"): case for case in ElementTree.parse(folder / "junit.xml").iter("testcase")}
    noted = {p.get("name"): p.get("value") for p in cases["test_clients"].iter("property")}
    assert noted["xous_verdict"] == "violated" and noted["xous_property"] == "severed"
    report = Path(str(noted["xous_report"]))
    assert report.parent == folder and str(noted["xous_schedule"]) in report.read_text("utf-8")
    sound = {p.get("name"): p.get("value") for p in cases["test_count"].iter("property")}
    assert sound["xous_verdict"] == "sound" and "xous_report" not in sound


def test_a_budget_shortens_a_search(pytester: pytest.Pytester) -> None:
    code = COUNT.format(arguments="max_seconds=1000").replace("range(3)", "range(12)").replace("== 6", "< 12")
    code = code.replace("n.fetch_add, 1", "n.swap, _")
    result = run(pytester, code, "--xous-budget", "0.05")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["incomplete: the limit of seconds was hit*"])


def test_the_plugin_imports_nothing_until_a_test_is_marked(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it="import sys\ndef test_it():\n    assert 'xous_sim' not in sys.modules\n")
    result = pytester.runpytest_subprocess("-p", "randomly")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["plugins: *xous_sim*"])


def test_importing_the_package_imports_no_test_tool() -> None:
    code = "import sys, xous_sim; print([n for n in ('pytest', 'hypothesis', 'rich') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_page_on_pytest_shows_what_its_example_prints(pytester: pytest.Pytester) -> None:
    page = (Path(__file__).parents[1] / "docs" / "pytest.md").read_text("utf-8")
    code, shown = (re.search(rf"^```{kind}\n(.*?)^```", page, re.MULTILINE | re.DOTALL) for kind in ("python", "text"))
    assert code is not None and shown is not None
    printed = run(pytester, code[1]).stdout.str()
    assert shown[1].replace("test_race.py", "test_it.py") in printed
