"""The bus, step by step: users, their peers, messages, and who is charged for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Self, TypeVar, final

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
@dataclass(frozen=True, eq=False)
class Received:
    """A message that was received; its slice and handles are charged until :meth:`Peer.release`.

    Attributes:
        sender: The number of the peer that sent it.
        amounts: What it took.
    """

    sender: int
    amounts: Mapping[str, int]


@final
@dataclass(frozen=True, eq=False)
class Prepared:
    """A message that was prepared; all that it takes is charged to its sender until it is sent or released.

    Attributes:
        amounts: What it takes.
    """

    amounts: Mapping[str, int]


_Held = TypeVar("_Held", Received, Prepared)


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
        self._held: dict[Received | Prepared, int] = {}
        self.uid: Final = uid

    def send(self, to: Peer, **amounts: int) -> Refusal | None:
        """Sends a message that nobody asked for.

        Returns:
            ``None`` if it is queued, or why not; then nothing has changed.

        Raises:
            MisuseError: For a peer of another bus, or amounts out of range.
        """
        return self._bus._native.send(self._peer, self._number(to), _message(amounts), 0)

    def prepare(self, **amounts: int) -> Prepared | Refusal:
        """Takes what a message will need, before it is sent: until then its sender is charged.

        Returns:
            The message; or why not.

        Raises:
            MisuseError: For amounts out of range.

        Example:
            >>> from xous_sim.neighbours.bus1 import Bus
            >>> bus = Bus()
            >>> sender, receiver = bus.peer(1), bus.peer(2)
            >>> message = sender.prepare(handles=3)
            >>> bus.share(1, 1)["handles"], bus.share(2, 1)["handles"]
            (3, 0)
            >>> sender.post(receiver, message)
            >>> bus.share(1, 1)["handles"], bus.share(2, 1)["handles"]
            (0, 3)
        """
        taken = _message(amounts)
        held = self._bus._native.prepare(self._peer, taken)
        return self._hold(Prepared(_named(taken)), held) if isinstance(held, int) else held

    def post(self, to: Peer, message: Prepared) -> Refusal | None:
        """Sends a message that was prepared.

        Returns:
            As :meth:`send`; a message that is refused stays prepared.

        Raises:
            MisuseError: For a peer of another bus, and for a message that this peer has not prepared, or sent already.
        """
        if not isinstance(message, Prepared):
            raise MisuseError(f"what was prepared is posted, not {type(message).__name__}")
        refusal = self._bus._native.post(self._peer, self._number(to), self._place(message), 0)
        if refusal is None:
            del self._held[message]
        return refusal

    def request(self, to: Peer, *, reply: Mapping[str, int] | None = None, **amounts: int) -> Refusal | None:
        """Sends a request. Where the requester pays, its reply is reserved with it.

        Args:
            to: Who is asked.
            reply: What the reply will take; one slice unless given.
            **amounts: What the request takes.

        Returns:
            As :meth:`send`.
        """
        if reply is not None and not isinstance(reply, Mapping):
            raise MisuseError(f"a reply takes amounts by name, not {reply!r}")
        expected = _message(reply or {})
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
        if not isinstance(to, Sequence):
            raise MisuseError(f"destinations are several peers, not {to!r}")
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
        return self._hold(Received(sender, _named(amounts)), slice_)

    def release(self, message: Received | Prepared) -> None:
        """Releases the slice of a message, and drops its handles. One that was only prepared is given up.

        Raises:
            MisuseError: If this peer does not have it: it was released or sent already, or flushed, or is another's.
        """
        if not isinstance(message, (Received, Prepared)):
            raise MisuseError(f"what was received or prepared is released, not {type(message).__name__}")
        self._bus._native.release(self._peer, self._place(message))
        del self._held[message]

    def reset(self) -> None:
        """Flushes the queue, releases all slices and gives reservations back."""
        self._bus._native.reset(self._peer)
        self._held.clear()

    def disconnect(self) -> None:
        """Closes the endpoint for good. What it has sent stays in the queues of others."""
        self._bus._native.disconnect(self._peer)
        self._held.clear()

    @property
    def queued(self) -> int:
        """Messages that wait for it."""
        return self._bus._native.queued(self._peer)

    @property
    def remaining(self) -> dict[str, int]:
        """What is left of the endpoint's own limits."""
        return _named(self._bus._native.peer_remaining(self._peer))

    def _hold(self, message: _Held, place: int) -> _Held:
        self._held[message] = place
        return message

    def _place(self, message: Received | Prepared) -> int:
        """The number under which the bus has it; numbers are used again, so that they alone would not tell."""
        place = self._held.get(message)
        if place is None:
            why = "it was released or sent already, or flushed, or is another's"
            raise MisuseError(f"{self!r} does not have it: {why}")
        return place

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
