"""Programs of the common grammar that are small enough for every schedule to be followed.

Left out: what takes many steps to set up, as the third connection of a thread.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from .shapes import SHAPES
from .syntax import (
    THEMES,
    Block,
    Profile,
    Program,
    Statement,
    Thread,
    atomic,
    bare_lock,
    cell,
    constant,
    escaping,
    kernel,
    local,
    named,
    nested,
    number,
    shared,
    starting,
    two,
)
from .tellings import TELLINGS

_RACES = st.one_of(atomic, atomic, cell)
_BRANCHES = st.one_of(_RACES, nested(_RACES))
_CHANCES = st.tuples(st.just("compare_exchange"), two, constant, constant, st.just("n1"), st.just("n2"))
"""Rarely written, and nobody looks whether."""
_FAILING = st.tuples(st.just("fail"), number, constant)
_ESCAPES = st.one_of(escaping(st.one_of(atomic, kernel)), escaping(atomic), atomic, cell, _FAILING)
_SHARING = st.one_of(shared, shared, shared, shared, atomic, starting(shared))
_LOCKING = st.one_of(bare_lock, bare_lock, atomic, starting(bare_lock), starting(bare_lock))
_STARTING = st.one_of(starting(starting(atomic)), starting(st.one_of(atomic, local)), atomic)
_NAMED = st.one_of(named, named, named, atomic)
_BEGINNINGS: tuple[Block, ...] = (
    (("load", 0, "n0"),),
    (("fetch_add", 0, 1, "n0"),),
    (("fetch_add", 1, 1, "n0"),),
    (("get", "n0"),),
    (("connect", 0, "k0"),),
)
_ENDS: tuple[Block, ...] = ((), (("set", "n0"),), (("store", 0, "n0"),), (("store", 1, "n1"),))
"""Mostly what a thread has seen is told, so that different executions come to different final states."""


@st.composite
def _block(draw: st.DrawFn, theme: st.SearchStrategy[Statement], most: int) -> Block:
    """What a thread does: it begins with an operation, and may end by telling what it saw or closing what it opened."""
    first = draw(st.sampled_from(_BEGINNINGS))
    rest = draw(st.lists(theme, min_size=1, max_size=most))
    last = (("disconnect", "k0"),) if first[0][0] == "connect" else draw(st.sampled_from(_ENDS))
    return (*first, *rest, *last)


@st.composite
def _program(
    draw: st.DrawFn, theme: st.SearchStrategy[Statement], *, longest: int = 4, limit: int | None = None
) -> Program:
    """Two threads of a few operations or three of two or three; often equal ones."""
    count = draw(st.sampled_from((2, 2, 3)))
    block = _block(theme, longest if count == 2 else longest // 2)
    drawn = draw(st.lists(block, min_size=1, max_size=count))
    blocks = [drawn[i] if i < len(drawn) else drawn[0] for i in range(count)]
    times = draw(st.sampled_from((1, 2))) if count == 2 and len(blocks[0]) <= 4 else 1
    return Program(
        threads=tuple(Thread(block, times if i == 0 else 1) for i, block in enumerate(blocks)),
        initial=(draw(two), draw(two)),
        connect=draw(st.sampled_from(("reuse", "unique"))),
        limit=limit,
    )


def small_programs() -> st.SearchStrategy[Program]:
    """Everything that threads can do with atomics, cells, locks, connections and loops."""
    return st.sampled_from((*THEMES, _RACES, _BRANCHES, _BRANCHES, _CHANCES)).flatmap(_program)


@st.composite
def _idle(draw: st.DrawFn, programs: st.SearchStrategy[Program]) -> Program:
    """One more thread, which ends or fails at once, and one that only then does something."""
    program = draw(programs)
    idle: Block = draw(st.sampled_from(((), (("plus", "n0", "n0", 1),), (("fail", "n0", 0),))))
    threads = [*program.threads[:2], Thread(idle, draw(st.sampled_from((1, 2))))]
    return replace(program, threads=tuple(draw(st.permutations(threads))))


@st.composite
def _apart(draw: st.DrawFn, programs: st.SearchStrategy[Program]) -> Program:
    """Threads in two processes."""
    program = draw(programs)
    threads = (replace(thread, process=draw(two)) for thread in program.threads)
    return replace(program, threads=tuple(t if "'pooled'" not in repr(t) else replace(t, process=0) for t in threads))


def starting_programs() -> st.SearchStrategy[Program]:
    """Threads start others, which may start others, and tell their TIDs: one that is free again tells who had ended."""
    few = st.one_of(_program(_STARTING, longest=3), _program(_LOCKING, longest=4))
    return st.one_of(few, few, _idle(few))


def sharing_programs() -> st.SearchStrategy[Program]:
    """Counted handles: cloned, handed on, dropped and forgotten."""
    return _program(_SHARING)


def escaping_programs() -> st.SearchStrategy[Program]:
    """Exceptions, and what is around the operations that they pass."""
    return _program(_ESCAPES, longest=3)


def named_programs() -> st.SearchStrategy[Program]:
    """Clients of the name server."""
    return st.integers(0, 2).flatmap(lambda limit: _program(_NAMED, limit=limit))


def apart_programs() -> st.SearchStrategy[Program]:
    """Two processes whose threads use the same servers."""
    return _apart(_program(st.one_of(kernel, kernel, atomic, shared, st.just(("terminate",)))))


@st.composite
def dressed(draw: st.DrawFn, programs: st.SearchStrategy[Program]) -> Program:
    """The same in different Python, and on either build of the kernel; the desktop one panics when a process ends."""
    program = draw(programs)
    profile: Profile = draw(st.sampled_from(("hardware", "hardware", "hosted")))
    return replace(
        program,
        shape=draw(st.sampled_from(("plain", "plain", *SHAPES))),
        told=draw(st.sampled_from(("arguments", "arguments", *TELLINGS))),
        profile="hardware" if "'terminate'" in repr(program) else profile,
    )
