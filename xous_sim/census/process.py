"""A process that uses a set of libraries, as a scenario, and what its exploration says of each connection.

Each use of a library is a thread that makes an object, talks and drops it, twice; uses of one library share its
counter. Each use of a std service talks through std's cached connection, opened before. A bystander connects to a
server of its own and takes slots that come free. Left out: xous-names as a server (a lookup is a connect), and what
the messages say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, final

from .._session import Scenario
from ..errors import MisuseError
from ..explore import explore
from ..handles import Connection
from ..idioms import Open
from ..messages import BlockingScalar
from ..process import Process, Server
from ..result import Counterexample, Verdict
from ..searches import Exhaustive
from ..world import World
from .inventory import NAMES, Counter, Inventory, StdService, load

BYSTANDER_SERVER: Final = "a bystander's"
"""The server of the bystander."""
_ROUNDS: Final = 2


@final
@dataclass(frozen=True)
class Finding:
    """What can happen to the connection to one server.

    Attributes:
        server: The server.
        users: Who of the process uses it.
        severed: A shortest schedule after which a live handle's send gets ServerNotFound, if there is one.
        misdelivered: A shortest schedule after which a message reaches another server, if there is one.
    """

    server: str
    users: tuple[str, ...]
    severed: Counterexample | None
    misdelivered: Counterexample | None


@final
@dataclass(frozen=True)
class Census:
    """What the exploration of one process found.

    Attributes:
        uses: What the process uses.
        verdict: The exploration's.
        findings: One for each server that the process is connected to; the bystander's comes last.
        states: Distinct states.
        seconds: Wall-clock time of the search.
        complete: Whether every interleaving was covered; if not, more may go wrong than was found.
    """

    uses: tuple[str, ...]
    verdict: Verdict
    findings: tuple[Finding, ...]
    states: int
    seconds: float
    complete: bool

    def as_json(self) -> dict[str, object]:
        """The census as ``xous-sim census --json`` prints it."""
        return {
            "uses": list(self.uses),
            "verdict": self.verdict,
            "complete": self.complete,
            "states": self.states,
            "seconds": round(self.seconds, 6),
            "connections": [
                {
                    "server": finding.server,
                    "users": list(finding.users),
                    "severed": None if finding.severed is None else finding.severed.schedule,
                    "misdelivered": None if finding.misdelivered is None else finding.misdelivered.schedule,
                }
                for finding in self.findings
            ],
        }


@final
class _Libraries:
    """The libraries of one process: their servers and counters, each made once."""

    def __init__(self, world: World, app: Process, inventory: Inventory) -> None:
        self._world = world
        self._app = app
        self._inventory = inventory
        self._servers: dict[str, Server] = {}
        self._opens: dict[str, Open] = {}

    def server(self, name: str) -> Server:
        if name not in self._servers:
            self._servers[name] = self._world.server(name)
        return self._servers[name]

    def counted(self, counter: Counter) -> Open:
        """``new()`` and ``drop`` of the library's objects."""
        if counter.name not in self._opens:
            self._opens[counter.name] = self._refcounted(counter)
        return self._opens[counter.name]

    def _refcounted(self, counter: Counter) -> Open:
        app, server = self._app, self.server(counter.server)
        refcount = self._world.atomic_u32(0, name=f"{counter.name} REFCOUNT")
        names = self.counted(self._inventory.counters[NAMES]) if counter.temporary_names else None

        def connect() -> Connection:
            if names is None:
                refcount.fetch_add(1, "relaxed")
                return app.connect(server).unwrap()
            with names() as name_server:
                refcount.fetch_add(1, "relaxed")
                app.send(name_server, BlockingScalar(0))
                return app.connect(server).unwrap()

        @contextmanager
        def open_() -> Iterator[Connection]:
            connection = connect()
            yield connection
            if refcount.fetch_sub(1, "relaxed") == 1:
                gone = app.disconnect(connection)
                if counter.unwraps:
                    gone.unwrap()

        return open_


def census_scenario(uses: Sequence[str], inventory: Inventory | None = None) -> Scenario:
    """A process that uses ``uses``; a name that is repeated stands for another thread that uses the same.

    Raises:
        CensusError: If the inventory lacks one of them.
        MisuseError: If there is none.
    """
    known = inventory or load()
    entries = [known.find(name) for name in uses]
    if not entries:
        raise MisuseError("a census needs something that the process uses, such as 'net'")

    def scenario(world: World) -> None:
        app = world.process("app")
        libraries = _Libraries(world, app, known)
        for entry in entries:
            if isinstance(entry, StdService):
                _spawn_std(app, libraries.server(entry.server), entry)
        for entry in entries:
            if isinstance(entry, Counter):
                _spawn_library(app, libraries.counted(entry), entry)
        _spawn_bystander(app, libraries.server(BYSTANDER_SERVER))

    return scenario


def _spawn_std(app: Process, server: Server, service: StdService) -> None:
    connection = app.std_connection(server)

    def talk() -> None:
        app.send(connection, BlockingScalar(0))

    app.spawn(talk, times=_ROUNDS, name=service.name)


def _spawn_library(app: Process, new: Open, counter: Counter) -> None:
    def use() -> None:
        with new() as connection:
            app.send(connection, BlockingScalar(0))

    app.spawn(use, times=_ROUNDS, name=counter.name)


def _spawn_bystander(app: Process, server: Server) -> None:
    def bystander() -> None:
        with app.connect(server) as connection:
            app.send(connection, BlockingScalar(0))

    app.spawn(bystander, name="bystander")


def take_census(uses: Sequence[str], *, inventory: Inventory | None = None, max_states: int | None = None) -> Census:
    """Explores a process that uses ``uses``, to the end, and sorts what was found by connection.

    Args:
        uses: Names of the inventory.
        inventory: By default the one that comes with the package.
        max_states: Distinct states at most; ``None`` is no limit.

    Example:
        >>> from xous_sim.census import take_census
        >>> census = take_census(["ticktimer", "std::ticktimer"])
        >>> finding = census.findings[0]
        >>> finding.server, finding.severed is not None
        ('ticktimer-server', True)
    """
    known = inventory or load()
    result = explore(census_scenario(uses, known), Exhaustive(max_states=max_states), stop="explored")
    found = {(c.violation.property, c.violation.subject): c for c in reversed(result.counterexamples)}
    findings = tuple(
        Finding(server, users, found.get(("severed", server)), found.get(("misdelivered", server)))
        for server, users in _users(uses, known).items()
    )
    complete = result.exhausted is None and result.frontier == 0
    return Census(tuple(uses), result.verdict, findings, result.states, result.seconds, complete)


def _users(uses: Sequence[str], inventory: Inventory) -> dict[str, tuple[str, ...]]:
    """Who is connected to which server."""
    users: dict[str, tuple[str, ...]] = {}
    for name in dict.fromkeys(uses):
        entry = inventory.find(name)
        users[entry.server] = (*users.get(entry.server, ()), name)
        if isinstance(entry, Counter) and entry.temporary_names:
            names = inventory.counters[NAMES].server
            users[names] = (*users.get(names, ()), f"{name} (temporarily)")
    users[BYSTANDER_SERVER] = ("bystander",)
    return users


def pairs(inventory: Inventory | None = None) -> list[tuple[str, str]]:
    """Every library together with the std service that shares its connection."""
    known = inventory or load()
    return [(counter.name, counter.shadow) for counter in known.counters.values() if counter.shadow is not None]
