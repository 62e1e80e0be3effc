"""Processes, the servers that they use, and the messages that servers receive."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, final

from . import _native
from ._copies import CopiedAsItself
from ._options import check_plain_function, check_takes, is_int, text
from .errors import MisuseError, ProcessEndedError
from .handles import Connection, StdConnection, cid_operand
from .messages import Message
from .names import XousNames
from .page import Page
from .sync import OnceLock
from .values import OUT_OF_REACH, Encoded, Raw, Result, Value, encode, operand, out_of_reach, part, shown, succeeded

if TYPE_CHECKING:
    from .world import World

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
class Process(CopiedAsItself):
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
        check_takes(body, "a body", "the arguments that spawn() is given with it", args)
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
        sid = _native.sid_words(text(name, "the name of a server"))
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
        server = self._world._servers.get(text(name, "the name of a server"))
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
        if not is_int(pages) or not 1 <= pages <= 65_535:
            raise MisuseError(f"pages must be an int from 1 to 65535, not {pages!r}")
        raw = self._call(_MAP_MEMORY, 0, 0, pages * 4096, 6)
        return Value(part(Result(raw, "map_memory").unwrap()._raw, 0))

    def terminate(self) -> None:
        """Ends the process that the calling thread belongs to, with all its threads and servers."""
        self._call(_TERMINATE, 0)

    def may_die(self) -> None:
        """Lets an exploration end this process at any point, as a CPU fault does: see :meth:`World.deaths`.

        Its threads stop where they are, its servers are gone with the messages in them, and the slots of their clients
        become tombstones. Whoever waits for an answer of it waits for ever. It is not started again.

        Example:
            >>> import xous_sim as xs
            >>> def scenario(world: xs.World) -> None:
            ...     owner, app = world.process("owner"), world.process("app")
            ...     log = owner.create_server("log")
            ...     connection = app.connect(log)
            ...     owner.may_die()
            ...     owner.spawn(lambda: owner.receive(log).return_scalar(7), name="serve")
            ...     app.spawn(lambda: app.send(connection, xs.BlockingScalar(0)), name="client")
            >>> print(xs.explore(scenario).violation.message)
            no thread can go on: app/client waits for a reply of log, whose process is dead: nobody will wake it

        Raises:
            MisuseError: In a body.
            ProcessEndedError: If it has ended already.
        """
        self._world._declare("a process mortal")
        if self._world._lives[self.pid] != self._life:
            raise ProcessEndedError(f"process {self.name} has ended, and its PID is another one's: use the new process")
        self._world._machine.may_die(self.pid)

    def connection_map(self) -> bytes:
        """The connection map as it is now: 0 free, 1 tombstone, n the server at index n - 2.

        Raises:
            ScenarioError: While a scenario is explored; a property asks ``state.connection_map(process)``.
        """
        self._world._driver.check_look(f'state.connection_map("{self.name}")')
        return self._world._machine.connection_map(self.pid)

    def page(self) -> Page:
        """The process page as it is now.

        Raises:
            MisuseError: If the process has ended, or the kernel is hosted: it has no such page.
            ScenarioError: While a scenario is explored.
        """
        self._world._driver.check_look(f'state.connection_map("{self.name}")')
        return Page(self._world._machine.page(self.pid))

    def __repr__(self) -> str:
        return f"<Process {self.name}, PID {self.pid}>"


@final
class Server(CopiedAsItself):
    """A server: what processes connect to. Made by :meth:`World.server` or :meth:`Process.create_server`."""

    def __init__(self, world: World, name: str, sid: tuple[int | Value, ...], process: Process | None) -> None:
        self._world = world
        self.name: Final = name
        self.sid: Final = sid
        self.process: Final = process

    def __repr__(self) -> str:
        return f"<Server {self.name}>"


@final
class Envelope(CopiedAsItself):
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

    def __repr__(self) -> str:
        if out_of_reach(self._raw):
            return f"<Envelope {OUT_OF_REACH}>"
        kind, opcode, *args = (shown(part(self._raw, place)) for place in range(1, 7))
        return f"Envelope(kind={kind}, opcode={opcode}, args=({', '.join(args)}))"
