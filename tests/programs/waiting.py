"""Who waits for ever: deadlocks, and cycles that no fair scheduler leaves.

A state from which nobody goes on by himself is a deadlock, unless it is quiet. So is a fair cycle in which nobody
changes anything: all who act in it wait for a change that never comes. A fair cycle with changes is a livelock. A cycle
is fair if everybody who can act somewhere on it does so (strong fairness); it is looked for in strongly connected
components, of which those states are taken away where somebody could act who never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from .state import State

if TYPE_CHECKING:
    from .brute_force import Step

Graph = Mapping[State, Sequence["Step"]]
"""The states of a program, and the steps from each, without deaths: nobody can rely on them."""


def violations(graph: Graph, is_quiet: Callable[[State], bool]) -> Iterator[tuple[str, str]]:
    """What is violated by those who wait for ever."""
    if any(not steps and not is_quiet(state) for state, steps in graph.items()):
        yield "deadlock", ""
    for component in _fair_components(graph):
        changes = any(
            step.after[0] != state[0] for state in component for step in graph[state] if step.after in component
        )
        yield "livelock" if changes else "deadlock", ""


def _fair_components(graph: Graph) -> Iterator[set[State]]:
    open_ = _components(graph, set(graph))
    while open_:
        component = open_.pop()
        enabled = {step.agent for state in component for step in graph[state]}
        acting = {step.agent for state in component for step in graph[state] if step.after in component}
        if enabled == acting:
            yield component
            continue
        starved = enabled - acting
        rest = {state for state in component if not any(step.agent in starved for step in graph[state])}
        open_ += _components(graph, rest)


def _components(graph: Graph, states: set[State]) -> list[set[State]]:
    """The strongly connected components that have a step inside (Tarjan 1972, without recursion)."""
    found: list[set[State]] = []
    index: dict[State, int] = {}
    lowest: dict[State, int] = {}
    stack: list[State] = []
    on_stack: set[State] = set()
    for root in states:
        if root in index:
            continue
        work = [(root, iter(_inside(graph, root, states)))]
        while work:
            state, successors = work[-1]
            if state not in index:
                index[state] = lowest[state] = len(index)
                stack.append(state)
                on_stack.add(state)
            for successor in successors:
                if successor not in index:
                    work.append((successor, iter(_inside(graph, successor, states))))
                    break
                if successor in on_stack:
                    lowest[state] = min(lowest[state], index[successor])
            else:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[state])
                if lowest[state] == index[state]:
                    found += _popped(graph, stack, on_stack, state)
    return found


def _inside(graph: Graph, state: State, states: set[State]) -> list[State]:
    return [step.after for step in graph[state] if step.after in states]


def _popped(graph: Graph, stack: list[State], on_stack: set[State], root: State) -> Iterator[set[State]]:
    """A component, whose first state is ``root``; nothing where that has no step to itself and is alone."""
    component: set[State] = set()
    while root not in component:
        component.add(stack.pop())
    on_stack -= component
    if len(component) > 1 or root in _inside(graph, root, component):
        yield component
