"""Every interleaving of a program, by the plainest search that there is: an interpreter and a set of visited states.

Shares nothing with the package. Threads are compiled to a flat list of instructions, so that the whole state is a
tuple. Operations are steps; what lies between them happens with the step before. Spinning is a loop like any other.
A death may happen anywhere, but nobody can rely on one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from . import kernel, waiting
from .compiler import Compiler
from .interpreter import Thread
from .state import SLOTS, TOMBSTONE, Place, Server, Shared, State, replaced
from .syntax import CONNECTIONS, HANDLES, NUMBERS, SERVERS, Block, Program

MOST_STATES: Final = 5_000


@dataclass
class Found:
    """What can happen."""

    seen: set[tuple[int, ...]] = field(default_factory=set)
    final: set[tuple[int, ...]] = field(default_factory=set)
    violations: set[tuple[str, str]] = field(default_factory=set)
    states: int = 0


class Step(NamedTuple):
    """What somebody can do in a state.

    Attributes:
        agent: A thread by its number, or ``("server", number)`` that comes back; nobody, where a process dies.
        after: The state that it leads to.
        pick: What it chooses.
    """

    agent: int | tuple[str, int] | None
    after: State
    pick: int = 0


class Search:
    """All states of a program, and the steps between them."""

    def __init__(self, program: Program) -> None:
        self.reuses = program.connect == "reuse"
        self.profile = program.profile
        self.limit = program.limit or 0
        self.code: list[list[list[Any]]] = []
        self.found = Found()
        self.steps: dict[State, list[Step]] = {}
        self._program = program
        self.initial = self._begin()

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
        open_ = [self.initial]
        while open_:
            if len(self.steps) > MOST_STATES:
                return None
            state = open_.pop()
            if state not in self.steps:
                self.steps[state] = [*self._threads(state), *self._returns(state), *self._deaths(state)]
                open_ += [step.after for step in self.steps[state]]
        for state in self.steps:
            self._look(state)
        relied_on = {state: [s for s in steps if s.agent is not None] for state, steps in self.steps.items()}
        self.found.violations |= set(waiting.violations(relied_on, self._is_quiet))
        self.found.states = len(self.steps)
        return self.found

    def _begin(self) -> State:
        """All threads have TIDs before one does anything; what each does before its first operation is done then."""
        shared = _initial(self._program)
        places: list[Place] = []
        tids = list(shared.tids)
        for thread in self._program.threads:
            tids[thread.process] += 1
            code = self.compile(thread.block)
            places.append(Place(code, thread.process, 0, thread.times, (), tid=tids[thread.process]))
        shared = shared._replace(tids=tuple(tids))
        return shared, tuple(self._begun(number, shared, place) for number, place in enumerate(places))

    def _begun(self, number: int, shared: Shared, place: Place) -> Place:
        thread = Thread(self, number, shared, place)
        thread.settle()
        return thread.place()

    def _threads(self, state: State) -> Iterator[Step]:
        shared, places = state
        for number, place in enumerate(places):
            choosing = place.pc >= 0 and self.code[place.code][place.pc][0] == "choose"
            for pick in range(3 if choosing else 1):
                thread = Thread(self, number, shared, place)
                if place.pc >= 0 and not place.waits and thread.step(pick, places):
                    yield Step(number, self._after(number, thread, places), pick)

    def _after(self, number: int, thread: Thread, places: tuple[Place, ...]) -> State:
        shared, count = thread.shared, len(places)
        started = [self._begun(count + i, shared, place) for i, place in enumerate(thread.started)]
        places = (*replaced(places, number, thread.place()), *started)
        for other, value in thread.woken:
            woken = Thread(self, other, shared, places[other])
            woken.wake(value)
            places = replaced(places, other, woken.place())
        return kernel.end((shared, places), thread.process) if thread.ends_process else (shared, places)

    def _deaths(self, state: State) -> Iterator[Step]:
        shared, places = state
        if not shared.deaths:
            return
        for process in self._program.mortal:
            if shared.maps[process] is not None:
                yield Step(None, kernel.die(state, process))
        for server, fate in enumerate(self._program.fates):
            if fate != "lives" and shared.find(server) is not None:
                yield Step(None, (kernel.server_dies(shared, server), places))

    def _returns(self, state: State) -> Iterator[Step]:
        """Servers that are started again: steps on which a program can rely."""
        shared, places = state
        for server, fate in enumerate(self._program.fates):
            if fate == "restarts" and shared.find(server) is None:
                yield Step(("server", server), (kernel.come_back(shared, server), places))

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
        held = kernel.handles(shared, places, (*NUMBERS, *CONNECTIONS, *HANDLES))
        leaks = (kernel.unheld(shared, process, held) for process in range(len(shared.maps)))
        leak = next((place for place in leaks if place is not None), None)
        if leak is None:
            self.found.final.add(shared.seen())
        else:
            self.violated("leak", _name(shared, leak))


def _initial(program: Program) -> Shared:
    """The servers are connected to by nobody but the owner of the one with the queue; the name server by all."""
    table = [Server(0, 0), Server(1, 0)]
    first: list[list[int]] = [[]]
    if program.has_peer:
        first.append([len(table)])
        table.append(Server(kernel.QUEUED, 0))
    if program.limit is not None:
        for slots in first:
            slots.append(len(table))
        table += [Server(kernel.NAMES, 0), Server(kernel.NAMED, 0)]
    maps = tuple((*slots, *(None,) * (SLOTS - len(slots))) for slots in first)
    tids = (kernel.MAIN_TID,) * len(maps)
    return Shared(program.initial, 0, (None, None), maps, None, tuple(table), deaths=program.deaths, tids=tids)


def _name(shared: Shared, place: int) -> str:
    server = None if place == TOMBSTONE else shared.table[place]
    return "a server whose process died" if server is None else SERVERS[server.number]
