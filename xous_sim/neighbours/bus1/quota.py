"""Quotas: the limits of one receiver, and what of them each acting user has in flight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, final

from ... import _native
from ...errors import MisuseError
from .._checking import number, word

Rule = Literal["half", "per-user", "quasilinear", "none", "triple-charge", "before-charge"]
"""A quota rule: what an acting user may take.

With R what remains, s what the actor has in flight, c the charge, and n the users with something in flight, the actor
included, a charge is allowed iff

- ``"half"``: R >= s + 2c (the mail of 2016),
- ``"per-user"``: (s + c)(n + 1) - s <= R (dbus-broker),
- ``"quasilinear"``: (s + c)A(n) - s <= R with A(n) = (n + 1)(ceil(log2(n + 1)) + 1) (r-fairdist),
- ``"none"``: c <= R.

Two are wrong, and were in use once: ``"triple-charge"`` asks for R >= s + 3c, and ``"before-charge"`` for s * n < R
with n the users that were ever seen: it looks at what remains before the charge.
"""

RULES: Final[tuple[Rule, ...]] = ("half", "per-user", "quasilinear", "none", "triple-charge", "before-charge")
"""All rules."""
Amount = int | Mapping[str, int]
"""Units of the only kind of resource, or of several kinds by name."""

_KINDS: Final = 4
"""Kinds of resources at most."""
_LARGEST_UID: Final = (1 << 32) - 1
_ONLY: Final = "units"
"""The name of the only kind where limits are a number."""

Amounts = tuple[int, int, int, int]


@final
class Quota:
    """The limits of one receiver, shared out by a rule.

    Arithmetic is exact. A charge of several kinds of resources is made for all of them or for none; a kind of which
    nothing is asked is not looked at.

    Args:
        limit: Units at most, 0 to 2**64 - 1; or limits by the names of up to four kinds of resources.
        rule: How it is shared out.
        owner: The user whose limits these are: a charge on its own behalf is held by the limit alone.

    Raises:
        MisuseError: For a limit out of range, more than four kinds, or an unknown rule.

    Example:
        >>> from xous_sim.neighbours.bus1 import Quota
        >>> quota = Quota(1024, "half")
        >>> quota.charge(1, 512), quota.charge(1, 1), quota.charge(2, 256)
        (True, False, True)
        >>> quota.share(1), quota.remaining
        (512, 256)
        >>> files = Quota({"bytes": 4096, "fds": 4}, "per-user")
        >>> files.charge(1, {"bytes": 10, "fds": 3}), files.share(1)
        (False, {'bytes': 0, 'fds': 0})
    """

    def __init__(self, limit: Amount, rule: Rule = "half", *, owner: int | None = None) -> None:
        named = limit if isinstance(limit, Mapping) else {_ONLY: limit}
        self._single = not isinstance(limit, Mapping)
        if not 1 <= len(named) <= _KINDS or not all(isinstance(name, str) for name in named):
            raise MisuseError(f"a quota has 1 to {_KINDS} kinds of resources, each with a name, not {limit!r}")
        self._names = tuple(named)
        self._limit = {name: number(amount, f"the limit of {name}") for name, amount in named.items()}
        self._rule = word(rule, "rule", RULES)
        self._owner = None if owner is None else self._uid(owner)
        self._native = _native.Quota(self._amounts(limit), self._rule, self._owner)

    def charge(self, uid: int, amount: Amount) -> bool:
        """Charges an acting user, if the rule allows it.

        Args:
            uid: The user, 0 to 2**32 - 1; users need not be announced.
            amount: Units, 0 to 2**64 - 1; or some of them by name.

        Returns:
            Whether it was charged. If not, nothing has changed.

        Raises:
            MisuseError: For amounts that are negative or too large, or kinds that the quota does not have.
        """
        return self._native.charge(self._uid(uid), self._amounts(amount))

    def discharge(self, uid: int, amount: Amount) -> None:
        """Gives back what a user had in flight.

        Raises:
            MisuseError: As for :meth:`charge`, and if it is more than the user has in flight; nothing has changed then.
        """
        if not self._native.discharge(self._uid(uid), self._amounts(amount)):
            raise MisuseError(
                f"user {uid} has {self.share(uid)} in flight, less than {amount!r}: it cannot give that back"
            )

    def share(self, uid: int) -> int | dict[str, int]:
        """What a user has in flight: 0 for one that was never charged."""
        return self._named(self._native.share(self._uid(uid)))

    @property
    def remaining(self) -> int | dict[str, int]:
        """What is left of the limits."""
        return self._named(self._native.remaining())

    @property
    def users(self) -> int:
        """How many users have something in flight."""
        return self._native.users()

    def _uid(self, uid: object) -> int:
        return number(uid, "a uid", most=_LARGEST_UID)

    def _amounts(self, amount: Amount) -> Amounts:
        named = amount if isinstance(amount, Mapping) else {_ONLY: amount}
        unknown = [name for name in named if name not in self._names]
        if unknown:
            raise MisuseError(f"this quota has {', '.join(self._names)}, and no {unknown[0]!r}")
        amounts = [number(named.get(name, 0), f"an amount of {name}") for name in self._names]
        first, second, third, fourth = amounts + [0] * (_KINDS - len(amounts))
        return first, second, third, fourth

    def _named(self, amounts: Amounts) -> int | dict[str, int]:
        return amounts[0] if self._single else dict(zip(self._names, amounts, strict=False))

    def __repr__(self) -> str:
        return f"<Quota {self._rule}, {self.remaining} of {self._limit[_ONLY] if self._single else self._limit} left>"
