"""Strategies: how a scenario's interleavings are searched, and what the answer is then worth.

==================== ============================================== =======================================
strategy             follows                                        without a violation it is
==================== ============================================== =======================================
:class:`Exhaustive`  every reachable state once                     a proof
:class:`Dpor`        a schedule of each kind that differs           a proof
:class:`Dfs`         every schedule, or those with few preemptions  a proof, or one for so many preemptions
:class:`Pct`         schedules with few random priority changes     no proof, a known chance to miss a bug
:class:`Random`      random schedules                               no proof
:class:`Replay`      one schedule                                   no proof
:class:`Rerun`       the real bodies, for all or some schedules     a proof if nothing bounds it
==================== ============================================== =======================================

Give one to :func:`xous_sim.explore`. Strategies are values: comparing, printing and pickling them works. Left out:
anything that guides a search by what users think is likely.
"""

from __future__ import annotations

import os
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final, final

from ._options import is_int, positive, positive_int, truth, whole
from .errors import MisuseError

Keywords = dict[str, Any]
"""A strategy in the native module's words: the name of the search, and its settings."""


@final
@dataclass(frozen=True, kw_only=True)
class Exhaustive:
    """Visits every reachable state once, breadth first: the first counterexample is a shortest one.

    The default, and the one to begin with: it needs memory for each distinct state (about 30 bytes), but states are
    far fewer than schedules.

    Attributes:
        symmetry: Whether threads of the same body count as interchangeable: of states that differ only in which of them
            is where, one is explored. Ignored where a body could tell them apart.
        reduction: Whether of steps that commute only one order is explored where that loses nothing.
        shortest: Whether a violation that was found with orders left out is looked for again with all of them, where
            that is affordable, so that its counterexample is a shortest one.
        workers: Threads that search at the same time.
        max_states: Distinct states at most; ``None`` is no limit.
        max_seconds: Wall-clock seconds at most; ``None`` is no limit.
        checkpoint: A file that a long search is saved to: now and then, when a limit is hit and on Ctrl-C. If it is
            there already, the search goes on from it; when the search is complete, it is removed. Remove it yourself
            after changing the scenario.
        executor: Where parts of the search run, any :class:`concurrent.futures.Executor`; ``None`` is this process.
            States that several parts come to are visited in each, so ``states`` is then an upper bound, limits hold
            for each part, and a counterexample is a shortest one of its part.

    Raises:
        MisuseError: For a setting that has no meaning.

    Example:
        >>> import xous_sim as xs
        >>> def scenario(world: xs.World) -> None:
        ...     app, n = world.process("app"), world.atomic_u32(0)
        ...     for _ in range(3):
        ...         app.spawn(n.fetch_add, 1)
        >>> xs.explore(scenario).states, xs.explore(scenario, xs.Exhaustive(symmetry=False)).states
        (4, 8)
    """

    symmetry: bool = True
    reduction: bool = True
    shortest: bool = True
    workers: int = 1
    max_states: int | None = None
    max_seconds: float | None = None
    checkpoint: str | os.PathLike[str] | None = None
    executor: Executor | None = None

    def __post_init__(self) -> None:
        self._keywords()
        _check_executor(self.executor)
        if self.checkpoint is not None and self.executor is not None:
            raise MisuseError("a search on an executor has no checkpoint: give one or the other")

    def _keywords(self) -> Keywords:
        return {
            "search": "exhaustive",
            "symmetry": truth(self.symmetry, "symmetry"),
            "reduction": truth(self.reduction, "reduction"),
            "shortest": truth(self.shortest, "shortest"),
            "workers": positive_int(self.workers, "workers"),
            "max_states": _limit(self.max_states, "max_states"),
            "max_seconds": _seconds(self.max_seconds),
            "checkpoint": _path(self.checkpoint),
        }


@final
@dataclass(frozen=True, kw_only=True)
class Dpor:
    """Follows one schedule of each kind: of schedules that differ only in the order of steps that commute, one.

    Stores no states, so memory does not bound it; what schedules have in common is walked again for each.

    Attributes:
        max_schedules: Schedules at most; ``None`` is no limit.
        max_seconds: Wall-clock seconds at most; ``None`` is no limit.
        executor: As for :class:`Exhaustive`; kinds of schedules that begin in several parts are followed in each.

    Raises:
        MisuseError: For a setting that has no meaning.
    """

    max_schedules: int | None = None
    max_seconds: float | None = None
    executor: Executor | None = None

    def __post_init__(self) -> None:
        self._keywords()
        _check_executor(self.executor)

    def _keywords(self) -> Keywords:
        return {
            "search": "dpor",
            "max_schedules": _limit(self.max_schedules, "max_schedules"),
            "max_seconds": _seconds(self.max_seconds),
        }


@final
@dataclass(frozen=True, kw_only=True)
class Dfs:
    """Follows every schedule, or every one with few preemptions.

    Most bugs need few preemptions (a switch away from a thread that could go on). With ``deepening`` schedules without
    any come first, then those with one, and so on: a counterexample has the fewest preemptions, and a search that
    hits a limit still is a proof for all schedules with at most ``Exploration.covered_preemptions``.

    Attributes:
        max_preemptions: Preemptions of a schedule at most; ``None`` is no bound.
        deepening: Whether bounds are tried in turn, from 0 on.
        max_schedules: Schedules at most, of one bound; ``None`` is no limit.
        max_seconds: Wall-clock seconds at most; ``None`` is no limit.
        executor: As for :class:`Exhaustive`; every schedule belongs to one part.

    Raises:
        MisuseError: For a setting that has no meaning.

    Example:
        >>> import xous_sim as xs
        >>> def scenario(world: xs.World) -> None:
        ...     app, n = world.process("app"), world.atomic_u32(0)
        ...     for _ in range(2):
        ...         app.spawn(n.fetch_add, 1, times=3)
        >>> everything = xs.explore(scenario, xs.Dfs())
        >>> everything.verdict, everything.schedules
        ('sound', 20)
        >>> bounded = xs.explore(scenario, xs.Dfs(max_preemptions=1))
        >>> bounded.verdict, bounded.schedules, bounded.covered_preemptions
        ('incomplete', 6, 1)
    """

    max_preemptions: int | None = None
    deepening: bool = True
    max_schedules: int | None = None
    max_seconds: float | None = None
    executor: Executor | None = None

    def __post_init__(self) -> None:
        self._keywords()
        _check_executor(self.executor)

    def _keywords(self) -> Keywords:
        return {
            "search": "dfs",
            "max_preemptions": _preemptions(self.max_preemptions),
            "deepening": truth(self.deepening, "deepening"),
            "max_schedules": _limit(self.max_schedules, "max_schedules"),
            "max_seconds": _seconds(self.max_seconds),
        }


@final
@dataclass(frozen=True, kw_only=True)
class Pct:
    """Follows random schedules of a kind that finds bugs of small depth with a known chance.

    Threads have random priorities, which change at ``depth - 1`` random steps. A bug that needs ``depth`` steps of
    different threads in a certain order is missed by a schedule of ``n`` threads and ``k`` steps with a probability of
    at most ``1 - 1 / (n * k ** (depth - 1))``.

    Attributes:
        depth: The depth of the bugs that are looked for, at least 1.
        seed: The same seed gives the same schedules.
        max_schedules: How many are followed.
        max_seconds: Wall-clock seconds at most; ``None`` is no limit.
        executor: Where parts of the schedules run; each part draws its own, seeded by ``seed`` and its number.

    Raises:
        MisuseError: For a setting that has no meaning.
    """

    depth: int = 3
    seed: int = 0
    max_schedules: int = 10_000
    max_seconds: float | None = None
    executor: Executor | None = None

    def __post_init__(self) -> None:
        self._keywords()
        _check_executor(self.executor)

    def _keywords(self) -> Keywords:
        return {
            "search": "pct",
            "depth": min(positive_int(self.depth, "depth"), _MOST),
            "seed": whole(self.seed, "seed", 64),
            "max_schedules": positive_int(self.max_schedules, "max_schedules"),
            "max_seconds": _seconds(self.max_seconds),
        }


@final
@dataclass(frozen=True, kw_only=True)
class Random:
    """Follows random schedules.

    Attributes:
        seed: The same seed gives the same schedules.
        max_schedules: How many are followed.
        max_seconds: Wall-clock seconds at most; ``None`` is no limit.
        executor: As for :class:`Pct`.

    Raises:
        MisuseError: For a setting that has no meaning.
    """

    seed: int = 0
    max_schedules: int = 10_000
    max_seconds: float | None = None
    executor: Executor | None = None

    def __post_init__(self) -> None:
        self._keywords()
        _check_executor(self.executor)

    def _keywords(self) -> Keywords:
        return {
            "search": "random",
            "seed": whole(self.seed, "seed", 64),
            "max_schedules": positive_int(self.max_schedules, "max_schedules"),
            "max_seconds": _seconds(self.max_seconds),
        }


@final
@dataclass(frozen=True)
class Replay:
    """Follows one schedule: :func:`xous_sim.replay` as a strategy.

    Attributes:
        schedule: The line that an exploration printed, ``"x1:..."``.

    Raises:
        MisuseError: If it is no text.

    Example:
        >>> import xous_sim as xs
        >>> def scenario(world: xs.World) -> None:
        ...     app, n = world.process("app"), world.cell(0)
        ...     app.spawn(n.set, 1)
        >>> print(xs.explore(scenario, xs.Replay("x1:0")))
        incomplete: this schedule violates no property; nothing is said about others
    """

    schedule: str

    def __post_init__(self) -> None:
        if not isinstance(self.schedule, str):
            raise MisuseError(f"a schedule is a text such as 'x1:0*3.1', not {type(self.schedule).__name__}")


@final
@dataclass(frozen=True, kw_only=True)
class Rerun:
    """Runs the real bodies for every schedule, from the beginning: for bodies that share Python objects.

    The scenario function is called anew for each schedule, so what bodies share must be made in it. Python code between
    two operations of the simulator is never interrupted: races show between operations only. Schedules without a
    preemption come first, then those with one, and so on. It runs Python for every step, so it is some thousand times
    slower than the other strategies; nothing is known of cycles, so a livelock is not found. Processes may die. Memory
    is sequentially consistent: ``memory="c11"`` is refused with a :class:`MisuseError`.

    Attributes:
        max_preemptions: Preemptions of a schedule at most; ``None`` is no bound.
        max_schedules: Schedules at most, of one bound on preemptions; ``None`` is no limit.
        max_seconds: Wall-clock seconds at most; ``None`` is no limit.
        seed: Shuffles the order in which schedules are followed, for searches that hit a limit; ``None`` takes threads
            in their order.
        schedule: The only schedule that is followed: a line that an exploration by re-execution printed.

    Raises:
        MisuseError: For a setting that has no meaning.

    Example:
        >>> import xous_sim as xs
        >>> def scenario(world: xs.World) -> None:
        ...     app, ready, log = world.process("app"), world.atomic_bool(name="ready"), []
        ...
        ...     def writer() -> None:
        ...         ready.store(1)
        ...         log.append("written")
        ...
        ...     def reader() -> None:
        ...         if ready.load() == 1:
        ...             ready.load()
        ...             assert log == ["written"]
        ...
        ...     app.spawn(writer)
        ...     app.spawn(reader)
        >>> xs.explore(scenario, xs.Rerun()).verdict
        'sound'
    """

    max_preemptions: int | None = None
    max_schedules: int | None = None
    max_seconds: float | None = None
    seed: int | None = None
    schedule: str | None = None

    def __post_init__(self) -> None:
        self._keywords()
        if self.schedule is not None and not isinstance(self.schedule, str):
            raise MisuseError(f"a schedule is a text such as 'x1:0*3.1', not {type(self.schedule).__name__}")

    def _keywords(self) -> Keywords:
        if self.seed is not None:
            whole(self.seed, "seed", 64)
        return {
            "search": "dfs",
            "deepening": True,
            "shortest": False,
            "max_preemptions": _preemptions(self.max_preemptions),
            "max_schedules": _limit(self.max_schedules, "max_schedules"),
            "max_seconds": _seconds(self.max_seconds),
        }


Strategy = Exhaustive | Dpor | Dfs | Pct | Random | Replay | Rerun
"""How interleavings are searched."""
NativeStrategy = Exhaustive | Dpor | Dfs | Pct | Random
"""Those that search in native code."""

_MOST: Final = (1 << 32) - 1
"""No schedule has more preemptions or priority changes than this."""


def _limit(value: int | None, what: str) -> int | None:
    return None if value is None else positive_int(value, what)


def _seconds(value: float | None) -> float | None:
    return None if value is None else positive(value, "max_seconds")


def _preemptions(value: int | None) -> int | None:
    if value is None:
        return None
    if not is_int(value) or value < 0:
        raise MisuseError(f"max_preemptions must be 0 or a positive int, not {value!r}")
    return min(value, _MOST)


def _path(value: str | os.PathLike[str] | None) -> str | None:
    if value is None:
        return None
    path = os.fspath(value) if isinstance(value, (str, os.PathLike)) else value
    if not isinstance(path, str) or not path:
        raise MisuseError(f"checkpoint must be the path of a file, not {value!r}")
    return path


def _check_executor(executor: object) -> None:
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise MisuseError(
            f"executor must be a concurrent.futures.Executor, not {type(executor).__name__}: "
            "for Dask give client.get_executor()"
        )
