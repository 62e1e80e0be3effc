"""Garbage that only reference cycles keep: found when a search asks for it, not whenever Python happens to look.

A body that has ended may leave a cycle behind (an exception that it caught, a local function that calls itself) that
holds a connection. Nobody can use that connection any more. Left out: cycles of a thread that still runs.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from greenlet import getcurrent

from . import unraisable

_lock: Final = threading.Lock()
_searches = 0
"""Those that run now and look for garbage by themselves."""
_before = (True, 0)
"""Whether Python looked for garbage by itself before them, and how many objects it never looked at."""


@contextmanager
def collected_on_demand() -> Iterator[None]:
    """Keeps Python from looking for garbage by itself; what exists already is left alone, so that looking is cheap."""
    _begin()
    try:
        yield
    finally:
        _end()


def collect() -> None:
    """Frees what nobody can reach; nobody is told what finalisers raise, whose operations touch nothing."""
    with unraisable.reported_to(getcurrent(), lambda _: None):
        gc.collect()


def _begin() -> None:
    global _searches, _before
    with _lock:
        _searches += 1
        if _searches == 1:
            _before = gc.isenabled(), gc.get_freeze_count()
            gc.disable()
            if not _before[1]:
                gc.freeze()


def _end() -> None:
    global _searches
    with _lock:
        _searches -= 1
        if not _searches:
            automatic, frozen = _before
            if not frozen:
                gc.unfreeze()
            if automatic:
                gc.enable()
