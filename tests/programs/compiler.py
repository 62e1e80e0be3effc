"""Programs as flat lists of instructions, for the brute-force search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .syntax import CONNECTIONS, Block

Instruction = list[Any]
Frame = tuple[str, Any]
"""What an exception passes on its way out: its kind, and what it does there."""


class Compiler:
    """Turns blocks into instructions; jumps are ``("unless", ..., target)`` and ``("jump", target)``.

    The way of an exception is known beforehand, so it is compiled where the exception is raised.
    """

    def __init__(self, compile_elsewhere: Callable[[Block], int]) -> None:
        self.code: list[Instruction] = []
        self._compile_elsewhere = compile_elsewhere
        self._around: list[Frame] = []

    def block(self, block: Block) -> None:
        for statement in block:
            compound = getattr(self, f"_{statement[0]}", None)
            if compound is None:
                self._emit(*statement)
            else:
                compound(*statement[1:])

    def _here(self) -> int:
        return len(self.code)

    def _emit(self, *parts: Any) -> Instruction:
        self.code.append(list(parts))
        return self.code[-1]

    def _inside(self, kind: str, what: Any, block: Block) -> None:
        self._around.append((kind, what))
        self.block(block)
        self._around.pop()

    def _if(self, number: str, comparison: str, operand: int | str, then: Block, otherwise: Block) -> None:
        unless = self._emit("unless", number, comparison, operand, None)
        self.block(then)
        jump = self._emit("jump", None)
        unless[-1] = self._here()
        self.block(otherwise)
        jump[-1] = self._here()

    def _append(self, atomic: int, digit: int) -> None:
        self._emit("load", atomic, "log")
        self._emit("appended", "log", digit)
        self._emit("store", atomic, "log")

    def _lock(self, mutex: int, block: Block) -> None:
        self._emit("acquire", mutex)
        self._guarded(mutex, block)

    def _try_lock(self, mutex: int, block: Block) -> None:
        self._emit("try", mutex, "taken")
        unless = self._emit("unless", "taken", "==", 1, None)
        self._guarded(mutex, block)
        unless[-1] = self._here()

    def _guarded(self, mutex: int, block: Block) -> None:
        self._inside("lock", mutex, block)
        self._emit("release", mutex)

    def _take(self, mutex: int) -> None:
        self._emit("acquire", mutex)

    def _give(self, mutex: int) -> None:
        self._emit("release", mutex)

    def _catch(self, block: Block, handler: Block) -> None:
        raised: list[Instruction] = []
        self._inside("catch", raised, block)
        over = self._emit("jump", None)
        for jump in raised:
            jump[-1] = self._here()
        self.block(handler)
        over[-1] = self._here()

    def _finally(self, block: Block, last: Block) -> None:
        self._inside("finally", last, block)
        self.block(last)

    def _with(self, server: int, block: Block) -> None:
        connection = f"with{len(self._around)}"
        self._emit("connect", server, connection)
        self._inside("with", connection, block)
        self._close(connection)

    def _close(self, connection: str) -> None:
        """At the end of a block; where the slot is free already it raises something that nothing catches."""
        self._emit("close", connection, "closed")
        unless = self._emit("unless", "closed", "==", 0, None)
        self._unwind(is_caught=False)
        unless[-1] = self._here()

    def _fail(self, number: str, constant: int) -> None:
        unless = self._emit("unless", number, "==", constant, None)
        self._unwind()
        unless[-1] = self._here()

    def _unwind(self, *, is_caught: bool = True) -> None:
        """An exception leaves one block after the other, until one catches it or the thread is over."""
        around = self._around
        for depth in reversed(range(len(around))):
            kind, what = around[depth]
            self._around = around[:depth]
            if kind == "lock":
                self._emit("release", what)
            elif kind == "with":
                self._close(what)
            elif kind == "finally":
                self.block(what)
            elif is_caught:
                what.append(self._emit("jump", None))
                break
        else:
            self._emit("raise")
        self._around = around

    def _send(self, connection: str, target: str) -> None:
        inside = [what for kind, what in self._around if kind == "with"]
        known = connection in CONNECTIONS
        if known or inside:
            self._emit("send", connection if known else inside[-1], target)

    def _pooled(self, target: str) -> None:
        self._emit("begin", target)
        unless = self._emit("unless", "fresh", "==", 1, None)
        self._emit("connect", 0, target)
        self._emit("complete", target)
        unless[-1] = self._here()

    def _share(self, server: int, target: str) -> None:
        self._emit("connect", server, "opened")
        self._emit("count", "opened", target)

    def _ask(self, handle: str, target: str) -> None:
        without = self._emit("without", handle, None)
        self._emit("look", handle, "reached")
        self._emit("send", "reached", target)
        without[-1] = self._here()

    def _drop(self, handle: str) -> None:
        without = self._emit("without", handle, None)
        self._emit("uncount", handle, "last", "lost")
        unless = self._emit("unless", "last", "==", 1, None)
        self._emit("disconnect", "lost")
        without[-1] = unless[-1] = self._here()

    def _start(self, target: str, given: str, block: Block) -> None:
        self._emit("start", target, given, self._compile_elsewhere(block))

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
