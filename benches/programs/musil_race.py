"""The refcount race in musil, which checks state machines: the program is rewritten as one.

A client is the label of its next step and the rounds it has left; an action is one step of one client. Steps and labels
are those of ``refcount_race.pml``. With ``symmetry`` as the strategy, states are sorted by client before they are
compared; that this is sound is for the author to know. ``paths`` prints how many states there are before a send fails,
how many schedules the graph of states holds, and how many of them end in a failing send. Left out: all that a kernel
does beside one slot of a connection map.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

from command_line import Asked, asked, report
from musil import Action, Graph, Model, Result, check
from musil import explore as graph_of
from musil.symmetry import canonical_by_fields

BUGGY = ("count", "connect", "send", "count back", "disconnect")
FIXED = ("lock", "count", "connect", "unlock", "send", "lock again", "count back", "disconnect", "unlock at last")


@dataclass(frozen=True)
class State:
    """All there is: the clients, each as label and rounds left, and what they share."""

    clients: tuple[tuple[str, int], ...]
    refcount: int = 0
    connected: bool = False
    locked: bool = False
    cut: bool = False


def next_label(state: State, label: str, rounds: int, fixed: bool) -> tuple[str, int]:
    """Where a client goes from ``label``: who is not the last one does not disconnect."""
    labels = FIXED if fixed else BUGGY
    step = labels.index(label) + 1
    if label == "count back" and state.refcount != 1:
        step += 1
    return (labels[step], rounds) if step < len(labels) else (labels[0], rounds - 1)


def effect(state: State, label: str) -> State:
    """What a step does to what the clients share."""
    match label:
        case "lock" | "lock again":
            return replace(state, locked=True)
        case "unlock" | "unlock at last":
            return replace(state, locked=False)
        case "count":
            return replace(state, refcount=state.refcount + 1)
        case "count back":
            return replace(state, refcount=state.refcount - 1)
        case "connect" | "disconnect":
            return replace(state, connected=label == "connect")
        case _:
            return replace(state, cut=not state.connected)


def enabled(number: int, state: State) -> bool:
    """Whether a client can do a step. Nobody goes on after a failing send."""
    label, rounds = state.clients[number]
    return rounds > 0 and not state.cut and not (state.locked and label in ("lock", "lock again"))


def step(number: int, fixed: bool, state: State) -> State:
    """One step of a client."""
    after = next_label(state, *state.clients[number], fixed)
    clients = (*state.clients[:number], after, *state.clients[number + 1 :])
    return replace(effect(state, state.clients[number][0]), clients=clients)


def model(clients: int, rounds: int, fixed: bool) -> Model[State]:
    """The program as a state machine."""
    first = (FIXED if fixed else BUGGY)[0]
    return Model(
        init=State(((first, rounds),) * clients),
        actions=[Action(f"client {n}", partial(enabled, n), partial(step, n, fixed)) for n in range(clients)],
        invariants={"severed": lambda state: not state.cut},
        terminal=lambda state: state.cut or all(rounds == 0 for _, rounds in state.clients),
    )


def explore(what: Asked) -> tuple[str, int]:
    """Explores all states until a send fails."""
    sort: Callable[[State], State] | None = canonical_by_fields("clients") if what.strategy == "symmetry" else None
    race = model(what.clients, what.rounds, what.fixed)
    result: Result[State] = check(race, max_states=10**9, canonicalize=sort)
    return "sound" if result.ok else "violated", result.states_explored


def count_paths(graph: Graph[State]) -> tuple[int, int]:
    """How many schedules there are, and how many of them fail."""

    @cache
    def paths(state: State) -> tuple[int, int]:
        further = [paths(after) for _, after in graph.edges[state]]
        if not further:
            return 1, int(state.cut)
        return sum(all_ for all_, _ in further), sum(failing for _, failing in further)

    return paths(graph.initial[0])


if __name__ == "__main__":
    if asked().strategy == "paths":
        graph = graph_of(model(asked().clients, asked().rounds, asked().fixed))
        schedules, failing = count_paths(graph)
        states = sum(not state.cut for state in graph.states)
        print(json.dumps({"states": states, "schedules": schedules, "failing": failing}))
    else:
        report(explore)
