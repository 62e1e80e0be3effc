"""Ctrl-C: a command ends cleanly, and says what it knows by then."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from .status import INTERRUPTED, leave


def end_at_ctrl_c() -> None:
    """Lets Ctrl-C end the process at once, where nothing is known that would be worth saying."""
    signal.signal(signal.SIGINT, _end)


@contextmanager
def interruptible(tell: Callable[[], object]) -> Iterator[None]:
    """What runs inside is ended by Ctrl-C; then ``tell`` says what is known, and the process ends.

    A search gets the time to save its checkpoint. A second Ctrl-C does not wait for anything.
    """
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, _end)
        _say()
        tell()
        leave(INTERRUPTED)
    finally:
        signal.signal(signal.SIGINT, previous)


def _say() -> None:
    show_cursor = "\r\x1b[K\x1b[?25h" if sys.stderr.isatty() else ""
    os.write(sys.stderr.fileno(), f"{show_cursor}interrupted\n".encode())


def _end(number: int, frame: FrameType | None) -> None:
    _say()
    leave(INTERRUPTED)
