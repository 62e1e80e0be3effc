"""What operations do to shared objects and to the thread that performs them, over plain states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import kernel
from .state import Counted, Handle, Number, Place, Reference, Server, Shared, as_int, replaced
from .syntax import ANSWERS, SERVERS, UNREACHABLE

if TYPE_CHECKING:
    from .brute_force import Search

WORD: Final = 1 << 32
NOBODY: Final = -1
"""Whoever asked is dead."""


class Acting:
    """A thread that acts: each method is an operation, and returns whether it can happen now."""

    def __init__(self, search: Search, number: int, shared: Shared, place: Place) -> None:
        self._search = search
        self._number = number
        self.process = place.process
        self._tid = place.tid
        self.shared = shared
        self.started: list[Place] = []
        self.woken: list[tuple[int, int]] = []
        self.ends_process = False
        self.own: dict[str, Any] = dict(place.own)
        self.pc = place.pc
        self._waits = False

    def _raise(self) -> None:
        self._search.violated("exception")
        self.pc = -1

    def _wait(self) -> None:
        self.pc -= 1
        self._waits = True

    def _value(self, operand: int | str) -> Number:
        return self.own.get(operand, 0) if isinstance(operand, str) else operand

    def _number_of(self, operand: int | str) -> int:
        return as_int(self._value(operand))

    # Data.

    def _load(self, atomic: int, target: str) -> bool:
        self.own[target] = self.shared.atomics[atomic]
        return True

    def _store(self, atomic: int, operand: int | str) -> bool:
        atomics = replaced(self.shared.atomics, atomic, self._value(operand))
        self.shared = self.shared._replace(atomics=atomics)
        return True

    def _swap(self, atomic: int, operand: int | str, target: str) -> bool:
        before = self.shared.atomics[atomic]
        self._store(atomic, operand)
        self.own[target] = before
        return True

    def _fetch_add(self, atomic: int, operand: int | str, target: str, sign: int = 1) -> bool:
        before = self.shared.atomics[atomic]
        self._store(atomic, (as_int(before) + sign * self._number_of(operand)) % WORD)
        self.own[target] = before
        return True

    def _fetch_sub(self, atomic: int, operand: int | str, target: str) -> bool:
        return self._fetch_add(atomic, operand, target, -1)

    def _compare_exchange(self, atomic: int, current: int | str, new: int | str, done: str, before: str) -> bool:
        found = self.shared.atomics[atomic]
        equal = as_int(found) == self._number_of(current)
        if equal:
            self._store(atomic, new)
        self.own[done] = int(equal)
        self.own[before] = found
        return True

    def _get(self, target: str) -> bool:
        self.own[target] = self.shared.cell
        return True

    def _set(self, operand: int | str) -> bool:
        self.shared = self.shared._replace(cell=self._value(operand))
        return True

    _put = _set
    _tell = _set

    def _choose(self, n: int, target: str, pick: int) -> bool:
        self.own[target] = pick
        return pick < n

    # Locks.

    def _acquire(self, mutex: int) -> bool:
        holder = self.shared.holders[mutex]
        if holder == self._number:
            self._raise()
            return True
        return self._hold(mutex, holder)

    def _hold(self, mutex: int, holder: int | None) -> bool:
        if holder is None:
            self.shared = self.shared._replace(holders=replaced(self.shared.holders, mutex, self._number))
        return holder is None

    def _try(self, mutex: int, target: str) -> bool:
        self.own[target] = int(self._hold(mutex, self.shared.holders[mutex]))
        return True

    def _release(self, mutex: int) -> bool:
        if self.shared.holders[mutex] == self._number:
            self.shared = self.shared._replace(holders=replaced(self.shared.holders, mutex, None))
        else:
            self._raise()
        return True

    # Threads.

    def _start(self, target: str, given: str, code: int, others: tuple[Place, ...]) -> bool:
        tid = kernel.next_tid(self.shared, self.process, others, self._search.profile)
        self.shared = self.shared._replace(tids=replaced(self.shared.tids, self.process, tid))
        own = ((GIVEN_AS[given[0]], self.own[given]),) if given in self.own else ()
        if given[0] == "h":
            self.own.pop(given, None)
        self.started.append(Place(code, self.process, 0, 1, own, tid=tid))
        self.own[target] = tid
        return True

    def _join(self, thread: str, others: tuple[Place, ...]) -> bool:
        """By TID: who has it now is waited for, though it be another thread than the one that had it."""
        alive = (place for place in others if place.pc >= 0 and place.process == self.process)
        return all(place.tid != self.own[thread] for place in alive)

    def _terminate(self) -> bool:
        self.ends_process = True
        return True

    # Connections.

    def _connect(self, server: int, target: str) -> bool:
        connected = kernel.connect(self.shared, self.process, server, reuses=self._search.reuses)
        if connected is not None:
            self.shared, self.own[target] = connected
        return connected is not None

    def _try_connect(self, server: int, target: str) -> bool:
        if not self._connect(server, target):
            self.own.pop(target, None)
        return True

    def _disconnect(self, connection: str) -> bool:
        handle: Handle = self.own[connection]
        after = kernel.disconnect(self.shared, handle)
        if after is None:
            self._search.violated("free-slot")
        else:
            self.shared = after
        return True

    def _close(self, connection: str, target: str) -> bool:
        before = self.shared
        self._disconnect(connection)
        self.own[target] = int(self.shared != before)
        return True

    def _begin(self, target: str) -> bool:
        pool = self.shared.pool
        if isinstance(pool, Handle):
            self.own.update({target: pool, "fresh": 0})
        elif pool is None:
            self.shared = self.shared._replace(pool=self._number)
            self.own["fresh"] = 1
        return pool is None or isinstance(pool, Handle)

    def _complete(self, target: str) -> bool:
        self.shared = self.shared._replace(pool=self.own[target])
        return True

    # Counted handles.

    def _count(self, connection: str, target: str) -> bool:
        heap = self.shared.heap
        self.own[target] = Reference(len(heap))
        self.shared = self.shared._replace(heap=(*heap, Counted(self.own.pop(connection), 1)))
        return True

    def _recount(self, handle: str, by: int) -> Counted:
        place: int = self.own[handle].place
        counted = self.shared.heap[place]
        counted = counted._replace(holders=counted.holders + by)
        self.shared = self.shared._replace(heap=replaced(self.shared.heap, place, counted))
        return counted

    def _clone(self, handle: str, target: str) -> bool:
        self._recount(handle, 1)
        self.own[target] = self.own[handle]
        return True

    def _look(self, handle: str, target: str) -> bool:
        self.own[target] = self._recount(handle, 0).connection
        return True

    def _uncount(self, handle: str, last: str, target: str) -> bool:
        counted = self._recount(handle, -1)
        self.own.pop(handle)
        self.own[last] = int(counted.holders == 0)
        self.own[target] = counted.connection
        return True

    # The name server.

    def _request(self, target: str) -> bool:
        """Connects if the name has a connection left."""
        name, limit = self.shared.name, self._search.limit
        self.own.pop(target, None)
        if name.connections < limit:
            self.own["token"] = name.token
            self.shared = self.shared._replace(name=name._replace(connections=name.connections + 1))
            self._connect(kernel.NAMED, target)
        return True

    def _await_name(self, target: str) -> bool:
        """The same, but waits for ever where the limit is reached."""
        self._request(target)
        if target not in self.own:
            self._wait()
        return True

    def _give_back(self, target: str) -> bool:
        name = self.shared.name
        right = self.own["token"] == name.token
        if right:
            self.shared = self.shared._replace(name=name._replace(connections=0, token=name.token + 1))
        self.own[target] = int(right)
        return True

    # Messages.

    def _send(self, connection: str, target: str) -> bool:
        handle: Handle = self.own[connection]
        actual = kernel.reached(self.shared, handle)
        self._check_delivery(handle, actual)
        if actual is None:
            self.own[target] = UNREACHABLE
        elif actual.number == kernel.QUEUED:
            self._call()
        else:
            self.own[target] = ANSWERS[actual.number]
        return True

    def _check_delivery(self, handle: Handle, actual: Server | None) -> None:
        if actual is not None and actual.number != handle.server.number:
            self._search.violated("misdelivered", SERVERS[handle.server.number])
        if actual is None and handle.server in self.shared.table:
            self._search.violated("severed", SERVERS[handle.server.number])

    def _call(self) -> None:
        """A call: handed to the first thread that is parked, or queued."""
        self._wait()
        parked, queue = self.shared.parked, self.shared.queue
        if parked:
            self.woken.append((parked[0], self._number))
            self.shared = self.shared._replace(parked=parked[1:])
        else:
            self.shared = self.shared._replace(queue=(*queue, self._number))

    def _receive(self, target: str) -> bool:
        shared = self.shared
        if shared.queue:
            client = shared.queue[0]
            self.own[target] = NOBODY if client is None else client
            self.shared = shared._replace(queue=shared.queue[1:])
        else:
            self.shared = shared._replace(parked=tuple(sorted((*shared.parked, self._number))))
            self._wait()
        return True

    def _answer(self, operand: int | str, others: tuple[Place, ...]) -> bool:
        client = self.own.pop("asked")
        if others[client].waits:
            self.woken.append((client, self._number_of(operand)))
        return True


GIVEN_AS: Final = {"n": "n1", "k": "k0", "h": "h0"}
"""What a thread calls what the one that started it gave it."""
