"""No search loses a behaviour: on generated programs all of them find what plain depth-first search finds.

Plain depth-first search follows every schedule and leaves nothing out, so it is what the others are measured by:
exhaustive search with each reduction on and off, dynamic partial-order reduction, deepening. HYPOTHESIS_PROFILE=nightly
draws 100,000 programs, other ones each time, and prints which.
"""

from __future__ import annotations

import os
import time

import pytest

import xous_sim as xs
from programs.agreement import compare, compare_at_least, compare_in_parallel
from programs.bodies import scenario
from programs.check import check, covers_everything
from programs.loops import Loops
from programs.searches import MOST_SCHEDULES, Subject, outcomes, subject
from programs.sections import Item, logs, program
from programs.syntax import Block, Program, Thread, one_after_the_other

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
IN_TURN: tuple[Item, ...] = (("append", 0),)
ORDERS = [((1, 1), 2), ((2, 2), 6), ((2, 2, 2), 90)]
"""Sections of each thread, and in how many orders they can come."""


def in_turn(counts: tuple[int, ...]) -> Program:
    """Threads that each append their number to one log so many times, under one lock."""
    return program([(thread + 1, IN_TURN * n, 0) for thread, n in enumerate(counts)])


@pytest.mark.skipif(NIGHTLY, reason="so many more are compared instead")
def test_all_searches_find_the_same_verdicts_violations_and_final_states() -> None:
    assert compare_at_least(2_000) >= 2_000


def test_all_searches_show_an_invariant_the_same_states() -> None:
    assert compare_at_least(300, everywhere=True) >= 300


@pytest.mark.skipif(not NIGHTLY, reason="takes half an hour: nox -s nightly")
def test_all_searches_find_the_same_night_after_night(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = int(os.environ.get("PROGRAMS", "100000"))
    first = int(os.environ.get("FIRST_PROGRAMS", time.time()))
    compared = compare_in_parallel(wanted, first)
    with capsys.disabled():
        print(f"\n{compared:,} programs compared, none differs (FIRST_PROGRAMS={first})")
    assert compared >= wanted


@pytest.mark.parametrize(("counts", "orders"), ORDERS)
def test_every_search_comes_to_every_order_of_lock_protected_sections(counts: tuple[int, ...], orders: int) -> None:
    found = outcomes(in_turn(counts))
    assert found is not None
    complete = [outcome.found for name, outcome in found.items() if covers_everything(name)]
    assert {(len(all_.finals), all_.verdict) for all_ in complete} == {(orders, "sound")}


@pytest.mark.parametrize(("counts", "orders"), ORDERS)
def test_dpor_follows_each_order_of_lock_protected_sections_once(counts: tuple[int, ...], orders: int) -> None:
    result = xs.explore(scenario(in_turn(counts)), xs.Dpor())
    assert (result.verdict, result.schedules, result.redundant) == ("sound", orders, 0)


@pytest.mark.parametrize("search", [xs.Dfs(), xs.Exhaustive(), xs.Dpor()])
@pytest.mark.parametrize("last", [(1, 2, 1, 2), (2, 1, 1, 2), (2, 2, 1, 1)])
def test_the_one_order_that_is_wrong_is_found(search: xs.Dfs | xs.Exhaustive | xs.Dpor, last: tuple[int, ...]) -> None:
    wrong = int("".join(map(str, last)), 4)
    result = xs.explore(scenario(in_turn((2, 2))), search, finally_=lambda state: logs(state)[0] != wrong)
    assert (result.verdict, result.violation and result.violation.property) == ("violated", "finally")


def test_whether_a_change_conflicts_with_a_step_does_not_depend_on_a_third_thread_being_over() -> None:
    """Dpor once took a change for one that a thread which spins may note, after that thread was over."""
    program = Loops(
        threads=((("count", 0, 0, 0),), (("store", 1, 1, 0),), (("store", 0, 1, 0), ("store", 1, 0, 0))), initial=(0, 0)
    )
    found = outcomes(program)
    assert found is not None
    check(found)
    assert {outcome.found.finals for outcome in found.values()} == {
        frozenset({(1, 0, 1), (1, 1, 1), (1, 0, 3), (1, 1, 3)})
    }


@pytest.mark.parametrize(
    ("second", "violation"), [((("give", 0),), ("exception", "")), ((("take", 0),), ("deadlock", ""))]
)
def test_a_lock_is_held_by_a_thread_and_not_by_its_tid(second: Block, violation: tuple[str, str]) -> None:
    found = outcomes(one_after_the_other((("take", 0),), second))
    assert found is not None
    assert {outcome.found.violations for outcome in found.values()} == {frozenset({violation})}


def test_a_thread_without_an_operation_has_given_its_tid_back_before_any_step() -> None:
    parent = (("load", 0, "n0"), ("start", "t0", "n0", (("load", 0, "n0"),)), ("tell", "t0"))
    found = outcomes(Program((Thread(parent, 1), Thread((), 1)), initial=(0, 0), connect="reuse"))
    assert found is not None
    assert {final[2] for outcome in found.values() for final in outcome.found.finals} == {4}


def test_a_reduced_search_that_is_taken_up_again_does_not_rely_on_what_little_it_knew() -> None:
    """It once left out what an interrupted search had not seen a body do, and answered sound with a state missing."""
    first = (("fetch_add", 0, 1, "n0"), ("join", "t0"), ("load", 0, "n0"), ("load", 0, "n1"), ("store", 1, "n1"))
    second = (("get", "n0"), ("join", "t0"), ("store", 1, "n1"))
    assert compare(Program((Thread(first, 1), Thread(second, 1)), initial=(0, 0), connect="reuse"))


def test_a_program_with_too_many_schedules_is_not_counted() -> None:
    busy = program([(thread + 1, (("share",),) * 8, 0) for thread in range(3)])
    assert xs.explore(scenario(busy), xs.Dfs(deepening=False, max_schedules=MOST_SCHEDULES)).exhausted == "schedules"
    assert outcomes(busy) is None


class JoinsAnsweredThread:
    """A thread joins another one, which is over as soon as it is answered."""


@subject.register
def _(_: JoinsAnsweredThread) -> Subject:
    def set_up(world: xs.World) -> None:
        owner, app = world.process("owner"), world.process("app")
        log = owner.create_server("log")
        connection = app.connect(log)
        joined = world.atomic_u32(name="joined")

        def ask() -> None:
            app.send(connection, xs.BlockingScalar(0))

        def start_and_join() -> None:
            app.join(app.spawn(ask))
            joined.fetch_add(1)

        def answer() -> None:
            owner.receive(log).return_scalar(7)
            joined.load()

        owner.spawn(answer)
        app.spawn(start_and_join)
        app.spawn(joined.load)

    return Subject(set_up, lambda state: (int(state["joined"]),), {})


def test_whoever_joins_a_thread_that_is_over_when_it_is_answered_goes_on_in_every_search() -> None:
    found = outcomes(JoinsAnsweredThread())
    assert found is not None
    assert {outcome.found.finals for outcome in found.values()} == {frozenset({(1,)})}
    check(found)
