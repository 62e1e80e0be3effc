"""A server and its message queue (`k/server.rs`).

Two eight-bit generation counters keep the order of arrival; `head` and `tail` only say where the searches begin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .words import Error, Kind, Sid, Words

GENERATIONS = 256


class KernelError(Exception):
    """An error that the kernel answers; the caller gets its number."""

    def __init__(self, code: Error) -> None:
        """Remember the error number."""
        super().__init__(code.name)
        self.code = code


@dataclass
class Buffer:
    """The pages of a memory message. Their address in the server is known when the message is first seen there."""

    client_address: int
    length: int
    server_address: int | None = None
    moved_between_processes: bool = False


@dataclass(frozen=True)
class Message:
    """A message and the thread that sent it."""

    kind: Kind
    pid: int
    tid: int
    body: Words
    buffer: Buffer | None = None
    # The sender's process died while the call was queued (`k/services.rs:2186-2246`).
    forgotten: bool = False
    # Which process of that PID sent it: unknown to the kernel, of use to the tests.
    incarnation: int = 0


@dataclass(frozen=True)
class Queued:
    """A slot with a message that nobody has received."""

    generation: int
    message: Message


@dataclass(frozen=True)
class Waiting:
    """A slot with a received call that nobody has answered."""

    message: Message


Slot = Queued | Waiting | None


@dataclass
class Server:
    """An entry of the server table."""

    sid: Sid
    owner: int
    queue: list[Slot]
    head: int = 0
    tail: int = 0
    head_generation: int = 0
    tail_generation: int = 0
    parked: set[int] = field(default_factory=set)

    def _indices_from(self, start: int) -> Iterator[int]:
        length = len(self.queue)
        return ((start + step) % length for step in range(length))

    def _claim_slot(self) -> int:
        for index in self._indices_from(self.head):
            if self.queue[index] is None:
                if index == self.head:
                    self.head = (self.head + 1) % len(self.queue)
                return index
        raise KernelError(Error.SERVER_QUEUE_FULL)

    def enqueue(self, message: Message) -> None:
        """Queue a message for later."""
        if self.tail_generation == (self.head_generation - 1) % GENERATIONS:
            raise KernelError(Error.SERVER_QUEUE_FULL)
        self.queue[self._claim_slot()] = Queued(self.tail_generation, message)
        self.tail_generation = (self.tail_generation + 1) % GENERATIONS

    def enqueue_waiting(self, message: Message) -> int:
        """Note a call that is handed directly to a parked thread; return its slot."""
        index = self._claim_slot()
        self.queue[index] = Waiting(message)
        return index

    def take_next(self) -> tuple[int, Message] | None:
        """Take the oldest queued message and the slot it was in."""
        if self.tail_generation == self.head_generation:
            return None
        for index in self._indices_from(self.tail):
            slot = self.queue[index]
            if isinstance(slot, Queued) and slot.generation == self.head_generation:
                return self._take(index, slot.message)
        raise AssertionError("every generation between head and tail is in the queue")

    def _take(self, index: int, message: Message) -> tuple[int, Message]:
        if index == self.tail:
            self.tail = (self.tail + 1) % len(self.queue)
        self.queue[index] = Waiting(message) if message.kind.is_blocking else None
        self.head_generation = (self.head_generation + 1) % GENERATIONS
        return index, message

    def waiting(self, index: int) -> Message | None:
        """Look at the unanswered call in a slot."""
        if index >= len(self.queue):
            raise KernelError(Error.BAD_ADDRESS)
        slot = self.queue[index]
        return slot.message if isinstance(slot, Waiting) else None

    def take_waiting(self, index: int) -> Message | None:
        """Remove the unanswered call in a slot; None if there is none."""
        message = self.waiting(index)
        if message is not None:
            self._clear(index)
        return message

    def _clear(self, index: int) -> None:
        self.queue[index] = None
        if index != self.tail:
            return
        self.tail = (self.tail + 1) % len(self.queue)
        while self.tail != self.head and self.queue[self.tail] is None:
            self.tail = (self.tail + 1) % len(self.queue)

    def has_waiting(self) -> bool:
        """Whether a received call is unanswered."""
        return any(isinstance(slot, Waiting) for slot in self.queue)

    def is_full(self) -> bool:
        """Whether no slot is empty."""
        return None not in self.queue

    def queued(self) -> list[Message]:
        """Return the messages that nobody has received, in slot order."""
        return [slot.message for slot in self.queue if isinstance(slot, Queued)]

    def forget_sender(self, pid: int) -> None:
        """Rewrite the queued messages of a process that died."""
        for index, slot in enumerate(self.queue):
            if isinstance(slot, Queued) and slot.message.pid == pid:
                self.queue[index] = replace(slot, message=_forgotten(slot.message))


def _forgotten(message: Message) -> Message:
    if message.kind is Kind.BLOCKING_SCALAR:
        return replace(message, kind=Kind.SCALAR, forgotten=True)
    if message.kind.is_blocking:
        return replace(message, forgotten=True)
    return message
