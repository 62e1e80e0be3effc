"""Exploring a scenario: interleavings of its threads, followed as a strategy says.

:func:`explore` sets the scenario up, traces its bodies as far as threads come, and searches in native code with the
interpreter lock released. :func:`replay` follows one schedule.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, Literal

from ._options import flag
from ._parallel import SAMPLES, explore_in_parts
from ._reexecution import explore_by_reexecution, replay_by_reexecution
from ._session import Case, Property, Scenario, Session, Stop, with_session
from .errors import MisuseError
from .progress import Teller, Told, check_progress
from .result import Exploration, Replayed
from .searches import Exhaustive, NativeStrategy, Replay, Rerun, Strategy
from .world import ConnectMode, MemoryModel, Mode, Profile, QueueQuota

_DEFAULT: Final = Exhaustive()
_LEAST_BODY_SECONDS: Final = 1.0
"""What a body may take, however little time its exploration has."""


def explore(
    scenario: Scenario,
    strategy: Strategy = _DEFAULT,
    *,
    profile: Profile = "hardware",
    slots: Literal[32, 46] = 32,
    connect: ConnectMode = "reuse",
    mode: Mode = "faithful",
    seed: int = 0,
    queue_quota: QueueQuota = "none",
    memory: MemoryModel = "sc",
    invariant: Property | None = None,
    finally_: Property | None = None,
    stop: Stop = "first",
    progress: Told | bool | None = None,
    max_operations: int = 10_000,
    max_body_seconds: float = 10.0,
) -> Exploration:
    """Explores the interleavings of a scenario's threads.

    A counterexample is run again with the real bodies before it is reported, and so are a few schedules without a
    violation.

    Args:
        scenario: Takes a :class:`World`, builds processes, servers and shared objects in it and spawns threads.
        strategy: How interleavings are searched, and within which limits: :class:`Exhaustive` unless another one of
            :mod:`xous_sim.searches` is given.
        profile: As for :class:`World`.
        slots: As for :class:`World`.
        connect: As for :class:`World`.
        mode: As for :class:`World`.
        seed: As for :class:`World`.
        queue_quota: As for :class:`World`.
        memory: ``"sc"``: every load reads the newest store. ``"c11"``: it may read an older one where C11 allows that
            for the orders asked for (load buffering is left out), and data races of cells are violations;
            :class:`Rerun` refuses it.
        invariant: Looks at every state (each distinct shared part once); a false result or an AssertionError is a
            violation.
        finally_: The same for every state in which all threads have ended.
        stop: ``"first"`` ends at the first violation; ``"explored"`` goes on and reports a counterexample for each
            property and server, in which nothing else is violated before, if such a one is found.
        progress: Is told how far the search is, a few times a second and at its end: a function of a
            :class:`Progress`, or ``True`` for a display on stderr. An exception in it ends the search and comes out.
        max_operations: Operations of one run of a body at most.
        max_body_seconds: Wall-clock seconds of one run of a body at most; with a strategy's ``max_seconds`` no more
            than that, but always one.

    Returns:
        What was found. Its ``verdict`` is ``"sound"`` (a proof for the scenario as it is bounded), ``"violated"`` or
        ``"incomplete"`` (no violation was found, and not everything was covered).

    Raises:
        ScenarioError: If the scenario cannot be explored: it spawns nothing, its setup waits, a body never ends.
        NondeterminismError: If a body depends on something outside the simulator.
        ReplayError: If the schedule of a :class:`Replay` does not fit the scenario.
        MisuseError: For an argument that has no meaning.
        KeyboardInterrupt: On Ctrl-C.

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
        >>> xs.explore(scenario, xs.Dfs(max_preemptions=0)).verdict
        'incomplete'
    """
    if not isinstance(strategy, Strategy):
        raise MisuseError(f"a strategy is needed, such as xs.Exhaustive(), not {type(strategy).__name__}")
    check_progress(progress)
    began = time.monotonic()
    max_seconds = getattr(strategy, "max_seconds", None)
    case = Case(
        scenario=scenario,
        options={
            "profile": profile,
            "slots": slots,
            "connect": connect,
            "mode": mode,
            "seed": seed,
            "queue_quota": queue_quota,
        },
        invariant=invariant,
        finally_=finally_,
        memory=memory,
        stop=stop,
        max_operations=max_operations,
        max_body_seconds=max_body_seconds,
    )
    if max_seconds is not None:
        case = replace(case, max_body_seconds=min(case.max_body_seconds, max(max_seconds, _LEAST_BODY_SECONDS)))
    if isinstance(strategy, Replay):
        return Exploration.of_replay(_replay(case, strategy.schedule), case.name, strategy)
    with _teller(progress, case.name) as teller:
        found = _explored(case, strategy, teller)
    return replace(found, seconds=time.monotonic() - began)


def _explored(case: Case, strategy: Rerun | NativeStrategy, teller: Teller | None) -> Exploration:
    if isinstance(strategy, Rerun):
        return explore_by_reexecution(case, strategy, teller)
    if strategy.executor is not None:
        return explore_in_parts(case, strategy, strategy.executor, teller)
    return with_session(case, lambda session: _search(session, strategy, teller))


@contextmanager
def _teller(progress: Told | bool | None, name: str) -> Iterator[Teller | None]:
    """Whoever tells of the progress."""
    if progress is True:
        from ._view.progress_display import displayed  # here, because rich takes long to import

        with displayed(name) as told:
            yield Teller(told)
    else:
        yield Teller(progress) if callable(progress) else None


def _search(session: Session, strategy: NativeStrategy, teller: Teller | None) -> Exploration:
    """Searches in native code."""
    case = session.case
    report = session.search().explore(
        strategy._keywords(),
        stop_at_first=case.stop == "first",
        progress=teller,
        samples=SAMPLES,
    )
    if teller is not None:
        teller(report.states, report.frontier, report.schedules, report.transitions, report.estimated_total)
    for execution in report.to_rerun:
        session.rerun(execution)
    return Exploration.of_report(report, case.name, strategy, caveats=session.caveats(report.verdict, report.orders))


def replay(
    scenario: Scenario,
    schedule: str,
    *,
    profile: Profile = "hardware",
    slots: Literal[32, 46] = 32,
    connect: ConnectMode = "reuse",
    mode: Mode = "faithful",
    seed: int = 0,
    queue_quota: QueueQuota = "none",
    memory: MemoryModel = "sc",
    invariant: Property | None = None,
    finally_: Property | None = None,
    rerun: bool = False,
) -> Replayed:
    """Follows one schedule of a scenario, with the real bodies too.

    Args:
        scenario: As for :func:`explore`.
        schedule: The line that :func:`explore` printed, ``"x1:..."``.
        profile: As for :class:`World`.
        slots: As for :class:`World`.
        connect: As for :class:`World`.
        mode: As for :class:`World`.
        seed: As for :class:`World`.
        queue_quota: As for :class:`World`.
        memory: As for :func:`explore`.
        invariant: As for :func:`explore`.
        finally_: As for :func:`explore`.
        rerun: Whether the line is one of a search by re-execution, :class:`Rerun`: real bodies alone are then followed.

    Returns:
        The trace, and what is violated at its end. A line that :func:`explore` reported for a violation ends in it.

    Raises:
        MisuseError: If ``rerun`` is neither ``True`` nor ``False``, or asked for with a weak memory.
        ReplayError: If the line is no schedule, or does not fit the scenario; it says at which step.
        NondeterminismError: If a body depends on something outside the simulator.
    """
    options: dict[str, Any] = {
        "profile": profile,
        "slots": slots,
        "connect": connect,
        "mode": mode,
        "seed": seed,
        "queue_quota": queue_quota,
    }
    case = Case(scenario=scenario, options=options, invariant=invariant, finally_=finally_, memory=memory)
    line = Replay(schedule).schedule
    return replay_by_reexecution(case, line) if flag(rerun, "rerun") else _replay(case, line)


def _replay(case: Case, schedule: str) -> Replayed:
    def use(session: Session) -> Replayed:
        execution = session.search().replay(schedule)
        session.rerun(execution)
        return Replayed.of_execution(execution, case.name)

    return with_session(case, use)
