"""Exploring a scenario: every interleaving of its threads, each reachable state once.

:func:`explore` sets the scenario up, traces its bodies as far as threads come, and searches in native code with the
interpreter lock released. :func:`replay` follows one schedule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, final

from . import _native
from ._drivers.bodies import BodyDiffers
from ._drivers.recorder import Recorder
from ._drivers.rerun import RerunDriver
from ._drivers.setup import SetupDriver
from ._drivers.watchdog import Watchdog
from ._options import check_plain_function, positive, positive_int
from .errors import MisuseError, NondeterminismError, ScenarioError
from .result import Exploration, Replay, StateView, Trace
from .values import Encoded
from .world import ConnectMode, Mode, PoolNeeded, Profile, World

Scenario = Callable[[World], object]
"""A function that builds a world and spawns its threads."""
Property = Callable[[StateView], object]
"""Looks at a state; false, or an AssertionError, says that something does not hold there."""

_SAMPLES: Final = 4
"""Schedules without a violation that are run again with the real bodies."""


@final
class _Session:
    """A scenario that is set up, and the runs of its bodies."""

    def __init__(self, scenario: Scenario, options: dict[str, Any], limits: _Limits, pools: set[PoolNeeded]) -> None:
        self.world = World(**options)
        self._limits = limits
        self.watchdog = Watchdog(limits.max_body_seconds)
        driver = SetupDriver(self.world)
        self.world._driver = driver
        self.world._setting_up = True
        scenario(self.world)
        if not driver.threads:
            raise ScenarioError("the scenario spawns no thread: call process.spawn(body) in it")
        for process in self.world._processes:
            for pool in pools:
                if pool.process == process.name:
                    process._make_pool(pool.server)

    def run_body(self, number: int, observations: Sequence[Encoded]) -> list[tuple[Any, ...]]:
        """One run of a body, for the native tracer."""
        world = self.world
        recorder = Recorder(world, world._bodies[number], observations, self._limits.max_operations)
        previous, world._driver = world._driver, recorder
        try:
            return recorder.run(self.watchdog)
        finally:
            world._driver = previous

    def nondeterminism(self, number: int, before: str, after: str) -> NondeterminismError:
        """What to say of a body that did something else in another run."""
        function = self.world._bodies[number].function
        threads = [name for body, name in self.world._machine.thread_names() if body == number]
        return NondeterminismError(
            f"body {getattr(function, '__qualname__', repr(function))} of "
            f"{' and '.join(threads) or 'a started thread'} depends on something outside the simulator: with the same "
            f"results of its operations, {before} in one run became {after} in another. Bodies must share no Python "
            "objects, time or randomness; use world.cell(), world.choose() and the atomics"
        )

    def rerun(self, execution: _native.Execution) -> None:
        """Runs the real bodies along ``execution``.

        Raises:
            NondeterminismError: If they do something else than their traces say.
        """
        driver = RerunDriver(self.world, self.world._machine.copy())
        previous, self.world._driver = self.world._driver, driver
        try:
            with self.watchdog.watching(self.rerun):
                driver.run(execution)
        finally:
            self.world._driver = previous

    def watch(self, prop: Property | None) -> Callable[[_native.View], str | None] | None:
        """A property as the native side asks for it: a message where it does not hold."""
        if prop is None:
            return None
        check_plain_function(prop, "a property")

        def check(view: _native.View) -> str | None:
            try:
                holds = prop(StateView(self.world, view))
            except AssertionError as error:
                return f"{_name(prop)}: {error}" if str(error) else f"{_name(prop)} does not hold"
            return f"{_name(prop)} does not hold" if holds is not None and not holds else None

        return check


@final
class _Limits:
    """What an exploration may spend."""

    def __init__(
        self, max_states: int | None, max_seconds: float | None, max_operations: int, max_body_seconds: float
    ) -> None:
        self.max_states = None if max_states is None else positive_int(max_states, "max_states")
        self.max_seconds = None if max_seconds is None else positive(max_seconds, "max_seconds")
        self.max_operations = positive_int(max_operations, "max_operations")
        self.max_body_seconds = positive(max_body_seconds, "max_body_seconds")


def _name(function: Callable[..., object]) -> str:
    return getattr(function, "__name__", repr(function))


def _set_up(scenario: Scenario, options: dict[str, Any], limits: _Limits, use: Callable[[_Session], Any]) -> Any:
    """Sets a scenario up and uses it; again with more pools when bodies turn out to need them."""
    check_plain_function(scenario, "a scenario")
    pools: set[PoolNeeded] = set()
    while True:
        session = _Session(scenario, options, limits, pools)
        try:
            with session.watchdog:
                return use(session)
        except PoolNeeded as needed:
            pools.add(needed)
        except BodyDiffers as differs:
            raise session.nondeterminism(*differs.args) from None


def explore(
    scenario: Scenario,
    *,
    profile: Profile = "hardware",
    slots: Literal[32, 46] = 32,
    connect: ConnectMode = "reuse",
    mode: Mode = "faithful",
    seed: int = 0,
    invariant: Property | None = None,
    finally_: Property | None = None,
    stop: Literal["first", "explored"] = "first",
    symmetry: bool = True,
    max_states: int | None = None,
    max_seconds: float | None = None,
    max_operations: int = 10_000,
    max_body_seconds: float = 10.0,
) -> Exploration:
    """Explores every interleaving of a scenario's threads.

    The search is breadth-first over distinct states, so the first counterexample is a shortest one. It is run again
    with the real bodies before it is reported.

    Args:
        scenario: Takes a :class:`World`, builds processes, servers and shared objects in it and spawns threads.
        profile: As for :class:`World`.
        slots: As for :class:`World`.
        connect: As for :class:`World`.
        mode: As for :class:`World`.
        seed: As for :class:`World`.
        invariant: Looks at every state (each distinct shared part once); a false result or an AssertionError is a
            violation.
        finally_: The same for every state in which all threads have ended.
        stop: ``"first"`` ends at the first violation; ``"explored"`` goes on and reports a shortest counterexample for
            each property and server.
        symmetry: Whether threads of the same body count as interchangeable: of states that differ only in which of them
            is where, one is explored. Ignored where a body could tell them apart.
        max_states: Distinct states at most; ``None`` is no limit.
        max_seconds: Wall-clock seconds at most; ``None`` is no limit.
        max_operations: Operations of one run of a body at most.
        max_body_seconds: Wall-clock seconds of one run of a body at most.

    Returns:
        What was found. Its ``verdict`` is ``"sound"`` (a proof for the scenario as it is bounded), ``"violated"`` or
        ``"incomplete"`` (a limit was hit first).

    Raises:
        ScenarioError: If the scenario cannot be explored: it spawns nothing, its setup waits, a body never ends.
        NondeterminismError: If a body depends on something outside the simulator.
        MisuseError: For an argument that has no meaning.

    Example:
        >>> import xous_sim as xs
        >>> def scenario(world: xs.World) -> None:
        ...     server, app = world.server("log"), world.process("app")
        ...     users = world.atomic_u32(0)
        ...
        ...     def worker() -> None:
        ...         users.fetch_add(1)
        ...         connection = app.connect(server)
        ...         app.send(connection, xs.Scalar(1))
        ...         if users.fetch_sub(1) == 1:
        ...             app.disconnect(connection)
        ...
        ...     app.spawn(worker)
        ...     app.spawn(worker)
        >>> result = xs.explore(scenario)
        >>> result.verdict, result.violation.property
        ('violated', 'severed')
    """
    limits = _Limits(max_states, max_seconds, max_operations, max_body_seconds)
    if stop not in ("first", "explored"):
        raise MisuseError(f'stop must be "first" or "explored", not {stop!r}')
    options: dict[str, Any] = {"profile": profile, "slots": slots, "connect": connect, "mode": mode, "seed": seed}

    def use(session: _Session) -> Exploration:
        report = session.world._machine.explore(
            session.run_body,
            invariant=session.watch(invariant),
            finally_=session.watch(finally_),
            stop_at_first=stop == "first",
            symmetry=bool(symmetry),
            max_states=limits.max_states,
            max_seconds=limits.max_seconds,
            samples=_SAMPLES,
        )
        for execution in report.to_rerun:
            session.rerun(execution)
        return Exploration(report, _name(scenario))

    result: Exploration = _set_up(scenario, options, limits, use)
    return result


def replay(
    scenario: Scenario,
    schedule: str,
    *,
    profile: Profile = "hardware",
    slots: Literal[32, 46] = 32,
    connect: ConnectMode = "reuse",
    mode: Mode = "faithful",
    seed: int = 0,
    invariant: Property | None = None,
    finally_: Property | None = None,
) -> Replay:
    """Follows one schedule of a scenario, with the real bodies too.

    Args:
        scenario: As for :func:`explore`.
        schedule: The line that :func:`explore` printed, ``"x1:..."``.
        profile: As for :class:`World`.
        slots: As for :class:`World`.
        connect: As for :class:`World`.
        mode: As for :class:`World`.
        seed: As for :class:`World`.
        invariant: As for :func:`explore`.
        finally_: As for :func:`explore`.

    Returns:
        The trace, and the violation that it ends in, if it ends in one.

    Raises:
        ReplayError: If the line is no schedule, or does not fit the scenario; it says at which step.
        NondeterminismError: If a body depends on something outside the simulator.
    """
    if not isinstance(schedule, str):
        raise MisuseError(f"a schedule is a text such as 'x1:0*3.1', not {type(schedule).__name__}")
    limits = _Limits(None, None, 10_000, 10.0)
    options: dict[str, Any] = {"profile": profile, "slots": slots, "connect": connect, "mode": mode, "seed": seed}

    def use(session: _Session) -> Replay:
        execution = session.world._machine.replay(
            session.run_body,
            schedule,
            invariant=session.watch(invariant),
            finally_=session.watch(finally_),
        )
        session.rerun(execution)
        return Replay(Trace(execution), execution.violation)

    result: Replay = _set_up(scenario, options, limits, use)
    return result
