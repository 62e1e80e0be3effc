"""bus1: quotas, the bus that charges them, and who can starve whom.

:class:`Quota` is one receiver's limits under a quota rule; :class:`Bus` has users, peers and messages; an
:class:`Attack` is explored in every order of its steps by :func:`explore`. :func:`table` says of each way to account
what exploration finds.
"""

from .._table import RowResult
from .attack import Attack, explore, replay
from .bus import Bus, Peer, Prepared, Received
from .quota import RULES, Quota, Rule
from .rows import Row, rows, table
from .sybils import newcomer_share, shares, sybils_needed

__all__ = [
    "RULES",
    "Attack",
    "Bus",
    "Peer",
    "Prepared",
    "Quota",
    "Received",
    "Row",
    "RowResult",
    "Rule",
    "explore",
    "newcomer_share",
    "replay",
    "rows",
    "shares",
    "sybils_needed",
    "table",
]
