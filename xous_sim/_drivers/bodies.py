"""Bodies: when two of them are the same, so that their threads share one trace.

Two bodies are the same if they run the same code with the same captured objects and the same arguments. Numbers and
texts are compared by value, everything else by identity.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ScenarioError
from ..handles import Connection
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


def _key(item: object) -> Hashable:
    if isinstance(item, _BY_VALUE):
        return (type(item), item)
    if isinstance(item, tuple):
        return tuple(_key(part) for part in item)
    return id(item)


def _function_key(function: Callable[..., object]) -> Hashable:
    if isinstance(function, functools.partial):
        keywords = tuple(sorted((name, _key(value)) for name, value in function.keywords.items()))
        return (_function_key(function.func), _key(function.args), keywords)
    owner = getattr(function, "__self__", None)
    plain = getattr(function, "__func__", function)
    code = getattr(plain, "__code__", None)
    if code is None:
        return id(function)
    cells = tuple(_key(cell.cell_contents) for cell in plain.__closure__ or ())
    return (code, cells, _key(plain.__defaults__ or ()), None if owner is None else id(owner))


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
        constant = tuple(None if started_by_a_body and _is_result(arg) else _key(arg) for arg in args)
        key = (pid, _function_key(function), constant, len(results))
        if key not in self._numbers:
            self._numbers[key] = len(self._bodies)
            self._bodies.append(Body(function, args, pid, len(results)))
        return self._numbers[key]

    def __getitem__(self, number: int) -> Body:
        return self._bodies[number]


def _is_result(arg: object) -> bool:
    return isinstance(arg, (Value, Connection))


def results_in(args: tuple[Any, ...]) -> list[Raw]:
    """The arguments that a body passes on to one that it starts."""
    return [arg._raw if isinstance(arg, Value) else arg._live("passed on") for arg in args if _is_result(arg)]


def bind(world: World, body: Body, values: Sequence[Raw]) -> tuple[Any, ...]:
    """The arguments of a body, those that were results replaced by ``values``, in order."""
    if not body.parameters:
        return body.args
    supply = iter(values)
    return tuple(_rebind(world, arg, next(supply)) if _is_result(arg) else arg for arg in body.args)


def _rebind(world: World, arg: object, value: Raw) -> Value | Connection:
    if isinstance(arg, Value):
        return Value(value)
    return Connection(world, value, owned=False, lender="the thread that started this one")
