"""When a thread gives its TID back: with its last operation, or where it begins if it has none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import xous_sim as xs
from xous_sim.searches import Strategy

Scenario = Callable[[xs.World], object]

EVERY_SEARCH = [
    xs.Exhaustive(),
    xs.Exhaustive(symmetry=False, reduction=False),
    xs.Dfs(),
    xs.Dpor(),
    xs.Rerun(),
]


def nothing() -> None:
    """A body without an operation."""


@pytest.mark.parametrize("strategy", EVERY_SEARCH)
@pytest.mark.parametrize("times", [1, 3])
def test_a_thread_without_an_operation_has_given_its_tid_back_before_any_step(strategy: Strategy, times: int) -> None:
    def scenario(world: xs.World) -> None:
        app, count, tid = world.process("app"), world.atomic_u32(), world.cell(name="tid")

        def parent() -> None:
            count.load()
            child = app.spawn(count.load)
            tid.set(child)
            app.join(child)

        app.spawn(parent)
        app.spawn(nothing, times=times)

    seen: set[int] = set()
    result = xs.explore(scenario, strategy, finally_=lambda state: seen.add(int(state["tid"])))
    assert (result.verdict, seen) == ("sound", {4})


@pytest.mark.parametrize("strategy", EVERY_SEARCH)
def test_a_started_thread_without_an_operation_gives_its_tid_back_where_it_is_started(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app, tids = world.process("app"), world.cell(name="tids")

        def parent() -> None:
            first = app.spawn(nothing)
            second = app.spawn(nothing)
            tids.set(int(first) * 100 + int(second))
            app.join(first)

        app.spawn(parent)

    seen: set[int] = set()
    result = xs.explore(scenario, strategy, finally_=lambda state: seen.add(int(state["tids"])))
    assert (result.verdict, seen) == ("sound", {404})


@pytest.mark.parametrize("strategy", EVERY_SEARCH)
def test_a_thread_that_only_does_something_by_itself_has_no_operation_either(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32()

        def computes() -> None:
            assert sum(range(10)) == 45

        def parent() -> None:
            count.load()
            app.join(app.spawn(count.load))

        app.spawn(computes)
        app.spawn(parent)

    assert xs.explore(scenario, strategy).verdict == "sound"
