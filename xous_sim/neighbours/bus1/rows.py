"""The table: every way to account against every attack, each with what exploration finds.

What stands in a row comes out of the exploration. Limits are small, so that attacks are short; what a share is for a
limit of 1,024 is counted by :func:`xous_sim.neighbours.bus1.newcomer_share`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, final

from ...searches import Exhaustive
from .._exploring import Stop
from .._table import RowResult, explore_rows
from .attack import Accounting, Attack, Attackers, explore
from .quota import RULES, Rule

HEADINGS: Final = ("who pays", "attack", "limit", "with")
"""Of the cells of a row."""

_POLICIES: Final[tuple[tuple[str, Accounting, Rule], ...]] = (
    ("sender", "sender", "none"),
    ("receiver, no rule", "receiver", "none"),
    ("receiver, half", "receiver", "half"),
    ("receiver, per-user", "receiver", "per-user"),
    ("receiver, quasilinear", "receiver", "quasilinear"),
    ("requester", "requester", "none"),
)
_LIMIT: Final = 8
_LARGE: Final = 16
"""For the quasilinear rule, which lets a second user have nothing of 8 units."""
_CHUNKED: Final = 12


@final
@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        accounting: Who pays, for readers.
        attack_in_words: What the attackers do, for readers.
        variant: What else is special about it; may be empty.
        attack: The case.
    """

    accounting: str
    attack_in_words: str
    variant: str
    attack: Attack

    def explore(self, *, max_states: int | None = None) -> RowResult[Row]:
        """Explores the row's attack, and goes on behind violations."""
        # Of several attackers who all do the same, the first violation is enough: their orders are many.
        stop: Stop = "explored" if self.attack.uids == 1 else "first"
        return RowResult(self, explore(self.attack, Exhaustive(max_states=max_states), stop=stop))

    def as_json(self) -> dict[str, object]:
        """What identifies the row."""
        return {
            "accounting": self.accounting,
            "attack": self.attack_in_words,
            "limit": self.attack.limit,
            "variant": self.variant,
        }

    @property
    def cells(self) -> tuple[str, ...]:
        """What identifies the row, for a table."""
        return (self.accounting, self.attack_in_words, str(self.attack.limit), self.variant)


def rows() -> Iterator[Row]:
    """All rows, in the order of the table."""
    for title, accounting, rule in _POLICIES:
        yield from _of_policy(title, accounting, rule)
    yield from _reactions()
    yield from _events()
    yield from _sybils()
    yield from _chunking()


def _of_policy(title: str, accounting: Accounting, rule: Rule) -> Iterator[Row]:
    attacks: tuple[tuple[str, Attackers], ...] = (("flood", "flood"), ("never receive", "ask"))
    for words, attackers in attacks:
        yield Row(title, words, "", Attack(attackers=attackers, accounting=accounting, rule=rule, limit=_limit(rule)))


def _limit(rule: Rule) -> int:
    return _LARGE if rule == "quasilinear" else _LIMIT


def _reactions() -> Iterator[Row]:
    title, words = "receiver, half", "never receive"
    yield Row(title, words, "agent disconnects", Attack(attackers="ask", on_refusal="disconnect"))
    yield Row(title, words, "agent waits", Attack(attackers="ask", on_refusal="wait"))


def _events() -> Iterator[Row]:
    def row(title: str, variant: str, attack: Attack) -> Row:
        return Row(title, "subscribe, stall", variant, attack)

    past = Attack(attackers="subscribe", past_refusals=True, event_count=_LIMIT + 1)
    requester = replace(past, accounting="requester")
    yield row("sender", "", replace(past, accounting="sender"))
    yield row("receiver, half", "to all or none", replace(past, past_refusals=False))
    yield row("receiver, half", "past the full", past)
    yield row("requester", "agent pays events", requester)
    yield row("requester", "subscriber pays", replace(requester, events="subscriber", on_refusal="disconnect"))
    yield row("requester", "2 credits each", replace(requester, events="credits", credits=2))


def _sybils() -> Iterator[Row]:
    most: tuple[tuple[Rule, int], ...] = (("half", 3), ("per-user", 2), ("quasilinear", 2))
    for rule, users in most:
        for uids in range(1, users + 1):
            attack = Attack(attackers="flood", rule=rule, uids=uids, limit=_limit(rule))
            yield Row(f"receiver, {rule}", "many uids", f"{uids} of them", attack)


def _chunking() -> Iterator[Row]:
    for rule in RULES:
        # Without a rule there are too many ways to cut a large amount.
        attack = Attack(attackers="chunk", rule=rule, limit=5 if rule == "none" else _CHUNKED)
        yield Row(f"receiver, {rule}", "chunking", "", attack)


def table(
    *,
    max_states: int | None = None,
    workers: int | None = None,
    progress: Callable[[RowResult[Row]], object] = lambda result: None,
) -> list[RowResult[Row]]:
    """Explores all rows, several at a time.

    Args:
        max_states: Distinct states of a row at most; ``None`` is no limit.
        workers: Threads; by default one for each processor.
        progress: Told of each row that is done, in the order in which they get done.

    Returns:
        The results in the order of :func:`rows`.
    """
    return explore_rows(list(rows()), lambda row: row.explore(max_states=max_states), workers, progress)
