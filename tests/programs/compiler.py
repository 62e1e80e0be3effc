"""Programs as flat lists of instructions, for the brute-force search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .syntax import Block


class Compiler:
    """Turns blocks into instructions; jumps are ``("unless", ..., target)`` and ``("jump", target)``."""

    def __init__(self, compile_elsewhere: Callable[[Block], int]) -> None:
        self.code: list[list[Any]] = []
        self._compile_elsewhere = compile_elsewhere
        self._held: list[int] = []

    def block(self, block: Block) -> None:
        for statement in block:
            compound = getattr(self, f"_{statement[0]}", None)
            if compound is None:
                self.code.append(list(statement))
            else:
                compound(*statement[1:])

    def _here(self) -> int:
        return len(self.code)

    def _emit(self, *parts: Any) -> list[Any]:
        self.code.append(list(parts))
        return self.code[-1]

    def _if(self, number: str, comparison: str, operand: int | str, then: Block, otherwise: Block) -> None:
        unless = self._emit("unless", number, comparison, operand, None)
        self.block(then)
        jump = self._emit("jump", None)
        unless[-1] = self._here()
        self.block(otherwise)
        jump[-1] = self._here()

    def _lock(self, mutex: int, block: Block) -> None:
        self._emit("acquire", mutex)
        self._guarded(mutex, block)

    def _try_lock(self, mutex: int, block: Block) -> None:
        self._emit("try", mutex, "taken")
        unless = self._emit("unless", "taken", "==", 1, None)
        self._guarded(mutex, block)
        unless[-1] = self._here()

    def _grab(self, mutex: int) -> None:
        self._emit("acquire", mutex)

    def _free(self, mutex: int) -> None:
        self._emit("release", mutex)

    def _guarded(self, mutex: int, block: Block) -> None:
        self._held.append(mutex)
        self.block(block)
        self._held.pop()
        self._emit("release", mutex)

    def _fail(self, number: str, constant: int) -> None:
        unless = self._emit("unless", number, "==", constant, None)
        for mutex in reversed(self._held):
            self._emit("release", mutex)
        self._emit("raise")
        unless[-1] = self._here()

    def _pooled(self, target: str) -> None:
        self._emit("begin", target)
        unless = self._emit("unless", "fresh", "==", 1, None)
        self._emit("connect", 0, target)
        self._emit("complete", target)
        unless[-1] = self._here()

    def _start(self, number: str, block: Block) -> None:
        self._emit("start", number, self._compile_elsewhere(block))

    def _serve(self, operand: int | str) -> None:
        self._emit("receive", "asked")
        unless = self._emit("unless", "asked", ">=", 0, None)
        self._emit("answer", operand)
        jump = self._emit("jump", None)
        unless[-1] = self._here()
        self._emit("store", 0, 2)
        jump[-1] = self._here()

    def _spin(self, atomic: int, comparison: str, constant: int) -> None:
        head = self._here()
        self._emit("load", atomic, "looked")
        self._emit("unless", "looked", comparison, constant, head + 3)
        self._emit("jump", head)

    _yield = _spin

    def _spin_connect(self, server: int) -> None:
        head = self._here()
        self._emit("try_connect", server, "spun")
        self._emit("without", "spun", head)

    def _spin_both(self, first: int, second: int) -> None:
        head = self._here()
        self._emit("load", 0, "looked")
        self._emit("unless", "looked", "==", first, head + 5)
        self._emit("load", 1, "looked")
        self._emit("unless", "looked", "==", second, head + 5)
        self._emit("jump", head)

    def _spin_swap(self, atomic: int) -> None:
        head = self._here()
        self._emit("swap", atomic, 1, "looked")
        self._emit("unless", "looked", "==", 1, head + 3)
        self._emit("jump", head)
