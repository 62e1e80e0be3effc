"""Carries tasks out on any :class:`concurrent.futures.Executor`, in order, and loses none of them.

What fails is told apart: an exception that the task itself raised travels back as a value and is raised here; any other
failure of a future is the executor's (a worker died, a connection broke, somebody cancelled it). Then the task is
submitted again, and after a second failure it runs in this process. Left out: moving a task that is merely slow.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar, final

from .errors import MisuseError, ScenarioError

R = TypeVar("R", covariant=True)
_FAILURES: Final = 2
"""After so many a task runs in this process."""


class Task(Protocol[R]):
    """Something to do; it and what it returns can be pickled."""

    def run(self) -> R:
        """Does it."""


@final
@dataclass(frozen=True)
class _Raised:
    """An exception that a task raised."""

    error: Exception


def workers_of(executor: Executor) -> int:
    """How many tasks an executor runs at a time, as far as it says."""
    count = getattr(executor, "_max_workers", None)  # the standard library's, and those made like them
    client = getattr(executor, "_client", None)  # Dask's
    if count is None and client is not None:
        count = sum(client.nthreads().values())
    return count if isinstance(count, int) and count > 0 else os.cpu_count() or 1


def in_order(executor: Executor, tasks: Iterable[Task[R]], at_once: int) -> Generator[R, None, None]:
    """The results of ``tasks``, in their order; whoever stops asking cancels the rest.

    Args:
        executor: Where they run.
        tasks: Each is taken when it is about to be submitted.
        at_once: Submitted tasks at most.

    Raises:
        MisuseError: If a task cannot be pickled, and the executor needs that.
    """
    flight = _Flight[R](executor)
    try:
        supply, number, submitted = iter(tasks), 0, 0
        while True:
            while len(flight) < at_once and (task := next(supply, None)) is not None:
                flight.submit(submitted, task)
                submitted += 1
            if number == submitted:
                return
            if number in flight.results:
                yield flight.results.pop(number)
                number += 1
            else:
                flight.land()
    finally:
        flight.cancel()


class _Flight(Generic[R]):
    """The tasks that are submitted, and the results that are waiting for their turn."""

    def __init__(self, executor: Executor) -> None:
        self.results: dict[int, R] = {}
        self._executor = executor
        self._running: dict[Future[R | _Raised], tuple[int, Task[R]]] = {}
        self._failures: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._running)

    def submit(self, number: int, task: Task[R]) -> None:
        """Submits a task; one that failed too often runs at once, here."""
        while self._failures.get(number, 0) < _FAILURES:
            try:
                future = self._executor.submit(_run, task)
            except Exception as error:
                self._failed(number, error)
            else:
                self._running[future] = (number, task)
                return
        self.results[number] = task.run()

    def land(self) -> None:
        """Waits until a task is done, or several are."""
        done, _ = wait(self._running, return_when=FIRST_COMPLETED)
        for future in done:
            number, task = self._running.pop(future)
            error = _failure(future)
            if error is not None:
                self._failed(number, error)
                self.submit(number, task)
                continue
            result = future.result()
            if isinstance(result, _Raised):
                raise result.error
            self.results[number] = result

    def _failed(self, number: int, error: BaseException) -> None:
        if _is_about_pickling(error):
            raise MisuseError(
                f"the scenario cannot be sent to another process ({error}): make it, and what invariant= and finally_= "
                "are, a function of a module, or functools.partial of one; or use a ThreadPoolExecutor"
            ) from error
        self._failures[number] = self._failures.get(number, 0) + 1

    def cancel(self) -> None:
        """Whatever has not begun never will."""
        for future in self._running:
            future.cancel()


def _run(task: Task[R]) -> R | _Raised:
    """Runs a task where the executor wants it to."""
    try:
        return task.run()
    except Exception as error:
        return _Raised(_portable(error))


def _portable(error: Exception) -> Exception:
    """An exception that survives the way back."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return ScenarioError(f"{type(error).__name__}: {error}")
    return error


def _failure(future: Future[R | _Raised]) -> BaseException | None:
    """Why the executor did not carry a task out, if it did not."""
    if future.cancelled():
        return RuntimeError("the task was cancelled")
    return future.exception()


def _is_about_pickling(error: BaseException) -> bool:
    said = str(error).lower()
    return isinstance(error, pickle.PicklingError) or (
        isinstance(error, (AttributeError, TypeError)) and ("pickle" in said or "serialize" in said)
    )
