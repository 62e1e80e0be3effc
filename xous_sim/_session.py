"""What every exploration has in common: a scenario that is set up, its bodies that are run, its properties.

A :class:`Case` says what is explored; a :class:`Session` is one case, set up once. Which search drives it is not known
here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, final

from . import _native
from ._drivers.acting import acting_in
from ._drivers.bodies import BodyDiffers
from ._drivers.collector import paused
from ._drivers.idle import IdleDriver
from ._drivers.recorder import Recorder
from ._drivers.rerun import RerunDriver
from ._drivers.setup import SetupDriver
from ._drivers.watchdog import Watchdog
from ._options import (
    check_has_run,
    check_plain_function,
    check_property,
    check_takes,
    memory_model,
    positive,
    positive_int,
)
from ._spelling import name_of
from .errors import MisuseError, NondeterminismError
from .result import StateView, Verdict
from .values import Encoded
from .world import MemoryModel, PoolNeeded, World

Scenario = Callable[[World], object]
"""A function that builds a world and spawns its threads."""
Property = Callable[[StateView], object]
"""Looks at a state; false, or an AssertionError, says that something does not hold there."""
Stop = Literal["first", "explored"]
"""When a search ends that finds violations."""

_T = TypeVar("_T")


@final
@dataclass(frozen=True, kw_only=True)
class Case:
    """What is explored: a scenario, the kernel that it runs on, what must hold, and how long a body may run.

    Raises:
        MisuseError: For an argument that has no meaning.
    """

    scenario: Scenario
    options: dict[str, Any]
    invariant: Property | None
    finally_: Property | None
    memory: MemoryModel = "sc"
    stop: Stop = "first"
    max_operations: int = 10_000
    max_body_seconds: float = 10.0

    def __post_init__(self) -> None:
        check_plain_function(self.scenario, "a scenario")
        check_takes(self.scenario, "a scenario", "the world that it sets up: scenario(world)", [None])
        for prop in (self.invariant, self.finally_):
            if prop is not None:
                check_property(prop)
        if self.stop not in ("first", "explored"):
            raise MisuseError(f'stop must be "first" or "explored", not {self.stop!r}')
        memory_model(self.memory)
        positive_int(self.max_operations, "max_operations")
        positive(self.max_body_seconds, "max_body_seconds")

    @property
    def name(self) -> str:
        """The scenario's name, for lines that a reader may type."""
        return name_of(self.scenario)


@final
class Session:
    """A scenario that is set up, and the runs of its bodies."""

    def __init__(self, case: Case, pools: set[PoolNeeded]) -> None:
        self.case = case
        self.world = World(**case.options)
        self.watchdog = Watchdog(case.max_body_seconds)
        set_up(self.world, case.scenario, pools)
        self.static_bodies = len(self.world._bodies)

    def run_body(self, number: int, observations: Sequence[Encoded]) -> list[tuple[Any, ...]]:
        """One run of a body, for the native tracer."""
        world = self.world
        recorder = Recorder(world, number, observations, self.case.max_operations)
        with paused(), world._driving(recorder):
            return recorder.run(self.watchdog)

    def body_name(self, number: int) -> str | None:
        """What threads of a body are called that are started on the way, if they were given a name."""
        return self.world._bodies[number].label

    def nondeterminism(self, number: int, before: str, after: str) -> NondeterminismError:
        """What to say of a body that did something else in another run."""
        threads = [name for body, name in self.world._machine.thread_names() if body == number]
        return NondeterminismError(
            f"body {self.world._bodies[number].name} of "
            f"{' and '.join(threads) or 'a started thread'} depends on something outside the simulator: with the same "
            f"results of its operations, {before} in one run became {after} in another. Bodies must share no Python "
            "objects, time or randomness; use world.cell(), world.choose() and the atomics"
        )

    def rerun(self, execution: _native.Execution) -> None:
        """Runs the real bodies along ``execution``.

        Raises:
            NondeterminismError: If they do something else than their traces say.
        """
        driver = RerunDriver(self.world, self.world._machine.copy(memory=self.case.memory), self.watchdog)
        with paused(), self.world._driving(driver):
            driver.run(execution)

    def caveats(self, verdict: Verdict, orders: Sequence[_native._Orders]) -> tuple[str, ...]:
        """What a verdict has to be read with, if bodies ask for these memory orders; a violation stands by itself."""
        return () if verdict == "violated" else tuple(self.search().caveats(orders))

    def search(self) -> _native.Search:
        """The case for native code to search; not kept, because it holds on to this session."""
        return _native.Search(
            self.world._machine,
            self.run_body,
            self.body_name,
            memory=self.case.memory,
            invariant=watched(self.world, self.case.invariant, *self.world._invariants),
            finally_=watched(self.world, self.case.finally_, *self.world._finals),
        )


def watched(world: World, *properties: Property | None) -> Callable[[_native.View], str | None] | None:
    """Properties as one function that returns a message where one of them does not hold."""
    given = [prop for prop in properties if prop is not None]
    if not given:
        return None

    def check(view: _native.View) -> str | None:
        state = StateView(world, view)
        with acting_in(world):
            return next((broken for prop in given if (broken := _broken(prop, state)) is not None), None)

    return check


def _broken(prop: Property, state: StateView) -> str | None:
    try:
        holds = prop(state)
    except AssertionError as error:
        return f"{name_of(prop)}: {error}" if str(error) else f"{name_of(prop)} does not hold"
    check_has_run(holds, f"property {name_of(prop)}")
    return f"{name_of(prop)} does not hold" if holds is not None and not holds else None


def set_up(world: World, scenario: Scenario, pools: set[PoolNeeded]) -> None:
    """Runs the scenario function, and makes the pools that bodies turned out to need.

    Raises:
        ScenarioError: If it spawns nothing, or waits.
    """
    driver = SetupDriver(world)
    world._scenario = scenario
    world._driven_by = IdleDriver(world)
    with world._driving(driver):
        check_has_run(scenario(world), f"scenario {name_of(scenario)}")
        driver.finish()
        for process in world._processes:
            for pool in pools:
                if pool.process == process.name:
                    process._make_pool(pool.server)


def with_session(case: Case, use: Callable[[Session], _T]) -> _T:
    """Sets a case up and uses it; again with more pools when bodies turn out to need them."""
    pools: set[PoolNeeded] = set()
    while True:
        session = Session(case, pools)
        try:
            return session.watchdog.guard(lambda: use(session))  # noqa: B023
        except PoolNeeded as needed:
            pools.add(needed)
        except BodyDiffers as differs:
            raise session.nondeterminism(*differs.args) from None
