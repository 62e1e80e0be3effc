"""Programs whose outcome is the order of sections: each appends a number to the log of the lock that it holds.

The final logs tell all orders apart, so a search that takes two of them for one is found out. Some take a lock and do
not give it back, or end their process while they hold it, so that others wait for ever. Left out: anything that only
one thread can see.
"""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

import xous_sim as xs

from .syntax import Block, Program, Statement, Thread

Item = tuple[str, *tuple[int, ...]]
"""A verb and the locks that it takes, in this order."""
Writer = tuple[int, tuple[Item, ...], int]
"""A thread: the digit that it appends, what it does, and its process."""
SHARED_COUNT: Final = 2
"""The first two atomics are the logs of the locks; from this one on they count."""


def _statement(item: Item, digit: int) -> Statement:
    verb, *locks = item
    if verb == "append":
        return ("lock", locks[0], (("append", locks[0], digit),))
    if verb == "nest":
        return ("lock", locks[0], (("lock", locks[1], (("append", locks[1], digit),)),))
    if verb == "try_lock":
        return ("try_lock", locks[0], (("append", locks[0], digit),))
    if verb == "work":
        return ("fetch_add", SHARED_COUNT + digit, 1, "n0")
    if verb == "share":
        return ("fetch_add", SHARED_COUNT, digit, "n0")
    return item


def program(writers: list[Writer]) -> Program:
    """The program of some writers."""

    def block(digit: int, items: tuple[Item, ...]) -> Block:
        return tuple(_statement(item, digit) for item in items)

    threads = tuple(Thread(block(digit, items), 1, process) for digit, items, process in writers)
    return Program(threads, initial=(0,) * (SHARED_COUNT + 4), connect="reuse")


def logs(state: xs.StateView) -> tuple[int, ...]:
    """What a final state tells of the order of its sections."""
    return int(state["a0"]), int(state["a1"]), int(state[f"a{SHARED_COUNT}"])


_distinct = st.sampled_from((True, True, True, False))
_lock = st.sampled_from((0, 0, 0, 1))
_item: st.SearchStrategy[Item] = st.one_of(
    st.tuples(st.just("append"), _lock),
    st.tuples(st.just("append"), _lock),
    st.tuples(st.sampled_from(("append", "try_lock")), _lock),
    st.sampled_from((("nest", 0, 1), ("nest", 1, 0))),
    st.sampled_from((("work",), ("share",))),
    st.tuples(st.sampled_from(("take", "give")), _lock),
    st.just(("terminate",)),
)


@st.composite
def sections(draw: st.DrawFn) -> Program:
    """Two threads of up to four sections each, or three of up to two; some append the same digit."""
    count = draw(st.sampled_from((2, 2, 3)))
    items = st.lists(_item, min_size=1, max_size=4 if count == 2 else 2).map(tuple)
    digits = [i + 1 if draw(_distinct) else 1 for i in range(count)]
    return program([(digit, draw(items), draw(st.sampled_from((0, 0, 1)))) for digit in digits])
