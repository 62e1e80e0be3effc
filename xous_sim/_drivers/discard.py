"""Throwing bodies away that are suspended in the middle."""

from __future__ import annotations

from typing import Final

from greenlet import GreenletExit, greenlet

_THROWS: Final = 10
"""How often a body is asked to end, before it is left as it is: one that swallows every exception never does."""
_left: Final[list[greenlet]] = []
"""Bodies that were left as they are; letting go of one would ask it to end once more."""


def throw_away(runner: greenlet) -> None:
    """Ends a body wherever it is; its finalisers run."""
    for _ in range(_THROWS):
        if runner.dead:
            return
        runner.throw(GreenletExit)
    if not runner.dead:
        _left.append(runner)
