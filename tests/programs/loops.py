"""Programs of threads that go round in loops which write: some come back to states that they were in.

So there are cycles, of which some are livelocks. Others count their rounds, or wait with a time-out. Left out: loops
without bound on what they write, whose states have no end.
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


ROUNDS: Final = 2
"""Rounds that loops count before they give up."""

Flags = tuple[xs.AtomicU32, xs.AtomicU32, xs.AtomicU32]
"""Two flags, and a count of rounds."""


def _go_round(world: xs.World, app: xs.Process, flags: Flags, items: tuple[Item, ...]) -> None:
    for verb, number, first, second in items:
        if verb == "store":
            flags[number].store(first)
        elif verb == "start":
            app.spawn(_wait if second else _yield, world, flags, ("count", number, first, second))
        else:
            _wait(world, flags, (verb, number, first, second))


def _wait(world: xs.World, flags: Flags, item: Item) -> None:
    verb, *rest = item
    world.spin_while(lambda: _ROUNDS[verb](world, flags, *rest))


def _yield(world: xs.World, flags: Flags, item: Item) -> None:
    """The same with a loop that the simulator is not told of."""
    verb, *rest = item
    world.yield_now()
    while _ROUNDS[verb](world, flags, *rest):
        world.yield_now()


def _swaps(_world: xs.World, flags: Flags, number: int, own: int, awaited: int) -> bool:
    return flags[number].swap(own) != awaited


def _takes(_world: xs.World, flags: Flags, number: int, free: int, taken: int) -> bool:
    return flags[number].compare_exchange(free, taken)[0] == 0


def _offers(_world: xs.World, flags: Flags, number: int, own: int, awaited: int) -> bool:
    """Raises a flag, looks at the other one, and lowers the first again."""
    flags[number].store(own)
    goes_on = flags[1 - number].load() != awaited
    flags[number].store(0)
    return goes_on


def _awaits(_world: xs.World, flags: Flags, number: int, awaited: int, _: int) -> bool:
    return flags[number].load() != awaited


def _counts(_world: xs.World, flags: Flags, number: int, awaited: int, _: int) -> bool:
    """The same for a few rounds, which it counts: how often it went round is seen in the end."""
    return flags[2].fetch_add(1) < ROUNDS and flags[number].load() != awaited


def _tries(world: xs.World, flags: Flags, number: int, awaited: int, _: int) -> bool:
    """Waits with a time-out."""
    return flags[number].load() != awaited and world.choose(2) == 0


_ROUNDS: Final[dict[str, Callable[[xs.World, Flags, int, int, int], bool]]] = {
    "swap": _swaps,
    "take": _takes,
    "offer": _offers,
    "await": _awaits,
    "count": _counts,
    "try": _tries,
}
"""One round of each loop; true if there is to be another one."""


def scenario(loops: Loops) -> Callable[[xs.World], None]:
    """The program as a scenario."""

    def set_up(world: xs.World) -> None:
        app = world.process("app")
        first, second = (world.atomic_u32(value, name=f"flag{i}") for i, value in enumerate(loops.initial))
        rounds = world.atomic_u32(name="rounds")
        for items in loops.threads:
            app.spawn(_go_round, world, app, (first, second, rounds), items)

    return set_up


def flags(state: xs.StateView) -> tuple[int, ...]:
    """The flags, and the count of rounds."""
    return int(state["flag0"]), int(state["flag1"]), int(state["rounds"])


_flag = st.integers(0, 1)
_number = st.integers(0, 2)


def _items(verbs: tuple[str, ...], most: int) -> st.SearchStrategy[tuple[Item, ...]]:
    item = st.tuples(st.sampled_from(verbs), _flag, _number, _number)
    return st.lists(item, min_size=1, max_size=most).map(tuple)


@st.composite
def _writing(draw: st.DrawFn) -> tuple[tuple[Item, ...], ...]:
    """Two or three threads of one or two loops; often equal ones."""
    count = draw(st.sampled_from((2, 2, 3)))
    items = _items(("store", "swap", "swap", "take", "offer", "await", "try"), 2 if count == 2 else 1)
    drawn = draw(st.lists(items, min_size=1, max_size=count))
    return tuple(drawn[i] if i < len(drawn) else drawn[0] for i in range(count))


@st.composite
def _counting(draw: st.DrawFn) -> tuple[tuple[Item, ...], ...]:
    """One thread that counts its rounds or waits with a time-out, and one or two that only store.

    It may be started by one that stores before and afterwards.
    """
    storing = _items(("store",), 3)
    counting = draw(_items(("count", "start", "try"), 1))
    if counting[0][0] == "start":
        counting = (*draw(_items(("store",), 1)), *counting, *draw(_items(("store",), 1)))
    return tuple(draw(st.permutations([counting, *draw(st.lists(storing, min_size=1, max_size=2))])))


@st.composite
def loops(draw: st.DrawFn) -> Loops:
    """Threads that write in their loops, or one that counts its rounds."""
    threads = draw(st.one_of(_writing(), _counting()))
    return Loops(threads, (draw(_flag), draw(_flag)))
