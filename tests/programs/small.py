"""Programs of the common grammar that are small enough for every schedule to be followed.

Left out: what takes many steps to set up, as the third connection of a thread.
"""

from __future__ import annotations

from hypothesis import strategies as st

from .syntax import THEMES, Block, Program, Statement, Thread, atomic, cell, constant, nested, two

_RACES = st.one_of(atomic, atomic, cell)
_BRANCHES = st.one_of(_RACES, nested(_RACES))
_CHANCES = st.tuples(st.just("compare_exchange"), two, constant, constant, st.just("n1"), st.just("n2"))
"""Rarely written, and nobody looks whether."""
_BEGINNINGS: tuple[Statement, ...] = (
    ("load", 0, "n0"),
    ("fetch_add", 0, 1, "n0"),
    ("fetch_add", 1, 1, "n0"),
    ("get", "n0"),
    ("connect", 0, "k0"),
)
_ENDS: tuple[Block, ...] = ((), (("set", "n0"),), (("store", 0, "n0"),), (("store", 1, "n1"),))
"""Mostly what a thread has seen is told, so that different executions come to different final states."""


@st.composite
def _block(draw: st.DrawFn, theme: st.SearchStrategy[Statement], most: int) -> Block:
    """What a thread does: it begins with an operation, and may end by telling what it saw or closing what it opened."""
    first = draw(st.sampled_from(_BEGINNINGS))
    rest = draw(st.lists(theme, min_size=1, max_size=most))
    last = (("disconnect", "k0"),) if first[0] == "connect" else draw(st.sampled_from(_ENDS))
    return (first, *rest, *last)


@st.composite
def small_programs(draw: st.DrawFn) -> Program:
    """Two threads of a few operations or three of two or three; often equal ones."""
    count = draw(st.sampled_from((2, 2, 3)))
    theme = draw(st.sampled_from((*THEMES, _RACES, _BRANCHES, _BRANCHES, _CHANCES)))
    block = _block(theme, 4 if count == 2 else 2)
    drawn = draw(st.lists(block, min_size=1, max_size=count))
    blocks = [drawn[i] if i < len(drawn) else drawn[0] for i in range(count)]
    times = draw(st.sampled_from((1, 2))) if count == 2 and len(blocks[0]) <= 4 else 1
    return Program(
        threads=tuple(Thread(block, times if i == 0 else 1) for i, block in enumerate(blocks)),
        initial=(draw(two), draw(two)),
        connect=draw(st.sampled_from(("reuse", "unique"))),
    )
