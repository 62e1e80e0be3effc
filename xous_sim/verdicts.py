"""The verdict table: every idiom explored against the kernels that it might run on.

A row is an idiom, a ``connect`` that reuses CIDs (today) or gives unique ones (proposed), a table of 32 or 46 slots,
with or without a connection of std to the same server, and a number of clients. What stands in a row comes out of the
exploration. On a weak machine, which has many more states, the table is that of two clients.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, Literal, final

from ._options import is_int, memory_model
from ._session import Scenario
from .errors import MisuseError
from .explore import explore
from .idioms import IDIOMS, Idiom, Open
from .messages import BlockingScalar
from .result import Exploration, Verdict
from .searches import Exhaustive
from .world import ConnectMode, MemoryModel, World

SERVER: Final = "ticktimer-server"
"""The server that the clients talk to."""
BYSTANDER_SERVER: Final = "xous-log-server "
"""The server of the bystander, who takes slots that the clients free. Its name does end in a space."""

Slots = Literal[32, 46]
"""The size of the connection table."""


def verdict_scenario(idiom: Idiom, clients: int, *, rounds: int = 2, std_shadow: bool = False) -> Scenario:
    """The program whose interleavings a row covers.

    Every client opens a connection with the idiom, talks and drops it, ``rounds`` times. A bystander, who does nothing
    wrong, connects to another server, talks and disconnects: a slot that a client frees may become his.

    Args:
        idiom: How the clients open and drop; those of an idiom with several crates use them in turn.
        clients: Threads that do so, at least 1.
        rounds: How often each does it.
        std_shadow: Whether std has a cached connection to the same server, used at the end of each round.

    Example:
        >>> import xous_sim as xs
        >>> from xous_sim.idioms import IDIOMS
        >>> from xous_sim.verdicts import verdict_scenario
        >>> xs.explore(verdict_scenario(IDIOMS["mutex_guarded"], 2)).verdict
        'sound'
    """
    if not is_int(clients) or clients < 1:
        raise MisuseError(f"clients must be a positive int, not {clients!r}")

    def scenario(world: World) -> None:
        server, other = world.server(SERVER), world.server(BYSTANDER_SERVER)
        app = world.process("app")
        std = app.std_connection(server) if std_shadow else None
        crates = [idiom.prepare(world, app, server) for _ in range(idiom.crates)]

        def client(open_: Open) -> None:
            with open_() as connection:
                app.send(connection, BlockingScalar(0))
            if std is not None:
                app.send(std, BlockingScalar(0))

        def bystander() -> None:
            with app.connect(other) as connection:
                app.send(connection, BlockingScalar(0))

        for number in range(clients):
            app.spawn(client, crates[number % len(crates)], times=rounds, name=f"client {number + 1}")
        app.spawn(bystander, name="bystander")

    return scenario


@final
@dataclass(frozen=True)
class Row:
    """One configuration of the table."""

    idiom: Idiom
    connect: ConnectMode
    slots: Slots
    std_shadow: bool
    clients: int
    memory: MemoryModel = "sc"

    def explore(self, *, max_states: int | None = None) -> RowResult:
        """Explores the row's program."""
        scenario = verdict_scenario(self.idiom, self.clients, std_shadow=self.std_shadow)
        strategy = Exhaustive(max_states=max_states)
        return RowResult(self, explore(scenario, strategy, connect=self.connect, slots=self.slots, memory=self.memory))


@final
@dataclass(frozen=True)
class RowResult:
    """What the exploration of a row found."""

    row: Row
    exploration: Exploration

    @property
    def verdict(self) -> Verdict:
        """What the exploration established."""
        return self.exploration.verdict

    @property
    def violation(self) -> str | None:
        """The property that the shortest counterexample violates."""
        violation = self.exploration.violation
        return None if violation is None else violation.property

    def as_json(self) -> dict[str, object]:
        """The row as ``xous-sim verdicts --json`` prints it."""
        return {
            "idiom": self.row.idiom.name,
            "connect": self.row.connect,
            "slots": self.row.slots,
            "std_shadow": self.row.std_shadow,
            "clients": self.row.clients,
            "memory": self.row.memory,
            "verdict": self.verdict,
            "violation": self.violation,
            "states": self.exploration.states,
            "transitions": self.exploration.transitions,
            "seconds": round(self.exploration.seconds, 6),
            "preemptions": self.exploration.preemptions,
            "schedule": self.exploration.schedule,
        }


def rows(*, memory: MemoryModel = "sc") -> Iterator[Row]:
    """All configurations, in the order of the table.

    Args:
        memory: As for :func:`xous_sim.explore`.

    Raises:
        MisuseError: For an unknown memory model.
    """
    connects: tuple[ConnectMode, ...] = ("reuse", "unique")
    sizes: tuple[Slots, ...] = (32, 46)
    clients = (2, 3) if memory_model(memory) == "sc" else (2,)
    for idiom in IDIOMS.values():
        for connect in connects:
            for slots in sizes:
                for std_shadow in (False, True):
                    for count in clients:
                        yield Row(idiom, connect, slots, std_shadow, count, memory)


def verdicts(
    *,
    memory: MemoryModel = "sc",
    max_states: int | None = None,
    workers: int | None = None,
    progress: Callable[[RowResult], object] = lambda result: None,
) -> list[RowResult]:
    """Explores all rows, several at a time.

    Args:
        memory: As for :func:`xous_sim.explore`.
        max_states: Distinct states of a row at most; ``None`` is no limit.
        workers: Threads; by default one for each processor.
        progress: Told of each row's result, in the order in which they get done.

    Returns:
        The results in the order of :func:`rows`.
    """

    def work(row: Row) -> RowResult:
        result = row.explore(max_states=max_states)
        progress(result)
        return result

    pool = ThreadPoolExecutor(workers or os.cpu_count() or 1)
    try:
        # Rows with many clients take longest; begun first, they leave no processor idle at the end.
        order = sorted(rows(memory=memory), key=lambda row: -row.clients)
        found = dict(zip(order, pool.map(work, order), strict=True))
        return [found[row] for row in rows(memory=memory)]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def changed_by_memory(weak: Sequence[RowResult], *, max_states: int | None = None) -> list[tuple[RowResult, RowResult]]:
    """The rows that come out otherwise on a strong machine, each with what comes out there.

    Args:
        weak: Results of a weak machine.
        max_states: Distinct states of a row at most; ``None`` is no limit.
    """
    both = [(result, replace(result.row, memory="sc").explore(max_states=max_states)) for result in weak]
    return [(one, other) for one, other in both if (one.verdict, one.violation) != (other.verdict, other.violation)]
