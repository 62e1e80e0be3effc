"""When two bodies are the same, so that their threads share one trace: if no code can tell one from the other.

Equal is not the same: ``0.0 == -0.0``, ``True == 1``, named tuples of two types are equal, and so is whatever an
``__eq__`` calls so. Compared by what they are made of are only numbers, texts and tuples of exactly these types, and
the function of a body, which cannot see itself. Everything else is the same only if it is the same object, functions in
arguments or captured variables too: they have an identity, which serves as a key, and attributes.

Left out: that ``is`` tells equal texts or numbers apart, which is up to the interpreter.
"""

from __future__ import annotations

import functools
import struct
import types
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final, final

from ..errors import ScenarioError
from ..handles import Connection
from ..sync import Arc, AtomicU32, Cell, Mutex, OnceLock, Weak
from ..values import Value, recorder_of

_PLAIN: Final = (int, str, bytes, bool, types.NoneType)
_MADE_BY_SCENARIOS: Final = (types.CodeType, AtomicU32, Cell, Mutex, OnceLock)
"""Bodies make none of these, so there is one of each in all runs of a body."""
CAPTURED: Final = (
    "a result of one body is used in another, whose function captures it: bodies share no Python objects; "
    "pass it through world.cell(), an atomic, or an argument of spawn"
)


@final
@dataclass(frozen=True)
class Passed:
    """Stands, among a body's arguments, for a result of the body that starts it."""

    kind: type[Value | Connection | Arc | Weak]


@final
class Same:
    """A key that equals only keys of the same object, which it keeps alive: its address is not used again."""

    __slots__ = ("item",)

    def __init__(self, item: object) -> None:
        self.item = item

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.item is other.item

    def __hash__(self) -> int:
        return id(self.item)


def key_of(function: object, args: tuple[object, ...]) -> Hashable:
    """What tells a body from others, as it is now.

    Raises:
        ScenarioError: If the function captures a result of a body that is being traced.
    """
    return _function_key(function), tuple(map(_key, args))


def shape_of(key: Hashable) -> Hashable:
    """The same of all bodies that a body starts at one place, in whatever run: an object is only of the same type."""
    if isinstance(key, tuple):
        return tuple(map(shape_of, key))
    if isinstance(key, Same) and not isinstance(key.item, _MADE_BY_SCENARIOS):
        return Same(type(key.item))
    return key


def _key(item: Any) -> Hashable:
    kind = type(item)
    if kind in _PLAIN or kind is Passed:
        return kind, item
    if kind is float:
        return kind, struct.pack("d", item)
    if kind is tuple:
        return kind, tuple(map(_key, item))
    return Same(item)


def _function_key(function: Any) -> Hashable:
    """The key of what is called, and of nothing that refers to it."""
    kind = type(function)
    if kind is functools.partial:
        keywords = tuple((name, _key(value)) for name, value in function.keywords.items())
        return kind, _function_key(function.func), tuple(map(_key, function.args)), keywords
    if kind is types.MethodType:
        return kind, _function_key(function.__func__), Same(function.__self__)
    if kind is not types.FunctionType:
        return Same(function)
    cells = tuple(map(_cell_key, function.__closure__ or ()))
    keywords = tuple((name, _key(value)) for name, value in (function.__kwdefaults__ or {}).items())
    return Same(function.__code__), Same(function.__globals__), cells, _key(function.__defaults__), keywords


def _cell_key(cell: types.CellType) -> Hashable:
    try:
        content = cell.cell_contents
    except ValueError:  # a variable without a value
        return Same(cell)
    if isinstance(content, (Value, Connection, Arc, Weak)) and recorder_of(content._raw) is not None:
        raise ScenarioError(CAPTURED)
    return _key(content)
