"""A limit is a limit for everything that is done for an exploration: walks before and behind the search too."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

import xous_sim as xs
from xous_sim.searches import Strategy

A_MOMENT = 1.5
"""Seconds that an exploration may take beyond its limit; most of them for machines that are busy otherwise."""


def backs_off(world: xs.World) -> None:
    """Two threads take turns in politely letting the other one go first: nobody need ever get anywhere."""
    app, flags = world.process("app"), [world.atomic_u32() for _ in range(4)]

    def goes_on(mine: xs.AtomicU32, other: xs.AtomicU32) -> None:
        while True:
            mine.store(1)
            if other.load() == 0:
                break
            mine.store(0)
            world.yield_now()

    app.spawn(goes_on, flags[0], flags[1])
    app.spawn(goes_on, flags[1], flags[0])
    app.spawn(goes_on, flags[2], flags[3])
    app.spawn(goes_on, flags[3], flags[2])


def is_slow(world: xs.World) -> None:
    """Each run of a body takes the longer the more it has seen."""
    app, n = world.process("app"), world.atomic_u32()

    def counts() -> None:
        while n.load() < 1000:
            time.sleep(0.001)
            n.fetch_add(1)

    app.spawn(counts)
    app.spawn(counts)


def fails_late(world: xs.World) -> None:
    """Thousands of steps, and then a violation with as many preemptions."""
    app, turn = world.process("app"), world.atomic_u32()

    def takes_turns(me: int) -> None:
        for _ in range(60):
            if turn.load() == me:
                turn.store(1 - me)
        assert turn.load() != me

    for me in range(2):
        app.spawn(takes_turns, me, times=2)


TIMED = [
    xs.Exhaustive(max_seconds=0.5),
    xs.Exhaustive(max_seconds=0.5, symmetry=False, reduction=False),
    xs.Dpor(max_seconds=0.5),
    xs.Dfs(max_seconds=0.5),
    xs.Random(max_seconds=0.5),
    xs.Pct(max_seconds=0.5),
    xs.Rerun(max_seconds=0.5),
]


@pytest.mark.parametrize("strategy", TIMED, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("scenario", [backs_off, is_slow, fails_late])
def test_max_seconds_holds_for_the_whole_exploration(scenario: Callable[[xs.World], None], strategy: Strategy) -> None:
    began = time.monotonic()
    result = xs.explore(scenario, strategy)
    took = time.monotonic() - began
    assert took < 0.5 + A_MOMENT
    assert abs(result.seconds - took) < 0.1


@pytest.mark.parametrize("scenario", [backs_off, is_slow, fails_late])
def test_a_search_of_few_states_is_short(scenario: Callable[[xs.World], None]) -> None:
    began = time.monotonic()
    result = xs.explore(scenario, xs.Exhaustive(max_states=30))
    assert time.monotonic() - began < A_MOMENT
    assert result.exhausted == "states"
