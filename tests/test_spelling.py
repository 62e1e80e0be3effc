"""How scenarios are called in what is printed: readable, and so that a replay line can be pasted."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

import xous_sim as xs
from scenarios import two_increments


def increments(world: xs.World, threads: int, *, step: int = 1) -> None:
    """Several threads that lose updates, which is no violation; one of them fails an assertion then."""
    app, n = world.process("app"), world.atomic_u32(0, name="n")

    def increment() -> None:
        n.store(int(n.load()) + step)

    for _ in range(threads):
        app.spawn(increment)


def lost(state: xs.StateView, total: int = 2) -> bool:
    return state["n"] == total


two: Callable[[xs.World], None] = lambda world: increments(world, 2)  # noqa: E731
first, second = lambda world: increments(world, 2), lambda world: increments(world, 3)
split: Callable[[xs.World], None] = lambda world: increments(  # noqa: E731
    world,
    2,
)


@pytest.mark.parametrize(
    ("scenario", "name"),
    [
        (two_increments, "two_increments"),
        (functools.partial(increments, threads=2), "functools.partial(increments, threads=2)"),
        (
            functools.partial(functools.partial(increments, threads=2), step=3),
            "functools.partial(increments, threads=2, step=3)",
        ),
        (two, "lambda world: increments(world, 2)"),
        (first, "lambda world: increments(world, 2)"),
        (second, "lambda world: increments(world, 3)"),
        (split, "lambda world: increments(world, 2)"),
    ],
)
def test_a_scenario_is_called_by_an_expression_that_is_it(scenario: Callable[[xs.World], None], name: str) -> None:
    found = xs.explore(scenario, finally_=lambda state: False)
    assert found.name == name
    assert isinstance(found.trace, xs.Trace)
    assert found.trace.scenario == name


@pytest.mark.parametrize("scenario", [functools.partial(increments, threads=2), two, first])
def test_the_line_that_replays_can_be_pasted(scenario: Callable[[xs.World], None]) -> None:
    found = xs.explore(scenario, finally_=lost)
    line = str(found).rpartition("replay with ")[2]
    names = {"xs": xs, "functools": functools, "increments": increments}
    replayed = eval(line, names)
    assert isinstance(replayed, xs.Replayed)
    again = xs.replay(scenario, str(found.schedule))
    assert replayed.trace.steps == again.trace.steps
    assert repr(again) == line


def test_a_lambda_without_source_gets_a_name_that_can_be_pasted() -> None:
    scenario = eval("lambda world: increments(world, 2)", {"increments": increments})
    assert xs.explore(scenario).name == "scenario"


def test_a_property_is_called_by_an_expression_too() -> None:
    found = xs.explore(two, finally_=lambda state: state["n"] == 2)
    assert found.violation is not None
    assert found.violation.message == "lambda state: state['n'] == 2 does not hold"
    found = xs.explore(two, finally_=functools.partial(lost, total=3))
    assert found.violation is not None
    assert found.violation.message == "functools.partial(lost, total=3) does not hold"


def test_threads_are_called_like_the_function_of_a_partial() -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32()

        def adds(number: int) -> None:
            n.fetch_add(number)

        app.spawn(functools.partial(adds, 1))
        app.spawn(functools.partial(adds, 2))

    trace = xs.replay(scenario, "x1:0.1").trace
    assert [step.thread for step in trace] == ["app/adds", "app/adds#2"]


def names_its_children(world: xs.World) -> None:
    app, n = world.process("app"), world.atomic_u32()

    def child() -> None:
        assert n.fetch_add(1) == 0

    def parent() -> None:
        for name in ("left", "right"):
            app.join(app.spawn(child, name=name))

    app.spawn(parent)


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Dpor(), xs.Rerun()])
def test_the_name_that_a_body_gives_a_thread_is_kept(strategy: xs.searches.Strategy) -> None:
    found = xs.explore(names_its_children, strategy)
    assert found.trace is not None
    threads = list(dict.fromkeys(step.thread for step in found.trace))
    assert threads == ["app/parent", "app/left", "app/right"]
    assert all(name in found.trace.to_text() for name in threads)


def test_real_threads_keep_the_name_that_a_body_gives_them() -> None:
    done = xs.stress(names_its_children, max_runs=1)
    assert "app/right" in done.messages["exception"]


def test_one_of_something_is_not_called_several() -> None:
    def alone(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32()
        app.spawn(n.fetch_add, 1, times=5)

    assert "with 1 state not yet expanded" in str(xs.explore(alone, xs.Exhaustive(max_states=2)))
