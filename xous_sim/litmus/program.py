"""Litmus programs as text: ``"x=1 release; r0=y"`` is what a thread does.

A statement is a store ``x=1``, a load ``r0=x`` (what is read goes to ``r0``, ``r1``, ...), an addition ``r0=x+1``, or
``fence``; an order may follow, else it is relaxed. All locations hold 0 at first. Left out: everything else, branches
above all; tests that need them are functions of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ..sync import AtomicU32, Order
from ..values import Value
from ..world import World

_STATEMENT: Final = re.compile(r"(?:fence|(?P<target>\w+)=(?P<source>\w+)(?P<add>\+1)?)(?: (?P<order>\w+))?")

Statement = re.Match[str]


def program(*threads: str) -> Callable[[World], None]:
    """The scenario in which each thread does what its text says."""
    codes = [[_parse(statement) for statement in thread.split(";")] for thread in threads]
    names = sorted({name for code in codes for statement in code for name in _names(statement)})

    def scenario(world: World) -> None:
        app = world.process("app")
        atomics = {name: world.atomic_u32(0, name=name) for name in names}
        for number, code in enumerate(codes):
            app.spawn(_run, world, atomics, tuple(code), name=f"T{number}")

    return scenario


def _parse(statement: str) -> Statement:
    match = _STATEMENT.fullmatch(statement.strip())
    if match is None:
        raise ValueError(f"{statement!r} is no statement of a litmus program")
    return match


def _names(statement: Statement) -> list[str]:
    """The atomics that a statement mentions; registers are atomics, too, that only one thread writes."""
    return [name for name in (statement["target"], statement["source"]) if name is not None and not name.isdigit()]


def _run(world: World, atomics: dict[str, AtomicU32], code: tuple[Statement, ...]) -> None:
    read: list[tuple[AtomicU32, Value]] = []
    for statement in code:
        target, source = statement["target"], statement["source"]
        order: Order = statement["order"] or "relaxed"  # type: ignore[assignment]  # the atomics check it
        if target is None:
            world.fence(order)
        elif source.isdigit():
            atomics[target].store(int(source), order)
        elif statement["add"]:
            read.append((atomics[target], atomics[source].fetch_add(1, order)))
        else:
            read.append((atomics[target], atomics[source].load(order)))
    for register, value in read:
        register.store(value, "relaxed")
