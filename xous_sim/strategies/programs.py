"""Programs that Hypothesis draws: see :class:`Program` for what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from .._options import positive_int
from ..errors import MisuseError
from .program import Connect, Disconnect, Program, Send, Statement, Thread

_NAMES = "abcdefgh"


def programs(
    *, servers: Sequence[str] = ("log", "net"), max_threads: int = 3, max_statements: int = 6
) -> st.SearchStrategy[Program]:
    """Client programs over servers, connections and messages.

    Threads are right by themselves: see :class:`Program`. Several often do the same.

    Args:
        servers: The names of the servers that threads may use.
        max_threads: Threads of a program at most; there are two at least, if that allows two.
        max_statements: Statements of a thread at most, without those that close what is still open at its end.

    Raises:
        MisuseError: For an argument that has no meaning.

    Example:
        >>> import xous_sim as xs
        >>> from hypothesis import find
        >>> from xous_sim.strategies import programs
        >>> find(programs(), lambda program: xs.explore(program).verdict == "violated")
        Program(threads=((Connect(name='a', server='log'), ...
    """
    if isinstance(servers, str) or not servers:
        raise MisuseError(f"servers must be a list of names that is not empty, not {servers!r}")
    for name in servers:  # as a program does
        Program(threads=((Connect("a", name), Disconnect("a")),))
    return _programs(
        tuple(servers), positive_int(max_threads, "max_threads"), positive_int(max_statements, "max_statements")
    )


@st.composite
def _programs(draw: st.DrawFn, servers: tuple[str, ...], max_threads: int, max_statements: int) -> Program:
    thread = _threads(servers, max_statements)
    count = draw(st.integers(min(2, max_threads), max_threads))
    different = draw(st.lists(thread, min_size=1, max_size=count))
    same = [draw(st.sampled_from(different)) for _ in range(count - len(different))]
    return Program(threads=(*different, *same))


@st.composite
def _threads(draw: st.DrawFn, servers: tuple[str, ...], max_statements: int) -> Thread:
    """A thread that opens, uses and closes, and at its end closes what is open."""
    steps: list[Statement] = []
    held: list[str] = []
    for _ in range(draw(st.integers(1, max_statements))):
        steps.append(draw(_next(servers, held)))
        if isinstance(steps[-1], Connect):
            held.append(steps[-1].name)
        elif isinstance(steps[-1], Disconnect):
            held.remove(steps[-1].name)
    return (*steps, *map(Disconnect, held))


def _next(servers: tuple[str, ...], held: list[str]) -> st.SearchStrategy[Any]:
    """The statements that are right where these connections are held."""
    free = next((name for name in _NAMES if name not in held), None)
    possible: list[st.SearchStrategy[Any]] = []
    if held:
        name = st.sampled_from(held)
        possible += [st.builds(Disconnect, name), st.builds(Send, name, st.integers(0, 3), st.booleans())]
    if free is not None:
        possible.append(st.builds(Connect, st.just(free), st.sampled_from(servers)))
    return st.one_of(possible)
