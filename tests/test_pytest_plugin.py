"""The pytest plugin, used as its user uses it: marked tests in a folder of their own, and what pytest says of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from marked_tests import COUNT, RACE, run


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


PRINTS = """
import pytest
import xous_sim as xs

@pytest.mark.interleavings({arguments})
def test_prints(world):
    print("the test prints")
    app, n = world.process("app"), world.atomic_u32(0, name="n")

    def increments():
        print("begins")
        old = int(n.load())
        print("read", old)
        n.store(old + 1)

    app.spawn(increments)
    app.spawn(increments)

    @world.finally_
    def nothing_is_lost(state):
        print("looks")
        assert state[n] == 2
"""


@pytest.mark.parametrize("strategy", ["", "xs.Rerun()"])
def test_what_a_body_prints_appears_once_beside_its_step(pytester: pytest.Pytester, strategy: str) -> None:
    result = run(pytester, PRINTS.format(arguments=strategy))
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    result.stdout.fnmatch_lines(
        [
            "app/increments prints: begins",
            "app/increments#2 prints: begins",
            "*n.load(seq_cst) -> 0",
            "*old = int(n.load())",
            "      prints: read 0",
            "*n.load(seq_cst) -> 0",
            "*old = int(n.load())",
            "      prints: read 0",
        ]
    )
    printed = [text.count(line) for line in ("prints: begins", "prints: read", "the test prints\n", "looks\n")]
    assert printed == [2, 2, 1, 0]


def test_a_proof_shows_nothing_that_bodies_print(pytester: pytest.Pytester) -> None:
    code = PRINTS.format(arguments="").replace("assert state[n] == 2", "")
    result = run(pytester, code, "-s")
    result.assert_outcomes(passed=1)
    text = result.stdout.str()
    assert [text.count(line) for line in ("the test prints", "begins", "read", "looks")] == [1, 0, 0, 0]


def test_a_long_exploration_shows_how_far_it_is(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xous_sim._testing.progress.FIRST_LINE", 0.0)
    result = run(pytester, COUNT.format(arguments=""))
    result.assert_outcomes(passed=1)
    result.stdout.re_match_lines([r"test_count: \d+ states?, .* a second.*, \d+ s"])


ASSERTS = """
import pytest
import xous_sim as xs

@pytest.mark.interleavings({arguments})
def test_asserts(world):
    app, n = world.process("app"), world.atomic_u32(0, name="n")

    def increments():
        mine = int(n.fetch_add(1))
        assert mine == 0

    app.spawn(increments)
    app.spawn(increments)
"""


@pytest.mark.parametrize(
    ("strategy", "code", "line", "looked_at"),
    [
        ("", RACE, "-> app.send(connection, xs.BlockingScalar(0))", ("connection", "<Connection CID 2 to log>")),
        ("", ASSERTS, "-> assert mine == 0", ("mine", "1")),
        ("xs.Rerun()", ASSERTS, "-> assert mine == 0", ("mine", "1")),
        ("xs.Rerun()", PRINTS, "-> n.store(old + 1)", ("old", "0")),
    ],
)
def test_a_debugger_stands_in_the_body_at_the_step_that_fails(
    pytester: pytest.Pytester, strategy: str, code: str, line: str, looked_at: tuple[str, str]
) -> None:
    name, value = looked_at
    code = code.format(arguments=strategy)
    pytester.makepyfile(test_it=code)
    child = pytester.popen(
        [sys.executable, "-m", "pytest", "--pdb", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:hypothesispytest"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output, _ = child.communicate(f"p 'LOOK', {name}\nquit\n".encode(), timeout=120)
    shown = output.decode()
    assert line in shown
    assert f"('LOOK', {value})" in shown
    assert "replay it:" in shown


def test_a_counterexample_that_real_bodies_cannot_follow_is_told_without_what_they_print(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        test_it="""
        import pytest

        @pytest.mark.interleavings(memory="c11", finally_=lambda state: state["r0"] == 1 or state["r1"] == 1)
        def test_store_buffering(world):
            app = world.process("app")
            x, y, r0, r1 = (world.atomic_u32(0, name=name) for name in ("x", "y", "r0", "r1"))

            def body(mine, other, register):
                mine.store(1, "relaxed")
                print("has stored")
                register.store(other.load("relaxed"))

            app.spawn(body, x, y, r0)
            app.spawn(body, y, x, r1)

        @pytest.mark.interleavings
        def test_fails_at_once(world):
            def body():
                print("begins")
                raise ValueError("at once")

            world.process("app").spawn(body)
        """
    )
    for options in ([], ["--pdb"]):
        child = pytester.popen(
            [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:xdist", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        shown = child.communicate(b"continue\n" * 4, timeout=120)[0].decode()
        assert "does not hold" in shown and "test_store_buffering --xous-replay" in shown
        assert "Error: " not in shown.replace("ValueError: at once", "")
