"""The world: a kernel, its processes and servers, and what the threads of a program share.

A scenario is a function that takes a :class:`World`, builds processes, servers and shared objects in it and spawns
threads. :func:`xous_sim.explore` runs it once to set the world up and then explores all interleavings of the threads.
The same objects work without an explorer: on ``World()`` every operation happens at once, from real threads too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeVar, final

from . import _native
from ._copies import CopiedAsItself
from ._drivers.acting import acting_in, check_acting_in
from ._drivers.base import Driver
from ._drivers.bodies import Bodies
from ._drivers.collector import check_no_finaliser
from ._drivers.live import LiveDriver
from ._options import check_property, checked, flag, is_int, text, whole
from .errors import MisuseError, ScenarioError
from .handles import Connection, check_world
from .process import Process, Server
from .sync import Arc, AtomicU32, Cell, Mutex, OnceLock, Order, Weak, checked_order
from .values import OUT_OF_REACH, Encoded, Raw, Value, operand

if TYPE_CHECKING:
    from .result import StateView

    _Check = TypeVar("_Check", bound=Callable[[StateView], object])

Profile = Literal["hardware", "hosted"]
"""Which build of the kernel: bare-metal riscv32, or the desktop one."""
ConnectMode = Literal["reuse", "unique"]
"""Whether ``connect`` gives an existing CID again (today), or always a new one (proposed in issue 482)."""
MemoryModel = Literal["sc", "c11"]
"""Which executions there are: every load reads the newest store, or C11 decides by the orders that are asked for."""
QueueQuota = Literal["none", "half", "per-user", "quasilinear"]
"""How the slots of a server's queue are shared out among the processes that send."""
Mode = Literal["faithful", "safe"]
"""Whether the kernel's defects are modelled too, or answered sanely."""


@final
class PoolNeeded(ScenarioError):
    """A body asks for a pooled connection that the setup did not prepare; the setup runs again and does."""

    def __init__(self, process: str, server: str) -> None:
        super().__init__(f"process {process} needs a pool for {server}")
        self.process = process
        self.server = server


@final
class World(CopiedAsItself):
    r"""A kernel and everything that runs on it.

    Args:
        profile: ``"hardware"`` (bare-metal riscv32: queues of 128 entries, pages are tracked) or ``"hosted"`` (the
            desktop build: queues of 64 entries).
        slots: Connections per process: 32 as today, or 46 with the 14 more that issue 482 proposes.
        connect: ``"reuse"``: connecting to a server again gives the same CID, as today. ``"unique"``: every connect
            takes a slot of its own, as proposed.
        mode: ``"faithful"`` models the kernel's defects too; ``"safe"`` answers sanely where the real kernel panics.
        seed: Seeds the SIDs that the kernel draws.
        queue_quota: What one process may take of the slots of another's server queue: ``"none"``, as today; or
            ``"half"``, ``"per-user"`` or ``"quasilinear"``, the rules of :mod:`xous_sim.neighbours.bus1`.

    Raises:
        MisuseError: For an unknown profile, table size, connect mode or mode.

    Example:
        >>> import xous_sim as xs
        >>> world = xs.World()
        >>> app = world.process("app")
        >>> ticktimer = world.server("ticktimer-server", answer=7)
        >>> connection = app.connect(ticktimer)
        >>> app.send(connection, xs.BlockingScalar(0)).unwrap()
        7
        >>> app.connection_map()[:4]
        b'\x02\x00\x00\x00'
    """

    def __init__(
        self,
        *,
        profile: Profile = "hardware",
        slots: Literal[32, 46] = 32,
        connect: ConnectMode = "reuse",
        mode: Mode = "faithful",
        seed: int = 0,
        queue_quota: QueueQuota = "none",
    ) -> None:
        options = checked(profile=profile, slots=slots, connect=connect, mode=mode, seed=seed, queue_quota=queue_quota)
        self._machine = _native.Machine(**options)
        self._bodies = Bodies()
        self._driven_by: Driver = LiveDriver(self)
        self._heap = self._machine.add_object("heap", "heap", 0)
        self._servers: dict[str, Server] = {}
        self._scenario: Callable[[World], object] | None = None
        self._counts: dict[str, int] = {}
        self._processes: list[Process] = []
        self._lives: dict[int, int] = {}
        self._invariants: list[Callable[[StateView], object]] = []
        self._finals: list[Callable[[StateView], object]] = []

    @property
    def _driver(self) -> Driver:
        """Carries out operations of whoever acts now.

        Raises:
            ScenarioError: If that is code of a scenario of another world.
        """
        if self._scenario is not None:
            check_no_finaliser()
        check_acting_in(self)
        return self._driven_by

    @contextmanager
    def _driving(self, driver: Driver) -> Iterator[None]:
        """The block runs code of the scenario, whose operations ``driver`` carries out."""
        previous, self._driven_by = self._driven_by, driver
        try:
            with acting_in(self):
                yield
        finally:
            self._driven_by = previous

    def process(self, name: str) -> Process:
        """Starts a process; its main thread is TID 2.

        Args:
            name: For readers; any text.

        Raises:
            MisuseError: If the kernel has no room for another process (64, hosted 32).
        """
        self._declare("a process")
        pid = self._machine.boot_process(text(name, "the name of a process"))
        self._lives[pid] = self._lives.get(pid, 0) + 1
        self._processes.append(Process(self, name, pid))
        return self._processes[-1]

    def names(self) -> Server:
        """Starts the name server, xous-names, under its fixed SID.

        Servers that are made afterwards register with it if they have a limit of connections or a name of more than 16
        bytes. Clients speak to it through :meth:`Process.xous_names`.
        """
        self._declare("a name server")
        name = "xous-name-server"
        if name in self._servers:
            raise MisuseError("there is a name server already: a world has one at most")
        self._servers[name] = Server(self, name, self._machine.start_names(), None)
        return self._servers[name]

    def server(
        self, name: str, *, answer: int = 0, limit: int | None = None, may_die: bool = False, restarts: bool = False
    ) -> Server:
        """Starts a server that answers at once, as the services that a program merely uses do.

        It answers every blocking scalar with one number, returns lent memory and drops everything else. Its queue is
        not modelled. For a server whose queue and threads matter use :meth:`Process.create_server`.

        Args:
            name: Its name. One of 16 bytes or fewer is also its SID; a longer one gets a SID from the kernel.
            answer: The number that blocking scalars are answered with.
            limit: Connections that the name server gives out at most; it needs one (:meth:`names`). ``None`` is no
                limit.
            may_die: Whether its process, which is then its own, may die at any point of an exploration
                (:meth:`deaths`). Such a server is known by its SID: it has a name of 16 bytes at most, and no limit.
            restarts: Whether somebody starts it again, under the same SID, some time after a death.

        Raises:
            MisuseError: For a name that another server has, or arguments that do not fit together.
        """
        self._declare("a server")
        if text(name, "the name of a server") in self._servers:
            raise MisuseError(f"there is a server {name!r} already: give this one another name")
        answer = int(operand(answer, "answer"))
        limit = None if limit is None else int(operand(limit, "limit"))
        if flag(restarts, "restarts") and not flag(may_die, "may_die"):
            raise MisuseError("a server restarts when its process has died: add may_die=True")
        if flag(may_die, "may_die"):
            if limit is not None:
                raise MisuseError("a server that may die has no limit: xous-names would not register it a second time")
            sid = self._machine.create_mortal_server(name, answer, restarts)
        else:
            sid = self._machine.create_answering_server(name, answer, limit)
        self._servers[name] = Server(self, name, sid, None)
        return self._servers[name]

    def deaths(self, *, at_most: int) -> None:
        """Limits how many processes die in one execution, all in all; without a limit of its own a world has 1.

        Which processes may die is said by :meth:`Process.may_die` and by ``may_die=`` of :meth:`server`. An exploration
        then covers every execution in which at most so many of them die, each at any point. Without an explorer nobody
        dies.

        Args:
            at_most: The number of deaths, 0 to 65,535. A server that restarts may die several times.

        Example:
            >>> import xous_sim as xs
            >>> def scenario(world: xs.World, deaths: int) -> None:
            ...     log, app = world.server("log", may_die=True), world.process("app")
            ...     world.deaths(at_most=deaths)
            ...
            ...     def client() -> None:
            ...         with app.connect(log) as connection:
            ...             app.send(connection, xs.BlockingScalar(0)).unwrap()
            ...
            ...     app.spawn(client)
            >>> xs.explore(lambda world: scenario(world, 0)).verdict
            'sound'
            >>> result = xs.explore(lambda world: scenario(world, 1))
            >>> result.violation.property, result.schedule
            ('deadlock', 'x1:!1')
        """
        self._declare("a limit of deaths")
        self._machine.limit_deaths(whole(at_most, "at_most", 16))

    def invariant(self, check: _Check) -> _Check:
        """Adds a property that must hold in every state of an exploration, beside that of ``explore(invariant=...)``.

        Args:
            check: Looks at a :class:`StateView`; a false result or an AssertionError is a violation. The scenario's own
                objects are refused there: ``state[n]``, not ``n.get()``.

        Returns:
            ``check``, so that this works as a decorator.

        Raises:
            MisuseError: Without an explorer, and in a body.
        """
        self._add_property(self._invariants, check)
        return check

    def finally_(self, check: _Check) -> _Check:
        """Adds a property that must hold when all threads have ended, beside that of ``explore(finally_=...)``.

        Args:
            check: As for :meth:`invariant`.

        Returns:
            ``check``, so that this works as a decorator.

        Raises:
            MisuseError: Without an explorer, and in a body.

        Example:
            >>> import xous_sim as xs
            >>> def scenario(world: xs.World) -> None:
            ...     app, n = world.process("app"), world.atomic_u32(0, name="n")
            ...     for _ in range(2):
            ...         app.spawn(lambda: n.store(int(n.load()) + 1))
            ...
            ...     @world.finally_
            ...     def no_update_is_lost(state: xs.StateView) -> bool:
            ...         return state[n] == 2
            >>> print(xs.explore(scenario).violation)
            finally: no_update_is_lost does not hold
        """
        self._add_property(self._finals, check)
        return check

    def _add_property(
        self, properties: list[Callable[[StateView], object]], check: Callable[[StateView], object]
    ) -> None:
        check_property(check)
        self._declare("a property")
        if self._scenario is None:
            raise MisuseError("a property belongs to a scenario: only an exploration looks at states")
        properties.append(check)

    def atomic_u32(self, value: int = 0, *, name: str | None = None) -> AtomicU32:
        """A static ``AtomicU32``.

        Args:
            value: Its first value, 0 to 2**32 - 1.
            name: For readers.
        """
        return AtomicU32(self, *self._object("atomic", name or "atomic", operand(value, "the value of an atomic")))

    def atomic_bool(self, value: bool = False, *, name: str | None = None) -> AtomicU32:
        """A static ``AtomicBool``: an atomic that holds 0 or 1."""
        return self.atomic_u32(int(bool(value)), name=name or "flag")

    def fence(self, order: Order = "seq_cst") -> None:
        """Orders the accesses around it (Rust's ``std::sync::atomic::fence``).

        Args:
            order: Any but ``"relaxed"``.

        Raises:
            MisuseError: For a relaxed fence, and for what is no order.
        """
        self._driver.perform(("fence", checked_order(order, "a fence", "relaxed")))

    def mutex(self, *, name: str | None = None) -> Mutex:
        """A static ``Mutex``, free."""
        return Mutex(self, *self._object("mutex", name or "mutex", 0))

    def cell(self, value: int = 0, *, name: str | None = None) -> Cell:
        """A plain shared variable."""
        return Cell(self, *self._object("cell", name or "cell", operand(value, "the value of a cell")))

    def once_lock(self, *, name: str | None = None) -> OnceLock:
        """A static ``OnceLock``, empty."""
        return OnceLock(self, *self._object("once", name or "once", 0))

    def _object(self, kind: str, name: str, initial: Encoded) -> tuple[int, str]:
        """A new shared object: its number, and its name, which no other object has."""
        self._declare(f"a {kind}")
        count = self._counts[name] = self._counts.get(name, 0) + 1
        unique = name if count == 1 else f"{name}#{count}"
        return self._machine.add_object(kind, unique, initial), unique

    def _declare(self, what: str) -> None:
        """Refuses what cannot be made while bodies run.

        Raises:
            MisuseError: If a body runs.
        """
        if self._scenario is not None and self._driver.context() != "setup":
            who = "a property" if self._driver.context() in ("idle", None) else "a body"
            raise MisuseError(f"{who} makes {what}: make it in the scenario, before its threads run")

    def _need_pool(self, process: str, server: str) -> None:
        """Has the scenario set up again, with a pool of its own for ``server``, if a body is the first to ask for it.

        Raises:
            PoolNeeded: In that case.
        """
        if self._scenario is not None and self._driver.context() != "setup":
            self._driver.refuse(PoolNeeded(process, server))

    def arc(self, connection: Connection) -> Arc:
        """``Arc::new``: the same as ``connection.share()``."""
        if not isinstance(connection, Connection):
            raise MisuseError(f"an Arc is made of a connection, not of {type(connection).__name__}")
        check_world(connection, self)
        return connection.share()

    def weak(self, value: Value) -> Weak:
        """The :class:`Weak` that a cell holds."""
        if not isinstance(value, Value):
            raise MisuseError(f"a Weak is in what cell.get() returned, not in {type(value).__name__}")
        return Weak(self, value._raw)

    def choose(self, n: int) -> Value:
        """Any number below ``n``: the exploration covers all of them.

        Without an explorer it is 0.
        """
        if not is_int(n) or not 1 <= n <= 65_535:
            raise MisuseError(f"choose takes an int from 1 to 65535, not {n!r}")
        return Value(self._driver.perform(("choose", n)))

    def yield_now(self) -> None:
        """Lets other threads run: a hint, as Rust's ``std::thread::yield_now``, that waits for nothing by itself.

        In a loop it tells that the body may be back where it was. If the body stands where it has yielded before and
        holds the same, and its round wrote nothing and chose nothing, then the thread goes on when a shared object has
        changed since that round began: the next round would do the same again. Every other round is a step like any
        other.

        Where a body holds what cannot be compared, such as an iterator, the loop is followed round by round; use
        :meth:`spin_while` there.

        Example:
            >>> import xous_sim as xs
            >>> def scenario(world: xs.World) -> None:
            ...     app, ready = world.process("app"), world.atomic_bool()
            ...
            ...     def waits() -> None:
            ...         while ready.load() == 0:
            ...             world.yield_now()
            ...
            ...     app.spawn(waits)
            ...     app.spawn(lambda: ready.store(1))
            >>> xs.explore(scenario).verdict
            'sound'
        """
        self._driver.yield_now()

    def spin_while(self, condition: Callable[[], object]) -> None:
        """Spins while ``condition()`` is true.

        Nothing may survive a round but what lived before the loop: the exploration then needs one round's trace only.
        A thread whose round wrote nothing and chose nothing goes on when a shared object has changed since the round
        began; every other round is a step like any other.

        Args:
            condition: Performs the operations that it looks at, and changes no Python object.

        Example:
            >>> import xous_sim as xs
            >>> busy = xs.World().atomic_bool()
            >>> busy._world.spin_while(lambda: busy.load() == 1)
        """
        self._driver.spin_while(condition)

    def _describe(self, raw: Raw) -> str:
        if isinstance(raw, tuple):
            return f"CID {raw[2]} to {self._machine.server_name(raw[3])}"
        return f"CID {raw}" if isinstance(raw, int) else OUT_OF_REACH

    def __repr__(self) -> str:
        return f"<World {self._machine.describe()}>"
