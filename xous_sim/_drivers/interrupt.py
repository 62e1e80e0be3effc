"""Exceptions that one thread raises in another: how bodies end that do not end by themselves.

CPython notes in one place for all threads that such an exception is under way, and takes the note away when a thread
gets its exception. A thread that ends first, or whose exception is cancelled, leaves the note behind; from then on all
code is slower, and before Python 3.12 a function that is traced (by a debugger, for coverage) never begins. So nobody
here cancels, and whoever has interrupted others calls :func:`settle`.
"""

from __future__ import annotations

import ctypes
import threading
import time


def interrupt(ident: int, exception: type[BaseException]) -> None:
    """Raises an exception in a thread, as soon as it runs Python code. A thread that has ended is left in peace."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(exception))


def settle() -> None:
    """Receives whatever exception is under way to this thread, and has CPython's note taken away.

    For that the thread interrupts itself: the last exception that is sent replaces the ones before.
    """
    try:
        interrupt(threading.get_ident(), _Settled)
        while True:
            time.sleep(0)
    except _Settled:
        pass


class _Settled(BaseException):
    """Takes the place of an exception that is not wanted any more."""
