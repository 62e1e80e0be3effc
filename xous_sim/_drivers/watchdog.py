"""Ends a body that does not come back: somebody watches the clock, and interrupts.

In the main thread a body is interrupted by a signal whose handler raises, which also ends waiting for a real lock, a
queue or a sleep. In any other thread an exception can only be raised once the thread runs Python code again, and one
that waits never does. So the work is done by a thread of its own there, which the caller leaves behind.

Left out: C code in the main thread that never looks for signals.
"""

from __future__ import annotations

import inspect
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from contextvars import copy_context
from types import FrameType, TracebackType
from typing import Final, TypeVar, final

from ..errors import BodyNeverEndsError
from .interrupt import interrupt, settle
from .source import is_ours

_T = TypeVar("_T")
_GLANCE: Final = 0.25
"""Seconds between two looks at the clock, and between two interrupts of a body that swallowed the first one."""
_INTERRUPTS: Final = 3
"""After so many of them that came to nothing a thread is left behind."""
_SIGNAL: Final = getattr(signal, "SIGURG", None)
"""Nobody sends it but for urgent data of sockets, and by default it is ignored."""


@final
class Watchdog:
    """Watches over the bodies of one exploration, one at a time.

    Args:
        seconds: What a run of a body may take. Tracing a body takes well below a millisecond.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.glance = min(seconds / 4, _GLANCE)
        self.current: BodyRun | None = None

    def over(self, body: Callable[..., object]) -> BodyRun:
        """A run of a body, to be watched."""
        return BodyRun(self, body)

    def guard(self, work: Callable[[], _T]) -> _T:
        """Does work in which bodies run.

        Raises:
            BodyNeverEndsError: If one of them takes too long.
        """
        if _SIGNAL is not None and threading.current_thread() is threading.main_thread():
            with _signalling(self, _SIGNAL):
                return work()
        return _beside(self, work)


@final
class BodyRun:
    """A run of a body, as a context for each of the pieces in which it runs. It takes too long if all together do."""

    def __init__(self, watchdog: Watchdog, body: Callable[..., object]) -> None:
        self._watchdog = watchdog
        self._body = body
        self._left = watchdog.seconds
        self._deadline = 0.0
        self._where = ""
        self._lock = threading.Lock()
        self.interrupts = 0

    def __enter__(self) -> None:
        self._deadline = time.monotonic() + self._left
        self._watchdog.current = self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while not self._is_over():
            kind = Interrupted
        self._left = self._deadline - time.monotonic()
        if kind is Interrupted and self.interrupts:
            raise self.never_ends() from None

    def _is_over(self) -> bool:
        """Ends it. False if it was interrupted even now: then it is to be ended once more."""
        try:
            with self._lock:
                self._watchdog.current = None
            if self.interrupts:  # the last one may not have come, or the body may have swallowed it
                settle()
        except Interrupted:
            return False
        return True

    @property
    def is_overdue(self) -> bool:
        """Whether it is to be interrupted now, for the first time or once more."""
        return time.monotonic() > self._deadline

    def note(self, frame: FrameType | None) -> None:
        """It is interrupted, where ``frame`` says."""
        self._deadline = time.monotonic() + _GLANCE
        self._where = self._where or _line(frame, self._body)
        self.interrupts += 1

    def interrupt(self, ident: int) -> None:
        """Interrupts it, unless it has ended, in a thread that it may be left behind in."""
        with self._lock:
            if self._watchdog.current is self and self.is_overdue:
                self.note(sys._current_frames().get(ident))
                interrupt(ident, Interrupted)

    def never_ends(self) -> BodyNeverEndsError:
        """What to say of it."""
        name = getattr(self._body, "__qualname__", repr(self._body))
        return BodyNeverEndsError(
            f"body {name} ran for {self._watchdog.seconds:g} seconds without ending{self._where}: let it end, and wait "
            "by what a world makes (mutex(), spin_while()) instead of Python's own locks and queues; if it only takes "
            "long, raise max_body_seconds"
        )


class Interrupted(BaseException):
    """Raised in a body that takes too long."""


@contextmanager
def _signalling(watchdog: Watchdog, number: int) -> Iterator[None]:
    """Watches over the bodies that the main thread, which this is, runs inside."""
    main, ended = threading.get_ident(), threading.Event()

    def watch() -> None:
        while not ended.wait(watchdog.glance):
            run = watchdog.current
            if run is not None and run.is_overdue:
                signal.pthread_kill(main, number)

    def bark(number: int, frame: FrameType | None) -> None:
        run = watchdog.current
        if run is not None and run.is_overdue:
            run.note(frame)
            raise Interrupted
        if callable(previous):  # an exploration around this one
            previous(number, frame)

    previous = signal.signal(number, bark)
    watcher = threading.Thread(target=watch, name="xous_sim watchdog", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
        signal.signal(number, signal.SIG_DFL if previous is None else previous)


def _beside(watchdog: Watchdog, work: Callable[[], _T]) -> _T:
    """Does work in a thread of its own, and leaves that one behind if it does not come back."""
    outcome: Future[_T] = Future()
    context = copy_context()

    def do() -> None:
        try:
            outcome.set_result(context.run(work))
        except BaseException as error:
            outcome.set_exception(error)

    worker = threading.Thread(target=do, name=threading.current_thread().name, daemon=True)
    worker.start()
    assert worker.ident is not None, "a thread that runs has a number"
    while not wait([outcome], watchdog.glance).done:
        run = watchdog.current
        if run is None or not run.is_overdue:
            continue
        if run.interrupts == _INTERRUPTS:
            raise run.never_ends()
        run.interrupt(worker.ident)
    return outcome.result()


def _line(frame: FrameType | None, body: Callable[..., object]) -> str:
    """Where a body stands: the innermost line of its own file, or else of a file that is not ours."""
    code = getattr(inspect.unwrap(body), "__code__", None)
    frames = []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    own = [f for f in frames if code is not None and f.f_code.co_filename == code.co_filename]
    theirs = own or [f for f in frames if not is_ours(f.f_code.co_filename)]
    return f", and stands at {theirs[0].f_code.co_filename}:{theirs[0].f_lineno}" if theirs else ""
