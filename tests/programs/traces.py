"""How many kinds of schedules a program has: those that differ only in the order of steps that commute are one kind.

Such a kind is a Mazurkiewicz trace. Two steps of different threads commute unless both touch the same object and one of
them changes it; what writes the value that is there already changes nothing. All schedules are followed one by one, and
their kinds are kept. The connections of all processes are one object, and so are all counted handles. Left out: threads
that start others or end their process, deaths, names and queues, of which it is not plain what an operation touches.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from .brute_force import Search
from .state import Place, State

_OBJECTS: Final = {
    "load": "atomic",
    "store": "atomic",
    "swap": "atomic",
    "fetch_add": "atomic",
    "fetch_sub": "atomic",
    "compare_exchange": "atomic",
    "get": "cell",
    "set": "cell",
    "put": "cell",
    "acquire": "lock",
    "try": "lock",
    "release": "lock",
    "connect": "kernel",
    "try_connect": "kernel",
    "send": "kernel",
    "disconnect": "kernel",
    "close": "kernel",
    "begin": "pool",
    "complete": "pool",
    "count": "heap",
    "clone": "heap",
    "look": "heap",
    "uncount": "heap",
}
"""What kind of object an operation works on."""
_JUMPS: Final = ("jump", "unless", "without")
_NO_OPERATIONS: Final = ("materialise", "plus", "appended", "forget", "let_go", "raise")
_KNOWN: Final = {*_OBJECTS, *_JUMPS, *_NO_OPERATIONS, "choose"}


class _Event(NamedTuple):
    """A step: whose, its how manyth, what it chooses, what it touches, and whether it changes that."""

    thread: int
    number: int
    pick: int
    touched: tuple[str, int] | None
    changes: bool


def count_traces(search: Search) -> int | None:
    """How many kinds of schedules there are; nothing if that is not known."""
    if not all(map(_is_known, search.code)):
        return None
    kinds: set[frozenset[tuple[_Event, _Event]]] = set()
    open_: list[tuple[State, tuple[_Event, ...]]] = [(search.initial, ())]
    while open_:
        state, path = open_.pop()
        steps = search.steps[state]
        if not steps:
            kinds.add(_kind(path))
        for step in steps:
            assert isinstance(step.agent, int), "there are no deaths"
            number = sum(event.thread == step.agent for event in path)
            event = _Event(step.agent, number, step.pick, *_touched(search, state, step.after, step.agent))
            open_.append((step.after, (*path, event)))
    return len(kinds)


def _is_known(code: list[list[Any]]) -> bool:
    """Whether it is known what all operations touch; who may spin may note all changes, so nothing goes back."""
    back = any(parts[-1] <= place for place, (verb, *parts) in enumerate(code) if verb in _JUMPS)
    return not back and all(verb in _KNOWN for verb, *_ in code)


def _kind(path: tuple[_Event, ...]) -> frozenset[tuple[_Event, _Event]]:
    """The pairs that do not commute, in their order, and every event with itself."""
    pairs = {(event, event) for event in path}
    for place, later in enumerate(path):
        pairs |= {(before, later) for before in path[:place] if _conflict(before, later)}
    return frozenset(pairs)


def _conflict(a: _Event, b: _Event) -> bool:
    return a.thread != b.thread and a.touched is not None and a.touched == b.touched and (a.changes or b.changes)


def _touched(search: Search, state: State, after: State, thread: int) -> tuple[tuple[str, int] | None, bool]:
    place: Place = state[1][thread]
    verb, *parts = search.code[place.code][place.pc]
    if verb == "choose":
        return None, False
    kind = _OBJECTS[verb]
    number: int = parts[0] if kind in ("atomic", "lock") else 0
    return (kind, number), state[0] != after[0]
