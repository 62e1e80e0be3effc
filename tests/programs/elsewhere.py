"""Searches that are not one search of one session: in parts on an executor, and by running the real bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import Any, Final, ParamSpec, TypeVar

import xous_sim as xs
from xous_sim._parallel import explore_in_parts
from xous_sim._reexecution import explore_by_reexecution, replay_by_reexecution
from xous_sim.explore import _replay
from xous_sim.searches import NativeStrategy

from .searches import BOUNDED, PLAIN, Looking, Outcome

_P = ParamSpec("_P")
_T = TypeVar("_T")

IN_PARTS: Final = ", in parts"
RERUN: Final = "Rerun()"
MOST_RERUN: Final = 8
"""Schedules that are run again with the real bodies, at most: that is slow."""
DIVIDED: Final[dict[str, NativeStrategy]] = {
    "Exhaustive()": xs.Exhaustive(),
    "Dpor()": xs.Dpor(),
    PLAIN: xs.Dfs(deepening=False),
    **{name: xs.Dfs(max_preemptions=bound) for name, bound in BOUNDED.items()},
}


def elsewhere(looking: Looking, number: int, schedules: int) -> dict[str, Outcome]:
    """What is found by one of the searches in parts, and by re-execution where there are few schedules.

    Args:
        looking: The program.
        number: Decides which of them it is.
        schedules: How many there are.
    """
    name = sorted(DIVIDED)[number % len(DIVIDED)]
    found = {f"{name}{IN_PARTS}": divided(looking, name)}
    if schedules <= MOST_RERUN and looking.case.memory == "sc":
        found[RERUN] = rerun(looking)
    return found


class AtOnce(Executor):
    """Runs what is submitted at once, in this thread."""

    _max_workers = 1

    def submit(self, task: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        future: Future[_T] = Future()
        try:
            future.set_result(task(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def divided(looking: Looking, name: str) -> Outcome:
    """What a search finds in parts."""
    looking.begin()
    strategy: Any = replace(DIVIDED[name], executor=AtOnce())
    result = explore_in_parts(looking.case, strategy, strategy.executor, None)
    return outcome(looking, result, lambda line: _replay(looking.case, line))


def rerun(looking: Looking) -> Outcome:
    """What real bodies do along every schedule."""
    looking.begin()
    result = explore_by_reexecution(looking.case, xs.Rerun(), None)
    return outcome(looking, result, lambda line: replay_by_reexecution(looking.case, line))


def outcome(looking: Looking, result: xs.Exploration, replay: Callable[[str], xs.Replayed]) -> Outcome:
    """What a search found that was asked for as users ask; its counterexamples are followed once more."""
    violations = frozenset((c.violation.property, c.violation.subject) for c in result.counterexamples)
    found = looking.found(result.verdict, violations)
    return Outcome(found, result.exhausted, result.schedules, result.states, tuple(_departing(result, replay)))


def _departing(result: xs.Exploration, replay: Callable[[str], xs.Replayed]) -> Iterator[str]:
    for told in result.counterexamples:
        again = replay(told.schedule).violations
        if (told.violation.property, told.violation.subject) not in [(v.property, v.subject) for v in again]:
            yield f"{told.schedule} was to violate {told.violation}, and violates {again}"
