"""The programs: a tree of statements for each thread, and the hypothesis strategies that draw them.

A thread has three numbers ``n0`` to ``n2``, two connections ``k0`` and ``k1``, two counted handles ``h0`` and ``h1``,
and the TIDs ``t0`` and ``t1`` of threads that it has started, none of which others see; ``w`` is the connection of the
block around. Shared are atomics, a cell, two mutexes, a pool (a OnceLock for a connection to the first server) and two
servers that answer at once. A thread may start others and hand them a number, a connection or a handle. A second
process owns a third server, whose threads receive calls and answer them. There may be a name server, with one name.
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
HANDLES = ("h0", "h1")
THREADS = ("t0", "t1")
SERVERS = ("one", "two", "three", "names", "a server with a name")
ANSWERS = (41, 42, 0, 0, 43)
BASE = 4
"""What is appended to is a number in this base."""
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

Profile = Literal["hardware", "hosted"]


@dataclass(frozen=True)
class Program:
    """A scenario.

    Attributes:
        threads: They run from the beginning.
        initial: The first values of the atomics.
        connect: Whether connecting again gives the same connection.
        fates: What becomes of the servers that answer at once.
        mortal: The processes that may die.
        deaths: How many may, all in all.
        profile: Which build of the kernel it runs on.
        limit: How many connections the name server gives out; without a limit there is none.
        shape: Which construct of Python is around the operations, see ``shapes``; it changes nothing.
        told: How bodies know what to do, see ``tellings``; it changes nothing either.
    """

    threads: tuple[Thread, ...]
    initial: tuple[int, ...]
    connect: Literal["reuse", "unique"]
    fates: tuple[Fate, Fate] = ("lives", "lives")
    mortal: tuple[int, ...] = ()
    deaths: int = 0
    profile: Profile = "hardware"
    limit: int | None = None
    shape: str = "plain"
    told: str = "arguments"

    @property
    def has_peer(self) -> bool:
        """Whether there is a second process, with a server of its own."""
        return any(thread.process for thread in self.threads)


number = st.sampled_from(NUMBERS)
connection = st.sampled_from(CONNECTIONS)
handle = st.sampled_from(HANDLES)
thread = st.sampled_from(THREADS)
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


shared = st.one_of(
    st.tuples(st.just("share"), two, st.just("h0")),
    st.tuples(st.just("clone"), handle, handle),
    st.tuples(st.just("ask"), handle, number),
    st.tuples(st.just("drop"), handle),
    st.tuples(st.just("drop"), handle),
    st.tuples(st.just("let_go"), handle),
)
named = st.one_of(
    st.tuples(st.sampled_from(("request", "request", "await_name")), connection),
    st.tuples(st.just("give_back"), number),
    st.tuples(st.just("send"), connection, number),
    st.tuples(st.just("disconnect"), connection),
)
bare_lock = st.tuples(st.sampled_from(("take", "give")), st.just(0))


def nested(inside: st.SearchStrategy[Statement]) -> st.SearchStrategy[Statement]:
    """Statements with blocks."""
    block = st.lists(inside, max_size=2).map(tuple)
    return st.one_of(
        st.tuples(st.just("if"), number, comparison, operand, block, block),
        st.tuples(st.sampled_from(("lock", "try_lock")), two, block),
    )


def escaping(inside: st.SearchStrategy[Statement]) -> st.SearchStrategy[Statement]:
    """Statements with blocks that exceptions may leave."""
    failing = st.tuples(st.just("fail"), number, constant)
    through = st.tuples(st.just("send"), st.just("w"), number)
    block = st.lists(st.one_of(inside, inside, failing), max_size=2).map(tuple)
    using = st.lists(st.one_of(inside, through, failing), max_size=2).map(tuple)
    return st.one_of(
        st.tuples(st.sampled_from(("catch", "finally")), block, block),
        st.tuples(st.just("with"), two, using),
        nested(inside),
    )


def starting(inside: st.SearchStrategy[Statement]) -> st.SearchStrategy[Statement]:
    """Threads that others start, and what is done with their TIDs; some end at once."""
    block = st.lists(inside, max_size=2).map(tuple)
    given = st.one_of(number, number, connection, handle)
    start = st.tuples(st.just("start"), thread, given, block)
    return st.one_of(start, start, st.tuples(st.sampled_from(("join", "join", "tell")), thread))


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
    themed(starting(st.one_of(atomic, atomic, kernel, local)), atomic, atomic, kernel),
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
    if count == 2:
        threads[0] = Thread(threads[0].block, draw(st.integers(1, 2)))
    return Program(
        threads=tuple(threads),
        initial=(draw(st.integers(0, 1)), draw(st.integers(0, 1))),
        connect=draw(st.sampled_from(("reuse", "unique"))),
    )


def one_after_the_other(*blocks: Block) -> Program:
    """A thread starts threads one behind the other, beside one that does nothing; each gets a TID that was used."""
    started = [statement for block in blocks for statement in (("start", "t0", "n0", block), ("join", "t0"))]
    threads = (Thread((("load", 0, "n0"), *started), 1), Thread((), 1))
    return Program(threads, initial=(0, 0), connect="reuse")
