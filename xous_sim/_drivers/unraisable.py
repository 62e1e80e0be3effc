"""Exceptions that Python swallows, in a ``__del__`` for instance: those of a body are reported to whoever runs it."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

_receivers: weakref.WeakKeyDictionary[greenlet, Callable[[BaseException], None]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


class Untouched(BaseException):
    """Ends a finaliser that the garbage collector runs: its operations must touch nothing. Nobody hears of it."""


def install() -> None:
    """Puts our hook before whatever hook there is, unless it is there already."""
    previous = sys.unraisablehook
    if getattr(previous, "_is_xous_sim", False):
        return

    def hook(unraisable: Any) -> None:
        receiver = _receivers.get(getcurrent())
        if isinstance(unraisable.exc_value, Untouched):
            return
        if receiver is None:
            previous(unraisable)
        elif not isinstance(unraisable.exc_value, GreenletExit):
            receiver(unraisable.exc_value)

    hook._is_xous_sim = True  # type: ignore[attr-defined]
    sys.unraisablehook = hook


@contextmanager
def reported_to(runner: greenlet, receiver: Callable[[BaseException], None]) -> Iterator[None]:
    """Reports what is swallowed in ``runner`` to ``receiver``."""
    with _lock:
        install()
        _receivers[runner] = receiver
    try:
        yield
    finally:
        with _lock:
            _receivers.pop(runner, None)
