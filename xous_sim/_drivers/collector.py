"""The cyclic garbage collector, which runs when it likes: nothing that bodies do must depend on when.

While bodies run it does not start by itself. What only a reference cycle keeps is never dropped, as in Rust: where it
is collected in the end, by a body that calls ``gc.collect()``, when a search asks what is still held, or when the body
is over, its finalisers run, and their operations touch nothing. Left out: worlds without an explorer, whose finalisers
do as they like.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, final

from greenlet import getcurrent

from . import unraisable


class _Here(threading.local):
    collects = False


_here: Final = _Here()


def _note(phase: str, info: dict[str, Any]) -> None:
    _here.collects = phase == "start"


def check_no_finaliser() -> None:
    """Ends a finaliser that the collector runs.

    Raises:
        Untouched: In one.
    """
    if _here.collects:
        raise unraisable.Untouched


@final
class _Paused:
    """How many threads run bodies now; the collector is a thing of the whole process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._enabled = False
        self._frozen = False

    def begin(self) -> None:
        with self._lock:
            if self._depth == 0:
                self._enabled, self._frozen = gc.isenabled(), gc.get_freeze_count() == 0
                gc.disable()
                if self._frozen:  # so that it need not look at what exists already
                    gc.freeze()
                unraisable.install()
                if _note not in gc.callbacks:
                    gc.callbacks.append(_note)
            self._depth += 1

    def end(self) -> None:
        with self._lock:
            if self._depth == 1:
                collect()
                if self._frozen:
                    gc.unfreeze()
                (gc.enable if self._enabled else gc.disable)()
            self._depth -= 1


_paused: Final = _Paused()


def collect() -> None:
    """Collects what nobody can reach; nobody is told what its finalisers raise."""
    with unraisable.reported_to(getcurrent(), lambda _: None):
        gc.collect()


@contextmanager
def paused() -> Iterator[None]:
    """The block runs bodies: the collector does not start by itself. Afterwards it collects what they left behind."""
    _paused.begin()
    try:
        yield
    finally:
        _paused.end()
