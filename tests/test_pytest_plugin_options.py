"""The options of the pytest plugin: replaying, budgets, reports."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path
from xml.etree import ElementTree

import pytest

from marked_tests import COUNT, RACE, run, schedule_in


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
        (("--xous-budget", "0"), "*--xous-budget must be positive seconds, states or schedules*not '0'*"),
        (("--xous-budget", "soon"), "*--xous-budget must be positive seconds, *"),
        (("--xous-budget", "60s,1.5states"), "*--xous-budget must be positive seconds, *not '1.5states'*"),
        (("--xous-budget", "3 threads"), "*--xous-budget must be positive seconds, *"),
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


def test_a_report_folder_holds_a_page_for_each_counterexample_and_a_junit_file(pytester: pytest.Pytester) -> None:
    code = RACE.format(arguments="") + COUNT.format(arguments="")
    run(pytester, code, "--xous-report", "deep/out").assert_outcomes(failed=1, passed=1)
    folder = pytester.path / "deep" / "out"
    cases = {case.get("name"): case for case in ElementTree.parse(folder / "junit.xml").iter("testcase")}
    noted = {p.get("name"): p.get("value") for p in cases["test_clients"].iter("property")}
    assert noted["xous_verdict"] == "violated" and noted["xous_property"] == "severed"
    report = Path(str(noted["xous_report"]))
    assert report.parent == folder and report.suffix == ".html"
    assert str(noted["xous_schedule"]) in report.read_text("utf-8")
    assert [each.text for each in cases["test_clients"].iter("system-out")] == [f"[[ATTACHMENT|{report}]]"]
    assert not list(cases["test_count"].iter("system-out"))
    sound = {p.get("name"): p.get("value") for p in cases["test_count"].iter("property")}
    assert sound["xous_verdict"] == "sound" and "xous_report" not in sound


LARGE = (
    COUNT.format(arguments="{arguments}")
    .replace("range(3)", "range(12)")
    .replace("== 6", "< 12")
    .replace("n.fetch_add, 1", "n.swap, _")
)
"""A test whose exploration takes long."""


@pytest.mark.parametrize(
    ("arguments", "budget", "limit"),
    [
        ("max_seconds=1000", "0.05", "seconds was hit"),
        ("max_seconds=1000", "0.05s", "seconds was hit"),
        ("xs.Exhaustive(max_states=10**9)", "1000 states,500 schedules", "states was hit*(1,00? states,"),
        ("xs.Dfs(deepening=False)", "1000states,500schedules", "schedules was hit*(500 schedules,"),
        ("xs.Dfs(deepening=False, max_schedules=7)", "500schedules", "schedules was hit*(7 schedules,"),
    ],
)
def test_a_budget_shortens_a_search_and_never_prolongs_it(
    pytester: pytest.Pytester, arguments: str, budget: str, limit: str
) -> None:
    result = run(pytester, LARGE.format(arguments=arguments), "--xous-budget", budget)
    result.assert_outcomes(failed=1)
    told = " ".join(result.outlines)
    assert fnmatch(told, f"*incomplete: the limit of {limit}*")
