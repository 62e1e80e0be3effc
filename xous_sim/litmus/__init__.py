"""The classic litmus tests of weak memory: small programs, and the outcome of each that tells memory models apart.

What C11 allows is written down, from the papers; what is found comes out of exploring the program with
``memory="c11"``. A few outcomes that C11 allows are not found: those are known limits, and say so.

Example:
    >>> from xous_sim.litmus import LITMUS, table
    >>> test = LITMUS["store buffering, relaxed"]
    >>> test.outcome, test.allowed, test.found()
    ('r0=0 r1=0', True, True)
    >>> test.found(memory="sc")
    False
    >>> [row for row in table() if row.found and not row.allowed]
    []
"""

from __future__ import annotations

from typing import Final

from .classics import CLASSICS
from .exclusion import EXCLUSION
from .shape import Litmus, Row

LITMUS: Final[dict[str, Litmus]] = {f"{test.name}, {test.orders}": test for test in (*CLASSICS, *EXCLUSION)}
"""All tests, by name and orders."""


def table() -> list[Row]:
    """What every test is known for, whether C11 allows it, and whether it is found."""
    return [test.row() for test in LITMUS.values()]


__all__ = ["LITMUS", "Litmus", "Row", "table"]
