"""Values of a scenario: numbers and results that know whether anybody looks at them.

While a body is traced, an operation's result is a register: passing it on does not look at it, comparing it observes
the truth of the comparison, and only ``int()``, arithmetic, hashing or printing observes the number itself. In every
other mode (a setup, real threads, a replay) results are plain values, and the classes here hold those.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Number
from typing import TYPE_CHECKING, Any, Final, Never, final

from ._arithmetic import Arithmetic
from ._copies import CopiedAsItself
from .errors import MisuseError, UnwrapError
from .kernel_error import KernelError

if TYPE_CHECKING:
    from ._drivers.recorder import Recorder

Encoded = Any
"""A value as the native module takes and gives it: ``None``, ``int``, or a tuple that begins with a letter."""


@final
@dataclass(frozen=True)
class Field:
    """One part of a result that is a tuple."""

    register: Register
    index: int


@final
class Register:
    """The result of an operation of a body that is being traced; it lives as long as the body holds it."""

    __slots__ = ("__weakref__", "number", "recorder")

    def __init__(self, number: int, recorder: Recorder) -> None:
        self.number = number
        self.recorder = recorder


Raw = Encoded | Register | Field
"""What an operation gives: an encoded value, or a place where a traced body will find it."""


def encode(raw: Raw) -> Encoded:
    """The operand that stands for ``raw`` in an operation."""
    if isinstance(raw, Register):
        raw.recorder.check_usable(raw)
        return ("r", raw.number)
    if isinstance(raw, Field):
        raw.register.recorder.check_usable(raw.register)
        return ("f", raw.register.number, raw.index)
    return raw


def recorder_of(raw: Raw) -> Recorder | None:
    """Whoever traces the body that ``raw`` belongs to, if one does."""
    if isinstance(raw, Register):
        return raw.recorder
    if isinstance(raw, Field):
        return raw.register.recorder
    return None


def out_of_reach(raw: Raw) -> bool:
    """Whether ``raw`` belongs to a traced body that does not run now."""
    recorder = recorder_of(raw)
    return recorder is not None and not recorder.is_current()


def part(raw: Raw, index: int) -> Raw:
    """One part of a tuple."""
    if isinstance(raw, Register):
        return Field(raw, index)
    encoded: Encoded = raw
    return encoded[1][index]


class DoesNotFitError(MisuseError):
    """A number is too large or negative. A body may have computed it, and the real program would panic there."""


def operand(value: object, what: str) -> Encoded:
    """The operand for a number that a user passes.

    Raises:
        MisuseError: If it is no number of this world.
    """
    if isinstance(value, Value):
        return encode(value._raw)
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value < 1 << 32:
            raise DoesNotFitError(f"{what} must fit into 32 bits without a sign: {value} does not")
        return value
    raise MisuseError(f"{what} must be an int or a value of this world, not {type(value).__name__}")


_BEYOND: Final = 1 << 64
"""No value is as large as this, or negative: comparing one with such a number looks at nothing."""


def _number(raw: Encoded) -> int:
    """The number that an encoded value is when a program compares it."""
    if raw is None:
        return 0
    if isinstance(raw, tuple) and raw[0] == "c":
        return int(raw[2])
    if isinstance(raw, int):
        return raw
    raise MisuseError(f"{raw!r} is not a number")


def _is_number(raw: Encoded) -> bool:
    return not isinstance(raw, tuple) or raw[0] == "c"


def shown(raw: Raw) -> str:
    """A result as a text, whatever it is; in the body that got it this looks at it.

    Elsewhere (in another body, when the run is over) nobody can look at a traced body's result any more.
    """
    if out_of_reach(raw):
        return f"<{OUT_OF_REACH}>"
    recorder = recorder_of(raw)
    return _text(raw if recorder is None else recorder.look(encode(raw)))


OUT_OF_REACH: Final = "of a traced body"
"""What is shown of a result where only the body that got it can look."""


def _text(encoded: Encoded) -> str:
    if not isinstance(encoded, tuple):
        return repr(_number(encoded))
    letter, *content = encoded
    match letter:
        case "t":
            return f"({', '.join(map(_text, content[0]))})"
        case "e":
            return KernelError(content[0]).name
        case "s" | "w":
            return "a strong reference" if letter == "s" else "a weak reference"
    return repr(_number(encoded))


def _compare_encoded(left: Encoded, comparison: str, right: Encoded) -> bool:
    """Compares as programs do; what is no number equals only its like."""
    if comparison == "eq" and not (_is_number(left) and _is_number(right)):
        return bool(left == right)
    return _COMPARE[comparison](_number(left), _number(right))


def _compare_number(left: int, comparison: str, right: Any) -> bool:
    """Compares with a number that is not whole, or no real one."""
    return bool(getattr(operator, comparison)(left, right))


@final
class Value(Arithmetic):
    """A number that an operation returned.

    It compares, converts, computes and matches like an ``int``, and ``isinstance`` takes it for one. While bodies are
    traced, comparing it splits the exploration two ways, and converting it as many ways as there are numbers; passing
    it to another operation never does.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: Raw) -> None:
        self._raw = raw

    def _compare(self, comparison: str, other: object) -> bool:
        if isinstance(other, Value):
            right = other._raw
        elif not isinstance(other, int) and not (isinstance(other, float) and other.is_integer()):
            return _compare_number(int(self), comparison, other) if isinstance(other, Number) else NotImplemented
        elif 0 <= other < _BEYOND:
            right = int(other)
        else:
            return comparison != "eq" and (comparison in ("lt", "le")) == (other > 0)
        recorder = recorder_of(self._raw) or recorder_of(right)
        if recorder is None:
            return _compare_encoded(self._raw, comparison, right)
        return recorder.compare(encode(self._raw), comparison, encode(right))

    def __eq__(self, other: object) -> bool:
        return self._compare("eq", other)

    def __ne__(self, other: object) -> bool:
        equal = self._compare("eq", other)
        return equal if equal is NotImplemented else not equal

    def __lt__(self, other: object) -> bool:
        return self._compare("lt", other)

    def __le__(self, other: object) -> bool:
        return self._compare("le", other)

    def __gt__(self, other: object) -> bool:
        return self._compare("gt", other)

    def __ge__(self, other: object) -> bool:
        return self._compare("ge", other)

    def __bool__(self) -> bool:
        return not self._compare("eq", 0)

    def __int__(self) -> int:
        recorder = recorder_of(self._raw)
        if recorder is not None:
            return _number(recorder.look(encode(self._raw)))
        return _number(self._raw)

    __hash__ = Arithmetic.__hash__

    def __repr__(self) -> str:
        return shown(self._raw)

    def __format__(self, spec: str) -> str:
        return format(int(self), spec) if spec else shown(self._raw)


_COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    "eq": int.__eq__,
    "lt": int.__lt__,
    "le": int.__le__,
    "gt": int.__gt__,
    "ge": int.__ge__,
}


def succeeded(raw: Raw) -> bool:
    """Whether an operation succeeded; this looks at it."""
    recorder = recorder_of(raw)
    if recorder is not None:
        return recorder.is_ok(encode(raw))
    return not (isinstance(raw, tuple) and raw[0] == "e")


def error_of(raw: Raw) -> KernelError:
    """The error of an operation that failed; this looks at it."""
    recorder = recorder_of(raw)
    encoded: Encoded = raw if recorder is None else recorder.look(encode(raw))
    return KernelError(encoded[1])


@final
class Result(CopiedAsItself):
    """What a system call answered: success with a value, or one of the kernel's errors.

    A result that nobody looks at is ignored, as with ``let _ =`` in Rust.

    Example:
        >>> import xous_sim as xs
        >>> world = xs.World()
        >>> app = world.process("app")
        >>> app.disconnect(7)
        Result(error=SERVER_NOT_FOUND)
    """

    __slots__ = ("_raw", "_what")

    def __init__(self, raw: Raw, what: str) -> None:
        self._raw = raw
        self._what = what

    def is_ok(self) -> bool:
        """Whether the call succeeded."""
        return succeeded(self._raw)

    def error(self) -> KernelError | None:
        """The kernel's error, or ``None`` on success."""
        return None if self.is_ok() else error_of(self._raw)

    def unwrap(self) -> Value:
        """The value of a success (0 where there is nothing to say).

        Raises:
            UnwrapError: If the call failed; a panic in Rust.
        """
        if not self.is_ok():
            raise unwrap_error(self._what, self._raw)
        return Value(self._raw)

    def unwrap_all(self) -> tuple[Value, ...]:
        """The values of a blocking scalar that was answered with two or five numbers.

        Raises:
            UnwrapError: If the call failed.
        """
        if not self.is_ok():
            raise unwrap_error(self._what, self._raw)
        recorder = recorder_of(self._raw)
        shape = recorder.look(encode(self._raw)) if recorder is not None else self._raw
        if isinstance(shape, tuple) and shape[0] == "t":
            return tuple(Value(part(self._raw, i)) for i in range(len(shape[1])))
        return (Value(self._raw),)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int):  # a KernelError is one
            raise MisuseError("a Result is compared with a number: compare what it .unwrap()s to, or its .error()")
        return self is other

    __hash__ = object.__hash__

    def __reduce__(self) -> Never:
        raise MisuseError("a Result is not pickled: pickle what it .unwrap()s to, or its .error()")

    def __bool__(self) -> bool:
        raise MisuseError("a Result is neither true nor false: ask it .is_ok(), or .unwrap() it")

    def __repr__(self) -> str:
        if out_of_reach(self._raw):
            return f"<Result {OUT_OF_REACH}>"
        return f"Result({'value' if self.is_ok() else 'error'}={shown(self._raw)})"


def unwrap_error(what: str, raw: Raw) -> UnwrapError:
    """The exception for unwrapping a failure."""
    error = error_of(raw)
    return UnwrapError(f"{what} failed with {error.name} ({error.value}) and was unwrapped", error)
