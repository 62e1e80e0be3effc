"""What exploring a neighbour system has in common with exploring a program: strategies, results, replays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from .. import _native
from ..errors import MisuseError
from ..result import Exploration, Replayed
from ..searches import Dfs, Dpor, Exhaustive, Pct, Random, Replay

Stop = Literal["first", "explored"]
"""Whether the first violation ends an exploration, or it goes on for one of each property."""
Strategy = Exhaustive | Dpor | Dfs | Pct | Random | Replay
"""How a neighbour system is searched. A :class:`Rerun` has nothing to run again: there are no bodies."""
Words = Mapping[str, Any]
"""A case in the native module's words."""


def run(
    explore: Callable[..., _native.Report],
    replay: Callable[[Any, str], _native.Execution],
    case: Words,
    name: str,
    strategy: Strategy,
    stop: Stop,
    replay_with: str,
) -> Exploration:
    """Explores a case in native code, or follows one schedule of it.

    ``replay_with`` is the function that replays one, for readers.
    """
    check(strategy, stop)
    if isinstance(strategy, Replay):
        return Exploration.of_replay(follow(replay, case, name, strategy.schedule), name, strategy)
    report = explore(case, strategy._keywords(), stop_at_first=stop == "first", progress=None)
    return Exploration.of_report(report, name, strategy, replay_with=replay_with)


def follow(replay: Callable[[Any, str], _native.Execution], case: Words, name: str, schedule: str) -> Replayed:
    """Follows a schedule, up to its first violation."""
    if not isinstance(schedule, str):
        raise MisuseError(f"a schedule is a text such as 'x1:0*3.1', not {type(schedule).__name__}")
    return Replayed.of_execution(replay(case, schedule), name)


def check(strategy: object, stop: object) -> None:
    """Refuses what a neighbour system cannot be explored with.

    Raises:
        MisuseError: For what is no such strategy, for checkpoints and executors, for an unknown ``stop``.
    """
    if not isinstance(strategy, Strategy):
        raise MisuseError(f"a strategy is needed, such as xs.Exhaustive(), not {type(strategy).__name__}")
    if getattr(strategy, "executor", None) is not None or getattr(strategy, "checkpoint", None) is not None:
        raise MisuseError("neighbour systems are explored in this process, without a checkpoint: leave both out")
    if stop not in ("first", "explored"):
        raise MisuseError(f'stop is "first" or "explored", not {stop!r}')
