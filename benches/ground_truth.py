"""The benchmark's programs counted by brute force, to check that all tools are given the same ones.

Clients and their steps are plain tuples, and every interleaving is followed; nothing of the simulator is used. Left
out: all that a kernel does beside one slot of a connection map.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

Client = tuple[int, int]
"""Where a client is, as an index into its steps, and how many rounds it has left."""
Shared = tuple[int, bool, bool]
"""The count, whether the slot is in use, whether the lock is held."""

BUGGY = ("count", "connect", "send", "count back", "disconnect")
FIXED = ("lock", "count", "connect", "unlock", "send", "lock", "count back", "disconnect", "unlock")
SECTIONS = ("count and connect", "send", "count back and disconnect")


@dataclass(frozen=True)
class Counts:
    """What there is to explore.

    Attributes:
        states: Distinct states; whether a send has failed is no part of a state.
        schedules: Orders of steps.
        failing: Those that end with a failing send.
    """

    states: int
    schedules: int
    failing: int


def count(clients: int, rounds: int, *, fixed: bool, sections: bool = False, past_failures: bool = False) -> Counts:
    """Counts states and schedules of a program.

    Args:
        clients: How many there are.
        rounds: How often each connects and disconnects.
        fixed: Whether there is a lock.
        sections: Whether what happens under the lock counts as one step, as interleavings of a fixed program are
            commonly counted. Otherwise locking and unlocking are steps, as they are in the tools.
        past_failures: Whether schedules go on after a failing send. Otherwise they end there.
    """
    steps = BUGGY if not fixed else SECTIONS if sections else FIXED
    seen = set()

    @cache
    def schedules(threads: tuple[Client, ...], shared: Shared, failed: bool) -> tuple[int, int]:
        seen.add((threads, shared))
        further = []
        for number, client in enumerate(threads):
            if not can_step(steps, client, shared):
                continue
            fails = steps[client[0]] == "send" and not shared[1]
            if fails and not past_failures:
                further.append((1, 1))
                continue
            after, changed = step(steps, client, shared)
            further.append(schedules((*threads[:number], after, *threads[number + 1 :]), changed, failed or fails))
        return (sum(one for one, _ in further), sum(bad for _, bad in further)) if further else (1, int(failed))

    all_, failing = schedules(((0, rounds),) * clients, (0, False, False), False)
    return Counts(len(seen), all_, failing)


def can_step(steps: tuple[str, ...], client: Client, shared: Shared) -> bool:
    """Whether a client has rounds left and does not wait for the lock."""
    position, rounds = client
    return rounds > 0 and not (steps[position] == "lock" and shared[2])


def step(steps: tuple[str, ...], client: Client, shared: Shared) -> tuple[Client, Shared]:
    """One step of a client."""
    position, rounds = client
    skips = steps[position] == "count back" and shared[0] != 1
    further = position + (2 if skips else 1)
    after = (further, rounds) if further < len(steps) else (0, rounds - 1)
    return after, effect(steps[position], shared)


def effect(name: str, shared: Shared) -> Shared:
    """What a step does to what the clients share."""
    users, connected, locked = shared
    match name:
        case "lock" | "unlock":
            return users, connected, name == "lock"
        case "count":
            return users + 1, connected, locked
        case "count back":
            return users - 1, connected, locked
        case "connect" | "disconnect":
            return users, name == "connect", locked
        case "count and connect":
            return effect("connect", effect("count", shared))
        case "count back and disconnect":
            after = effect("count back", shared)
            return effect("disconnect", after) if users == 1 else after
        case _:
            return shared
