"""Cap'n Proto from Python: cases, results, counts, bad input, the table."""

from __future__ import annotations

from typing import Any

import pytest

import xous_sim as xs
from xous_sim.neighbours import capnp

THREAD = capnp.Case(limits=(capnp.NoLimit(), capnp.Words(2, "finish")), streams=(capnp.Stream.of(4),))


def test_the_deadlock_of_the_thread_is_found_and_told_as_a_cycle() -> None:
    found = capnp.explore(THREAD)
    assert found.violation is not None and found.trace is not None
    assert found.violation.property == "deadlock"
    assert found.violation.message == (
        "A waits for Return 3, but B has not read Call 3; B does not read Call 3 with 3 words in flight and a limit of "
        "2: it waits for Finish 0, and Finish 0 is behind Call 3 on the link to B; which closes the cycle"
    )
    assert "capnp.replay(case, 'x1:" in str(found)


def test_release_at_return_is_proven_for_the_same_stream() -> None:
    case = capnp.Case(limits=(capnp.NoLimit(), capnp.Words(2)), streams=(capnp.Stream.of(4),))
    assert capnp.explore(case).verdict == "sound"


@pytest.mark.parametrize(
    "strategy", [xs.Exhaustive(), xs.Exhaustive(reduction=False), xs.Dfs(max_preemptions=3), xs.Random(), xs.Pct()]
)
def test_every_strategy_finds_it_and_its_line_replays(strategy: Any) -> None:
    found = capnp.explore(THREAD, strategy)
    assert found.verdict == "violated" and found.schedule is not None
    replayed = capnp.replay(THREAD, found.schedule)
    assert replayed.violation == found.violation
    assert capnp.explore(THREAD, xs.Replay(found.schedule)).violation == found.violation


def test_exhaustive_finds_no_longer_way_than_the_others() -> None:
    shortest = capnp.explore(THREAD).trace
    other = capnp.explore(THREAD, xs.Random(seed=3)).trace
    assert shortest is not None and other is not None
    assert len(shortest) == 13 <= len(other)


def test_a_trace_shows_the_links_and_survives_json() -> None:
    trace = capnp.explore(THREAD).trace
    assert trace is not None
    assert "link A>B: Call 3, Finish 0" in str(trace)
    assert str(xs.Trace.from_json(trace.to_json())) == str(trace)


def test_a_limit_of_states_makes_an_exploration_incomplete() -> None:
    case = capnp.Case(limits=(capnp.NoLimit(), capnp.Words(2)), streams=(capnp.Stream.of(6),))
    found = capnp.explore(case, xs.Exhaustive(max_states=100))
    assert (found.verdict, found.exhausted) == ("incomplete", "states")


@pytest.mark.parametrize(
    ("limit", "counts"),
    [(114, [2, 2, 4, 4, 6]), (115, [2, 3, 4, 5, 6]), (228, [3, 3, 5, 5, 7])],
)
def test_admitted_gives_the_worked_example_of_the_facts(limit: int, counts: list[int]) -> None:
    assert [capnp.admitted(limit, [114] * 40, returns) for returns in range(5)] == counts


@pytest.mark.parametrize("window", [0, 1, 99, 65_536])
@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_equal_messages_stop_a_stream_after_the_window_and_one_more(window: int, size: int) -> None:
    assert capnp.sends_until_blocked(window, [size] * 70_000) == -(-window // size) + 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: capnp.Words(-1), "a limit"),
        (lambda: capnp.Words(1 << 64), "a limit"),
        (lambda: capnp.Words(True), "a limit"),
        (lambda: capnp.Words(1, "sometime"), "release"),  # type: ignore[arg-type]
        (lambda: capnp.Held(5, 4), "a hard limit"),
        (lambda: capnp.Requests(0, 1), "calls that run"),
        (lambda: capnp.FixedWindow(-1), "a window"),
        (lambda: capnp.AdaptiveWindow(0, 1), "a window's beginning"),
        (lambda: capnp.Call(words=0), "words"),
        (lambda: capnp.Call(kind="tail", hops=1), "hops"),
        (lambda: capnp.Stream.of(0), "count"),
        (lambda: capnp.Stream(calls=[1]), "calls"),  # type: ignore[arg-type]
        (lambda: capnp.Case(limits=(capnp.NoLimit(),) * 2, streams=(capnp.Stream.of(1),), link=0), "link"),
        (lambda: capnp.explore(capnp.Case(limits=(capnp.NoLimit(),), streams=(capnp.Stream.of(1),))), "vats"),
        (lambda: capnp.explore(capnp.Case(limits=(capnp.NoLimit(),) * 2, streams=())), "streams"),
        (lambda: capnp.Words(1 << 41), "a limit"),
        (lambda: capnp.FixedWindow(1 << 41), "a window"),
        (lambda: capnp.Call(words=1 << 41), "words"),
        (lambda: capnp.explore(THREAD, xs.Rerun()), "strategy"),  # type: ignore[arg-type]
        (lambda: capnp.explore(THREAD, xs.Exhaustive(checkpoint="x")), "checkpoint"),
        (lambda: capnp.explore(THREAD, stop="never"), "stop"),  # type: ignore[arg-type]
        (lambda: capnp.explore(None), "Case"),  # type: ignore[arg-type]
        (lambda: capnp.replay(THREAD, 5), "schedule"),  # type: ignore[arg-type]
        (lambda: capnp.admitted(-1, [1], 0), "limit"),
        (lambda: capnp.admitted(1, [-1], 0), "a size"),
        (lambda: capnp.admitted((1 << 64) - 1, [(1 << 64) - 1, 1], 0), "add up"),
        (lambda: capnp.admitted(1, 5, 0), "sizes"),  # type: ignore[arg-type]
        (lambda: capnp.sends_until_blocked(1, [1.5]), "a size"),  # type: ignore[list-item]
    ],
)
def test_what_has_no_meaning_is_refused_with_its_name(make: Any, message: str) -> None:
    with pytest.raises(xs.MisuseError, match=message):
        make()


@pytest.mark.parametrize("line", ["x1:9", "x1:2", "nonsense"])
def test_a_line_that_does_not_fit_is_refused(line: str) -> None:
    with pytest.raises(xs.ReplayError):
        capnp.replay(THREAD, line)


def test_a_result_has_a_row_for_each_row_and_all_are_complete() -> None:
    results = capnp.table()
    assert [result.row for result in results] == list(capnp.rows())
    assert all(result.exploration.exhausted is None for result in results)
    assert {result.row.letter for result in results} == {*"abcdefgh", "-"}
    assert {finding.property for result in results for finding in result.findings} == {
        "deadlock", "leak", "memory", "dropped", "lost", "gap", "refused",
    }  # fmt: skip


def test_every_schedule_of_the_table_replays_to_its_property() -> None:
    for result in capnp.table():
        for finding in result.findings:
            replayed = capnp.replay(result.row.case, finding.schedule)
            # It stops at the first violation: a gap comes behind a refusal.
            assert replayed.violation is not None
            assert replayed.violation.property == finding.property or len(replayed.trace) < finding.steps
