"""Attacks on a system agent and its users, in every order of their steps."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, final

from ... import _native
from ...errors import MisuseError
from ...result import Exploration, Replayed
from ...searches import Exhaustive
from .._checking import flag, number, word
from .._exploring import Stop, Strategy, follow, run
from .quota import RULES, Rule

Accounting = Literal["sender", "receiver", "requester"]
"""Who pays for messages that wait."""
Attackers = Literal["flood", "ask", "subscribe", "chunk"]
"""What attackers do; none of them ever receives anything."""
OnRefusal = Literal["drop", "disconnect", "wait"]
"""What the agent does with a reply or an event that is refused."""
Events = Literal["accounting", "subscriber", "credits"]
"""Who pays for events."""

ACCOUNTINGS: Final = ("sender", "receiver", "requester")
_DEFAULT: Final = Exhaustive()


@final
@dataclass(frozen=True, kw_only=True)
class Attack:
    """A system agent that all talk to, a victim who wants something of it, and attackers.

    Attributes:
        attackers: ``"flood"``: they send to the agent until they are refused. ``"ask"``: they send one request after
            another, and leave the replies where they are. ``"subscribe"``: they subscribe, and leave the events.
            ``"chunk"``: they send messages of any size.
        limit: Units that each user may have charged, 0 to 64.
        accounting: ``"sender"`` pays, ``"receiver"`` pays within the rule, or ``"requester"`` pays for a request and
            for the reply that is reserved with it.
        rule: The quota rule, where the receiver pays.
        uids: How many users attack, 1 to 16.
        wanted: Units that the victim wants to have in flight to the agent, 1 to 64.
        on_refusal: What the agent does when a reply or event is refused: it drops it, disconnects the peer that has no
            room, or waits for room.
        events: Whether an event is paid for as ``accounting`` says, by the subscriber out of its own limits, or out of
            credits that a subscription reserves.
        credits: How many, 0 to 64.
        event_count: Events that the agent sends, 0 to 64.
        past_refusals: Whether a multicast goes on past subscribers that are full.

    Raises:
        MisuseError: For anything else.

    Example:
        >>> from xous_sim.neighbours import bus1
        >>> bus1.explore(bus1.Attack(attackers="flood", rule="half")).verdict
        'sound'
        >>> print(bus1.explore(bus1.Attack(attackers="flood", rule="none")).violation)
        starved: the victim is refused, with 0 of the 1 units in flight that it wants
    """

    attackers: Attackers
    limit: int = 8
    accounting: Accounting = "receiver"
    rule: Rule = "half"
    uids: int = 1
    wanted: int = 1
    on_refusal: OnRefusal = "drop"
    events: Events = "accounting"
    credits: int = 0
    event_count: int = 0
    past_refusals: bool = False

    def __post_init__(self) -> None:
        word(self.attackers, "attackers", ("flood", "ask", "subscribe", "chunk"))
        word(self.accounting, "accounting", ACCOUNTINGS)
        word(self.rule, "rule", RULES)
        word(self.on_refusal, "on_refusal", ("drop", "disconnect", "wait"))
        word(self.events, "events", ("accounting", "subscriber", "credits"))
        number(self.limit, "limit", most=64)
        number(self.uids, "uids", least=1, most=16)
        number(self.wanted, "wanted", least=1, most=64)
        number(self.credits, "credits", most=64)
        number(self.event_count, "event_count", most=64)
        flag(self.past_refusals, "past_refusals")

    def _words(self) -> dict[str, Any]:
        return asdict(self)


def explore(attack: Attack, strategy: Strategy = _DEFAULT, *, stop: Stop = "first") -> Exploration:
    """Explores an attack.

    =================== =======================================================================================
    property            is violated if
    =================== =======================================================================================
    ``starved``         the victim is refused although it has less in flight than it wants, or a reply or event
                        for it is refused although it has room
    ``waits-for-ever``  somebody waits for a message that was refused
    ``vetoed``          a full subscriber keeps an event from another
    ``receive-refused`` a message cannot be received for lack of quota
    ``chunking``        what is allowed depends on how it is cut into messages
    ``not-drained``     something stays charged when all messages are gone
    =================== =======================================================================================

    Args:
        attack: What is explored.
        strategy: As for :func:`xous_sim.explore`.
        stop: As for :func:`xous_sim.explore`.

    Returns:
        As :func:`xous_sim.explore`; the counterexample is a shortest attack.

    Raises:
        MisuseError: For an argument that has no meaning.
        ReplayError: If the schedule of a :class:`xous_sim.Replay` does not fit.
    """
    _check(attack)
    return run(_native.explore_attack, _native.replay_attack, attack._words(), "attack", strategy, stop, "bus1.replay")


def replay(attack: Attack, schedule: str) -> Replayed:
    """Follows one schedule of an attack, up to its first violation.

    Args:
        attack: What was explored.
        schedule: The line that an exploration printed, ``"x1:..."``.

    Raises:
        ReplayError: If the line is no schedule, or does not fit the attack.
    """
    _check(attack)
    return follow(_native.replay_attack, attack._words(), "attack", schedule)


def _check(attack: object) -> None:
    if not isinstance(attack, Attack):
        raise MisuseError(f"an Attack is explored, not {type(attack).__name__}")
