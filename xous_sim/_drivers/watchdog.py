"""Ends a body that goes on without performing operations: a thread that watches the clock, and interrupts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self, final

from ..errors import BodyNeverEndsError
from .interrupt import interrupt, settle


@final
class Watchdog:
    """Watches over the bodies of one exploration, one at a time.

    Args:
        seconds: What a run of a body may take. Tracing a body takes well below a millisecond.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._victim: int | None = None
        self._deadline = 0.0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="xous_sim watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    @contextmanager
    def watching(self, body: Callable[..., object]) -> Iterator[None]:
        """Ends the block if it takes too long.

        Raises:
            BodyNeverEndsError: If it did.
        """
        self._deadline = time.monotonic() + self._seconds
        self._victim = threading.get_ident()
        try:
            try:
                yield
            finally:
                if self._has_barked():  # the interrupt may not have come, or the body may have swallowed it
                    settle()
        except _Interrupted:
            name = getattr(body, "__qualname__", repr(body))
            raise BodyNeverEndsError(
                f"body {name} ran for {self._seconds:g} seconds without ending or performing an operation: it must end"
            ) from None

    def _has_barked(self) -> bool:
        """Whether the block was interrupted; it will not be from now on."""
        with self._lock:
            barked = self._victim is None
            self._victim = None
        return barked

    def _watch(self) -> None:
        while not self._ended.wait(self._seconds / 4):
            with self._lock:
                if self._victim is not None and time.monotonic() > self._deadline:
                    victim, self._victim = self._victim, None
                    interrupt(victim, _Interrupted)


class _Interrupted(BaseException):
    """Raised asynchronously in a body that takes too long."""
