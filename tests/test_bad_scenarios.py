"""Scenarios and bodies that cannot be explored, or never end: an exception of the package, never a hang."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest

import xous_sim as xs
from scenarios import ending, exploring


@pytest.fixture
def world() -> xs.World:
    return xs.World()


def test_a_scenario_that_spawns_nothing_is_refused() -> None:
    with pytest.raises(xs.ScenarioError, match=r"spawns no thread: call process.spawn\(body\) in it"):
        xs.explore(lambda world: None)


async def coroutine(world: xs.World) -> None:
    """No scenario."""


def generator(world: xs.World) -> Any:
    yield world


class Asynchronous:
    """Called, it does not run."""

    async def __call__(self, world: xs.World) -> None:
        """No scenario either."""


@pytest.mark.parametrize("scenario", [coroutine, generator, Asynchronous(), 3, None, "scenario", xs.World()])
def test_what_is_no_plain_function_is_no_scenario(scenario: Any) -> None:
    for use in (xs.explore, lambda s: xs.replay(s, "x1:0")):
        with pytest.raises(xs.MisuseError, match=r"a scenario is a .*function"):
            use(scenario)


def nothing() -> None:
    """Takes no world."""


def too_much(world: xs.World, clients: int) -> None:
    """Takes more than a world."""


@pytest.mark.parametrize(("wrong", "named"), [(nothing, r"nothing\(\)"), (too_much, r"too_much\(world, clients\)")])
def test_a_scenario_takes_a_world_and_a_property_a_state_and_nothing_else(wrong: Any, named: str) -> None:
    with pytest.raises(xs.MisuseError, match=rf"a scenario is called with one argument, the world, and {named} cannot"):
        xs.explore(wrong)

    def scenario(world: xs.World) -> None:
        world.process("app").spawn(world.yield_now)
        world.invariant(wrong)

    message = rf"a property is called with one argument, the state, and {named} cannot"
    with pytest.raises(xs.MisuseError, match=message):
        xs.explore(scenario)
    with pytest.raises(xs.MisuseError, match=message):
        xs.explore(scenario, finally_=wrong)


@pytest.mark.parametrize("body", [coroutine, generator, Asynchronous()])
def test_what_is_no_plain_function_is_no_body(body: Any) -> None:
    def scenario(world: xs.World) -> None:
        world.process("app").spawn(body, world)

    with pytest.raises(xs.MisuseError, match="a body is a plain function: neither async nor a generator"):
        xs.explore(scenario)


@pytest.mark.parametrize("times", [0, -1, 2.0, "3", True, None, 65_536])
def test_times_must_be_a_positive_int(times: Any) -> None:
    def scenario(world: xs.World) -> None:
        world.process("app").spawn(lambda: None, times=times)

    with pytest.raises(xs.MisuseError, match="times must be an int from 1 to 65535"):
        xs.explore(scenario)
    if times != 65_536:
        with pytest.raises(xs.MisuseError, match="times must be a positive int"):
            xs.World().process("app").spawn(lambda: None, times=times)


@pytest.mark.parametrize("body", [3, None, "body"])
def test_a_body_must_be_callable(world: xs.World, body: Any) -> None:
    with pytest.raises(xs.MisuseError, match="a body is a function, not"):
        world.process("app").spawn(body)


def test_a_body_without_an_end_is_stopped_by_its_budget_of_operations() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        while True:
            world.choose(1)

    with pytest.raises(xs.BodyNeverEndsError, match=r"body \S+\.body performed 50 operations .*spin_while"):
        exploring(body, max_operations=50)


def test_a_body_that_looks_for_ever_is_stopped_too() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        value = world.choose(1)
        while value == 0:
            pass

    with pytest.raises(xs.BodyNeverEndsError, match="performed 50 operations"):
        exploring(body, max_operations=50)


def test_a_body_without_an_end_and_without_operations_is_stopped_by_the_clock() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        while True:
            pass

    started = time.monotonic()
    with pytest.raises(xs.BodyNeverEndsError, match=r"body \S+\.body ran for 0.2 seconds without ending"):
        exploring(body, max_body_seconds=0.2)
    assert time.monotonic() - started < 5


def test_a_body_that_never_ends_and_swallows_every_exception_is_stopped_all_the_same() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        while True:
            with contextlib.suppress(BaseException):
                world.choose(1)

    with pytest.raises(xs.BodyNeverEndsError):
        exploring(body, max_operations=50)


def test_a_finaliser_that_never_ends_is_stopped_too() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        try:
            assert world.choose(2) == 0
        finally:
            while True:
                world.choose(1)

    with pytest.raises(xs.BodyNeverEndsError):
        exploring(body, max_operations=50)


def test_a_scenario_that_waits_for_ever_is_refused() -> None:
    def locks_twice(world: xs.World) -> None:
        owner = world.process("owner")
        owner.receive(owner.create_server("mine"))

    def spins(world: xs.World) -> None:
        world.spin_while(lambda: True)

    with pytest.raises(xs.ScenarioError, match="the scenario itself waits for ever in syscall: let a spawned thread"):
        xs.explore(locks_twice)
    with pytest.raises(xs.ScenarioError, match="the scenario itself spins for ever"):
        xs.explore(spins)


def test_an_exception_of_the_scenario_reaches_the_caller_as_it_is() -> None:
    def scenario(world: xs.World) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        xs.explore(scenario)


def test_a_spin_condition_without_an_operation_is_refused() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        with contextlib.suppress(Exception):
            world.spin_while(lambda: True)

    with pytest.raises(xs.ScenarioError, match="performs no operation, so nothing can ever change it"):
        exploring(body)


@pytest.mark.parametrize(
    "make",
    [
        lambda world: world.process("late"),
        lambda world: world.server("late"),
        lambda world: world.atomic_u32(0),
        lambda world: world.mutex(),
        lambda world: world.cell(),
        lambda world: world.once_lock(),
    ],
)
def test_a_body_cannot_make_what_the_scenario_must_make(make: Callable[[xs.World], object]) -> None:
    text = ending(exploring(lambda world, app: make(world)))
    assert "make it in the scenario, before its threads run" in text


def test_the_connection_of_std_is_opened_by_the_scenario() -> None:
    text = ending(exploring(lambda world, app: app.std_connection("log")))
    assert "make it in the scenario, before its threads run" in text


def test_a_thread_acts_through_its_own_process_only() -> None:
    def scenario(world: xs.World) -> None:
        app, other, log = world.process("app"), world.process("other"), world.server("log")
        app.spawn(lambda: other.connect(log))

    with pytest.raises(xs.ScenarioError, match="another process than its own: use the process that it was spawned in"):
        xs.explore(scenario)


def test_a_thread_that_a_body_starts_runs_once() -> None:
    with pytest.raises(xs.ScenarioError, match="runs its body once: loop in the body"):
        exploring(lambda world, app: app.spawn(lambda: None, times=2))
