"""Explorations in parts, on an executor: the tree of schedules is split by prefixes, and the parts' results are merged.

This process expands the top of the tree breadth-first; each part is what lies below one prefix, explored by the same
search wherever the executor runs it. Random searches are split by seeds instead. The answer does not depend on which
part is done first. Left out: sharing of visited states between parts, so several parts may visit the same one.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Final, final

from ._executor import in_order, workers_of
from ._merging import Found, Part, Total
from ._session import Case, Session, with_session
from .errors import NondeterminismError
from .progress import Teller
from .result import Counterexample, Exploration
from .searches import Dfs, Exhaustive, NativeStrategy, Pct, Random
from .trace import Violation, recorded

_PARTS_OF_A_WORKER: Final = 16
"""Parts differ in size; with so many the workers end at about the same time."""
_SEEDS: Final = 64
"""Parts of a random search, however many workers there are: so its schedules do not depend on them."""
SAMPLES: Final = 4
"""Schedules without a violation that are run again with the real bodies."""
_tokens: Final = itertools.count()
_abandoned: Final[set[tuple[int, int]]] = set()
"""Explorations of this process that are over: threads that still explore parts of them are to stop."""


@final
@dataclass(frozen=True)
class PartTask:
    """A part of an exploration, as it is sent to a worker."""

    case: Case
    strategy: NativeStrategy
    prefix: str | None
    samples: int
    token: tuple[int, int]

    def run(self) -> Part:
        """Explores it."""
        return with_session(self.case, self._explore)

    def _explore(self, session: Session) -> Part:
        report = session.search().explore(
            self.strategy._keywords(),
            stop_at_first=self.case.stop == "first",
            progress=self._stop_if_not_needed,
            samples=self.samples,
            prefix=self.prefix,
        )
        for execution in report.to_rerun:
            session.rerun(execution)
        return Part.of_report(report, session.static_bodies)

    def _stop_if_not_needed(self, *_: object) -> None:
        """Ends a part of this process that nobody waits for any more."""
        if self.token in _abandoned:
            raise _AbandonedError


def explore_in_parts(case: Case, strategy: NativeStrategy, executor: Executor, teller: Teller | None) -> Exploration:
    """Explores a case on an executor."""
    return with_session(case, lambda session: _Divided(session, strategy, executor, teller).explore())


class _AbandonedError(Exception):
    """Nobody waits for the part any more."""


class _Divided:
    """One exploration in parts."""

    def __init__(self, session: Session, strategy: NativeStrategy, executor: Executor, teller: Teller | None) -> None:
        self._session = session
        self._case = session.case
        self._asked = strategy
        self._strategy = replace(strategy, executor=None)
        self._executor = executor
        self._teller = teller
        self._started = time.monotonic()
        self._token = (os.getpid(), next(_tokens))

    def explore(self) -> Exploration:
        try:
            if isinstance(self._strategy, (Random, Pct)):
                return self._result(self._explore_seeds(self._strategy))
            return self._result(self._explore_tree(merge=isinstance(self._strategy, Exhaustive)))
        finally:
            _abandoned.add(self._token)

    def _explore_seeds(self, strategy: Random | Pct) -> Total:
        """Explores so many schedules in all, from a seed for each part."""
        total = self._total()
        self._carry_out(self._seeded(strategy), min(_SEEDS, strategy.max_schedules), total)
        return total

    def _explore_tree(self, *, merge: bool) -> Total:
        """Explores the top of the tree and all parts; again if it turned out that different states were merged."""
        top = self._session.search().split(
            self._strategy._keywords(),
            stop_at_first=self._case.stop == "first" and not isinstance(self._strategy, Dfs),
            parts=_PARTS_OF_A_WORKER * workers_of(self._executor),
            merge=merge,
        )
        total = self._total()
        for bound in _bounds(self._strategy):
            total.begin(top, bound)
            if not top.parts and not total.is_enough:
                return self._explore_here()
            if total.is_enough:
                break
            prefixes = total.prefixes(top, bound)
            self._carry_out(self._below(prefixes, bound), len(prefixes), total)
            if not total.goes_deeper(bound):
                break
        known = {body for body in top.sensitive_bodies if body < self._session.static_bodies}
        again = merge and not total.sensitive <= known and not total.is_enough
        return self._explore_tree(merge=False) if again else total

    def _explore_here(self) -> Total:
        """Explores a tree that is too small to be worth a part."""
        total = self._total()
        total.add(PartTask(self._case, self._in_time(self._strategy), None, SAMPLES, self._token).run())
        return total

    def _below(self, prefixes: Sequence[str], bound: int | None) -> Iterator[PartTask]:
        strategy = self._strategy
        if isinstance(strategy, Dfs):
            strategy = replace(strategy, max_preemptions=bound, deepening=False)
        for number, prefix in enumerate(prefixes):
            samples = 0 if number else SAMPLES
            yield PartTask(self._case, self._in_time(strategy), prefix, samples, self._token)

    def _seeded(self, strategy: Random | Pct) -> Iterator[PartTask]:
        parts = min(_SEEDS, strategy.max_schedules)
        for number in range(parts):
            share = strategy.max_schedules // parts + (number < strategy.max_schedules % parts)
            drawn = hashlib.blake2b(f"{strategy.seed}:{number}".encode(), digest_size=8).digest()
            part = replace(strategy, max_schedules=share, seed=int.from_bytes(drawn, "little"))
            yield PartTask(self._case, self._in_time(part), None, 0 if number else SAMPLES, self._token)

    def _in_time(self, strategy: NativeStrategy) -> NativeStrategy:
        """The strategy with the time that is left now."""
        if strategy.max_seconds is None:
            return strategy
        left = strategy.max_seconds - (time.monotonic() - self._started)
        return replace(strategy, max_seconds=max(left, 1e-3))

    def _carry_out(self, tasks: Iterator[PartTask], count: int, total: Total) -> None:
        """Adds up the parts, until one of them is enough."""
        at_once = workers_of(self._executor) * (1 if self._strategy.max_seconds is not None else 2)
        results = in_order(self._executor, tasks, at_once)
        try:
            for number, part in enumerate(results, 1):
                total.add(part)
                if self._teller is not None:
                    total.tell(self._teller, number / count)
                if total.is_enough:
                    return
        finally:
            results.close()

    def _total(self) -> Total:
        return Total(self._strategy, stop_at_first=self._case.stop == "first")

    def _result(self, total: Total) -> Exploration:
        """Tells what was found, and runs it again with the real bodies."""
        figures = total.figures()
        return Exploration(
            name=self._case.name,
            strategy=self._asked,
            counterexamples=tuple(self._told(found) for found in total.best()),
            seconds=time.monotonic() - self._started,
            caveats=self._session.caveats(figures["verdict"], total.orders),
            **figures,
        )

    def _told(self, found: Found) -> Counterexample:
        execution = self._session.search().tell(found.schedule, found.violation)
        if execution.violation is None:
            raise NondeterminismError(
                f"schedule {found.schedule} of {self._case.name} violates {found.violation[0]} in another process and "
                "not in this one: a scenario and its properties must depend on nothing outside the simulator"
            )
        self._session.rerun(execution)
        return Counterexample(Violation(*execution.violation), recorded(execution.recording, self._case.name))


def _bounds(strategy: NativeStrategy) -> Iterator[int | None]:
    """The bounds on preemptions that are tried in turn."""
    if not isinstance(strategy, Dfs):
        return iter([None])
    if not strategy.deepening:
        return iter([strategy.max_preemptions])
    return iter(range(strategy.max_preemptions + 1)) if strategy.max_preemptions is not None else itertools.count()
