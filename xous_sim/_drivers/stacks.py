"""What is on the stack of a function while it calls another one, by its bytecode alone.

Others are called by calls, and by comparisons, operators and tests of truth.
"""

from __future__ import annotations

import dis
from functools import lru_cache
from types import CodeType
from typing import Final

_CALLS: Final = ("CALL", "COMPARE_OP", "BINARY_OP", "UNARY_", "TO_BOOL")
_LEAVES: Final = ("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE")
_JUMPS_ALWAYS: Final = ("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT")


def nothing_else_on_stack(code: CodeType, offset: int) -> bool:
    """Whether nothing lies on the stack but what the instruction at ``offset`` takes: no iterator, no ``with``.

    False, too, where that cannot be told, as in the handler of an exception.
    """
    return offset in _bare(code)


@lru_cache(maxsize=512)
def _bare(code: CodeType) -> frozenset[int]:
    """The offsets of instructions whose result, if they have one, is all that is on the stack behind them."""
    instructions = list(dis.get_instructions(code))
    at = {instruction.offset: number for number, instruction in enumerate(instructions)}
    depths = {0: 0}
    open_ = [0]
    while open_:
        number = open_.pop()
        instruction = instructions[number]
        for jump in (False, True):
            target = _next(instruction, number, at, jump)
            if target is None or target >= len(instructions) or target in depths:
                continue
            depths[target] = depths[number] + dis.stack_effect(instruction.opcode, instruction.arg, jump=jump)
            open_.append(target)
    offsets = [instruction.offset for instruction in instructions] + [len(code.co_code)]
    bare: set[int] = set()
    for number, instruction in enumerate(instructions):
        results = 1 if instruction.opname.startswith(_CALLS) else 0 if "JUMP_IF" in instruction.opname else None
        if results is not None and depths.get(number + 1) == results:
            bare.update(range(offsets[number], offsets[number + 1]))
    return frozenset(bare)


def _next(instruction: dis.Instruction, number: int, at: dict[int, int], jump: bool) -> int | None:
    """Which instruction comes next, if it jumps or if it does not; ``None`` if it does not do that."""
    if jump:
        return at.get(instruction.argval) if instruction.opcode in (*dis.hasjrel, *dis.hasjabs) else None
    return None if instruction.opname in (*_LEAVES, *_JUMPS_ALWAYS) else number + 1
