"""Programs whose outcome is the order of sections: each appends a number to the log of the lock that it holds.

The final logs tell all orders apart, so a search that takes two of them for one is found out. Some take a lock and do
not give it back, or end their process while they hold it, so that others wait for ever. Left out: anything that only
one thread can see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from hypothesis import strategies as st

import xous_sim as xs

Item = tuple[str, *tuple[int, ...]]
"""A verb and the locks that it takes, in this order."""
BASE: Final = 4
"""A log is a number in this base; threads append digits from 1 on."""


@dataclass(frozen=True)
class Writer:
    """A thread: the digit that it appends, and what it does."""

    digit: int
    items: tuple[Item, ...]
    process: Literal["app", "peer"] = "app"


@dataclass(frozen=True)
class Sections:
    """A scenario."""

    writers: tuple[Writer, ...]


@dataclass(frozen=True)
class _Shared:
    locks: tuple[xs.Mutex, xs.Mutex]
    logs: tuple[xs.Cell, xs.Cell]
    counts: tuple[xs.AtomicU32, ...]

    def append(self, lock: int, digit: int) -> None:
        self.logs[lock].set(int(self.logs[lock].get()) * BASE + digit)


def _write(shared: _Shared, process: xs.Process, digit: int, items: tuple[Item, ...]) -> None:
    for verb, *locks in items:
        if verb == "append":
            with shared.locks[locks[0]]:
                shared.append(locks[0], digit)
        elif verb == "nest":
            with shared.locks[locks[0]], shared.locks[locks[1]]:
                shared.append(locks[1], digit)
        elif verb == "try":
            if shared.locks[locks[0]].try_lock() == 1:
                shared.append(locks[0], digit)
                shared.locks[locks[0]].unlock()
        elif verb == "take":
            shared.locks[locks[0]].lock()
        elif verb == "give":
            shared.locks[locks[0]].unlock()
        elif verb == "end":
            process.terminate()
        elif verb == "work":
            shared.counts[digit].fetch_add(1)
        else:
            shared.counts[0].fetch_add(digit)


def scenario(sections: Sections) -> Callable[[xs.World], None]:
    """The program as a scenario."""

    def set_up(world: xs.World) -> None:
        processes = {name: world.process(name) for name in ("app", "peer")}
        shared = _Shared(
            locks=(world.mutex(name="lock0"), world.mutex(name="lock1")),
            logs=(world.cell(name="log0"), world.cell(name="log1")),
            counts=tuple(world.atomic_u32(name=f"count{i}") for i in range(BASE)),
        )
        for writer in sections.writers:
            process = processes[writer.process]
            process.spawn(_write, shared, process, writer.digit, writer.items)

    return set_up


def logs(state: xs.StateView) -> tuple[int, ...]:
    """What a final state tells of the order of its sections."""
    return int(state["log0"]), int(state["log1"]), int(state["count0"])


_distinct = st.sampled_from((True, True, True, False))
_lock = st.sampled_from((0, 0, 0, 1))
_item: st.SearchStrategy[Item] = st.one_of(
    st.tuples(st.just("append"), _lock),
    st.tuples(st.just("append"), _lock),
    st.tuples(st.sampled_from(("append", "try")), _lock),
    st.sampled_from((("nest", 0, 1), ("nest", 1, 0))),
    st.sampled_from((("work",), ("share",))),
    st.tuples(st.sampled_from(("take", "give")), _lock),
    st.just(("end",)),
)
_process: st.SearchStrategy[Literal["app", "peer"]] = st.sampled_from(("app", "app", "peer"))


@st.composite
def sections(draw: st.DrawFn) -> Sections:
    """Two threads of up to four sections each, or three of up to two; some append the same digit."""
    count = draw(st.sampled_from((2, 2, 3)))
    items = st.lists(_item, min_size=1, max_size=4 if count == 2 else 2).map(tuple)
    digits = [i + 1 if draw(_distinct) else 1 for i in range(count)]
    return Sections(tuple(Writer(digit, draw(items), draw(_process)) for digit in digits))
