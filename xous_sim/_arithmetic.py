"""What results have in common with ``int``: they compute and convert with the number that they are.

Each of these looks at the number; comparisons need less and are not here. ``isinstance(result, int)`` is true, so that
``case int(n)`` matches. Left out: what CPython does with the insides of integers (``json``, ``int.__add__``) wants
a real one, ``int(result)``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

from ._copies import CopiedAsItself


def known(operand: Any) -> Any:
    """An operand, a real int in place of a result."""
    return int(operand) if isinstance(operand, Arithmetic) else operand


class Arithmetic(CopiedAsItself):
    """A number that is known when it is looked at."""

    __slots__ = ()

    def __int__(self) -> int:
        raise NotImplementedError

    @property  # type: ignore[misc]
    def __class__(self) -> type[int]:  # type: ignore[override]
        """Results are integers to ``isinstance``; asking that looks at nothing."""
        return int

    if not TYPE_CHECKING:  # else every misspelt name would have a type

        def __getattr__(self, name: str) -> Any:
            """The rest of what an int has: ``bit_length``, ``to_bytes``, ``numerator``."""
            if name.startswith("_") or not hasattr(int, name):
                raise AttributeError(f"a result has no {name!r}", name=name, obj=self)
            return getattr(int(self), name)

    def __index__(self) -> int:
        return int(self)

    def __float__(self) -> float:
        return float(int(self))

    def __hash__(self) -> int:
        return hash(int(self))

    def __reduce__(self) -> tuple[type[int], tuple[int]]:
        return int, (int(self),)

    def __neg__(self) -> int:
        return -int(self)

    def __pos__(self) -> int:
        return int(self)

    def __invert__(self) -> int:
        return ~int(self)

    def __abs__(self) -> int:
        return int(self)

    def __round__(self, digits: int | None = None) -> int:
        return round(int(self), digits) if digits is not None else int(self)

    def __trunc__(self) -> int:
        return int(self)

    def __floor__(self) -> int:
        return math.floor(int(self))

    def __ceil__(self) -> int:
        return math.ceil(int(self))

    def __add__(self, other: int | Self) -> int:
        return int(self) + known(other)  # type: ignore[no-any-return]

    def __radd__(self, other: int) -> int:
        return other + int(self)

    def __sub__(self, other: int | Self) -> int:
        return int(self) - known(other)  # type: ignore[no-any-return]

    def __rsub__(self, other: int) -> int:
        return other - int(self)

    def __mul__(self, other: int | Self) -> int:
        return int(self) * known(other)  # type: ignore[no-any-return]

    def __rmul__(self, other: int) -> int:
        return other * int(self)

    def __truediv__(self, other: int | Self) -> float:
        return int(self) / known(other)  # type: ignore[no-any-return]

    def __rtruediv__(self, other: int) -> float:
        return other / int(self)

    def __floordiv__(self, other: int | Self) -> int:
        return int(self) // known(other)  # type: ignore[no-any-return]

    def __rfloordiv__(self, other: int) -> int:
        return other // int(self)

    def __mod__(self, other: int | Self) -> int:
        return int(self) % known(other)  # type: ignore[no-any-return]

    def __rmod__(self, other: int) -> int:
        return other % int(self)

    def __divmod__(self, other: int | Self) -> tuple[int, int]:
        return divmod(int(self), known(other))  # type: ignore[no-any-return]

    def __rdivmod__(self, other: int) -> tuple[int, int]:
        return divmod(other, int(self))

    def __pow__(self, other: int | Self, modulus: int | None = None) -> Any:
        return pow(int(self), known(other), modulus)

    def __rpow__(self, other: int, modulus: int | None = None) -> Any:
        return pow(other, int(self), modulus)

    def __lshift__(self, other: int | Self) -> int:
        return int(self) << known(other)  # type: ignore[no-any-return]

    def __rlshift__(self, other: int) -> int:
        return other << int(self)

    def __rshift__(self, other: int | Self) -> int:
        return int(self) >> known(other)  # type: ignore[no-any-return]

    def __rrshift__(self, other: int) -> int:
        return other >> int(self)

    def __and__(self, other: int | Self) -> int:
        return int(self) & known(other)  # type: ignore[no-any-return]

    def __rand__(self, other: int) -> int:
        return other & int(self)

    def __or__(self, other: int | Self) -> int:
        return int(self) | known(other)  # type: ignore[no-any-return]

    def __ror__(self, other: int) -> int:
        return other | int(self)

    def __xor__(self, other: int | Self) -> int:
        return int(self) ^ known(other)  # type: ignore[no-any-return]

    def __rxor__(self, other: int) -> int:
        return other ^ int(self)
