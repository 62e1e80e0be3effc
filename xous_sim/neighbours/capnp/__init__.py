"""Cap'n Proto: vats that limit what flows, the deadlocks that come of it, and flows in time.

A :class:`Case` is a chain of vats with a limit each, and streams of calls from the first; :func:`explore` covers every
order of what can happen in it. :func:`admitted` and :func:`sends_until_blocked` count without any order, and
:func:`table` says of each row of the facts what exploration finds.
"""

from .._table import Finding, RowResult
from .case import Call, Case, Stream, explore, replay
from .counting import admitted, sends_until_blocked
from .flow import Flow, Link, Moment, simulate
from .limits import Advertised, Held, Limit, NoLimit, Requests, Words
from .rows import Row, rows, table
from .windows import AdaptiveWindow, FixedWindow, NoWindow, Window

__all__ = [
    "AdaptiveWindow",
    "Advertised",
    "Call",
    "Case",
    "Finding",
    "FixedWindow",
    "Flow",
    "Held",
    "Limit",
    "Link",
    "Moment",
    "NoLimit",
    "NoWindow",
    "Requests",
    "Row",
    "RowResult",
    "Stream",
    "Window",
    "Words",
    "admitted",
    "explore",
    "replay",
    "rows",
    "sends_until_blocked",
    "simulate",
    "table",
]
