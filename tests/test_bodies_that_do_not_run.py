"""Code that is only made and never run, a coroutine or a generator, is refused: it would be no part of the proof."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any

import pytest

import xous_sim as xs
from scenarios import one_thread
from xous_sim.searches import Strategy


async def coroutine(n: xs.AtomicU32) -> None:
    n.fetch_add(1)


def generator(n: xs.AtomicU32) -> Iterator[None]:
    n.fetch_add(1)
    yield


async def asynchronous_generator(n: xs.AtomicU32) -> AsyncIterator[None]:
    n.fetch_add(1)
    yield


class Later:
    """An awaitable."""

    def __init__(self, n: xs.AtomicU32) -> None:
        self.n = n

    def __await__(self) -> Generator[None, None, None]:
        self.n.fetch_add(1)
        yield


class Threaded:
    """Its method is a coroutine."""

    def __init__(self, n: xs.AtomicU32) -> None:
        self.n = n

    async def run(self) -> None:
        self.n.fetch_add(1)


def decorated(function: Callable[[xs.AtomicU32], object]) -> Callable[[xs.AtomicU32], object]:
    """As a decorator that knows nothing of coroutines wraps one."""

    def wrapper(n: xs.AtomicU32) -> object:
        return function(n)

    return wrapper


FUNCTIONS: dict[str, Callable[[xs.AtomicU32], Any]] = {
    "a coroutine function": coroutine,
    "a partial of one": functools.partial(coroutine),
    "a generator function": generator,
    "an asynchronous generator function": asynchronous_generator,
    "a lambda that returns a coroutine": lambda n: coroutine(n),
    "a decorated coroutine function": decorated(coroutine),
    "a function that returns a generator": lambda n: generator(n),
    "a generator expression": lambda n: (n.fetch_add(i) for i in (1, 2)),
    "an asynchronous generator": lambda n: asynchronous_generator(n),
    "an awaitable": lambda n: Later(n),
    "a map": lambda n: map(n.fetch_add, [1, 2]),
    "a filter": lambda n: filter(n.fetch_add, [1, 2]),
}
INSTEAD = r"(?s)write a def without await and yield that performs its operations itself"


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Rerun()], ids=["Exhaustive", "Rerun"])
@pytest.mark.parametrize("started", [False, True], ids=["by the scenario", "by a body"])
@pytest.mark.parametrize("body", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_body_that_does_not_run_is_refused(
    body: Callable[[xs.AtomicU32], object], started: bool, strategy: Strategy
) -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(0, name="n")
        app.spawn(lambda: app.spawn(body, n) and None) if started else app.spawn(body, n)

    try:
        result = xs.explore(scenario, strategy)
    except (xs.ScenarioError, xs.MisuseError) as error:
        told = str(error)
    else:
        assert result.violation is not None, result
        told = result.violation.message
    assert "write a def without await and yield that performs its operations itself" in told


def test_a_method_that_is_a_coroutine_is_refused() -> None:
    def scenario(world: xs.World) -> None:
        world.process("app").spawn(Threaded(world.atomic_u32(0)).run)

    with pytest.raises(xs.MisuseError, match=INSTEAD):
        xs.explore(scenario)


def test_stress_refuses_it_too() -> None:
    def scenario(world: xs.World) -> None:
        n = world.atomic_u32(0)
        world.process("app").spawn(lambda: coroutine(n))

    with pytest.raises(xs.ScenarioError, match=INSTEAD):
        xs.stress(scenario, max_runs=1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_real_thread_ends_with_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    caught: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: caught.append(args.exc_value))
    world = xs.World()
    thread = world.process("app").spawn(lambda: coroutine(world.atomic_u32(0)))
    thread.join()
    assert [type(error) for error in caught] == [xs.ScenarioError]


def test_a_scenario_that_returns_a_coroutine_is_refused() -> None:
    async def scenario(world: xs.World) -> None:
        one_thread(lambda world, app: None)(world)

    with pytest.raises(xs.ScenarioError, match=f"scenario .*lambda.* returned a coroutine.*{INSTEAD[4:]}"):
        xs.explore(lambda world: scenario(world))


def test_a_property_that_returns_a_coroutine_is_refused() -> None:
    async def looks(state: xs.StateView) -> bool:
        return False

    for strategy in (xs.Exhaustive(), xs.Rerun()):
        with pytest.raises(xs.ScenarioError, match=f"property .*lambda.* returned a coroutine.*{INSTEAD[4:]}"):
            xs.explore(one_thread(lambda world, app: None), strategy, invariant=lambda state: looks(state))
        with pytest.raises(xs.ScenarioError, match=f"property .*lambda.* returned a coroutine.*{INSTEAD[4:]}"):
            xs.explore(one_thread(lambda world, app: None), strategy, finally_=lambda state: looks(state))


def test_other_results_of_bodies_are_ignored() -> None:
    results: list[object] = [None, 1, "text", [1], (1,), {"a": 1}, object(), range(3), int]
    for result in results:
        assert xs.explore(one_thread(lambda world, app, result=result: result)).verdict == "sound"  # type: ignore[misc]


def test_a_body_may_run_a_coroutine_itself() -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(0, name="n")

        def runs() -> None:
            with contextlib.suppress(StopIteration):
                coroutine(n).send(None)

        app.spawn(runs)

    assert xs.explore(scenario, finally_=lambda state: state["n"] == 1).verdict == "sound"
