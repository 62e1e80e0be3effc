"""Every interleaving of a program, by the plainest search that there is: an interpreter and a set of visited states.

Shares nothing with the package. Threads are compiled to a flat list of instructions, so that the whole state is a
tuple. Operations are steps; what lies between them happens with the step before. Spinning is a loop like any other;
whoever cannot come to the end from somewhere waits there for ever, unless it waits for calls. A death may happen
anywhere, but nobody comes to the end by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from . import kernel
from .compiler import Compiler
from .interpreter import Thread, begun
from .state import SLOTS, TOMBSTONE, Place, Server, Shared, State, replaced
from .syntax import CONNECTIONS, NUMBERS, SERVERS, Block, Program

MOST_STATES: Final = 5_000


@dataclass
class Found:
    """What can happen."""

    seen: set[tuple[int, ...]] = field(default_factory=set)
    final: set[tuple[int, ...]] = field(default_factory=set)
    violations: set[tuple[str, str]] = field(default_factory=set)
    states: int = 0


class Search:
    """All states of a program."""

    def __init__(self, program: Program) -> None:
        self.reuses = program.connect == "reuse"
        self.code: list[list[list[Any]]] = []
        self.found = Found()
        self._program = program
        shared = _initial(program)
        planned = [Place(self.compile(thread.block), thread.process, 0, thread.times, ()) for thread in program.threads]
        places = [begun(self, number, shared, place) for number, place in enumerate(planned)]
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
                self._successors[state] = [*self._steps(state), *self._returns(state)]
                open_ += [*self._successors[state], *self._deaths(state)]
        for state in self._successors:
            self._look(state)
        self._look_for_waiting()
        self.found.states = len(self._successors)
        return self.found

    def _steps(self, state: State) -> Iterator[State]:
        shared, places = state
        for number, place in enumerate(places):
            choosing = place.pc >= 0 and self.code[place.code][place.pc][0] == "choose"
            for pick in range(3 if choosing else 1):
                thread = Thread(self, number, shared, place)
                if place.pc >= 0 and not place.waits and thread.step(pick, places):
                    yield self._after(number, thread, places)

    def _after(self, number: int, thread: Thread, places: tuple[Place, ...]) -> State:
        shared, places = thread.shared, (*replaced(places, number, thread.place()), *thread.started)
        for other, value in thread.woken:
            woken = Thread(self, other, shared, places[other])
            woken.wake(value)
            places = replaced(places, other, woken.place())
        return shared, places

    def _deaths(self, state: State) -> Iterator[State]:
        shared, places = state
        if not shared.deaths:
            return
        for process in self._program.mortal:
            if shared.maps[process] is not None:
                yield kernel.die(state, process)
        for server, fate in enumerate(self._program.fates):
            if fate != "lives" and shared.find(server) is not None:
                yield kernel.server_dies(shared, server), places

    def _returns(self, state: State) -> Iterator[State]:
        """Servers that are started again: steps on which a program can rely."""
        shared, places = state
        for server, fate in enumerate(self._program.fates):
            if fate == "restarts" and shared.find(server) is None:
                yield kernel.come_back(shared, server), places

    def _is_quiet(self, state: State) -> bool:
        """Whether nobody can go on or is missing: threads are over, or wait for calls."""
        shared, places = state
        threads = all(place.pc < 0 or number in shared.parked for number, place in enumerate(places))
        return threads and not any(True for _ in self._returns(state))

    def _look(self, state: State) -> None:
        shared, places = state
        self.found.seen.add(shared.seen())
        if not self._is_quiet(state):
            return
        held = kernel.handles(shared, places, (*NUMBERS, *CONNECTIONS))
        leaks = (kernel.unheld(shared, process, held) for process in range(len(shared.maps)))
        leak = next((place for place in leaks if place is not None), None)
        if leak is None:
            self.found.final.add(shared.seen())
        else:
            self.violated("leak", _name(shared, leak))

    def _look_for_waiting(self) -> None:
        """Finds states from which the threads cannot all come to their end."""
        before: dict[State, list[State]] = {state: [] for state in self._successors}
        for state, successors in self._successors.items():
            for successor in successors:
                before[successor].append(state)
        ending = {state for state in before if self._is_quiet(state)}
        open_ = list(ending)
        while open_:
            new = [state for state in before[open_.pop()] if state not in ending]
            ending.update(new)
            open_ += new
        if len(ending) < len(before):
            self.violated("deadlock")


def _initial(program: Program) -> Shared:
    """The servers are connected to by nobody but the owner of the one with the queue."""
    maps = [(None,) * SLOTS]
    table = [Server(0, 0), Server(1, 0)]
    if program.has_peer:
        maps.append((kernel.QUEUED, *(None,) * (SLOTS - 1)))  # type: ignore[arg-type]
        table.append(Server(kernel.QUEUED, 0))
    return Shared(program.initial, 0, (None, None), tuple(maps), None, tuple(table), deaths=program.deaths)


def _name(shared: Shared, place: int) -> str:
    server = None if place == TOMBSTONE else shared.table[place]
    return "a server whose process died" if server is None else SERVERS[server.number]
