"""The verdict table: its rows, its order, what a row says, how rows fold."""

from __future__ import annotations

import pytest

import xous_sim as xs
from xous_sim._view.folding import fold
from xous_sim._view.story import story
from xous_sim.idioms import IDIOMS
from xous_sim.verdicts import Row, RowResult, changed_by_memory, rows, verdict_scenario, verdicts

KEYS = [
    "idiom",
    "connect",
    "slots",
    "std_shadow",
    "clients",
    "memory",
    "verdict",
    "violation",
    "states",
    "transitions",
    "seconds",
    "preemptions",
    "schedule",
]


def small(name: str) -> list[RowResult]:
    return [row.explore() for row in rows() if row.idiom.name == name and row.clients == 2]


def test_every_idiom_meets_every_configuration_once() -> None:
    table = list(rows())
    assert len(table) == len(set(table)) == len(IDIOMS) * 2 * 2 * 2 * 2


def test_a_row_has_the_promised_keys() -> None:
    row = Row(IDIOMS["refcounted_drop"], "reuse", 32, False, 2)
    assert list(row.explore().as_json()) == KEYS


def test_a_sound_row_has_no_counterexample() -> None:
    row = Row(IDIOMS["mutex_guarded"], "reuse", 32, False, 2).explore().as_json()
    assert row["verdict"] == "sound"
    assert (row["violation"], row["preemptions"], row["schedule"]) == (None, None, None)


def test_a_violated_row_names_the_property_and_replays() -> None:
    row = Row(IDIOMS["refcounted_drop"], "reuse", 46, False, 2).explore().as_json()
    assert (row["verdict"], row["violation"]) == ("violated", "severed")
    assert isinstance(row["schedule"], str)
    scenario = verdict_scenario(IDIOMS["refcounted_drop"], 2)
    assert xs.replay(scenario, row["schedule"], slots=46).violation is not None


def test_results_come_in_the_order_of_the_rows_and_a_limit_makes_rows_incomplete() -> None:
    seen: list[RowResult] = []
    results = verdicts(max_states=40, workers=2, progress=seen.append)
    assert [result.row for result in results] == list(rows())
    assert len(seen) == len(results)
    assert "incomplete" in {result.verdict for result in results}


def test_a_row_says_the_same_twice() -> None:
    row = Row(IDIOMS["arc_pool_weak"], "reuse", 32, False, 3)
    first, second = ({**row.explore().as_json(), "seconds": 0} for _ in range(2))
    assert first == second


@pytest.mark.parametrize("clients", [0, -1, True, "2"])
def test_clients_are_a_positive_number(clients: int) -> None:
    with pytest.raises(xs.MisuseError, match="clients"):
        verdict_scenario(IDIOMS["refcounted_drop"], clients)


def test_rows_that_agree_fold_into_one_line() -> None:
    lines = fold(small("arc_pool_strong"))
    assert [(line.connect, line.slots, line.std) for line in lines] == [
        ("reuse", "32, 46", "any"),
        ("unique", "32, 46", "any"),
    ]


def test_rows_that_differ_keep_what_they_differ_in() -> None:
    lines = fold([result for result in small("mutex_guarded") if result.row.connect == "reuse"])
    assert [(line.std, line.verdict) for line in lines] == [("without", "sound"), ("with", "violated: severed")]


def test_the_story_of_the_race_tells_each_step_with_the_connections_after_it() -> None:
    counterexample = xs.explore(verdict_scenario(IDIOMS["refcounted_drop"], 2)).counterexamples[0]
    lines = list(story(counterexample))
    assert len(lines) == 2 * len(counterexample.trace) + 1
    assert lines[0] == " 1. client 1 counts itself as a user: REFCOUNT goes from 0 to 1."
    assert "gives the same CID 2 again" in "\n".join(lines)
    assert lines[-1].startswith("=> severed: ")


def test_a_weak_machine_has_rows_of_two_clients_only() -> None:
    table = list(rows(memory="c11"))
    assert {row.clients for row in table} == {2}
    assert len(table) == len(IDIOMS) * 2 * 2 * 2
    with pytest.raises(xs.MisuseError, match="memory model"):
        list(rows(memory="tso"))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["refcounted_drop", "mutex_guarded", "disconnect_locked_held", "persistent_std"])
def test_what_an_idiom_comes_to_does_not_depend_on_the_memory_model(name: str) -> None:
    weak = [row.explore() for row in rows(memory="c11") if row.idiom.name == name and row.slots == 32]
    assert changed_by_memory(weak) == []


@pytest.mark.slow
def test_no_row_of_the_table_changes_on_a_weak_machine() -> None:
    assert changed_by_memory(verdicts(memory="c11")) == []


def test_a_row_that_changes_is_told_with_both_results() -> None:
    row = Row(IDIOMS["refcounted_drop"], "reuse", 32, False, 2, "c11")
    limited = row.explore(max_states=10)
    [(weak, strong)] = changed_by_memory([limited])
    assert (weak.verdict, strong.violation, strong.row.memory) == ("incomplete", "severed", "sc")
