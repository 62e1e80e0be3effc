"""Programs in which what a thread touches depends on what it has seen: futures must hold every branch.

Each of three threads performs one operation, looks at its result, performs another one in one branch or another one in
the other, and may tell what it saw. A search that expects one branch only takes a thread for harmless that is not.
"""

from __future__ import annotations

from hypothesis import strategies as st

from .syntax import Block, Program, Statement, Thread, constant, two

_FIRST: st.SearchStrategy[Statement] = st.one_of(
    st.tuples(st.just("load"), two, st.just("n0")),
    st.tuples(st.just("fetch_add"), two, st.just(1), st.just("n0")),
)
_ACT: st.SearchStrategy[Statement] = st.one_of(
    st.tuples(st.just("store"), two, constant), st.tuples(st.just("load"), two, st.just("n1")), st.just(("set", "n0"))
)
_ARM: st.SearchStrategy[Block] = st.lists(_ACT, max_size=1).map(tuple)
_TELL: st.SearchStrategy[Block] = st.sampled_from(((), (("set", "n0"),), (("set", "n1"),)))


@st.composite
def _branching(draw: st.DrawFn) -> Block:
    look = ("if", "n0", draw(st.sampled_from(("==", "!="))), draw(two), draw(_ARM), draw(_ARM))
    return (draw(_FIRST), look, *draw(_TELL))


@st.composite
def branches(draw: st.DrawFn) -> Program:
    """Three such threads."""
    threads = draw(st.lists(_branching(), min_size=3, max_size=3))
    return Program(
        threads=tuple(Thread(block, 1) for block in threads), initial=(draw(two), draw(two)), connect="reuse"
    )
