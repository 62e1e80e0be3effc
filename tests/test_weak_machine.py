"""Weak executions beside all that is not the memory: deaths, replays, searches in parts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import pytest

import xous_sim as xs
from xous_sim.searches import NativeStrategy
from xous_sim.world import MemoryModel

MODELS: list[tuple[MemoryModel, str]] = [("sc", "sound"), ("c11", "violated")]
SEARCHES: list[NativeStrategy] = [xs.Exhaustive(), xs.Dfs(), xs.Dpor(), xs.Random(seed=1, max_schedules=2_000)]


def store_buffering(world: xs.World) -> None:
    """Each of two threads may overlook what the other one has stored."""
    app = world.process("app")
    x, y = world.atomic_u32(0, name="x"), world.atomic_u32(0, name="y")
    seen_x, seen_y = world.atomic_u32(0, name="seen x"), world.atomic_u32(0, name="seen y")

    def beside(own: xs.AtomicU32, other: xs.AtomicU32, seen: xs.AtomicU32) -> None:
        own.store(1, "relaxed")
        seen.store(other.load("relaxed"))

    app.spawn(beside, x, y, seen_y)
    app.spawn(beside, y, x, seen_x)


def somebody_was_second(state: xs.StateView) -> bool:
    return bool(state["seen x"]) or bool(state["seen y"])


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: type(search).__name__)
@pytest.mark.parametrize(("memory", "verdict"), MODELS)
def test_the_parts_of_a_search_are_searched_on_the_machine_that_was_asked_for(
    search: NativeStrategy, memory: MemoryModel, verdict: str
) -> None:
    with ThreadPoolExecutor(2) as executor:
        strategy = replace(search, executor=executor)
        result = xs.explore(store_buffering, strategy, memory=memory, finally_=somebody_was_second)
    expected = "incomplete" if verdict == "sound" and isinstance(search, xs.Random) else verdict
    assert result.verdict == expected


def test_a_weak_schedule_can_be_followed_as_a_strategy_and_only_on_a_weak_machine() -> None:
    found = xs.explore(store_buffering, memory="c11", finally_=somebody_was_second)
    again = xs.Replay(found.counterexamples[0].schedule)
    result = xs.explore(store_buffering, again, memory="c11", finally_=somebody_was_second)
    assert result.violation == found.violation
    with pytest.raises(xs.ReplayError, match="picks nothing like that"):
        xs.explore(store_buffering, again, finally_=somebody_was_second)


def storing_and_dying(world: xs.World) -> None:
    """A process may die between stores that another one's stores may come before, and a third one spins."""
    mortal, app = world.process("mortal"), world.process("app")
    x, read = world.atomic_u32(0, name="x"), world.atomic_u32(0, name="read")
    end, survived = world.atomic_u32(0, name="end"), world.atomic_u32(0, name="survived")
    mortal.may_die()

    def dies() -> None:
        x.store(1, "relaxed")
        x.store(2, "relaxed")
        survived.store(1)

    def lives() -> None:
        x.store(1, "relaxed")
        x.store(1, "relaxed")
        x.store(3, "relaxed")
        read.store(x.load("relaxed"), "relaxed")
        end.store(1)

    mortal.spawn(dies)
    app.spawn(lives)
    app.spawn(world.spin_while, lambda: end.load("relaxed") == 0)


@pytest.mark.parametrize(("value", "newest"), list(product(range(4), repeat=2)))
def test_real_bodies_follow_weak_executions_in_which_processes_die(value: int, newest: int) -> None:
    def other(state: xs.StateView) -> bool:
        return bool(state["survived"]) or (int(state["read"]), int(state["x"])) != (value, newest)

    result = xs.explore(storing_and_dying, memory="c11", finally_=other, stop="explored")
    assert all("!3" in c.schedule for c in result.counterexamples)
    possible = {(3, 1), (3, 2), (3, 3), (1, 1), (1, 2), (2, 2)}
    assert result.verdict == ("violated" if (value, newest) in possible else "sound")


@pytest.mark.parametrize("search", [xs.Exhaustive(), xs.Exhaustive(reduction=False), xs.Dpor(), xs.Dfs()])
def test_a_store_is_kept_for_a_thread_that_turns_out_to_read_it_late(search: xs.Exhaustive | xs.Dpor | xs.Dfs) -> None:
    def scenario(world: xs.World) -> None:
        app = world.process("app")
        data, flag = world.atomic_u32(name="data"), world.atomic_u32(name="flag")
        missed = world.cell(0, name="missed")

        def write() -> None:
            data.store(1, "relaxed")
            flag.store(1, "relaxed")

        def read() -> None:
            if flag.load("relaxed") == 1 and data.load("relaxed") == 0:
                missed.set(1)

        app.spawn(write)
        app.spawn(read)

    result = xs.explore(scenario, search, memory="c11", finally_=lambda state: state["missed"] == 0)
    assert result.verdict == "violated"
