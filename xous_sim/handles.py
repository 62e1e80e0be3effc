"""Connections as programs hold them.

A CID is a number, and numbers are copied without anybody noticing: that is half of what issue 482 is about. A
:class:`Connection` cannot be copied, knows whether it is closed, and is shared only in ways that count its holders.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self, final

from ._copies import NotCopied
from .errors import ClosedConnectionError, MisuseError
from .kernel_error import KernelError
from .values import (
    OUT_OF_REACH,
    Encoded,
    Raw,
    Result,
    Value,
    encode,
    error_of,
    operand,
    out_of_reach,
    shown,
    succeeded,
    unwrap_error,
)

if TYPE_CHECKING:
    from .process import Process
    from .sync import Arc, Weak
    from .world import World

_DISCONNECT = 35


@final
class Connection(NotCopied):
    """A connection of a process to a server, or the error that connecting gave.

    It is not copied: ``copy``, ``deepcopy`` and ``pickle`` are refused. ``with`` closes it, :meth:`close` does so
    explicitly, :meth:`share` gives counted handles. Forgetting it leaves the slot taken, as dropping a plain CID does.

    Example:
        >>> import xous_sim as xs
        >>> world = xs.World()
        >>> app, log = world.process("app"), world.server("log")
        >>> with app.connect(log) as connection:
        ...     app.send(connection, xs.BlockingScalar(1))
        Result(value=0)
        >>> connection
        <Connection closed>
        >>> app.send(connection, xs.Scalar(1))
        Traceback (most recent call last):
        xous_sim.errors.ClosedConnectionError: the connection was closed before it is used here: connect again, or ...
    """

    __slots__ = ("_closed", "_lender", "_origin", "_owned", "_raw", "_world")
    _how_to_copy = "a Connection cannot be copied: share() it, and clone() the Arc that this gives"

    def __init__(self, world: World, raw: Raw, *, owned: bool, lender: str = "the pool that it came from") -> None:
        self._world = world
        self._raw = raw
        self._owned = owned
        self._lender = lender
        self._closed = False
        self._origin = world._driver.context()
        if owned:
            world._driver.opened(raw)

    def is_ok(self) -> bool:
        """Whether connecting succeeded."""
        return succeeded(self._raw)

    def error(self) -> KernelError | None:
        """The kernel's error, or ``None`` if there is a connection."""
        return None if self.is_ok() else error_of(self._raw)

    def unwrap(self) -> Self:
        """The connection itself.

        Raises:
            UnwrapError: If connecting failed.
        """
        if not self.is_ok():
            raise unwrap_error("connect", self._raw)
        return self

    @property
    def cid(self) -> Value:
        """The connection ID, as a number: a copy that no count knows.

        Raises:
            ClosedConnectionError: If the connection was closed.
            UnwrapError: If connecting failed.
        """
        return Value(self._live("asked for its CID"))

    def close(self) -> Result:
        """Disconnects; a second close does nothing.

        Returns:
            What the kernel's Disconnect answered.

        Raises:
            MisuseError: If the connection belongs to a pool, to std, or to all threads of a scenario.
        """
        if self._closed:
            return Result(None, "disconnect")
        if not self._owned:
            raise MisuseError(f"this connection belongs to {self._lender}, which other users rely on: don't close it")
        self._check_origin("close")
        raw = self._live("closed")
        self._closed = True
        self._world._driver.closed(raw)
        return _disconnect(self._world, raw)

    def share(self) -> Arc:
        """Turns this handle into a counted one; clones of it keep the connection until the last is dropped.

        Raises:
            MisuseError: If the connection belongs to somebody else.
        """
        from .sync import Arc

        if not self._owned:
            raise MisuseError(f"this connection belongs to {self._lender}: it is shared already")
        self._check_origin("share")
        raw = self._live("shared")
        self._closed = True
        self._world._driver.closed(raw)
        return Arc(self._world, self._world._driver.perform(("heap", self._world._heap, "new", encode(raw))))

    def _check_origin(self, verb: str) -> None:
        if self._origin != self._world._driver.context():
            raise MisuseError(
                f"a thread cannot {verb} a connection that the scenario opened for all of them: share() it in the "
                "setup and give each thread a clone, or call Process.disconnect(connection), which Rust calls unsafe"
            )

    def _live(self, use: str) -> Raw:
        """What stands for the connection in an operation that uses it."""
        if self._closed:
            raise ClosedConnectionError(
                f"the connection was closed before it is {use}: connect again, or close() later"
            )
        return self.unwrap()._raw

    def _operand(self, process: Process) -> Encoded:
        check_world(self, process._world)
        raw = self._live("used here")
        if _pid_of(raw) not in (None, process.pid):
            raise MisuseError(
                f"this connection belongs to another process than {process.name}: a CID means nothing elsewhere, "
                f"connect with {process.name}.connect(server)"
            )
        return encode(raw)

    def __enter__(self) -> Self:
        return self.unwrap()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        closed = self.close()
        if kind is None:
            closed.unwrap()

    def __repr__(self) -> str:
        if self._closed:
            return "<Connection closed>"
        if out_of_reach(self._raw):
            return f"<Connection {OUT_OF_REACH}>"
        if not self.is_ok():
            return f"<Connection failed: {shown(self._raw)}>"
        return f"<Connection {self._world._describe(self._raw)}>"


@final
class StdConnection:
    """A connection that the standard library keeps for itself: it is cached for ever and never counted.

    It is persistent: it has no ``close``. :meth:`unsafe_disconnect` frees its slot nevertheless, and cuts whoever
    else uses the same CID.
    """

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        connection._owned = False
        connection._lender = "the standard library"
        connection._world._driver.closed(connection._raw)
        connection._world._driver.perform(("persist", encode(connection._live("kept"))))

    @property
    def connection(self) -> Connection:
        """The connection, to send through; it cannot be closed."""
        return self._connection

    def unsafe_disconnect(self) -> Result:
        """Disconnects the CID, whoever else uses it (unsafe in Rust: nothing checks that nobody does)."""
        raw = self._connection._live("disconnected")
        self._connection._world._driver.perform(("release", encode(raw)))
        return _disconnect(self._connection._world, raw)

    def __repr__(self) -> str:
        return f"<StdConnection {self._connection!r}>"


def check_world(handle: Connection | Arc | Weak, world: World) -> None:
    """Refuses a handle of another world, whose numbers mean something else there.

    Raises:
        MisuseError: If it is one.
    """
    if handle._world is not world:
        raise MisuseError("this connection belongs to another world: connect in the world where it is used")


def _pid_of(raw: Raw) -> int | None:
    """The process whose connection this is; a traced body's is the body's own."""
    return int(raw[1]) if isinstance(raw, tuple) and raw[0] == "c" else None


def _disconnect(world: World, raw: Raw) -> Result:
    return Result(world._driver.perform(("syscall", _DISCONNECT, [encode(raw)]), _pid_of(raw)), "disconnect")


def cid_operand(value: object, process: Process) -> Encoded:
    """The operand for what a user passes as a connection: a handle, or a bare CID."""
    if isinstance(value, StdConnection):
        value = value.connection
    if isinstance(value, Connection):
        return value._operand(process)
    return operand(value, "a connection")
