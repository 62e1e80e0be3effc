"""Where a body stands: its frames and all that it holds, as a value that is equal only where it will go on equally.

By this a loop is known that the simulator is not told of: a body that yields where it has yielded before, and holds the
same, is back where it was. Results count by the part that they play, so another one may have taken the place of the
first. Only frames that have moved since need be looked at; one that has not is the same by itself.

Left out is whatever cannot be told: iterators, so a ``for`` in a frame that has moved, and what else is half way
through an expression or a ``with`` there; generators; objects that are not written in Python. Then nothing is said.
Global variables count where the code that was looked at names them; attributes of modules and classes do not.
"""

from __future__ import annotations

import enum
import functools
import inspect
import struct
import types
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from types import CodeType, FrameType
from typing import Any, Final, Generic, TypeVar

from ..process import Process, Server
from ..sync import _Object as Shared
from ..values import Register
from .held import Handle
from .source import is_ours
from .stacks import nothing_else_on_stack

_MARK: Final = "<xous_sim>"
"""No name of a variable: where a frame keeps the number that tells it from others."""
_MOST: Final = 2_000
"""Values that are looked at, at most."""
_BY_VALUE: Final = (int, str, bytes, bool, type(None), type(Ellipsis))
_BY_IDENTITY: Final = (type, types.ModuleType, CodeType, enum.Enum, Process, Server, Shared)
_HIDDEN_CODE: Final = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_numbers: Final = count(1)
Place = TypeVar("Place")


class Untold(Exception):
    """Something has state that cannot be told."""


@dataclass(frozen=True)
class Standing:
    """Where a body stands.

    Attributes:
        frame: The number of the outermost frame that was looked at: whatever is further out has not moved.
        key: What is there.
        registers: The results that are held there, in the order of their parts.
    """

    frame: int
    key: Hashable
    registers: tuple[int, ...]


@dataclass
class Look:
    """One look at what is held; the world itself is what it is."""

    world: object
    registers: list[int] = field(default_factory=list)
    _met: dict[int, int] = field(default_factory=dict)
    _kept: list[object] = field(default_factory=list)

    def at(self, value: Any) -> Hashable:
        """A value that is equal for equal things."""
        kind = type(value)
        if kind in _BY_VALUE:
            return kind, value
        if kind is float:
            return float, struct.pack("d", value)
        if kind is object or isinstance(value, _BY_IDENTITY) or value is self.world:
            return "itself", id(value)
        if id(value) in self._met:
            return "met", self._met[id(value)]
        self._met[id(value)] = len(self._met)
        self._kept.append(value)  # so that no other object gets its place
        if len(self._met) > _MOST:
            raise Untold
        if kind is Register:
            self.registers.append(value.number)
            return "result", len(self.registers)
        return id(kind), *self._parts(value, kind)

    def _parts(self, value: Any, kind: type) -> Iterator[Hashable]:
        if kind in (tuple, list, Handle):
            return map(self.at, value)
        if kind is dict:
            return map(self.at, (part for item in value.items() for part in item))
        if kind is types.CellType:
            return map(self.at, [value.cell_contents] if _is_full(value) else [])
        if kind is types.FunctionType:
            parts = (value.__closure__, value.__defaults__, value.__kwdefaults__, value.__dict__)
            return map(self.at, (value.__code__, *parts, *_globals(value.__code__, value.__globals__)))
        if kind is types.MethodType:
            return map(self.at, (value.__func__, value.__self__))
        if kind is types.BuiltinFunctionType:
            return map(self.at, (value.__name__, value.__self__))
        if kind is functools.partial:
            return map(self.at, (value.func, value.args, value.keywords, value.__dict__))
        return self._attributes(value, kind)

    def _attributes(self, value: Any, kind: type) -> Iterator[Hashable]:
        """Those of an object that has nothing else."""
        slots = [slot for base in kind.__mro__ for slot in vars(base).values() if _is_slot(slot)]
        places = len(slots) + (kind.__dictoffset__ > 0) + (kind.__weakrefoffset__ > 0)
        if kind.__itemsize__ or kind.__basicsize__ > object.__basicsize__ + places * struct.calcsize("P"):
            raise Untold
        yield self.at(getattr(value, "__dict__", None))
        for slot in slots:
            filled = hasattr(value, slot.__name__)
            yield self.at(slot.__get__(value)) if filled else None


def _globals(code: CodeType, known: dict[str, Any]) -> Iterator[object]:
    """The global variables that code names."""
    return (known[name] for name in code.co_names if name in known)


def _is_slot(attribute: object) -> bool:
    return isinstance(attribute, types.MemberDescriptorType) and attribute.__name__ not in ("__dict__", "__weakref__")


def _is_full(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


class Path(Generic[Place]):
    """Where a body has stood so far.

    A frame that a body has stood in before has not moved out of the call that it was in, and neither have those further
    out. So what it is compared by are the frames up to the innermost of which that is known.
    """

    def __init__(self, world: object) -> None:
        self._world = world
        self._places: dict[tuple[int, Hashable], tuple[Standing, Place]] = {}

    def come_to(self, frame: FrameType | None, place: Place) -> tuple[Standing, Standing, Place] | None:
        """Remembers that the body stands here.

        Args:
            frame: The innermost frame of the body.
            place: What is to be known when it is here again.

        Returns:
            If the body is where it was: how it stands now, how it stood then, and what was to be known.
        """
        standings, inner = _stand(frame, Look(self._world))
        before = None if inner is None else self._places.get((inner.frame, inner.key))
        for standing in standings:
            self._places[standing.frame, standing.key] = (standing, place)
        return None if inner is None or before is None else (inner, *before)


def _stand(frame: FrameType | None, look: Look) -> tuple[list[Standing], Standing | None]:
    """Where a body stands, with more and more frames; and with as many as must be compared, if that can be told."""
    keys: list[Hashable] = []
    found: list[Standing] = []
    inner: Standing | None = None
    first = True
    while frame is not None and not is_ours(frame.f_code.co_filename):
        variables = frame.f_locals
        number = variables.get(_MARK)
        try:
            keys.append(_frame_key(frame, variables, look))
        except Untold:
            return found, inner
        finally:
            if type(variables) is dict:  # a copy, which would keep everything alive
                variables.clear()
            variables[_MARK] = number or next(_numbers)
        found.append(Standing(variables[_MARK], tuple(keys), tuple(look.registers)))
        if first and number is not None:
            inner, first = found[-1], False
        frame = frame.f_back
    return found, inner


def _frame_key(frame: FrameType, variables: Any, look: Look) -> Hashable:
    code = frame.f_code
    if code.co_flags & _HIDDEN_CODE or not code.co_flags & inspect.CO_OPTIMIZED:
        raise Untold
    if not nothing_else_on_stack(code, frame.f_lasti):
        raise Untold
    own = tuple((name, look.at(value)) for name, value in variables.items() if name != _MARK)
    return code, frame.f_lasti, own, tuple(map(look.at, _globals(code, frame.f_globals)))


@contextmanager
def changed_by(function: object, world: object) -> Iterator[Callable[[], bool]]:
    """Tells whether what is captured by a function was changed meanwhile, as far as that can be told."""
    before = _held(function, world)
    yield lambda: before is not None and _held(function, world) not in (None, before)


def _held(function: object, world: object) -> Hashable:
    look = Look(world)
    try:
        return look.at(function), *look.registers
    except Untold:
        return None
