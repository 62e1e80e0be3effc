"""The states of the brute-force search: plain tuples, compared by value."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

SLOTS: Final = 32
TOMBSTONE: Final = -1
"""What is in a slot whose server's process has died; a free one holds None, any other a place in the server table."""


class Server(NamedTuple):
    """A server in one of its lives."""

    number: int
    life: int


class Handle(NamedTuple):
    """A connection: the number that a process sees, and what nobody can see: the server that it was opened for."""

    process: int
    cid: int
    server: Server


class Reference(NamedTuple):
    """A counted handle: the place of its count on the heap."""

    place: int


class Counted(NamedTuple):
    """A connection that counted handles share, and how many of them there are."""

    connection: Handle
    holders: int


class Name(NamedTuple):
    """What the name server knows of its one name: connections that it gave out, and which token is the right one."""

    connections: int = 0
    token: int = 0


Number = int | Handle
Own = tuple[tuple[str, Any], ...]
Slots = tuple[int | None, ...]


class Shared(NamedTuple):
    """What threads share.

    Attributes:
        atomics: Their values.
        cell: Its value.
        holders: Of each mutex, the thread that holds it, which is not its TID.
        maps: The connection map of each process; None once it is dead.
        pool: The connection in it, or the thread that is opening it.
        table: The server table.
        queue: The threads whose calls wait to be received; None for one whose process has died.
        parked: The threads that wait for a call, in ascending order.
        lives: How often each server has begun.
        deaths: How many processes may still die.
        heap: What counted handles share.
        tids: The last TID that each process gave out.
        name: What the name server knows.
    """

    atomics: tuple[Number, ...]
    cell: Number
    holders: tuple[int | None, ...]
    maps: tuple[Slots | None, ...]
    pool: Handle | int | None
    table: tuple[Server | None, ...]
    queue: tuple[int | None, ...] = ()
    parked: tuple[int, ...] = ()
    lives: tuple[int, ...] = (0, 0, 0)
    deaths: int = 0
    heap: tuple[Counted, ...] = ()
    tids: tuple[int, ...] = ()
    name: Name = Name()

    def seen(self) -> tuple[int, ...]:
        """What the user's properties can see of it: the numbers, and the bytes of the connection maps."""
        bytes_ = [_byte(entry) for slots in self.maps for entry in slots or ()]
        return (*map(as_int, self.atomics), as_int(self.cell), *bytes_)

    def find(self, server: int) -> int | None:
        """The place of a server in the table."""
        return next((place for place, entry in enumerate(self.table) if entry and entry.number == server), None)


class Place(NamedTuple):
    """Where a thread is, in which code; ``pc`` is -1 when it is over.

    Attributes:
        waits: Whether it has begun an operation that somebody else completes.
        tid: The number under which its process knows it.
    """

    code: int
    process: int
    pc: int
    rounds: int
    own: Own
    waits: bool = False
    tid: int = 0


State = tuple[Shared, tuple[Place, ...]]
OVER: Final = Place(0, 0, -1, 0, ())


def as_int(value: Number) -> int:
    """The number that a program sees."""
    return value.cid if isinstance(value, Handle) else value


def replaced(items: tuple[Any, ...], index: int, item: Any) -> tuple[Any, ...]:
    """The same items but for one."""
    return (*items[:index], item, *items[index + 1 :])


def _byte(entry: int | None) -> int:
    return {None: 0, TOMBSTONE: 1}.get(entry, 2 + (entry or 0))
