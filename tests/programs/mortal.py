"""Programs in which processes die: those of the program, and those of servers that may be started again."""

from __future__ import annotations

from hypothesis import strategies as st

from .syntax import Block, Fate, Program, Statement, Thread, atomic, cell, local, nested, number, operand, spin, two

_FATES: st.SearchStrategy[Fate] = st.sampled_from(("restarts", "restarts", "dies", "lives"))
_K0 = st.just("k0")


def _client(servers: int) -> st.SearchStrategy[Statement]:
    """What a client of so many servers does, mostly with one connection."""
    connection = st.one_of(_K0, _K0, st.just("k1"))
    server = st.integers(0, servers - 1)
    talking = {
        "connect": st.tuples(st.sampled_from(("connect", "try_connect")), server, connection),
        "send": st.tuples(st.just("send"), connection, number),
        "disconnect": st.tuples(st.just("disconnect"), connection),
        "spin": st.tuples(st.just("spin_connect"), server),
        "repair": st.just(("if", "n1", "==", 99, (("disconnect", "k0"),), ())),
        "else": st.one_of(atomic, cell, local, spin),
    }
    kinds = ("send", "connect", "send", "disconnect", "spin", "repair", "else", "else")
    plain = st.sampled_from(kinds).flatmap(talking.__getitem__)
    return st.integers(0, 4).flatmap(lambda kind: nested(plain) if kind == 4 else plain)


_serving = st.one_of(st.tuples(st.just("serve"), operand), st.tuples(st.just("serve"), operand), atomic)


@st.composite
def _block(draw: st.DrawFn, statements: st.SearchStrategy[Statement], servers: int, most: int) -> Block:
    """A thread begins with an operation, mostly with a connection that it may close in the end."""
    first = draw(st.one_of(st.tuples(st.just("connect"), st.integers(0, servers - 1), _K0), st.just(("load", 0, "n0"))))
    last: Block = draw(st.sampled_from(((), (("disconnect", "k0"),))))
    return (first, *draw(st.lists(statements, min_size=1, max_size=most)), *last)


@st.composite
def mortal_programs(draw: st.DrawFn) -> Program:
    """Two or three threads, one of them perhaps in a second process that serves; up to two deaths."""
    serves = draw(st.booleans())
    servers = 3 if serves else 2
    count = draw(st.integers(1, 2))
    client = _block(_client(servers), servers, 4 if count + serves == 1 else 2)
    drawn = draw(st.lists(client, min_size=1, max_size=count))
    threads = [Thread(draw(st.sampled_from(drawn)), 1) for _ in range(count)]
    if serves:
        serving = draw(st.lists(_serving, min_size=1, max_size=2))
        threads.append(Thread((("load", 1, "n0"), *serving), draw(st.integers(1, 2)), process=1))
    return Program(
        threads=tuple(threads),
        initial=(draw(two), draw(two)),
        connect=draw(st.sampled_from(("reuse", "unique"))),
        fates=(draw(_FATES), draw(_FATES)),
        mortal=draw(st.sampled_from(((), (0,), (1,), (0, 1)) if serves else ((), (0,)))),
        deaths=draw(st.integers(1, 2)),
    )


RETURN_IS_NOTICED = Program(
    threads=(Thread((("connect", 0, "k0"), ("spin_connect", 0)), 1),),
    initial=(0, 0),
    connect="reuse",
    fates=("restarts", "lives"),
    deaths=1,
)
"""A thread spins until its server is back."""
CALL_IS_DISOWNED = Program(
    threads=(Thread((("connect", 2, "k0"), ("send", "k0", "n0")), 1), Thread((("serve", 1),), 1, process=1)),
    initial=(0, 0),
    connect="reuse",
    mortal=(0,),
    deaths=1,
)
"""A client dies whose call is queued: the server receives a message that needs no answer."""
