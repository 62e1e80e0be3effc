"""Every interleaving of a program, by the plainest search that there is: an interpreter and a set of visited states.

Shares nothing with the package. Threads are compiled to a flat list of instructions, so that the whole state is a
tuple. Operations are steps; what lies between them happens with the step before. Spinning is a loop like any other;
whoever cannot come to the end from somewhere waits there for ever.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from .compiler import Compiler
from .syntax import ANSWERS, SERVERS, UNREACHABLE, Block, Program

SLOTS: Final = 32
MOST_STATES: Final = 5_000
WORD: Final = 1 << 32
COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Handle(NamedTuple):
    """A connection: a number, and what nobody can see, the server that it was opened for."""

    cid: int
    server: int


Number = int | Handle
Own = tuple[tuple[str, Any], ...]


class Shared(NamedTuple):
    """What threads share."""

    atomics: tuple[Number, ...]
    cell: Number
    holders: tuple[int | None, ...]
    slots: tuple[int | None, ...]
    pool: Handle | int | None

    def seen(self) -> tuple[int, ...]:
        """What the user's properties can see of it: the numbers, and which server each slot leads to."""
        slots = tuple(0 if server is None else server + 2 for server in self.slots)
        return (*map(_int, self.atomics), _int(self.cell), *slots)


class Place(NamedTuple):
    """Where a thread is, in which code; ``pc`` is -1 when it is over."""

    code: int
    pc: int
    rounds: int
    own: Own


State = tuple[Shared, tuple[Place, ...]]
_SKIPPED: Final = ("put", "send", "disconnect", "join")
"""What is left out by a thread that has no connection, or has started no other thread."""
_OVER: Final = Place(0, -1, 0, ())


@dataclass
class Found:
    """What can happen."""

    seen: set[tuple[int, ...]] = field(default_factory=set)
    final: set[tuple[int, ...]] = field(default_factory=set)
    violations: set[tuple[str, str]] = field(default_factory=set)
    states: int = 0


def _int(value: Number) -> int:
    return value.cid if isinstance(value, Handle) else value


def _replaced(items: tuple[Any, ...], index: int, item: Any) -> tuple[Any, ...]:
    return (*items[:index], item, *items[index + 1 :])


class _Thread:
    """One thread in the middle of a step."""

    def __init__(self, search: Search, number: int, shared: Shared, place: Place) -> None:
        self._search = search
        self._number = number
        self._program = place.code
        self._code = search.code[place.code]
        self.shared = shared
        self.started: list[Place] = []
        self.own: dict[str, Any] = dict(place.own)
        self.pc = place.pc
        self.rounds = place.rounds

    def place(self) -> Place:
        if self.pc < 0:
            return _OVER
        return Place(self._program, self.pc, self.rounds, tuple(sorted(self.own.items())))

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
        return _int(self._value(operand))

    def step(self, pick: int, others: tuple[Place, ...]) -> bool:
        """Carries out the operation that is next, and what follows; whether it can happen now."""
        verb, *parts = self._code[self.pc]
        self.pc += 1
        given: dict[str, list[Any]] = {"choose": [pick], "start": [others], "join": [others]}
        done: bool = getattr(self, f"_{verb}")(*parts, *given.get(verb, []))
        self.settle()
        return done

    def _load(self, atomic: int, target: str) -> bool:
        self.own[target] = self.shared.atomics[atomic]
        return True

    def _store(self, atomic: int, operand: int | str) -> bool:
        atomics = _replaced(self.shared.atomics, atomic, self._value(operand))
        self.shared = self.shared._replace(atomics=atomics)
        return True

    def _swap(self, atomic: int, operand: int | str, target: str) -> bool:
        before = self.shared.atomics[atomic]
        self._store(atomic, operand)
        self.own[target] = before
        return True

    def _fetch_add(self, atomic: int, operand: int | str, target: str, sign: int = 1) -> bool:
        before = self.shared.atomics[atomic]
        self._store(atomic, (_int(before) + sign * self._number_of(operand)) % WORD)
        self.own[target] = before
        return True

    def _fetch_sub(self, atomic: int, operand: int | str, target: str) -> bool:
        return self._fetch_add(atomic, operand, target, -1)

    def _compare_exchange(self, atomic: int, current: int | str, new: int | str, done: str, before: str) -> bool:
        found = self.shared.atomics[atomic]
        equal = _int(found) == self._number_of(current)
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
            self.shared = self.shared._replace(holders=_replaced(self.shared.holders, mutex, self._number))
        return holder is None

    def _try(self, mutex: int, target: str) -> bool:
        self.own[target] = int(self._take(mutex, self.shared.holders[mutex]))
        return True

    def _release(self, mutex: int) -> bool:
        self.shared = self.shared._replace(holders=_replaced(self.shared.holders, mutex, None))
        return True

    def _connect(self, server: int, target: str) -> bool:
        slots = self.shared.slots
        reused = self._search.reuses and server in slots
        slot = slots.index(server if reused else None)
        self.shared = self.shared._replace(slots=_replaced(slots, slot, server))
        self.own[target] = Handle(slot + 2, server)
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
        self.started.append(Place(code, 0, 1, (("n1", self._value(number)),)))
        self.own["started"] = len(others)
        return True

    def _join(self, others: tuple[Place, ...]) -> bool:
        started: int = self.own["started"]
        return others[started].pc < 0

    def _send(self, connection: str, target: str) -> bool:
        cid, intended = self.own[connection]
        actual = self.shared.slots[cid - 2]
        if actual != intended:
            self._search.violated("severed" if actual is None else "misdelivered", SERVERS[intended])
        self.own[target] = UNREACHABLE if actual is None else ANSWERS[actual]
        return True

    def _disconnect(self, connection: str) -> bool:
        slot = self.own[connection].cid - 2
        if self.shared.slots[slot] is None:
            self._search.violated("free-slot")
        self.shared = self.shared._replace(slots=_replaced(self.shared.slots, slot, None))
        return True


class Search:
    """All states of a program."""

    def __init__(self, program: Program) -> None:
        self.reuses = program.connect == "reuse"
        self.code: list[list[list[Any]]] = []
        self.found = Found()
        shared = Shared(program.initial, 0, (None, None), (None,) * SLOTS, None)
        places = [Place(self.compile(thread.block), 0, thread.times, ()) for thread in program.threads]
        self._initial: State = (shared, tuple(places))
        self._successors: dict[State, list[State]] = {}

    def compile(self, block: Block) -> int:
        """The number of the code for a block."""
        compiler = Compiler(self.compile)
        compiler.block(block)
        self.code.append(compiler.code)
        return len(self.code) - 1

    def violated(self, name: str, subject: str = "") -> None:
        self.found.violations.add((name, subject))

    def run(self) -> Found | None:
        """Visits every state; gives up where there are too many."""
        open_ = [self._initial]
        while open_:
            if len(self._successors) > MOST_STATES:
                return None
            state = open_.pop()
            if state not in self._successors:
                self._successors[state] = self._steps(state)
                open_ += self._successors[state]
        for state in self._successors:
            self._look(state)
        self._look_for_waiting()
        self.found.states = len(self._successors)
        return self.found

    def _steps(self, state: State) -> list[State]:
        shared, places = state
        reached = []
        for number, place in enumerate(places):
            choosing = place.pc >= 0 and self.code[place.code][place.pc][0] == "choose"
            for pick in range(3 if choosing else 1):
                thread = _Thread(self, number, shared, place)
                if place.pc >= 0 and thread.step(pick, places):
                    after = _replaced(places, number, thread.place())
                    reached.append((thread.shared, (*after, *thread.started)))
        return reached

    def _look(self, state: State) -> None:
        shared, places = state
        self.found.seen.add(shared.seen())
        if any(place.pc >= 0 for place in places):
            return
        values = (*shared.atomics, shared.cell, shared.pool)
        held = {value.cid for value in values if isinstance(value, Handle)}
        leaks = [server for slot, server in enumerate(shared.slots) if server is not None and slot + 2 not in held]
        if leaks:
            self.violated("leak", SERVERS[leaks[0]])
        else:
            self.found.final.add(shared.seen())

    def _look_for_waiting(self) -> None:
        """Finds states from which the threads cannot all come to their end."""
        before: dict[State, list[State]] = {state: [] for state in self._successors}
        for state, successors in self._successors.items():
            for successor in successors:
                before[successor].append(state)
        ending = {state for state in before if all(place.pc < 0 for place in state[1])}
        open_ = list(ending)
        while open_:
            new = [state for state in before[open_.pop()] if state not in ending]
            ending.update(new)
            open_ += new
        if len(ending) < len(before):
            self.violated("deadlock")
