"""Stress: the same scenario on real threads, again and again, beside what the explorer says of it.

Real threads show what a program usually does. Most runs of a program with a race go well, which is why races get past
tests; the explorer looks at every interleaving once instead. Left out: runs that can be repeated. A failure of a real
thread comes without a schedule; the explorer's counterexample has one.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, final

from . import _native
from ._drivers.real_threads import RealThreadDriver, Words
from ._options import positive, positive_int
from ._session import Case, Property, Scenario, set_up, watched
from ._view.sentences import counted
from .explore import explore
from .result import Exploration
from .searches import Exhaustive, Strategy
from .world import ConnectMode, Mode, PoolNeeded, Profile, World

_LONGEST_RUN: Final = 10.0


@final
@dataclass(frozen=True, kw_only=True)
class Stress:
    """What real threads did, beside what was explored; ``str()`` compares both.

    Attributes:
        exploration: What the explorer found.
        runs: How often the scenario ran on real threads.
        failed: In how many of the runs a property was violated.
        failures: The same for each property. ``unfinished`` are runs that took too long.
        messages: For each property what the first run said that violated it.
        seconds: What all runs took.
    """

    exploration: Exploration
    runs: int
    failed: int
    failures: Mapping[str, int]
    messages: Mapping[str, str]
    seconds: float

    def __str__(self) -> str:
        return "\n".join([self._real(), f"explorer: {self.exploration}", *self._lesson()])

    def _real(self) -> str:
        kinds = ", ".join(f"{name} in {number:,}" for name, number in sorted(self.failures.items()))
        share = f" ({self.failed / self.runs:.2%})" if self.runs else ""
        went = f"{self.failed:,} failed{share}: {kinds}" if self.failed else "none failed"
        return f"real threads: {counted(self.runs, 'run')} in {self.seconds:.2f} s, {went}"

    def _lesson(self) -> list[str]:
        """What the comparison teaches."""
        verdict = self.exploration.verdict
        if verdict == "violated" and not self.failed:
            return ["Every run went well, and yet there is a schedule that does not: runs prove nothing."]
        if verdict == "sound" and not self.failed:
            return ["Both agree, but only the explorer knows: the runs tried some interleavings, it covered all."]
        if verdict == "violated":
            return [f"One run in {self.runs / self.failed:,.0f} failed; the explorer's schedule fails each time."]
        return []


def stress(
    scenario: Scenario,
    strategy: Strategy | None = None,
    *,
    seconds: float = 1.0,
    max_runs: int | None = None,
    profile: Profile = "hardware",
    slots: Literal[32, 46] = 32,
    connect: ConnectMode = "reuse",
    mode: Mode = "faithful",
    seed: int = 0,
    invariant: Property | None = None,
    finally_: Property | None = None,
    max_run_seconds: float = _LONGEST_RUN,
) -> Stress:
    """Runs a scenario on real threads for a while, and explores it.

    The threads of a run begin at the same moment. A run in which nobody can go on is ended at once and counts as a
    deadlock; one that goes on for too long counts as ``unfinished``. Invariants are looked at when a run is over, like
    final conditions, because nothing stops real threads for a look.

    Args:
        scenario: As for :func:`explore`. It is set up anew for each run.
        strategy: How it is explored; ``Exhaustive(max_seconds=seconds)`` unless another one is given.
        seconds: Wall-clock seconds of the runs, all in all; the run that is under way then is finished.
        max_runs: Runs at most; ``None`` is no limit.
        profile: As for :class:`World`.
        slots: As for :class:`World`.
        connect: As for :class:`World`.
        mode: As for :class:`World`.
        seed: As for :class:`World`; it decides what ``world.choose`` gives on real threads, too.
        invariant: As for :func:`explore`.
        finally_: As for :func:`explore`.
        max_run_seconds: Wall-clock seconds of one run at most.

    Returns:
        How often real threads failed, and the exploration.

    Raises:
        ScenarioError: As for :func:`explore`.
        BodyNeverEndsError: If a thread goes on although it is told to end.
        MisuseError: For an argument that has no meaning.

    Example:
        >>> import xous_sim as xs
        >>> def scenario(world: xs.World) -> None:
        ...     app, a, b = world.process("app"), world.mutex(name="a"), world.mutex(name="b")
        ...
        ...     def both(first: xs.Mutex, second: xs.Mutex) -> None:
        ...         with first, second:
        ...             pass
        ...
        ...     app.spawn(both, a, b)
        ...     app.spawn(both, b, a)
        >>> result = xs.stress(scenario, max_runs=20)
        >>> result.runs, result.exploration.violation.property
        (20, 'deadlock')
    """
    limits = (positive(seconds, "seconds"), positive_int(max_runs, "max_runs") if max_runs is not None else None)
    positive(max_run_seconds, "max_run_seconds")
    options: dict[str, Any] = {"profile": profile, "slots": slots, "connect": connect, "mode": mode, "seed": seed}
    case = Case(scenario=scenario, options=options, invariant=invariant, finally_=finally_)
    chosen = Exhaustive(max_seconds=float(seconds)) if strategy is None else strategy
    exploration = explore(scenario, chosen, invariant=invariant, finally_=finally_, **options)
    return _Runs(case, float(max_run_seconds)).until(*limits, exploration)


@final
class _Runs:
    """Runs of one case."""

    def __init__(self, case: Case, max_run_seconds: float) -> None:
        self._case = case
        self._max_run_seconds = max_run_seconds
        self._pools: set[PoolNeeded] = set()
        self._chance = random.Random(case.options["seed"])

    def until(self, seconds: float, max_runs: int | None, exploration: Exploration) -> Stress:
        """Runs until time is up, or so often; at least once."""
        runs, failed = 0, 0
        failures: Counter[str] = Counter()
        messages: dict[str, str] = {}
        began = time.monotonic()
        while runs == 0 or (time.monotonic() < began + seconds and runs != max_runs):
            found = {kind: message for kind, _, message in reversed(self._run())}
            runs, failed = runs + 1, failed + bool(found)
            failures.update(found.keys())
            messages = found | messages
        return Stress(
            exploration=exploration,
            runs=runs,
            failed=failed,
            failures=MappingProxyType(dict(failures)),
            messages=MappingProxyType(messages),
            seconds=time.monotonic() - began,
        )

    def _run(self) -> list[Words]:
        """One run: what it violated."""
        while True:
            world = World(**self._case.options)
            set_up(world, self._case.scenario, self._pools)
            world._driven_by = driver = RealThreadDriver(world, self._chance)
            try:
                found = driver.run(self._max_run_seconds)
            except PoolNeeded as needed:
                self._pools.add(needed)
                continue
            return found or self._broken(world)

    def _broken(self, world: World) -> list[Words]:
        """What does not hold at the end of a run."""
        view = _native.look(world._machine)
        checks = {
            "invariant": watched(world, self._case.invariant, *world._invariants),
            "finally": watched(world, self._case.finally_, *world._finals),
        }
        told = [(kind, None if check is None else check(view)) for kind, check in checks.items()]
        return [(kind, "", message) for kind, message in told if message is not None]
