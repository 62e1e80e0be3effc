"""Ways in which bodies are told what to do, many of them by objects that are equal and not the same.

A body is told a process and a block. Whoever takes equal bodies for the same has one thread do what another one should.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import xous_sim as xs

from .syntax import Block

Act = Callable[[xs.Process, Block], None]
Order = tuple[xs.Process, Block]
Body = tuple[Callable[..., object], tuple[Any, ...]]
"""A function and its arguments."""
Telling = Callable[[Act, Sequence[Order]], Iterator[Body]]
"""The bodies of threads, as they are spawned one after the other; what it does after the last comes after all."""


@dataclass(eq=False)
class _Equal:
    """Equal to everything."""

    act: Act
    order: Order

    def __eq__(self, _: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def run(self) -> None:
        self.act(*self.order)

    __call__ = run


class _First(NamedTuple):
    n: int


class _Second(NamedTuple):
    n: int


class _Third(NamedTuple):
    n: int


class _Numbered(int):
    """A number that knows more than its value."""

    order: Order


def _arguments(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    for order in orders:
        yield act, order


def _closure(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    def closed_over(order: Order) -> Callable[[], None]:
        return lambda: act(*order)

    for order in orders:
        yield closed_over(order), ()


def _defaults(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    for order in orders:

        def body(process: xs.Process = order[0], *, block: Block = order[1]) -> None:
            act(process, block)

        yield body, ()


def _attribute(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    """Functions of one code object."""

    def made() -> Any:
        def body() -> None:
            act(*body.order)  # type: ignore[attr-defined]

        return body

    for order in orders:
        body = made()
        body.order = order
        yield body, ()


def _equal_argument(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    for order in orders:
        yield _Equal.run, (_Equal(act, order),)


def _equal_owner(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    for order in orders:
        yield _Equal(act, order).run, ()


def _equal_callable(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    for order in orders:
        yield _Equal(act, order), ()


def _types(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    """Named tuples of one content."""
    kinds: tuple[type, ...] = (_First, _Second, _Third)
    by_kind = dict(zip(kinds, orders, strict=False))

    def body(kind: object) -> None:
        act(*by_kind[type(kind)])

    for kind, _ in zip(kinds, orders, strict=False):
        yield body, (kind(1),)


def _zeros(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    """0.0 is -0.0, and so is 0."""

    def body(zero: float) -> None:
        if isinstance(zero, int):
            act(*orders[2])
        else:
            act(*orders[0 if math.copysign(1, zero) > 0 else 1])

    for zero, _ in zip((0.0, -0.0, 0), orders, strict=False):
        yield body, (zero,)


def _partial(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    for process, block in orders:
        yield functools.partial(functools.partial(act, process), block), ()


def _numbers(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    def body(number: _Numbered) -> None:
        act(*number.order)

    for order in orders:
        number = _Numbered(1)
        number.order = order
        yield body, (number,)


def _mutable(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    def body(order: list[Any]) -> None:
        act(*order)

    for order in orders:
        yield body, ([*order],)


def _late(act: Act, orders: Sequence[Order]) -> Iterator[Body]:
    """Closures over a variable that is given its value when all of them have been spawned."""

    def made() -> tuple[Callable[[], None], Callable[[Order], None]]:
        told: Order | None = None

        def body() -> None:
            assert told is not None
            act(*told)

        def tell(order: Order) -> None:
            nonlocal told
            told = order

        return body, tell

    tells = []
    for _ in orders:
        body, tell = made()
        tells.append(tell)
        yield body, ()
    for tell, order in zip(tells, orders, strict=True):
        tell(order)


TELLINGS: Final[dict[str, Telling]] = {
    "arguments": _arguments,
    "closure": _closure,
    "defaults": _defaults,
    "attribute": _attribute,
    "equal argument": _equal_argument,
    "equal owner": _equal_owner,
    "equal callable": _equal_callable,
    "types": _types,
    "zeros": _zeros,
    "partial": _partial,
    "numbers": _numbers,
    "mutable": _mutable,
    "late": _late,
}
