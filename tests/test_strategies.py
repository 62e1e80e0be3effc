"""Strategies agree with each other, keep to their limits, and claim no more than they know."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from math import comb

import pytest

import xous_sim as xs
from scenarios import lock_order, refcount_race, two_increments

PROOFS = [
    xs.Exhaustive(),
    xs.Exhaustive(symmetry=False),
    xs.Exhaustive(reduction=False),
    xs.Dpor(),
    xs.Dfs(),
    xs.Dfs(deepening=False),
]
"""Strategies that cover everything."""
Proof = xs.Exhaustive | xs.Dpor | xs.Dfs


def adders(threads: int, rounds: int) -> Callable[[xs.World], None]:
    """Threads that add, each so many times."""

    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")
        for _ in range(threads):
            app.spawn(count.fetch_add, 1, times=rounds)

    return scenario


def found(result: xs.Exploration) -> set[tuple[str, str]]:
    return {(c.violation.property, c.violation.subject) for c in result.counterexamples}


@pytest.mark.parametrize("strategy", PROOFS)
@pytest.mark.parametrize("scenario", [lock_order, refcount_race, two_increments])
def test_strategies_that_cover_everything_find_the_same(strategy: Proof, scenario: Callable[[xs.World], None]) -> None:
    expected = xs.explore(scenario, stop="explored")
    result = xs.explore(scenario, strategy, stop="explored")
    assert result.verdict == expected.verdict
    assert found(result) == found(expected)


@pytest.mark.parametrize(("threads", "rounds"), [(1, 4), (2, 3), (3, 2)])
def test_dfs_follows_every_schedule_once(threads: int, rounds: int) -> None:
    interleavings = 1
    for n in range(1, threads):
        interleavings *= comb((n + 1) * rounds, rounds)
    result = xs.explore(adders(threads, rounds), xs.Dfs(deepening=False))
    assert (result.verdict, result.schedules, result.exhausted) == ("sound", interleavings, None)
    assert (result.states, result.depth) == (0, threads * rounds)


def test_a_counterexample_of_dfs_has_the_fewest_preemptions() -> None:
    result = xs.explore(refcount_race, xs.Dfs(), stop="explored")
    fewest = {c.violation.property: c.trace.preemptions for c in result.counterexamples}
    assert fewest == {"free-slot": 1, "severed": 2}
    bounded = xs.explore(refcount_race, xs.Dfs(max_preemptions=1), stop="explored")
    assert found(bounded) == {("free-slot", "")}
    assert xs.explore(refcount_race, xs.Dfs(max_preemptions=0)).verdict == "incomplete"


def test_a_counterexample_of_dfs_replays() -> None:
    result = xs.explore(two_increments, xs.Dfs(), finally_=lambda state: state["count"] == 2)
    assert result.schedule is not None
    again = xs.replay(two_increments, result.schedule, finally_=lambda state: state["count"] == 2)
    assert again.violation == result.violation


def test_a_bound_on_preemptions_never_passes_as_a_proof() -> None:
    result = xs.explore(adders(2, 3), xs.Dfs(max_preemptions=1))
    assert (result.verdict, result.exhausted, result.covered_preemptions) == ("incomplete", "preemptions", 1)
    assert str(result).startswith(
        "incomplete: no schedule with at most 1 preemption violates a property, and those with more were not followed"
    )
    none = xs.explore(adders(2, 3), xs.Dfs(max_preemptions=0))
    assert "no schedule with no preemption violates" not in str(none)
    assert str(none).startswith("incomplete: no schedule without a preemption violates a property")


def test_a_bound_that_cuts_nothing_off_is_a_proof() -> None:
    result = xs.explore(adders(2, 3), xs.Dfs(max_preemptions=9))
    assert (result.verdict, result.schedules) == ("sound", comb(6, 3))
    assert str(result).startswith("sound: no interleaving violates a property: all schedules were followed (20 sched")


@pytest.mark.parametrize("strategy", [xs.Random(seed=1), xs.Pct(seed=1, depth=3)])
def test_a_random_search_finds_the_race_and_shrinks_it(strategy: xs.Random | xs.Pct) -> None:
    result = xs.explore(refcount_race, strategy, stop="explored")
    fewest = {c.violation.property: (c.trace.preemptions, len(c.trace)) for c in result.counterexamples}
    assert fewest == {"free-slot": (1, 10), "severed": (2, 8)}


@pytest.mark.parametrize("strategy", [xs.Random(max_schedules=50), xs.Pct(max_schedules=50, depth=2)])
def test_a_random_search_is_never_a_proof(strategy: xs.Random | xs.Pct) -> None:
    result = xs.explore(adders(2, 2), strategy)
    assert (result.verdict, result.schedules) == ("incomplete", 50)
    drawn = ", drawn from about 6," if isinstance(strategy, xs.Random) else ""
    assert str(result).startswith(f"incomplete: none of 50 random schedules{drawn} violates a property, which is no pr")
    bound = result.missed_at_most
    assert (bound is not None) == isinstance(strategy, xs.Pct)
    assert bound is None or 0 < bound < 1
    assert ("a bug of depth 2 was missed with a probability" in str(result)) == (bound is not None)


def test_equal_seeds_give_equal_results() -> None:
    for strategy in (xs.Random(seed=3, max_schedules=20), xs.Pct(seed=3, max_schedules=20)):
        results = [xs.explore(refcount_race, strategy, stop="explored") for _ in range(2)]
        assert [c.schedule for c in results[0].counterexamples] == [c.schedule for c in results[1].counterexamples]
        assert results[0].transitions == results[1].transitions


def test_dpor_follows_fewer_schedules_than_there_are() -> None:
    result = xs.explore(refcount_race, xs.Dpor(), stop="explored")
    assert 0 < result.schedules < xs.explore(refcount_race, xs.Dfs(deepening=False), stop="explored").schedules
    assert str(xs.explore(adders(2, 2), xs.Dpor())).startswith(
        "sound: no interleaving violates a property: a schedule of each kind was followed (6 schedules"
    )


def test_a_limit_of_schedules_is_kept_and_says_what_is_covered() -> None:
    result = xs.explore(adders(3, 4), xs.Dfs(max_schedules=100))
    assert (result.verdict, result.exhausted, result.schedules) == ("incomplete", "schedules", 100)
    assert result.covered_preemptions is not None
    assert "the limit of schedules was hit; no schedule with" in str(result)
    plain = xs.explore(adders(3, 4), xs.Dfs(max_schedules=100, deepening=False))
    assert plain.covered_preemptions is None
    assert "the limit of schedules was hit after 100 schedules" in str(plain)
    for text in (str(result), str(plain)):
        assert text.endswith("nothing is said about the rest")
        assert "sound" not in text and "proof" not in text


def test_a_search_that_does_not_go_round_is_no_proof_and_says_so() -> None:
    def scenario(world: xs.World) -> None:
        app, flag = world.process("app"), world.atomic_u32(0, name="flag")
        for own in (0, 1):
            app.spawn(lambda own: world.spin_while(lambda: flag.swap(own) != 2), own)

    result = xs.explore(scenario, xs.Dfs(deepening=False))
    assert (result.verdict, result.exhausted) == ("incomplete", "cycle")
    assert "came back to a state that it was in" in str(result)


def test_replay_as_a_strategy_is_replay_and_no_proof() -> None:
    harmless = xs.explore(lock_order, xs.Replay("x1:0*4.1*4"))
    assert (harmless.verdict, harmless.schedules, harmless.violation) == ("incomplete", 1, None)
    assert "nothing is said about others" in str(harmless)
    fatal = xs.explore(lock_order, xs.Replay("x1:0.1"))
    assert (fatal.verdict, fatal.schedule) == ("violated", "x1:0.1")
    assert fatal.violation == xs.replay(lock_order, "x1:0.1").violation
    with pytest.raises(xs.ReplayError, match="at step 1"):
        xs.explore(lock_order, xs.Replay("x1:9"))


@pytest.mark.parametrize(
    "strategy", [*PROOFS, xs.Dpor(max_schedules=4), xs.Pct(depth=2), xs.Random(seed=7), xs.Replay("x1:0")]
)
def test_strategies_are_values(strategy: object) -> None:
    assert pickle.loads(pickle.dumps(strategy)) == strategy
    assert eval(repr(strategy), vars(xs)) == strategy
    with pytest.raises(AttributeError):
        strategy.seed = 3  # type: ignore[attr-defined]


def test_a_result_knows_its_strategy() -> None:
    strategy = xs.Dfs(max_preemptions=3)
    result = xs.explore(lock_order, strategy)
    assert (result.strategy, result.name) == (strategy, "lock_order")


def test_threads_that_share_a_python_object_are_found_out_by_every_search() -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")
        box: list[int] = []

        def body() -> None:
            count.load()
            box.append(1)
            count.store(len(box))

        app.spawn(body)
        app.spawn(body)

    searches: list[xs.Dfs | xs.Dpor | xs.Pct | xs.Random] = [xs.Dfs(), xs.Dfs(max_preemptions=0), xs.Dpor()]
    for strategy in [*searches, xs.Dfs(max_schedules=1), xs.Pct(max_schedules=1), xs.Random(max_schedules=1)]:
        with pytest.raises(xs.NondeterminismError, match="app/body"):
            xs.explore(scenario, strategy)


@pytest.mark.parametrize("chosen", [(0, 1, 2, 3), (0, 63, 126, 189)])
def test_threads_that_touch_atomics_of_their_own_need_one_schedule_however_many_atomics_there_are(
    chosen: tuple[int, ...],
) -> None:
    def scenario(world: xs.World) -> None:
        app = world.process("app")
        atomics = [world.atomic_u32(0, name=f"a{n}") for n in range(190)]
        for n in chosen:
            app.spawn(atomics[n].fetch_add, 1, times=2)

    one_by_one = xs.explore(scenario, xs.Dpor())
    assert (one_by_one.verdict, one_by_one.schedules, one_by_one.redundant) == ("sound", 1, 0)
    assert xs.explore(scenario).states == 9
