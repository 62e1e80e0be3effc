"""Programs of threads that go round in loops which write: some come back to states that they were in.

So there are cycles, of which some are livelocks. Left out: loops without bound on what they write, whose states have
no end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hypothesis import strategies as st

import xous_sim as xs

Item = tuple[str, int, int, int]
"""A verb, a flag, and two numbers."""


@dataclass(frozen=True)
class Loops:
    """A scenario: what each thread does, and the flags' first values."""

    threads: tuple[tuple[Item, ...], ...]
    initial: tuple[int, int]


def _go_round(world: xs.World, flags: tuple[xs.AtomicU32, xs.AtomicU32], items: tuple[Item, ...]) -> None:
    for item in items:
        if item[0] == "store":
            flags[item[1]].store(item[2])
        else:
            _wait(world, flags, item)


def _wait(world: xs.World, flags: tuple[xs.AtomicU32, xs.AtomicU32], item: Item) -> None:
    verb, number, first, second = item
    flag, other = flags[number], flags[1 - number]
    world.spin_while(lambda: _ROUNDS[verb](flag, other, first, second))


def _swaps(flag: xs.AtomicU32, _: xs.AtomicU32, own: int, awaited: int) -> bool:
    return flag.swap(own) != awaited


def _takes(flag: xs.AtomicU32, _: xs.AtomicU32, free: int, taken: int) -> bool:
    return flag.compare_exchange(free, taken)[0] == 0


def _offers(flag: xs.AtomicU32, other: xs.AtomicU32, own: int, awaited: int) -> bool:
    """Raises a flag, looks at the other one, and lowers the first again."""
    flag.store(own)
    goes_on = other.load() != awaited
    flag.store(0)
    return goes_on


def _awaits(flag: xs.AtomicU32, _: xs.AtomicU32, awaited: int, __: int) -> bool:
    return flag.load() != awaited


_ROUNDS: Final[dict[str, Callable[[xs.AtomicU32, xs.AtomicU32, int, int], bool]]] = {
    "swap": _swaps,
    "take": _takes,
    "offer": _offers,
    "await": _awaits,
}
"""One round of each loop; true if there is to be another one."""


def scenario(loops: Loops) -> Callable[[xs.World], None]:
    """The program as a scenario."""

    def set_up(world: xs.World) -> None:
        app = world.process("app")
        first, second = (world.atomic_u32(value, name=f"flag{i}") for i, value in enumerate(loops.initial))
        for items in loops.threads:
            app.spawn(_go_round, world, (first, second), items)

    return set_up


def flags(state: xs.StateView) -> tuple[int, ...]:
    """The flags."""
    return int(state["flag0"]), int(state["flag1"])


_number = st.integers(0, 2)
_item: st.SearchStrategy[Item] = st.tuples(
    st.sampled_from(("store", "swap", "swap", "take", "offer", "await")), st.integers(0, 1), _number, _number
)


@st.composite
def loops(draw: st.DrawFn) -> Loops:
    """Two or three threads of one or two loops; often equal ones."""
    count = draw(st.sampled_from((2, 2, 3)))
    items = st.lists(_item, min_size=1, max_size=2 if count == 2 else 1).map(tuple)
    drawn = draw(st.lists(items, min_size=1, max_size=count))
    threads = tuple(drawn[i] if i < len(drawn) else drawn[0] for i in range(count))
    return Loops(threads, (draw(st.integers(0, 1)), draw(st.integers(0, 1))))
