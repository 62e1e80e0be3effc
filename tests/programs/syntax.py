"""The programs: a tree of statements for each thread, and the hypothesis strategies that draw them.

A thread has three numbers ``n0`` to ``n2`` and two connections ``k0`` and ``k1``, none of which others see. Shared are
two atomics, a cell, two mutexes, a pool (a OnceLock for a connection to the first server) and two servers that answer
at once. A thread may do nothing at all, start others and hand them a number, take a lock and end with it, or free one
that it does not hold. In programs with deaths a second process owns a third server, whose threads receive calls and
answer them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from hypothesis import strategies as st

Statement = tuple[Any, ...]
"""A verb and its parts; the strategies below are the grammar."""
Block = tuple[Statement, ...]

NUMBERS = ("n0", "n1", "n2")
CONNECTIONS = ("k0", "k1")
SERVERS = ("one", "two", "three")
ANSWERS = (41, 42)
UNREACHABLE = 99
"""What a thread takes for the answer to a send that failed."""


@dataclass(frozen=True)
class Thread:
    """What a thread does, how often."""

    block: Block
    times: int
    process: int = 0


Fate = Literal["lives", "dies", "restarts"]
"""What may become of the process of a server that answers at once."""


@dataclass(frozen=True)
class Program:
    """A scenario."""

    threads: tuple[Thread, ...]
    initial: tuple[int, int]
    connect: Literal["reuse", "unique"]
    fates: tuple[Fate, Fate] = ("lives", "lives")
    mortal: tuple[int, ...] = ()
    deaths: int = 0

    @property
    def has_peer(self) -> bool:
        """Whether there is a second process, with a server of its own."""
        return any(thread.process for thread in self.threads)


number = st.sampled_from(NUMBERS)
connection = st.sampled_from(CONNECTIONS)
constant = st.integers(0, 2)
operand = st.one_of(constant, number)
two = st.integers(0, 1)
comparison = st.sampled_from(("==", "!=", "<", "<=", ">", ">="))

atomic = st.one_of(
    st.tuples(st.just("load"), two, number),
    st.tuples(st.just("store"), two, operand),
    st.tuples(st.sampled_from(("swap", "fetch_add", "fetch_sub")), two, operand, number),
    st.tuples(st.just("compare_exchange"), two, operand, operand, number, number),
)
cell = st.one_of(
    st.tuples(st.just("get"), number),
    st.tuples(st.just("set"), operand),
    st.tuples(st.just("put"), connection),
)
local = st.one_of(
    st.tuples(st.just("materialise"), number),
    st.tuples(st.just("plus"), number, number, constant),
    st.tuples(st.just("forget"), number),
    st.tuples(st.just("fail"), number, constant),
)
kernel = st.one_of(
    st.tuples(st.just("connect"), two, connection),
    st.tuples(st.just("send"), connection, number),
    st.tuples(st.just("disconnect"), connection),
    st.tuples(st.just("pooled"), connection),
)
spin = st.one_of(
    st.tuples(st.just("spin"), two, comparison, constant),
    st.tuples(st.just("yield"), two, comparison, constant),
    st.tuples(st.just("spin_both"), constant, constant),
    st.tuples(st.just("spin_swap"), two),
)
choose = st.tuples(st.just("choose"), st.integers(1, 3), number)


def nested(inside: st.SearchStrategy[Statement]) -> st.SearchStrategy[Statement]:
    """Statements with blocks."""
    block = st.lists(inside, max_size=2).map(tuple)
    return st.one_of(
        st.tuples(st.just("if"), number, comparison, operand, block, block),
        st.tuples(st.sampled_from(("lock", "try_lock")), two, block),
    )


hold = st.tuples(st.sampled_from(("grab", "free")), st.just(0))
child = st.lists(st.one_of(atomic, atomic, kernel, local, hold, hold), max_size=2).map(tuple)
start = st.one_of(st.tuples(st.just("start"), number, child), st.just(("join",)))


def themed(*simple: st.SearchStrategy[Statement]) -> st.SearchStrategy[Statement]:
    """Statements of some kinds, now and then with blocks of them."""
    plain = st.one_of(*simple)
    return st.recursive(st.one_of(plain, plain, plain), nested, max_leaves=3)


first_connection = st.one_of(
    st.tuples(st.just("connect"), two, st.just("k0")),
    st.tuples(st.sampled_from(("send",)), st.just("k0"), st.just("n1")),
    st.tuples(st.just("disconnect"), st.just("k0")),
)
THEMES = (
    themed(atomic, atomic, kernel, kernel, cell, local, choose, spin),
    themed(atomic, local, cell, choose),
    themed(kernel, first_connection, first_connection, st.just(("fetch_sub", 0, 1, "n0"))),
    themed(atomic, st.tuples(st.just("store"), two, constant), spin, spin),
    themed(start, start, atomic, atomic, kernel, hold),
)
"""What programs are about: everything, data, connections, waiting, threads that start others."""


def blocks(theme: st.SearchStrategy[Statement], least: int, most: int) -> st.SearchStrategy[Block]:
    """What a thread does: it begins with an operation, often with a connection, and may end by closing that."""
    first = st.one_of(st.just(("load", 0, "n0")), st.tuples(st.just("connect"), two, st.just("k0")))
    last = st.sampled_from(((), (("disconnect", "k0"),)))
    rest = st.lists(theme, min_size=least, max_size=most)
    return st.builds(lambda head, middle, tail: (head, *middle, *tail), first, rest, last)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Two longer threads or three shorter ones; often some that do the same."""
    count = draw(st.integers(2, 3))
    theme = draw(st.sampled_from(THEMES))
    block = blocks(theme, 2, 5) if count == 2 else blocks(theme, 1, 2)
    drawn = draw(st.lists(block, min_size=1, max_size=count))
    threads = [Thread(drawn[i] if i < len(drawn) else draw(st.sampled_from(drawn)), 1) for i in range(count)]
    if draw(st.integers(0, 3)) == 0:
        threads.insert(draw(st.integers(0, count)), Thread((), draw(st.integers(1, 2))))
    elif count == 2:
        threads[0] = Thread(threads[0].block, draw(st.integers(1, 2)))
    return Program(
        threads=tuple(threads),
        initial=(draw(st.integers(0, 1)), draw(st.integers(0, 1))),
        connect=draw(st.sampled_from(("reuse", "unique"))),
    )


def one_after_the_other(*blocks: Block) -> Program:
    """A thread starts threads one behind the other, beside one that does nothing; each gets a TID that was used."""
    started = [statement for block in blocks for statement in (("start", "n0", block), ("join",))]
    threads = (Thread((("load", 0, "n0"), *started), 1), Thread((), 1))
    return Program(threads, initial=(0, 0), connect="reuse")
