"""One thread of a program in the middle of a step: an interpreter of instructions over plain states."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from .effects import WORD, Acting
from .state import OVER, Place, Shared
from .syntax import BASE

if TYPE_CHECKING:
    from .brute_force import Search

COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SKIPPED: Final = {"put": 0, "send": 0, "disconnect": 0, "join": 0, "tell": 0, "clone": 0}
"""What is left out by a thread that does not have what it works on, and which of its parts that is."""


class Thread(Acting):
    """One thread in the middle of a step."""

    def __init__(self, search: Search, number: int, shared: Shared, place: Place) -> None:
        super().__init__(search, number, shared, place)
        self._program = place.code
        self._code = search.code[place.code]
        self.rounds = place.rounds

    def place(self) -> Place:
        if self.pc < 0:
            return OVER
        own = tuple(sorted(self.own.items()))
        return Place(self._program, self.process, self.pc, self.rounds, own, self._waits, self._tid)

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
        elif verb == "appended":
            self.own[parts[0]] = self._number_of(parts[0]) * BASE + parts[1]
        elif verb == "forget":
            self.own[parts[0]] = 0
        elif verb == "let_go":
            self.own.pop(parts[0], None)
        elif verb == "raise":
            self._raise()
        elif (verb in _SKIPPED and parts[0] not in self.own) or (verb == "give_back" and "token" not in self.own):
            pass
        else:
            self.pc -= 1
            return False
        return True

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
