"""The world: a kernel, its processes and servers, and what the threads of a program share.

A scenario is a function that takes a :class:`World`, builds processes, servers and shared objects in it and spawns
threads. :func:`xous_sim.explore` runs it once to set the world up and then explores all interleavings of the threads.
The same objects work without an explorer: on ``World()`` every operation happens at once, from real threads too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, final

from . import _native
from ._drivers.base import Driver
from ._drivers.bodies import Bodies
from ._drivers.live import LiveDriver
from ._options import check_plain_function, checked
from .errors import MisuseError, ProcessEndedError, ScenarioError
from .handles import Connection, StdConnection, cid_operand
from .messages import Message
from .names import XousNames
from .page import Page
from .sync import Arc, AtomicU32, Cell, Mutex, OnceLock, Weak
from .values import Encoded, Raw, Result, Value, encode, operand, part, succeeded

Profile = Literal["hardware", "hosted"]
"""Which build of the kernel: bare-metal riscv32, or the desktop one."""
ConnectMode = Literal["reuse", "unique"]
"""Whether ``connect`` gives an existing CID again (today), or always a new one (proposed in issue 482)."""
Mode = Literal["faithful", "safe"]
"""Whether the kernel's defects are modelled too, or answered sanely."""

_CONNECT: Final = 17
_TRY_CONNECT: Final = 25
_SEND: Final = 16
_TRY_SEND: Final = 24
_RECEIVE: Final = 15
_TRY_RECEIVE: Final = 28
_CREATE_SERVER: Final = 14
_DESTROY_SERVER: Final = 34
_DISCONNECT: Final = 35
_MAP_MEMORY: Final = 2
_RETURN_MEMORY: Final = 20
_TERMINATE: Final = 22
_RETURN_SCALAR: Final = {1: 26, 2: 27, 5: 40}


@final
class PoolNeeded(ScenarioError):
    """A body asks for a pooled connection that the setup did not prepare; the setup runs again and does."""

    def __init__(self, process: str, server: str) -> None:
        super().__init__(f"process {process} needs a pool for {server}")
        self.process = process
        self.server = server


@final
class World:
    r"""A kernel and everything that runs on it.

    Args:
        profile: ``"hardware"`` (bare-metal riscv32: queues of 128 entries, pages are tracked) or ``"hosted"`` (the
            desktop build: queues of 64 entries).
        slots: Connections per process: 32 as today, or 46 with the 14 more that issue 482 proposes.
        connect: ``"reuse"``: connecting to a server again gives the same CID, as today. ``"unique"``: every connect
            takes a slot of its own, as proposed.
        mode: ``"faithful"`` models the kernel's defects too; ``"safe"`` answers sanely where the real kernel panics.
        seed: Seeds the SIDs that the kernel draws.

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
    ) -> None:
        self._machine = _native.Machine(**checked(profile=profile, slots=slots, connect=connect, mode=mode, seed=seed))
        self._bodies = Bodies()
        self._driver: Driver = LiveDriver(self)
        self._heap = self._machine.add_object("heap", "heap", 0)
        self._servers: dict[str, Server] = {}
        self._setting_up = False
        self._counts: dict[str, int] = {}
        self._processes: list[Process] = []
        self._lives: dict[int, int] = {}

    def process(self, name: str) -> Process:
        """Starts a process; its main thread is TID 2.

        Args:
            name: For readers; any text.

        Raises:
            MisuseError: If the kernel has no room for another process (64, hosted 32).
        """
        self._declare("a process")
        pid = self._machine.boot_process(_text(name, "the name of a process"))
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

    def server(self, name: str, *, answer: int = 0, limit: int | None = None) -> Server:
        """Starts a server that answers at once, as the services that a program merely uses do.

        It answers every blocking scalar with one number, returns lent memory and drops everything else. Its queue is
        not modelled. For a server whose queue and threads matter use :meth:`Process.create_server`.

        Args:
            name: Its name. One of 16 bytes or fewer is also its SID; a longer one gets a SID from the kernel.
            answer: The number that blocking scalars are answered with.
            limit: Connections that the name server gives out at most; it needs one (:meth:`names`). ``None`` is no
                limit.
        """
        self._declare("a server")
        if _text(name, "the name of a server") in self._servers:
            raise MisuseError(f"there is a server {name!r} already: give this one another name")
        answer = int(operand(answer, "answer"))
        limit = None if limit is None else int(operand(limit, "limit"))
        sid = self._machine.create_answering_server(name, answer, limit)
        self._servers[name] = Server(self, name, sid, None)
        return self._servers[name]

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
        if self._setting_up and self._driver.context() != "setup":
            raise MisuseError(f"a body makes {what}: make it in the scenario, before its threads run")

    def _need_pool(self, process: str, server: str) -> None:
        """Has the scenario set up again, with a pool of its own for ``server``, if a body is the first to ask for it.

        Raises:
            PoolNeeded: In that case.
        """
        if self._setting_up and self._driver.context() != "setup":
            self._driver.refuse(PoolNeeded(process, server))

    def arc(self, connection: Connection) -> Arc:
        """``Arc::new``: the same as ``connection.share()``."""
        return connection.share()

    def weak(self, value: Value) -> Weak:
        """The :class:`Weak` that a cell holds."""
        return Weak(self, value._raw)

    def choose(self, n: int) -> Value:
        """Any number below ``n``: the exploration covers all of them.

        Without an explorer it is 0.
        """
        if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= 65_535:
            raise MisuseError(f"choose takes an int from 1 to 65535, not {n!r}")
        return Value(self._driver.perform(("choose", n)))

    def yield_now(self) -> None:
        """Lets other threads run: the thread goes on when a shared object has changed since it last yielded."""
        self._driver.perform(("yield",))

    def spin_while(self, condition: Callable[[], object]) -> None:
        """Spins while ``condition()`` is true, yielding between its rounds.

        Nothing may survive a round but what lived before the loop: the exploration then needs one round's trace only.

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
        return "of a body that is being traced"

    def __repr__(self) -> str:
        return f"<World {self._machine.describe()}>"


@final
class Process:
    """A process: its connection map, its memory, its threads. Made by :meth:`World.process`."""

    def __init__(self, world: World, name: str, pid: int) -> None:
        self._world = world
        self._pools: dict[str, OnceLock] = {}
        self._std: dict[str, StdConnection] = {}
        self._life = world._lives[pid]
        self.name: Final = name
        self.pid: Final = pid

    def _call(self, number: int, *words: Any) -> Raw:
        if self._world._lives[self.pid] != self._life:
            raise ProcessEndedError(f"process {self.name} has ended, and its PID is another one's: use the new process")
        return self._world._driver.perform(("syscall", number, list(words)), self.pid)

    def spawn(self, body: Callable[..., object], *args: object, times: int = 1, name: str | None = None) -> Any:
        """Starts a thread that runs ``body(*args)``, ``times`` times.

        Between two rounds nothing survives but the number of rounds left, which keeps explorations small. A body must
        depend on nothing but the results of its operations and on its arguments.

        Args:
            body: What the thread does.
            *args: Its arguments: numbers, texts, objects of this world; results of the spawning body.
            times: How often it does it; 1 in a thread that a body starts.
            name: For readers; by default the name of ``body``.

        Returns:
            In a body the new thread's TID, for :meth:`join`. Without an explorer a ``threading.Thread``. In a scenario
            nothing: its threads run when it has returned.
        """
        check_plain_function(body, "a body")
        return self._world._driver.spawn(self.pid, body, args, times, name)

    def join(self, thread: Any) -> None:
        """Waits until a thread that a body started has ended."""
        if hasattr(thread, "join"):
            thread.join()
            return
        self._world._driver.perform(("join", operand(thread, "a thread")), self.pid)

    def connect(self, server: Server | str) -> Connection:
        """Connects to a server; waits while there is none of that SID.

        Returns:
            A connection, or what stands for the kernel's error (OUT_OF_MEMORY if no slot is free).
        """
        raw = self._call(_CONNECT, *self._sid(server))
        return Connection(self._world, raw, owned=True)

    def try_connect(self, server: Server | str) -> Connection:
        """Connects to a server; SERVER_NOT_FOUND if there is none."""
        raw = self._call(_TRY_CONNECT, *self._sid(server))
        return Connection(self._world, raw, owned=True)

    def _sid(self, server: Server | str) -> tuple[Encoded, ...]:
        if isinstance(server, Server):
            if server._world is not self._world:
                raise MisuseError(f"server {server.name!r} belongs to another world: make it in the world that uses it")
            return tuple(operand(word, "a word of a SID") for word in server.sid)
        if isinstance(server, str):
            return _native.sid_words(server)
        raise MisuseError(f"a server or the text of a SID is needed, not {type(server).__name__}")

    def xous_names(self, connection: Connection) -> XousNames:
        """A client of the name server, over a connection to it."""
        return XousNames(self, connection)

    def connection(self, cid: int | Value) -> Connection:
        """The connection with a CID that was copied as a number: a shadow that no count knows.

        It cannot be closed, because it is somebody else's.
        """
        raw = cid._raw if isinstance(cid, Value) else operand(cid, "a CID")
        return Connection(self._world, raw, owned=False, lender="whoever opened it")

    def disconnect(self, connection: Connection | StdConnection | Value | int) -> Result:
        """Frees a slot of the connection map, whoever uses it (unsafe in Rust: nothing checks that nobody does).

        Returns:
            Success, or SERVER_NOT_FOUND if the slot is free already.
        """
        return Result(self._call(_DISCONNECT, cid_operand(connection, self)), "disconnect")

    def send(self, connection: Connection | StdConnection | Value | int, message: Message) -> Result:
        """Sends a message; waits while the server's queue is full, and for the answer to a blocking one.

        Returns:
            The server's answer, or the kernel's error.
        """
        return self._send(_SEND, connection, message)

    def try_send(self, connection: Connection | StdConnection | Value | int, message: Message) -> Result:
        """Sends a message; SERVER_QUEUE_FULL if the queue is full. It still waits for the answer to a blocking one."""
        return self._send(_TRY_SEND, connection, message)

    def _send(self, number: int, connection: object, message: Message) -> Result:
        if not isinstance(message, Message):
            raise MisuseError(f"a message is needed, such as Scalar(1), not {type(message).__name__}")
        raw = self._call(number, cid_operand(connection, self), *message.words())
        return Result(raw, "send")

    def create_server(self, name: str) -> Server:
        """Starts a server of this process, whose threads then receive its messages.

        Args:
            name: Up to 16 bytes, which are its SID.

        Raises:
            MisuseError: If the name is longer.
            UnwrapError: If the kernel refuses.
        """
        sid = _native.sid_words(_text(name, "the name of a server"))
        Result(self._call(_CREATE_SERVER, *sid), "create_server").unwrap_all()
        self._world._machine.name_server(sid, name)
        return Server(self._world, name, sid, self)

    def create_server_with_sid(self, sid: tuple[Value, ...]) -> Server:
        """Starts a server of this process under a SID that the kernel or the name server gave.

        Args:
            sid: Its four words.

        Raises:
            UnwrapError: If the kernel refuses.
        """
        if len(sid) != 4:
            raise MisuseError(f"a SID has 4 words, not {len(sid)}")
        words = [operand(word, "a word of a SID") for word in sid]
        answer = Result(self._call(_CREATE_SERVER, *words), "create_server")
        if not answer.is_ok():
            answer.unwrap()
        return Server(self._world, "a registered server", sid, self)

    def get_common_connection(self, name: str) -> Connection:
        """The connection of this process to a server that all its users share and nobody closes.

        The first user opens it (``OnceLock<Arc<CID>>``); it stays for the life of the process.

        Args:
            name: The name of a server of this world.
        """
        server = self._world._servers.get(name)
        if server is None:
            raise MisuseError(f"there is no server {name!r}: make it with world.server({name!r}) first")
        if name not in self._pools:
            self._world._need_pool(self.name, name)
            self._make_pool(name)
        return self._pools[name].get_or_init(lambda: self._persistent(server))

    def _make_pool(self, name: str) -> None:
        self._pools[name] = self._world.once_lock(name=f"common {name}")

    def _persistent(self, server: Server) -> Connection:
        raw = self._call(_CONNECT, *server.sid)
        if succeeded(raw):
            self._world._driver.perform(("persist", encode(raw)))
        return Connection(self._world, raw, owned=False, lender="the pool of common connections")

    def std_connection(self, server: Server | str) -> StdConnection:
        """The connection that std keeps for itself: opened once, cached for ever, never counted."""
        key = server.name if isinstance(server, Server) else server
        if key not in self._std:
            self._world._declare("a connection of std")
            self._std[key] = StdConnection(self.connect(server).unwrap())
        return self._std[key]

    def receive(self, server: Server) -> Envelope:
        """Waits for a message to a server of this process."""
        return Envelope(self, self._call(_RECEIVE, *self._sid(server)))

    def try_receive(self, server: Server) -> Envelope | None:
        """The next message to a server of this process, if there is one."""
        raw = self._call(_TRY_RECEIVE, *self._sid(server))
        if Value(raw if not isinstance(raw, tuple) else 1) == 0:
            return None
        return Envelope(self, raw)

    def destroy_server(self, server: Server) -> Result:
        """Ends a server of this process; SERVER_QUEUE_FULL while a received call is not answered."""
        return Result(self._call(_DESTROY_SERVER, *self._sid(server)), "destroy_server")

    def map_memory(self, pages: int = 1) -> Value:
        """Maps zeroed pages of 4,096 bytes.

        Returns:
            The address of the first.
        """
        if not isinstance(pages, int) or isinstance(pages, bool) or not 1 <= pages <= 65_535:
            raise MisuseError(f"pages must be an int from 1 to 65535, not {pages!r}")
        raw = self._call(_MAP_MEMORY, 0, 0, pages * 4096, 6)
        return Value(part(Result(raw, "map_memory").unwrap()._raw, 0))

    def terminate(self) -> None:
        """Ends the process that the calling thread belongs to, with all its threads and servers."""
        self._call(_TERMINATE, 0)

    def connection_map(self) -> bytes:
        """The connection map as it is now: 0 free, 1 tombstone, n the server at index n - 2."""
        return self._world._machine.connection_map(self.pid)

    def page(self) -> Page:
        """The process page as it is now.

        Raises:
            MisuseError: If the process has ended, or the kernel is hosted: it has no such page.
        """
        return Page(self._world._machine.page(self.pid))

    def __repr__(self) -> str:
        return f"<Process {self.name}, PID {self.pid}>"


@final
class Server:
    """A server: what processes connect to. Made by :meth:`World.server` or :meth:`Process.create_server`."""

    def __init__(self, world: World, name: str, sid: tuple[int | Value, ...], process: Process | None) -> None:
        self._world = world
        self.name: Final = name
        self.sid: Final = sid
        self.process: Final = process

    def __repr__(self) -> str:
        return f"<Server {self.name}>"


@final
class Envelope:
    """A message that a server received."""

    def __init__(self, process: Process, raw: Raw) -> None:
        if not succeeded(raw):
            Result(raw, "receive").unwrap()
        self._process = process
        self._raw = raw

    @property
    def sender(self) -> Value:
        """The word that names the message when it is answered."""
        return Value(part(self._raw, 0))

    @property
    def kind(self) -> Value:
        """0 MutableBorrow, 1 Borrow, 2 Move, 3 Scalar, 4 BlockingScalar."""
        return Value(part(self._raw, 1))

    @property
    def opcode(self) -> Value:
        """What the client asks for."""
        return Value(part(self._raw, 2))

    def arg(self, n: int) -> Value:
        """Argument ``n`` of a scalar, 1 to 4; of memory: address, length, offset, valid."""
        if n not in (1, 2, 3, 4):
            raise MisuseError(f"a message has the arguments 1 to 4, not {n!r}")
        return Value(part(self._raw, 2 + n))

    def return_scalar(self, *values: int | Value) -> Result:
        """Answers a blocking scalar with one, two or five numbers."""
        if len(values) not in _RETURN_SCALAR:
            raise MisuseError(f"a blocking scalar is answered with 1, 2 or 5 numbers, not {len(values)}")
        words = [operand(value, "an answer") for value in values]
        sender = encode(part(self._raw, 0))
        return Result(self._process._call(_RETURN_SCALAR[len(values)], sender, *words), "return_scalar")

    def return_memory(self, offset: int = 0, valid: int = 0) -> Result:
        """Gives lent memory back."""
        sender, address, length = (encode(part(self._raw, i)) for i in (0, 3, 4))
        words = (operand(offset, "offset"), operand(valid, "valid"))
        return Result(self._process._call(_RETURN_MEMORY, sender, address, length, *words), "return_memory")


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise MisuseError(f"{what} must be a text that is not empty, not {value!r}")
    return value
