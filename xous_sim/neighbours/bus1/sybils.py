"""Colluding users: what is left for a newcomer when they have taken all that they can get."""

from __future__ import annotations

from typing import Final

from ... import _native
from ...errors import MisuseError
from .._checking import number, word
from .quota import RULES, Rule

_MOST: Final = 1 << 32
"""Units of a limit at most: users are counted one by one."""
_USERS: Final = 1_000_000
"""Users at most whose shares are listed."""


def shares(limit: int, rule: Rule, users: int) -> tuple[list[int], int]:
    """What each of so many users gets, if one after another takes all that it can get; and what remains.

    Example:
        >>> from xous_sim.neighbours.bus1 import shares
        >>> shares(1024, "per-user", 4)
        ([512, 170, 85, 51], 206)
    """
    known = word(rule, "rule", RULES)
    return _native.greedy_shares(_units(limit), known, number(users, "users", most=_USERS))


def newcomer_share(limit: int, rule: Rule, users: int) -> int:
    """What a newcomer gets when so many users have taken all that they can get.

    Example:
        >>> from xous_sim.neighbours.bus1 import newcomer_share
        >>> [newcomer_share(1024, rule, 1) for rule in ("half", "per-user", "none")]
        [256, 170, 0]
    """
    return shares(limit, rule, number(users, "users", most=_USERS - 1) + 1)[0][-1]


def sybils_needed(limit: int, k: int, rule: Rule) -> int:
    """How many users must collude until a newcomer gets fewer than ``k`` units.

    Under the half rule this is the least m with ceil(limit / 2**m) <= 2k - 1.

    Args:
        limit: Units of the receiver, 0 to 2**32.
        k: What the newcomer wants, at least 1.
        rule: How the limit is shared out.

    Raises:
        MisuseError: For numbers out of range, or an unknown rule.

    Example:
        >>> from xous_sim.neighbours.bus1 import sybils_needed
        >>> [sybils_needed(1024, 1, rule) for rule in ("none", "half", "per-user", "quasilinear")]
        [1, 10, 35, 56]
    """
    known = word(rule, "rule", RULES)
    found = _native.sybils_needed(_units(limit), number(k, "k", least=1), known)
    if found is None:
        raise MisuseError(f"limit must be an int from 0 to {_MOST}, not {limit!r}")
    return found


def _units(limit: object) -> int:
    return number(limit, "limit", most=_MOST)
