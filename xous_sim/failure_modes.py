"""The ways in which connection management fails on Xous today, A to H, each as a small named scenario.

A mode says which property its failure violates; :meth:`FailureMode.find` explores the scenario and gives the shortest
execution that does so. All follow from what ``connect`` and ``disconnect`` do, with no other defect involved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, final

from ._session import Scenario
from .explore import explore
from .handles import Connection
from .idioms import Open, refcounted_drop
from .messages import BlockingScalar
from .process import Process
from .result import Counterexample
from .world import World

TICKTIMER: Final = "ticktimer-server"
NAMES: Final = "xous-name-server"
NET: Final = "_Middleware Network Server_"
OTHER: Final = "xous-log-server "
LIMIT: Final = 2
"""Connections that the limited server of mode F allows."""


@final
@dataclass(frozen=True)
class FailureMode:
    """One way to fail.

    Attributes:
        letter: ``"A"`` to ``"H"``.
        title: Its name.
        shows: What happens, for readers.
        scenario: The program.
        property: The property that the failure violates.
        subject: The server that it concerns; empty where it concerns none.
    """

    letter: str
    title: str
    shows: str
    scenario: Scenario
    property: str
    subject: str = ""

    def find(self) -> Counterexample | None:
        """A shortest execution that fails in this way, if the exploration finds one."""
        result = explore(self.scenario, stop="explored")
        for counterexample in result.counterexamples:
            violation = counterexample.violation
            if (violation.property, violation.subject) == (self.property, self.subject):
                return counterexample
        return None


def _spawn_users(app: Process, open_: Open, names: tuple[str, ...], *, times: int = 1) -> None:
    def use() -> None:
        with open_() as connection:
            app.send(connection, BlockingScalar(0))

    for name in names:
        app.spawn(use, name=name, times=times)


def _spawn_bystander(world: World, app: Process) -> None:
    other = world.server(OTHER)

    def bystander() -> None:
        with app.connect(other) as connection:
            app.send(connection, BlockingScalar(0))

    app.spawn(bystander, name="bystander")


def drop_and_new_race(world: World) -> None:
    """One thread drops the last object while another makes a new one."""
    app, server = world.process("app"), world.server(TICKTIMER)
    _spawn_users(app, refcounted_drop.prepare(world, app, server), ("T1", "T2"))


def freed_slot_is_taken(world: World) -> None:
    """The same, and a third thread connects elsewhere."""
    app, server = world.process("app"), world.server(TICKTIMER)
    _spawn_users(app, refcounted_drop.prepare(world, app, server), ("T1", "T2"))
    _spawn_bystander(world, app)


def std_shadow(world: World) -> None:
    """A library object comes and goes while std sleeps through its cached CID."""
    app, server = world.process("app"), world.server(TICKTIMER)
    std = app.std_connection(server)

    def sleep() -> None:
        app.send(std, BlockingScalar(1))

    app.spawn(sleep, name="std", times=2)
    _spawn_users(app, refcounted_drop.prepare(world, app, server), ("library",))


def two_crates(world: World) -> None:
    """Two crates use one server, each with a counter of its own."""
    app, server = world.process("app"), world.server(TICKTIMER)
    for crate in ("crate 1", "crate 2"):
        _spawn_users(app, refcounted_drop.prepare(world, app, server), (crate,))


def count_leak(world: World) -> None:
    """A constructor counts, connects, and then may fail: its object never exists, so no drop undoes the count."""
    app, server = world.process("app"), world.server(TICKTIMER)
    refcount = world.atomic_u32(0, name="REFCOUNT")

    def use() -> None:
        refcount.fetch_add(1, "relaxed")
        connection = app.connect(server).unwrap()
        if world.choose(2) == 1:
            return
        if refcount.fetch_sub(1, "relaxed") == 1:
            app.disconnect(connection).unwrap()

    app.spawn(use, name="user", times=2)


def names_slot_leak(world: World) -> None:
    """A server registered with a connection limit; xous-names counts connects, and no disconnect is ever told to it."""
    name_server = world.names()
    world.server(NET, limit=LIMIT)
    app = world.process("app")
    names = app.xous_names(app.std_connection(name_server).connection)
    refcount = world.atomic_u32(0, name="REFCOUNT")

    def use() -> None:
        refcount.fetch_add(1, "relaxed")
        connection = names.request_connection_blocking(NET).unwrap()
        app.send(connection, BlockingScalar(0))
        if refcount.fetch_sub(1, "relaxed") == 1:
            app.disconnect(connection).unwrap()

    app.spawn(use, name="user", times=LIMIT + 1)


def temporary_names(world: World) -> None:
    """A constructor makes a ``XousNames`` for one lookup and drops it: the count goes to 0 each time."""
    name_server = world.names()
    world.server(NET)
    app = world.process("app")
    std = app.xous_names(app.std_connection(name_server).connection)
    open_ = _with_temporary_names(app, refcounted_drop.prepare(world, app, name_server))

    def look_up() -> None:
        std.try_connect(NET)

    app.spawn(look_up, name="std", times=2)
    _spawn_users(app, open_, ("constructor",))


def _with_temporary_names(app: Process, new_names: Open) -> Open:
    @contextmanager
    def open_() -> Iterator[Connection]:
        with new_names() as names:
            connection = app.xous_names(names).request_connection_blocking(NET).unwrap()
        yield connection
        app.disconnect(connection).unwrap()

    return open_


def second_disconnect(world: World) -> None:
    """Two owners disconnect one connection and unwrap the result; the second gets an error."""
    app, server = world.process("app"), world.server(TICKTIMER)

    def use() -> None:
        connection = app.connect(server).unwrap()
        app.disconnect(connection).unwrap()

    app.spawn(use, name="owner 1")
    app.spawn(use, name="owner 2")


_ALL: Final = (
    FailureMode(
        "A",
        "drop/new race",
        "T1 takes the count from 1 to 0; T2 takes it to 1 and connects, which gives the CID that is still mapped; T1 "
        "disconnects it; T2's sends get ServerNotFound.",
        drop_and_new_race,
        "severed",
        TICKTIMER,
    ),
    FailureMode(
        "B",
        "the freed CID is taken",
        "As A, and then a third thread connects to another server and gets the freed CID: T2 talks to the wrong "
        "server, silently.",
        freed_slot_is_taken,
        "misdelivered",
        TICKTIMER,
    ),
    FailureMode(
        "C",
        "std shadow",
        "The last library object goes and disconnects the CID that std has cached for ever.",
        std_shadow,
        "severed",
        TICKTIMER,
    ),
    FailureMode(
        "D",
        "two crates, one server",
        "Each counts its own objects of one connection; the first whose count reaches 0 cuts the other.",
        two_crates,
        "severed",
        TICKTIMER,
    ),
    FailureMode(
        "E",
        "count leak",
        "A constructor that counts and then fails leaves the count too high: nobody ever disconnects.",
        count_leak,
        "leak",
        TICKTIMER,
    ),
    FailureMode(
        "F",
        "names slot leak",
        "Every connect after a drop costs another count at xous-names; at the limit the next lookup waits for ever.",
        names_slot_leak,
        "deadlock",
    ),
    FailureMode(
        "G",
        "temporary XousNames",
        "A constructor's XousNames is the only one, so its drop cuts std's connection to the name server.",
        temporary_names,
        "severed",
        NAMES,
    ),
    FailureMode(
        "H",
        "second disconnect panics",
        "Both owners disconnect; the second gets ServerNotFound (9), and unwrapping that is a panic.",
        second_disconnect,
        "free-slot",
    ),
)

FAILURE_MODES: Final[dict[str, FailureMode]] = {mode.letter: mode for mode in _ALL}
"""The modes by letter."""
