"""What the brute-force search says that the package must find."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from .brute_force import Search
from .counts import Counts
from .searches import BOUNDED, Found
from .syntax import Program
from .traces import count_traces

MOST_FOLLOWED: Final = 300
"""Schedules of which the kinds are counted, at most."""


@dataclass(frozen=True)
class Expected:
    """What must be found.

    Attributes:
        found: By every search.
        schedules: How many schedules there are; nothing where states come again.
        bounded: How many with few preemptions, by the name of the search that is bounded so.
        traces: How many kinds of schedules there are, where they are few and that is known; it is not where an
            invariant looks at every state, before which changes do not commute.
    """

    found: Found
    schedules: int | None
    bounded: dict[str, int] = field(default_factory=dict)
    traces: int | None = None


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
        return Expected(found, None)
    schedules = counts.all()
    return Expected(
        found,
        schedules,
        {name: counts.within(bound) for name, bound in BOUNDED.items()},
        None if everywhere or program.deaths or schedules > MOST_FOLLOWED else count_traces(search),
    )
