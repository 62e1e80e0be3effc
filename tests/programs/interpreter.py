"""One thread of a program in the middle of a step: an interpreter of instructions over plain states."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from . import kernel
from .state import OVER, Handle, Number, Place, Server, Shared, as_int, replaced
from .syntax import ANSWERS, SERVERS, UNREACHABLE

if TYPE_CHECKING:
    from .brute_force import Search

WORD: Final = 1 << 32
COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SKIPPED: Final = ("put", "send", "disconnect", "join")
"""What is left out by a thread that has no connection, or has started no other thread."""
NOBODY: Final = -1
"""Whoever asked is dead."""


class Thread:
    """One thread in the middle of a step."""

    def __init__(self, search: Search, number: int, shared: Shared, place: Place) -> None:
        self._search = search
        self._number = number
        self._process = place.process
        self._program = place.code
        self._code = search.code[place.code]
        self.shared = shared
        self.started: list[Place] = []
        self.woken: list[tuple[int, int]] = []
        self.own: dict[str, Any] = dict(place.own)
        self.pc = place.pc
        self.rounds = place.rounds
        self._waits = False

    def place(self) -> Place:
        if self.pc < 0:
            return OVER
        own = tuple(sorted(self.own.items()))
        return Place(self._program, self._process, self.pc, self.rounds, own, self._waits)

    def settle(self) -> None:
        """Goes on to the next operation, or to the end."""
        while self.pc >= 0:
            if self.pc == len(self._code):
                self._end()
            elif not self._local(self._code[self.pc]):
                return

    def _end(self) -> None:
        self.own = {}
        self.rounds -= 1
        self.pc = 0 if self.rounds else -1

    def _local(self, instruction: list[Any]) -> bool:
        """Carries out an instruction that is no operation; whether it was one."""
        verb, *parts = instruction
        self.pc += 1
        if verb == "jump":
            self.pc = parts[0]
        elif verb == "unless":
            left, comparison, right, target = parts
            if not COMPARE[comparison](self._number_of(left), self._number_of(right)):
                self.pc = target
        elif verb == "without":
            if parts[0] not in self.own:
                self.pc = parts[1]
        elif verb == "materialise":
            self.own[parts[0]] = self._number_of(parts[0])
        elif verb == "plus":
            self.own[parts[0]] = (self._number_of(parts[1]) + parts[2]) % WORD
        elif verb == "forget":
            self.own[parts[0]] = 0
        elif verb == "raise":
            self._raise()
        elif verb in _SKIPPED and (parts[0] if parts else "started") not in self.own:
            pass
        else:
            self.pc -= 1
            return False
        return True

    def _raise(self) -> None:
        self._search.violated("exception")
        self.pc = -1

    def _value(self, operand: int | str) -> Number:
        return self.own.get(operand, 0) if isinstance(operand, str) else operand

    def _number_of(self, operand: int | str) -> int:
        return as_int(self._value(operand))

    def step(self, pick: int, others: tuple[Place, ...]) -> bool:
        """Carries out the operation that is next, and what follows; whether it can happen now."""
        verb, *parts = self._code[self.pc]
        self.pc += 1
        given: dict[str, list[Any]] = {"choose": [pick], "start": [others], "join": [others], "answer": [others]}
        done: bool = getattr(self, f"_{verb}")(*parts, *given.get(verb, []))
        if not self._waits:
            self.settle()
        return done

    def wake(self, value: int) -> None:
        """Somebody else completes the operation that the thread waits in; its last part is where the result goes."""
        self.own[self._code[self.pc][-1]] = value
        self.pc += 1
        self.settle()

    def _wait(self) -> None:
        self.pc -= 1
        self._waits = True

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

    def _choose(self, n: int, target: str, pick: int) -> bool:
        self.own[target] = pick
        return pick < n

    def _acquire(self, mutex: int) -> bool:
        holder = self.shared.holders[mutex]
        if holder == self._number:
            self._raise()
            return True
        return self._take(mutex, holder)

    def _take(self, mutex: int, holder: int | None) -> bool:
        if holder is None:
            self.shared = self.shared._replace(holders=replaced(self.shared.holders, mutex, self._number))
        return holder is None

    def _try(self, mutex: int, target: str) -> bool:
        self.own[target] = int(self._take(mutex, self.shared.holders[mutex]))
        return True

    def _release(self, mutex: int) -> bool:
        if self.shared.holders[mutex] != self._number:
            self._raise()
            return True
        self.shared = self.shared._replace(holders=replaced(self.shared.holders, mutex, None))
        return True

    def _connect(self, server: int, target: str) -> bool:
        connected = kernel.connect(self.shared, self._process, server, reuses=self._search.reuses)
        if connected is not None:
            self.shared, self.own[target] = connected
        return connected is not None

    def _try_connect(self, server: int, target: str) -> bool:
        if not self._connect(server, target):
            self.own.pop(target, None)
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

    def _start(self, number: str, code: int, others: tuple[Place, ...]) -> bool:
        place = Place(code, self._process, 0, 1, (("n1", self._value(number)),))
        self.started.append(begun(self._search, len(others), self.shared, place))
        self.own["started"] = len(others)
        return True

    def _join(self, others: tuple[Place, ...]) -> bool:
        started: int = self.own["started"]
        return others[started].pc < 0

    def _send(self, connection: str, target: str) -> bool:
        handle: Handle = self.own[connection]
        actual = kernel.reached(self.shared, handle)
        self._check_delivery(handle, actual)
        if actual is None:
            self.own[target] = UNREACHABLE
        elif actual.number == kernel.QUEUED:
            self._ask()
        else:
            self.own[target] = ANSWERS[actual.number]
        return True

    def _check_delivery(self, handle: Handle, actual: Server | None) -> None:
        if actual is not None and actual.number != handle.server.number:
            self._search.violated("misdelivered", SERVERS[handle.server.number])
        if actual is None and handle.server in self.shared.table:
            self._search.violated("severed", SERVERS[handle.server.number])

    def _ask(self) -> None:
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

    def _disconnect(self, connection: str) -> bool:
        handle: Handle = self.own[connection]
        after = kernel.disconnect(self.shared, handle)
        if after is None:
            self._search.violated("free-slot")
        else:
            self.shared = after
        return True


def begun(search: Search, number: int, shared: Shared, place: Place) -> Place:
    """A thread at its first operation; over, if it comes to none."""
    thread = Thread(search, number, shared, place)
    thread.settle()
    return thread.place()
