"""Cases: vats, limits and streams of calls; and their exploration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, final

from ... import _native
from ...errors import MisuseError
from ...result import Exploration, Replayed
from ...searches import Exhaustive
from .._checking import MOST_WORDS, flag, number, word
from .._exploring import Stop, Strategy, follow, run
from .limits import Advertised, Held, Limit, NoLimit, Requests, Words
from .windows import NoWindow, Window

Kind = Literal["plain", "tail", "pipeline-only", "endless"]
"""What becomes of a call that was read."""
Finish = Literal["at-return", "later", "never", "early", "early-cancelling", "before-next", "not-needed"]
"""When the caller sends Finish."""

_KINDS: Final = ("plain", "tail", "pipeline-only", "endless")
_FINISHES: Final = ("at-return", "later", "never", "early", "early-cancelling", "before-next", "not-needed")
_DEFAULT: Final = Exhaustive()
_NO_WINDOW: Final = NoWindow()


@final
@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of a stream.

    Attributes:
        kind: ``"plain"``: it returns by itself, or with ``hops`` when the call that it makes has returned.
            ``"tail"``: it is answered by a tail call back to the caller. ``"pipeline-only"``: there is no Return, and
            its state lives until Finish. ``"endless"``: it goes on until it is cancelled.
        hops: For a plain call: calls that follow, each made by the one before. They go along the chain of vats and turn
            at its ends: between two vats, 1 is a callback and more is mutual recursion; over a proxy, 1 is a forward.
        words: The words of its Call message, and of those that follow from it, at least 1.
        result: The words of its result.

    Raises:
        MisuseError: For an unknown kind, or numbers out of range.
    """

    kind: Kind = "plain"
    hops: int = 0
    words: int = 1
    result: int = 1

    def __post_init__(self) -> None:
        word(self.kind, "kind", _KINDS)
        number(self.hops, "hops", most=0 if self.kind != "plain" else 32)
        number(self.words, "words", least=1, most=MOST_WORDS)
        number(self.result, "result", most=MOST_WORDS)


@final
@dataclass(frozen=True, kw_only=True)
class Stream:
    """Calls to one object, sent in order.

    Attributes:
        calls: The calls, 1 to 64 of them.
        window: How far it runs ahead of the Returns.
        finish: When Finish is sent for calls that return. ``"at-return"``: in the step that reads the Return.
            ``"later"``: in any step after it. ``"never"``. ``"early"`` and ``"early-cancelling"``: right after the
            Call, which then goes on or is cancelled. ``"before-next"``: before the next Call. ``"not-needed"``: the
            Return says that none is needed.

    Raises:
        MisuseError: For anything else.
    """

    calls: tuple[Call, ...]
    window: Window = _NO_WINDOW
    finish: Finish = "at-return"

    def __post_init__(self) -> None:
        object.__setattr__(self, "calls", _several(self.calls, Call, "calls"))
        if not isinstance(self.window, Window):
            raise MisuseError(f"a window is a FixedWindow or AdaptiveWindow, not {type(self.window).__name__}")
        word(self.finish, "finish", _FINISHES)

    @classmethod
    def of(cls, count: int, *, words: int = 1, window: Window = _NO_WINDOW, finish: Finish = "at-return") -> Stream:
        """``count`` equal calls that return by themselves."""
        calls = (Call(words=words),) * number(count, "count", least=1, most=64)
        return cls(calls=calls, window=window, finish=finish)


@final
@dataclass(frozen=True, kw_only=True)
class Case:
    """What is explored: a chain of vats A, B, ..., and streams that A sends to B.

    Attributes:
        limits: The limit of each vat, on each of its connections; 2 to 8 vats.
        streams: The streams of vat A, 1 to 8.
        link: Messages that a link holds before a stream has to wait with its Call, 1 to 65,536.
        replies_wait: Whether Returns and Finishes wait for room too, so that who reads must be able to write.
        memory: Words that an answer table may hold; more of them is a violation. ``None`` is no limit.

    Raises:
        MisuseError: For anything else.

    Example:
        >>> from xous_sim.neighbours import capnp
        >>> def case(release: str) -> capnp.Case:
        ...     limits = (capnp.NoLimit(), capnp.Words(2, release=release))
        ...     return capnp.Case(limits=limits, streams=(capnp.Stream.of(4),))
        >>> print(capnp.explore(case("finish")).violation)
        deadlock: A waits for Return 3, but B has not read Call 3; ...
        >>> capnp.explore(case("return")).verdict
        'sound'
    """

    limits: tuple[Limit, ...]
    streams: tuple[Stream, ...]
    link: int = 65_536
    replies_wait: bool = False
    memory: int | None = None

    def __post_init__(self) -> None:
        kinds = (NoLimit, Words, Advertised, Held, Requests)
        object.__setattr__(self, "limits", _several(self.limits, kinds, "limits"))
        object.__setattr__(self, "streams", _several(self.streams, Stream, "streams"))
        number(self.link, "link", least=1, most=65_536)
        flag(self.replies_wait, "replies_wait")
        if self.memory is not None:
            number(self.memory, "memory")

    def _words(self) -> dict[str, Any]:
        return {
            "limits": [limit._words() for limit in self.limits],
            "streams": [_stream(stream) for stream in self.streams],
            "link": self.link,
            "replies_wait": self.replies_wait,
            "memory": self.memory,
        }


def explore(case: Case, strategy: Strategy = _DEFAULT, *, stop: Stop = "first") -> Exploration:
    """Explores every order in which streams send, vats read and calls return.

    ============ =============================================================================
    property     is violated if
    ============ =============================================================================
    ``deadlock`` nothing can go on, and a message is unread or a call unanswered
    ``leak``     all is over, and an answer table still has an entry
    ``lost``     a call was cancelled whose result was wanted
    ``refused``  a call came back with an exception because of a limit
    ``gap``      a call of a stream was let in behind a refused one
    ``dropped``  a limit dropped a connection
    ``memory``   an answer table holds more than :attr:`Case.memory`
    ============ =============================================================================

    Args:
        case: What is explored.
        strategy: As for :func:`xous_sim.explore`.
        stop: As for :func:`xous_sim.explore`.

    Returns:
        As :func:`xous_sim.explore`; ``sound`` is a proof for the case as it is bounded.

    Raises:
        MisuseError: For an argument that has no meaning.
        ReplayError: If the schedule of a :class:`xous_sim.Replay` does not fit.
    """
    _check(case)
    return run(_native.explore_capnp, _native.replay_capnp, case._words(), "case", strategy, stop, "capnp.replay")


def replay(case: Case, schedule: str) -> Replayed:
    """Follows one schedule of a case, up to its first violation.

    Args:
        case: What was explored.
        schedule: The line that an exploration printed, ``"x1:..."``.

    Raises:
        ReplayError: If the line is no schedule, or does not fit the case.

    Example:
        >>> from xous_sim.neighbours import capnp
        >>> case = capnp.Case(limits=(capnp.NoLimit(), capnp.Words(0)), streams=(capnp.Stream.of(1),))
        >>> print(capnp.replay(case, capnp.explore(case).schedule))
        step  thread      operation         result ...
    """
    _check(case)
    return follow(_native.replay_capnp, case._words(), "case", schedule)


def _check(case: object) -> None:
    if not isinstance(case, Case):
        raise MisuseError(f"a Case is explored, not {type(case).__name__}")


def _several(values: object, kinds: type | tuple[type, ...], what: str) -> tuple[Any, ...]:
    if not isinstance(values, Sequence) or not all(isinstance(value, kinds) for value in values):
        raise MisuseError(f"{what} are a tuple of those of this module, not {values!r}")
    return tuple(values)


def _stream(stream: Stream) -> tuple[list[tuple[str, int, int, int]], tuple[str, int, int], str]:
    calls: list[tuple[str, int, int, int]] = [(call.kind, call.hops, call.words, call.result) for call in stream.calls]
    return calls, stream.window._words(), stream.finish
