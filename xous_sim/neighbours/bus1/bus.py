"""The bus, step by step: users, their peers, messages, and who is charged for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Self, final

from ... import _native
from ...errors import MisuseError
from .._checking import flag, number, word
from .attack import ACCOUNTINGS, Accounting
from .quota import RULES, Amounts, Rule

Refusal = Literal["quota", "peer-limit", "gone"]
"""Why a message does not come: EDQUOT for want of quota or by the peer's own limit, or nobody is there."""

KINDS: Final = ("slices", "handles", "bytes", "fds")
"""What messages take."""
DEFAULT_LIMITS: Final = {"slices": 16_384, "handles": 65_536, "bytes": 16 << 20, "fds": 4_096}
"""The limits of a user that are bus1's own."""


@final
@dataclass(frozen=True)
class Received:
    """A message that was received; its slice and handles are charged until :meth:`Peer.release`.

    Attributes:
        sender: The number of the peer that sent it.
        amounts: What it took.
    """

    sender: int
    amounts: Mapping[str, int]
    _slice: int


@final
class Bus:
    """A bus: users with limits, peers of users, and messages in queues.

    Args:
        accounting: ``"sender"`` pays until a message is received, the ``"receiver"`` pays within the quota rule, or the
            ``"requester"`` pays for requests and for replies that are reserved with them.
        rule: The quota rule, where the receiver pays.

    Raises:
        MisuseError: For an unknown word.

    Example:
        >>> from xous_sim.neighbours.bus1 import Bus
        >>> bus = Bus(rule="half")
        >>> mallory, agent = bus.peer(1), bus.peer(2, slices=8)
        >>> [mallory.send(agent) for _ in range(5)]
        [None, None, None, None, 'quota']
        >>> agent.receive().amounts["slices"], bus.share(2, 1)["slices"], bus.remaining(2)["slices"]
        (1, 3, 4)
    """

    def __init__(self, accounting: Accounting = "receiver", *, rule: Rule = "half") -> None:
        words = (word(accounting, "accounting", ACCOUNTINGS), word(rule, "rule", RULES))
        self._native = _native.Bus(*words)
        self._uids: set[int] = set()

    def user(self, uid: int, **limits: int) -> Self:
        """Adds a user with limits of its own; the others are bus1's (:data:`DEFAULT_LIMITS`).

        Raises:
            MisuseError: If there is one, or for limits out of range.
        """
        self._native.add_user(self._uid(uid), _amounts({**DEFAULT_LIMITS, **limits}))
        self._uids.add(uid)
        return self

    def peer(self, uid: int, **limits: int) -> Peer:
        """Opens an endpoint of a user, who is added if there is none.

        Args:
            uid: The user.
            **limits: Of the user that is added and of the endpoint; what is left out is bus1's.

        Raises:
            MisuseError: For limits out of range.
        """
        if self._uid(uid) not in self._uids:
            self.user(uid, **limits)
        return Peer(self, self._native.add_peer(uid, _amounts({**DEFAULT_LIMITS, **limits})), uid)

    def remaining(self, uid: int) -> dict[str, int]:
        """What is left of a user's limits."""
        return _named(self._native.remaining(self._uid(uid)))

    def share(self, uid: int, actor: int) -> dict[str, int]:
        """What of a user's limits another one, or itself, has charged."""
        return _named(self._native.share(self._uid(uid), self._uid(actor)))

    @property
    def is_drained(self) -> bool:
        """Whether nothing is charged to anybody."""
        return self._native.is_drained()

    def _uid(self, uid: object) -> int:
        return number(uid, "a uid", most=(1 << 32) - 1)


@final
class Peer:
    """An endpoint of a user, made by :meth:`Bus.peer`.

    What a message takes is given by keywords: ``slices`` (1 unless given), ``handles``, ``bytes``, ``fds``.
    """

    def __init__(self, bus: Bus, peer: int, uid: int) -> None:
        self._bus = bus
        self._peer = peer
        self.uid: Final = uid

    def send(self, to: Peer, **amounts: int) -> Refusal | None:
        """Sends a message that nobody asked for.

        Returns:
            ``None`` if it is queued, or why not; then nothing has changed.

        Raises:
            MisuseError: For a peer of another bus, or amounts out of range.
        """
        return self._bus._native.send(self._peer, self._number(to), _message(amounts), 0)

    def request(self, to: Peer, *, reply: Mapping[str, int] | None = None, **amounts: int) -> Refusal | None:
        """Sends a request. Where the requester pays, its reply is reserved with it.

        Args:
            to: Who is asked.
            reply: What the reply will take; one slice unless given.
            **amounts: What the request takes.

        Returns:
            As :meth:`send`.
        """
        expected = _message(dict(reply or {}))
        return self._bus._native.request(self._peer, self._number(to), _message(amounts), expected, 0)

    def reply(self, to: Peer, **amounts: int) -> Refusal | None:
        """Replies. A reply that was reserved is never refused, and takes what was reserved.

        Returns:
            As :meth:`send`.
        """
        return self._bus._native.reply(self._peer, self._number(to), _message(amounts), 0)

    def multicast(
        self, to: Sequence[Peer], *, past_refusals: bool = False, **amounts: int
    ) -> tuple[Refusal | None, ...] | Refusal:
        """Sends to several peers: to all of them, or to none.

        Args:
            to: The destinations.
            past_refusals: Whether it goes on past those that refuse.
            **amounts: What the message takes, at each destination.

        Returns:
            What became of each destination; or why the whole was refused.
        """
        numbers = [self._number(peer) for peer in to]
        past = flag(past_refusals, "past_refusals")
        whole, each = self._bus._native.multicast(self._peer, numbers, _message(amounts), 0, past)
        return tuple(each) if whole is None else whole

    def receive(self) -> Received | Refusal | None:
        """Takes the next message.

        Returns:
            The message; ``None`` if there is none; or why it cannot be received, which happens only where senders pay.
        """
        refusal, message = self._bus._native.receive(self._peer)
        if message is None:
            return refusal
        sender, _, amounts, slice_ = message
        return Received(sender, _named(amounts), slice_)

    def release(self, message: Received) -> None:
        """Releases the slice of a message, and drops its handles.

        Raises:
            MisuseError: If it was released already.
        """
        if not isinstance(message, Received):
            raise MisuseError(f"what was received is released, not {type(message).__name__}")
        self._bus._native.release(self._peer, message._slice)

    def reset(self) -> None:
        """Flushes the queue, releases all slices and gives reservations back."""
        self._bus._native.reset(self._peer)

    def disconnect(self) -> None:
        """Closes the endpoint for good. What it has sent stays in the queues of others."""
        self._bus._native.disconnect(self._peer)

    @property
    def queued(self) -> int:
        """Messages that wait for it."""
        return self._bus._native.queued(self._peer)

    @property
    def remaining(self) -> dict[str, int]:
        """What is left of the endpoint's own limits."""
        return _named(self._bus._native.peer_remaining(self._peer))

    def _number(self, peer: object) -> int:
        if not isinstance(peer, Peer) or peer._bus is not self._bus:
            raise MisuseError(f"a peer of the same bus is wanted, not {peer!r}")
        return peer._peer

    def __repr__(self) -> str:
        return f"<Peer {self._peer} of user {self.uid}>"


def _message(amounts: Mapping[str, int]) -> Amounts:
    return _amounts({"slices": 1, **amounts})


def _amounts(amounts: Mapping[str, int]) -> Amounts:
    unknown = [name for name in amounts if name not in KINDS]
    if unknown:
        raise MisuseError(f"messages take {', '.join(KINDS)}, and no {unknown[0]!r}")
    slices, handles, octets, fds = (number(amounts.get(kind, 0), kind) for kind in KINDS)
    return slices, handles, octets, fds


def _named(amounts: Amounts) -> dict[str, int]:
    return dict(zip(KINDS, amounts, strict=True))
