"""What the brute-force search says that the package must find."""

from __future__ import annotations

from dataclasses import dataclass

from .brute_force import Search
from .counts import Counts
from .searches import BOUNDED, Found
from .syntax import Program


@dataclass(frozen=True)
class Expected:
    """What must be found.

    Attributes:
        found: By every search.
        schedules: How many schedules there are, and how many with few preemptions; nothing where states come again.
    """

    found: Found
    schedules: int | None
    bounded: dict[str, int]
    has_deaths: bool = False


def expected(program: Program, *, everywhere: bool) -> Expected | None:
    """What must be found in a program; nothing if it has too many states."""
    search = Search(program)
    all_ = search.run()
    if all_ is None:
        return None
    verdict = "violated" if all_.violations else "sound"
    seen = frozenset(all_.seen if everywhere else ())
    found = Found(verdict, frozenset(all_.violations), frozenset(all_.final), seen)
    counts = Counts(search)
    if counts.has_cycle:
        return Expected(found, None, {}, program.deaths > 0)
    bounded = {name: counts.within(bound) for name, bound in BOUNDED.items()}
    return Expected(found, counts.all(), bounded, program.deaths > 0)
