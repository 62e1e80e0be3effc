"""Every schedule of threads that go round in loops, by the plainest search that there is: a set of states.

Shares nothing with the package: a loop is a loop, nobody waits, and everybody takes every step that there is. So what
comes to an end is known, and from where nobody can come to one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .loops import ROUNDS, Item, Loops


class Place(NamedTuple):
    """Where a thread is: what it has yet to do, the step within the round, and whether the round was in vain."""

    items: tuple[Item, ...]
    step: int = 0
    again: bool = False


class State(NamedTuple):
    """Two flags and the count of rounds; where the threads are."""

    flags: tuple[int, ...]
    places: tuple[Place, ...]


@dataclass
class Found:
    """What can happen: final flags; and whether from somewhere nobody comes to the end."""

    finals: set[tuple[int, ...]]
    stuck: bool


def search(loops: Loops) -> Found:
    """Visits every state."""
    first = State((*loops.initial, 0), tuple(Place(items) for items in loops.threads))
    successors: dict[State, list[State]] = {}
    open_ = [first]
    while open_:
        state = open_.pop()
        if state not in successors:
            successors[state] = [after for number in range(len(state.places)) for after in _steps(state, number)]
            open_ += successors[state]
    ends = {state for state in successors if not any(place.items for place in state.places)}
    return Found({state.flags for state in ends}, len(_leading_to(ends, successors)) < len(successors))


def _leading_to(ends: set[State], successors: dict[State, list[State]]) -> set[State]:
    before: dict[State, list[State]] = {state: [] for state in successors}
    for state, after in successors.items():
        for successor in after:
            before[successor].append(state)
    reached, open_ = set(ends), list(ends)
    while open_:
        new = [state for state in before[open_.pop()] if state not in reached]
        reached.update(new)
        open_ += new
    return reached


def _steps(state: State, number: int) -> Iterator[State]:
    place = state.places[number]
    if not place.items:
        return
    verb, flag, first, second = place.items[0]
    flags, here = list(state.flags), list(state.places)
    old = flags[flag]
    done, stay = Place(place.items[1:]), Place(place.items)
    after: list[tuple[Place, dict[int, int]]] = []
    if verb == "store":
        after = [(done, {flag: first})]
    elif verb == "start":
        here.append(Place((("count", flag, first, second),)))
        after = [(done, {})]
    elif verb == "swap":
        after = [(stay if old != second else done, {flag: first})]
    elif verb == "take":
        after = [(done, {flag: second}) if old == first else (stay, {})]
    elif verb == "await":
        after = [(stay if old != first else done, {})]
    elif verb == "offer" and place.step == 0:
        after = [(Place(place.items, 1), {flag: first})]
    elif verb == "offer" and place.step == 1:
        after = [(Place(place.items, 2, flags[1 - flag] != second), {})]
    elif verb == "offer":
        after = [(stay if place.again else done, {flag: 0})]
    elif verb == "count" and place.step == 0:
        after = [(Place(place.items, 1) if flags[2] < ROUNDS else done, {2: flags[2] + 1})]
    elif verb == "count":
        after = [(stay if old != first else done, {})]
    elif verb == "try" and place.step == 0:
        after = [(Place(place.items, 1) if old != first else done, {})]
    elif verb == "try":
        after = [(stay, {}), (done, {})]
    for then, written in after:
        here[number] = then
        yield State(tuple(written.get(n, value) for n, value in enumerate(flags)), tuple(here))
