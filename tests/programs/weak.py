"""Programs on a weak machine: what a load reads is a choice, and how many choices it has depends on what came before.

Each thread tells all that it read. Left out: mutexes and the kernel, which order everything on any machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

import xous_sim as xs

Item = tuple[Any, ...]
"""A verb, a place, a memory order, a number where something is written, and whether it is done anyhow.

If not, it is done only where something other than 0 has been read: then what a thread may access is learned late.
"""
BASE: Final = 4
"""What a thread has read is a number in this base."""


@dataclass(frozen=True)
class Weak:
    """A scenario: what each thread does."""

    threads: tuple[tuple[Item, ...], ...]


def _access(place: xs.AtomicU32, verb: str, order: Any, value: int) -> xs.Value | int:
    """One access; what it read."""
    if verb == "load":
        return place.load(order)
    if verb == "add":
        return place.fetch_add(value, order)
    place.store(value, order)
    return 0


def _run(places: tuple[xs.AtomicU32, ...], told: xs.Cell, items: tuple[Item, ...]) -> None:
    read = 0
    for verb, place, order, value, anyhow in items:
        if anyhow or read:
            read = read * BASE + int(_access(places[place], verb, order, value))
    told.set(read)


def scenario(weak: Weak) -> Callable[[xs.World], None]:
    """The program as a scenario."""

    def set_up(world: xs.World) -> None:
        app = world.process("app")
        places = (world.atomic_u32(name="x"), world.atomic_u32(name="y"))
        for number, items in enumerate(weak.threads):
            app.spawn(_run, places, world.cell(name=f"told{number}"), items)

    return set_up


def told(weak: Weak) -> Callable[[xs.StateView], tuple[int, ...]]:
    """What all threads read, and what the places hold."""
    names = ("x", "y", *(f"told{number}" for number in range(len(weak.threads))))
    return lambda state: tuple(int(state[name]) for name in names)


_place = st.integers(0, 1)
_anyhow = st.sampled_from((True, True, False))
_item: st.SearchStrategy[Item] = st.one_of(
    st.tuples(st.just("load"), _place, st.sampled_from(("relaxed", "acquire", "seq_cst")), st.just(0), _anyhow),
    st.tuples(st.just("store"), _place, st.sampled_from(("relaxed", "release", "seq_cst")), st.integers(1, 2), _anyhow),
    st.tuples(st.just("add"), _place, st.sampled_from(("relaxed", "acq_rel")), st.just(1), _anyhow),
)


@st.composite
def weak(draw: st.DrawFn) -> Weak:
    """Two threads of up to three accesses, or three of up to two."""
    count = draw(st.sampled_from((2, 2, 3)))
    items = st.lists(_item, min_size=1, max_size=5 - count).map(tuple)
    return Weak(tuple(draw(items) for _ in range(count)))
