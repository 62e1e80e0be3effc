"""The table: small cases of every policy, each with what exploration finds in it.

Letters are those of the facts about Cap'n Proto (``docs/capnp.md``). What stands in a row comes out of the exploration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, final

from ...searches import Exhaustive
from .._table import RowResult, explore_rows
from .case import Call, Case, Kind, Stream, explore
from .limits import Advertised, Held, Limit, NoLimit, Requests, Words
from .windows import AdaptiveWindow, FixedWindow


@final
@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        letter: Of the facts' table.
        policy: What limits the flow, for readers.
        program: What is sent, for readers.
        case: The case.
    """

    letter: str
    policy: str
    program: str
    case: Case

    def explore(self, *, max_states: int | None = None) -> RowResult[Row]:
        """Explores the row's case, and goes on behind violations."""
        return RowResult(self, explore(self.case, Exhaustive(max_states=max_states), stop="explored"))

    def as_json(self) -> dict[str, object]:
        """What identifies the row."""
        return {"letter": self.letter, "policy": self.policy, "program": self.program}

    @property
    def cells(self) -> tuple[str, ...]:
        """What identifies the row, for a table."""
        return (self.letter, self.policy, self.program)


HEADINGS: Final = ("row", "limit", "program")
"""Of the cells of a row."""

_PLAIN: Final = Call()
_CALLBACK: Final = Call(hops=1)
_AT_FINISH: Final = Words(2, "finish")
_NONE: Final = NoLimit()


def _row(
    letter: str,
    limit: Limit,
    program: str,
    *streams: Stream,
    a: Limit = _NONE,
    behind: Limit | None = None,
    memory: int | None = None,
) -> Row:
    """A row with one limited vat, or with a server behind it."""
    limits = (a, limit) if behind is None else (a, limit, behind)
    policy = str(limit) if isinstance(a, NoLimit) else f"A, B: {limit}" if a == limit else f"A: {a}"
    return Row(letter, policy, program, Case(limits=limits, streams=streams, memory=memory))


def _calls(kind: Kind, count: int) -> Stream:
    return Stream(calls=(Call(kind=kind),) * count)


def _stalled() -> Stream:
    return Stream(calls=(_CALLBACK, _CALLBACK, _PLAIN))


def _recursion(hops: int) -> Stream:
    return Stream(calls=(Call(hops=hops),))


def rows() -> Iterator[Row]:
    """All rows, in the order of the table."""
    yield _row("a", _AT_FINISH, "stream of 4", Stream.of(4))
    yield _row("a", Words(2, "finish", "V2"), "stream of 4", Stream.of(4))
    yield _row("a", _AT_FINISH, "stream of 2", Stream.of(2))
    yield _row("b", Words(2), "stream of 6", Stream.of(6))
    yield _row("b", Words(2), "3 calls of 3 words", Stream.of(3, words=3))
    yield _row("b", Words(2, "return", "V2"), "3 calls of 3 words", Stream.of(3, words=3))
    yield _row("b", Words(0), "1 call", Stream.of(1))
    yield _row("b", Words(2), "3 callbacks", Stream(calls=(_CALLBACK,) * 3))
    yield _row("b", Words(2), "2 callbacks, 1 call", _stalled())
    yield _row("b", Words(2, wake="at"), "2 callbacks, 1 call", _stalled())
    yield _row("b", Words(2), "3 pipeline-only calls", _calls("pipeline-only", 3))
    yield _row("b", Words(2), "3 calls to be cancelled", _calls("endless", 3))
    yield _row("b", NoLimit(), "tail call back", _calls("tail", 1), a=Words(0, wake="at"))
    yield _row("c", Words(2), "4 calls, never finished", Stream.of(4, finish="never"))
    yield _row("c", Words(2), "4 calls, never finished, memory 6", Stream.of(4, finish="never"), memory=6)
    yield _row("c", Held(3, 6), "4 calls, never finished, memory 6", Stream.of(4, finish="never"), memory=6)
    yield _row("d", _AT_FINISH, "4 calls, Finish beside each", Stream.of(4, finish="early"))
    yield _row("d", Words(1, "finish"), "4 calls, Finish beside each", Stream.of(4, finish="early"))
    yield _row("d", _AT_FINISH, "4 calls, Finish before the next", Stream.of(4, finish="before-next"))
    yield _row("d", _AT_FINISH, "4 calls, cancelling Finish", Stream.of(4, finish="early-cancelling"))
    yield _row("d", _AT_FINISH, "4 calls, no Finish needed", Stream.of(4, finish="not-needed"))
    yield _row("e", _AT_FINISH, "5 calls, window 1", Stream.of(5, window=FixedWindow(1)))
    yield _row("e", _AT_FINISH, "5 calls, window 2", Stream.of(5, window=FixedWindow(2)))
    yield _row("e", _AT_FINISH, "5 calls, window 1 to 2", Stream.of(5, window=AdaptiveWindow(1, 2)))
    yield _row("e", _AT_FINISH, "2 objects, window 1 each", *[Stream.of(3, window=FixedWindow(1))] * 2)
    yield _row("e", Words(2), "5 calls, window 2", Stream.of(5, window=FixedWindow(2)))
    yield _row("f", Words(2), "3 calls through B to C", Stream(calls=(_CALLBACK,) * 3), behind=Words(1))
    yield _row("f", Words(2), "3 callbacks through B from C", Stream(calls=(Call(hops=3),) * 3), behind=NoLimit())
    yield _row("g", Words(2), "mutual recursion, depth 3", _recursion(3), a=Words(2))
    yield _row("g", Words(2), "mutual recursion, depth 5", _recursion(5), a=Words(2))
    yield _row("h", Advertised(2), "stream of 4", Stream.of(4))
    yield _row("h", Advertised(2), "mutual recursion, depth 5", _recursion(5), a=Advertised(2))
    yield _row("-", Requests(1, 1), "3 callbacks", Stream(calls=(_CALLBACK,) * 3))
    yield _row("-", Requests(1, 1), "stream of 4", Stream.of(4))


def table(
    *,
    max_states: int | None = None,
    workers: int | None = None,
    progress: Callable[[RowResult[Row]], object] = lambda result: None,
) -> list[RowResult[Row]]:
    """Explores all rows, several at a time.

    Args:
        max_states: Distinct states of a row at most; ``None`` is no limit.
        workers: Threads; by default one for each processor.
        progress: Told of each row that is done, in the order in which they get done.

    Returns:
        The results in the order of :func:`rows`.
    """
    return explore_rows(list(rows()), lambda row: row.explore(max_states=max_states), workers, progress)
