"""Scenarios and bodies that cannot be explored, or never end: an exception of the package, never a hang."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest

import xous_sim as xs
from scenarios import ending, exploring, race


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


@pytest.mark.parametrize("body", [coroutine, generator, Asynchronous()])
def test_what_is_no_plain_function_is_no_body(body: Any) -> None:
    def scenario(world: xs.World) -> None:
        world.process("app").spawn(body, world)

    with pytest.raises(xs.MisuseError, match="a body is a plain function: neither async nor a generator"):
        xs.explore(scenario)


def test_a_scenario_takes_its_world_and_a_property_its_state() -> None:
    def takes_nothing() -> None:
        """No scenario."""

    def takes_two(world: xs.World, clients: int) -> None:
        """No scenario either."""

    wrong: Any
    for wrong in (takes_nothing, takes_two):
        for use in (xs.explore, lambda s: xs.replay(s, "x1:0"), xs.stress):
            with pytest.raises(xs.MisuseError, match=rf"a scenario takes the world .*{wrong.__name__}\(.*\) does not"):
                use(wrong)
        for word in ("invariant", "finally_"):
            with pytest.raises(xs.MisuseError, match=r"a property takes the state that it looks at: holds\(state\)"):
                xs.explore(race(1), **{word: wrong})


def test_a_body_takes_the_arguments_that_it_is_spawned_with() -> None:
    def body(n: int) -> None:
        """Takes one argument."""

    with pytest.raises(
        xs.MisuseError, match=r"a body takes the arguments .*body\(n: .*missing a required argument: 'n'"
    ):
        xs.explore(lambda world: world.process("app").spawn(body))
    with pytest.raises(xs.MisuseError, match="too many positional arguments"):
        xs.World().process("app").spawn(body, 1, 2)


class Finalised:
    """Does something when it is dropped."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act

    def __del__(self) -> None:
        self._act()


MISUSES: list[tuple[Callable[[Any, Any, Any], object], str]] = [
    (lambda world, app, n: n.fetch_add(), r"fetch_add\(\) missing 1 required positional argument"),
    (lambda world, app, n: n.fetch_add(1, "aquire"), "'aquire' is not a memory order: choose one of"),
    (lambda world, app, n: n.fetch_addd(1), "no attribute 'fetch_addd'"),
    (lambda world, app, n: n.load(order="relaxed", what=1), "unexpected keyword argument 'what'"),
    (lambda world, app, n: app.connect(3), "a server or the text of a SID is needed"),
    (
        lambda world, app, n: xs.Scalar(),  # type: ignore[call-arg]
        r"missing 1 required positional argument",
    ),
    (lambda world, app, n: world.choose(0), "choose takes an int from 1"),
    (lambda world, app, n: Finalised(lambda: n.store("one")), "an operand of an atomic must be an int"),
]


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Dpor(), xs.Rerun()], ids=lambda s: type(s).__name__)
@pytest.mark.parametrize(("misuse", "text"), MISUSES)
def test_misuse_in_a_body_is_an_error_of_the_caller_and_no_violation(
    misuse: Callable[[Any, Any, Any], object], text: str, strategy: xs.searches.Strategy
) -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32()

        def body() -> None:
            if n.fetch_add(1) == 1:
                misuse(world, app, n)

        app.spawn(body)
        app.spawn(body)

    with pytest.raises(xs.MisuseError, match=rf"{text}.*\(in body \S+\.body, .*test_bad_scenarios\.py:\d+\)"):
        xs.explore(scenario, strategy)


def test_a_type_error_of_the_body_itself_and_a_number_that_does_not_fit_are_violations() -> None:
    def adds_nothing(world: xs.World, app: xs.Process) -> None:
        sum([1, None])  # type: ignore[list-item]

    def store_below_zero(world: xs.World, app: xs.Process) -> None:
        n = world.choose(2)
        world.spin_while(lambda: app.disconnect(int(n) - 1) is None)

    assert "TypeError" in ending(exploring(adds_nothing))
    assert "must fit into 32 bits" in ending(exploring(store_below_zero))


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


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Rerun()], ids=lambda s: type(s).__name__)
def test_the_limit_of_seconds_is_for_the_run_of_one_body_and_not_for_all(strategy: xs.searches.Strategy) -> None:
    def scenario(world: xs.World) -> None:
        for number in range(4):
            world.process(f"process {number}").spawn(time.sleep, 0.1)

    assert xs.explore(scenario, strategy, max_body_seconds=0.3).verdict == "sound"


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
    with pytest.raises(xs.MisuseError, match="make it in the scenario, before its threads run"):
        exploring(lambda world, app: make(world))


def test_the_connection_of_std_is_opened_by_the_scenario() -> None:
    with pytest.raises(xs.MisuseError, match="make it in the scenario, before its threads run"):
        exploring(lambda world, app: app.std_connection("log"))


def test_a_thread_acts_through_its_own_process_only() -> None:
    def scenario(world: xs.World) -> None:
        app, other, log = world.process("app"), world.process("other"), world.server("log")
        app.spawn(lambda: other.connect(log))

    with pytest.raises(xs.ScenarioError, match="another process than its own: use the process that it was spawned in"):
        xs.explore(scenario)


def test_a_thread_that_a_body_starts_runs_once() -> None:
    with pytest.raises(xs.ScenarioError, match="runs its body once: loop in the body"):
        exploring(lambda world, app: app.spawn(lambda: None, times=2))
