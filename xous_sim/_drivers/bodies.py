"""Bodies: when two of them are the same, so that their threads share one trace.

Two bodies are the same if they run the same code with the same captured objects and the same arguments. Numbers and
texts are compared by value, functions by their code and what they capture, everything else by identity.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ScenarioError
from ..handles import Connection
from ..sync import Arc, Weak
from ..values import Raw, Value

if TYPE_CHECKING:
    from ..world import World

_BY_VALUE = (int, str, bytes, bool, float, type(None))


@dataclass(frozen=True)
class Body:
    """A function with its arguments, as threads of a process execute it.

    Attributes:
        function: What is executed.
        args: Its arguments.
        pid: The process.
        parameters: How many of the arguments are results of the spawning body; they become the first registers.
    """

    function: Callable[..., object]
    args: tuple[Any, ...]
    pid: int
    parameters: int


class BodyDiffers(Exception):
    """With the same observations a body did something else than in an earlier run: its number, before, after."""


def _key(item: object, around: tuple[int, ...] = ()) -> Hashable:
    """What tells ``item`` from others; ``around`` are the functions that it was found in."""
    if isinstance(item, _BY_VALUE):
        return (type(item), item)
    if isinstance(item, tuple):
        return tuple(_key(part, around) for part in item)
    if isinstance(item, functools.partial):
        keywords = tuple(sorted((name, _key(value, around)) for name, value in item.keywords.items()))
        return (_key(item.func, around), _key(item.args, around), keywords)
    if isinstance(item, types.MethodType):
        return (_key(item.__func__, around), id(item.__self__))
    if isinstance(item, types.FunctionType) and id(item) not in around:
        return _function_key(item, (*around, id(item)))
    if id(item) in around:
        return ("itself", len(around) - around.index(id(item)))
    return id(item)


def _function_key(function: types.FunctionType, around: tuple[int, ...]) -> Hashable:
    cells = tuple(_cell_key(cell, around) for cell in function.__closure__ or ())
    keywords = tuple(sorted((name, _key(value, around)) for name, value in (function.__kwdefaults__ or {}).items()))
    defaults = _key(function.__defaults__ or (), around)
    return (function.__code__, id(function.__globals__), cells, defaults, keywords)


def _cell_key(cell: types.CellType, around: tuple[int, ...]) -> Hashable:
    try:
        return _key(cell.cell_contents, around)
    except ValueError:  # a name that the scenario assigns later
        return id(cell)


class Bodies:
    """The bodies of a world, by number."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._bodies: list[Body] = []

    def number(
        self, pid: int, function: Callable[..., object], args: tuple[Any, ...], *, started_by_a_body: bool = False
    ) -> int:
        """The number of a body; the same for the same body."""
        if not callable(function):
            raise ScenarioError(f"a body must be callable, not {type(function).__name__}")
        results = results_in(args) if started_by_a_body else []
        constant = tuple(type(arg) if started_by_a_body and _is_result(arg) else _key(arg) for arg in args)
        key = (pid, _key(function), constant, len(results))
        if key not in self._numbers:
            self._numbers[key] = len(self._bodies)
            self._bodies.append(Body(function, args, pid, len(results)))
        return self._numbers[key]

    def __getitem__(self, number: int) -> Body:
        return self._bodies[number]

    def __len__(self) -> int:
        return len(self._bodies)


def _is_result(arg: object) -> bool:
    return isinstance(arg, (Value, Connection, Arc, Weak))


def results_in(args: tuple[Any, ...]) -> list[Raw]:
    """The arguments that a body passes on to one that it starts."""
    return [_raw(arg) for arg in args if isinstance(arg, (Value, Connection, Arc, Weak))]


def _raw(arg: Value | Connection | Arc | Weak) -> Raw:
    return arg._live("passed on") if isinstance(arg, Connection) else arg._raw


def bind(world: World, body: Body, values: Sequence[Raw]) -> tuple[Any, ...]:
    """The arguments of a body, those that were results replaced by ``values``, in order."""
    if not body.parameters:
        return body.args
    supply = iter(values)
    return tuple(_rebind(world, arg, next(supply)) if _is_result(arg) else arg for arg in body.args)


def _rebind(world: World, arg: object, value: Raw) -> Value | Connection | Arc | Weak:
    if isinstance(arg, Value):
        return Value(value)
    if isinstance(arg, (Arc, Weak)):
        return type(arg)(world, value)
    return Connection(world, value, owned=False, lender="the thread that started this one")
