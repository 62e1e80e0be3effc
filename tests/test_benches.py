"""The benchmark measures what it says: the program is the same for all tools, and a tool that fails is a row."""

from __future__ import annotations

from pathlib import Path

import pytest

import install_peers
import xous_sim as xs
from ground_truth import Counts, count
from page import markdown, put
from peers import Case, Frontrun, Loom, Musil, Peer, Ploom, Row, Shuttle, Spin, command
from race import program
from searches import explore
from side_by_side import BASE, cells, measure, rows

CASE = Case(clients=2, rounds=1, fixed=True)


@pytest.mark.parametrize(
    ("clients", "fixed", "schedules", "failing"),
    [(2, False, 80, 2), (3, False, 37_614, 540), (2, True, 20, 0), (3, True, 1_680, 0)],
)
def test_brute_force_counts_the_interleavings_that_are_known(
    clients: int, fixed: bool, schedules: int, failing: int
) -> None:
    counted = count(clients, 1, fixed=fixed, sections=True)
    assert (counted.schedules, counted.failing) == (schedules, failing)


def test_a_lock_whose_steps_count_has_more_interleavings_than_sections() -> None:
    assert count(2, 1, fixed=True) == Counts(states=60, schedules=62, failing=0)


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("rounds", [1, 2])
@pytest.mark.parametrize("clients", [1, 2, 3, 4])
def test_the_benchmarks_program_has_the_states_of_brute_force(clients: int, rounds: int, fixed: bool) -> None:
    found = explore(program(clients, rounds, fixed=fixed), symmetry=False, reduction=False)
    assert found is not None
    assert found.states == count(clients, rounds, fixed=fixed).states


@pytest.mark.skipif(not hasattr(xs, "Dfs"), reason="this version cannot count schedules")
@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("clients", [2, 3])
def test_the_benchmarks_program_has_the_interleavings_of_brute_force(clients: int, fixed: bool) -> None:
    found = explore(program(clients, 1, fixed=fixed), strategy="Dfs", deepening=False)
    assert getattr(found, "schedules", None) == count(clients, 1, fixed=fixed, past_failures=True).schedules


def test_the_buggy_program_is_severed_and_the_fixed_one_is_sound() -> None:
    buggy, fixed = (explore(program(2, 2, fixed=fixed)) for fixed in (False, True))
    assert buggy is not None and fixed is not None
    assert buggy.violation is not None and buggy.violation.property == "severed"
    assert fixed.verdict == "sound"


def test_a_tool_that_is_not_installed_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    missing: list[Peer] = [
        Spin(reduction=True),
        Loom(tmp_path),
        Shuttle(tmp_path, "dfs"),
        Frontrun(tmp_path),
        Ploom(tmp_path),
        Musil(tmp_path, symmetry=True),
    ]
    assert [measure(peer, CASE, 1.0).verdict for peer in missing] == ["not there"] * len(missing)


def test_a_tool_that_cannot_be_installed_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert install_peers.install(Loom(tmp_path)) == "not installed: no cargo"


class Told:
    """A tool that answers what it is told to, and remembers what it was given."""

    name = "told"

    def __init__(self, *answers: Row | Exception) -> None:
        self.answers = list(answers)
        self.given: list[Case] = []

    def install(self) -> None: ...

    def available(self) -> bool:
        return True

    def run(self, case: Case, limit_seconds: float) -> Row:
        self.given.append(case)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_tool_that_fails_is_a_row() -> None:
    row = measure(Told(ValueError("no such state")), CASE, 1.0)
    assert (row.verdict, row.note) == ("failed", "ValueError: no such state")


def test_of_short_searches_the_fastest_counts() -> None:
    took = [Row("told", CASE, "sound", 1, "states", seconds) for seconds in (0.3, 0.1, 0.2)]
    assert measure(Told(*took), CASE, 1.0).seconds == 0.1


def test_a_tool_that_does_not_finish_is_not_given_more_clients() -> None:
    slow = Told(*(Row("told", CASE, "incomplete", seconds=1.0) for _ in range(2)))
    assert [row.verdict for row in rows([slow], 1.0)] == ["incomplete"] * 2
    assert [(case.program, case.clients) for case in slow.given] == [("buggy", 2), ("fixed", 2)]


def test_an_unfinished_search_has_a_lower_bound_for_its_ratio() -> None:
    base = Row(BASE, CASE, "sound", 60, "states", 0.5)
    slow = Row("slow", CASE, "incomplete", 1_234, "schedules", 20.0)
    assert cells(slow, base)[3:7] == ("incomplete", "1,234 schedules", ">20.0000", ">40")


def test_a_program_that_runs_too_long_is_ended_with_what_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "STARTUP_SECONDS", 0)
    row = command.json_row("told", "states", CASE, ["sh", "-c", "sleep 600 & wait"], 0.2)
    assert (row.verdict, row.seconds) == ("incomplete", 0.2)


def test_a_program_that_prints_no_verdict_has_failed() -> None:
    row = command.json_row("told", "states", CASE, ["sh", "-c", "echo out of memory >&2; exit 1"], 5.0)
    assert (row.verdict, row.note) == ("failed", "out of memory")


def test_only_what_stands_between_the_comments_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- one -->\nold\n<!-- end of one -->\nafter\n", "utf-8")
    put(page, "one", markdown(("a", "b"), [("1", "2")], right=("b",)))
    told = "| a | b |\n| --- | ---: |\n| 1 | 2 |\n"
    assert page.read_text("utf-8") == f"before\n<!-- one -->\n{told}<!-- end of one -->\nafter\n"


def test_a_message_does_not_end_its_cell() -> None:
    assert markdown(("note",), [("a|b\nc",)]) == "| note |\n| --- |\n| a\\|b c |\n"


def test_a_case_that_the_simulator_did_not_reach_has_no_ratio() -> None:
    assert cells(Row("told", CASE, "sound", 60, "states", 0.5), None)[6] == ""


def test_a_page_without_the_comments_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n", "utf-8")
    with pytest.raises(ValueError, match="must have the comments"):
        put(page, "one", "text")


@pytest.mark.parametrize("name", ["growth", "side by side", "same program", "own figures"])
def test_the_page_on_speed_has_a_place_for_each_measurement(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "speed.md"
    copy.write_text((Path(__file__).parents[1] / "docs" / "speed.md").read_text("utf-8"), "utf-8")
    put(copy, name, "measured\n")
    assert f"<!-- {name} -->\nmeasured\n<!-- end of {name} -->" in copy.read_text("utf-8")
