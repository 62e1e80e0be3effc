"""The five kinds of message that a client can send.

Scalars travel in registers: an opcode and up to four numbers. The memory kinds hand pages over: ``Move`` for good,
``Borrow`` and ``MutableBorrow`` until the server returns them. Those of the second group, and ``BlockingScalar``,
block the sender until the server answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, final

from ._options import is_int
from .errors import MisuseError

_WORD: Final = 1 << 32


def _check_words(**words: int) -> None:
    for name, word in words.items():
        if not is_int(word):
            raise MisuseError(f"{name} must be an int, not {type(word).__name__}")
        if not 0 <= word < _WORD:
            raise MisuseError(f"{name} must fit into 32 bits without a sign: {word} does not")


@dataclass(frozen=True)
class _Registers:
    """A message that travels in registers."""

    kind: ClassVar[int]
    opcode: int
    arg1: int = 0
    arg2: int = 0
    arg3: int = 0
    arg4: int = 0

    def __post_init__(self) -> None:
        _check_words(opcode=self.opcode, arg1=self.arg1, arg2=self.arg2, arg3=self.arg3, arg4=self.arg4)

    def words(self) -> list[int]:
        """The message as the system call's words: kind, opcode, four arguments."""
        return [self.kind, self.opcode, self.arg1, self.arg2, self.arg3, self.arg4]


@final
class Scalar(_Registers):
    """An opcode and up to four numbers; the sender goes on at once.

    Example:
        >>> from xous_sim import Scalar
        >>> Scalar(1, 20, 30)
        Scalar(opcode=1, arg1=20, arg2=30, arg3=0, arg4=0)
    """

    kind = 4


@final
class BlockingScalar(_Registers):
    """An opcode and up to four numbers; the sender waits for the answer (one, two or five numbers)."""

    kind = 5


@dataclass(frozen=True)
class _Memory:
    """A message that hands pages over.

    Attributes:
        opcode: What the server shall do.
        address: First byte; on the hardware profile a multiple of 4,096.
        length: Bytes; on the hardware profile a multiple of 4,096.
        offset: A number for the server's use; 0 is None. The kernel never looks at it.
        valid: Another one, by convention the number of valid bytes.
    """

    kind: ClassVar[int]
    opcode: int
    address: int
    length: int = 4096
    offset: int = 0
    valid: int = 0

    def __post_init__(self) -> None:
        _check_words(opcode=self.opcode, address=self.address, length=self.length)
        _check_words(offset=self.offset, valid=self.valid)

    def words(self) -> list[int]:
        """The message as the system call's words: kind, opcode, address, length, offset, valid."""
        return [self.kind, self.opcode, self.address, self.length, self.offset, self.valid]


@final
class MutableBorrow(_Memory):
    """Lends pages for writing; the sender waits until they come back."""

    kind = 1


@final
class Borrow(_Memory):
    """Lends pages for reading; the sender waits until they come back, and cannot read them meanwhile."""

    kind = 2


@final
class Move(_Memory):
    """Gives pages away; the sender goes on at once."""

    kind = 3


Message = Scalar | BlockingScalar | MutableBorrow | Borrow | Move
"""Any message."""
