"""How many schedules a program has, counted on the graph of its states without following any of them.

A schedule is a path from the first state to one in which nobody can act. A preemption is a step of somebody other than
the one before, who could go on; a death is no scheduler's doing, so it preempts nobody and is nobody's way to go on.
Programs that can come back to a state have no such number.
"""

from __future__ import annotations

from .brute_force import Search, Step
from .state import State

Agent = int | tuple[str, int] | None


class Counts:
    """The schedules of a program that was searched."""

    def __init__(self, search: Search) -> None:
        self._steps = search.steps
        self._initial = search.initial
        self._all: dict[State, int] = {}
        self._bounded: dict[tuple[State, Agent, int], int] = {}
        self.has_cycle = _has_cycle(search)

    def all(self) -> int:
        """How many there are."""
        return self._from(self._initial)

    def within(self, preemptions: int) -> int:
        """How many there are with so many preemptions at most."""
        return self._bound(self._initial, None, preemptions)

    def _from(self, state: State) -> int:
        if state not in self._all:
            steps = self._steps[state]
            self._all[state] = sum(self._from(step.after) for step in steps) if steps else 1
        return self._all[state]

    def _bound(self, state: State, previous: Agent, left: int) -> int:
        key = state, previous, left
        if key not in self._bounded:
            steps = self._steps[state]
            goes_on = any(step.agent == previous for step in steps)
            counts = [self._after(step, previous, left, goes_on) for step in steps]
            self._bounded[key] = sum(counts) if steps else 1
        return self._bounded[key]

    def _after(self, step: Step, previous: Agent, left: int, goes_on: bool) -> int:
        if step.agent is None:
            return self._bound(step.after, previous, left)
        left -= previous is not None and goes_on and step.agent != previous
        return self._bound(step.after, step.agent, left) if left >= 0 else 0


def _has_cycle(search: Search) -> bool:
    """Whether a state comes again: then not all can be taken away, one after another that no other leads to."""
    before = dict.fromkeys(search.steps, 0)
    for steps in search.steps.values():
        for step in steps:
            before[step.after] += 1
    open_ = [state for state, count in before.items() if not count]
    taken = 0
    while open_:
        taken += 1
        for step in search.steps[open_.pop()]:
            before[step.after] -= 1
            if not before[step.after]:
                open_.append(step.after)
    return taken < len(before)
