"""What threads of one process share: atomics, mutexes, cells, reference counts.

Each operation is one step of the exploration. They are created by a :class:`~xous_sim.World`, before its threads
start, like the statics of a Rust program.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, Self, final

from ._copies import CopiedAsItself, NotCopied
from .errors import MisuseError
from .handles import Connection, check_world
from .values import Raw, Value, encode, operand, part

if TYPE_CHECKING:
    from .world import World

Order = Literal["relaxed", "acquire", "release", "acq_rel", "seq_cst"]
"""A memory order. It matters to explorations with ``memory="c11"``; elsewhere every load reads the newest store."""

_ORDERS: Final = ("relaxed", "acquire", "release", "acq_rel", "seq_cst")
_UNSUITABLE: Final = {"load": ("release", "acq_rel"), "store": ("acquire", "acq_rel")}


def checked_order(order: object, what: str, *unsuitable: str) -> str:
    """An order that ``what`` can have.

    Raises:
        MisuseError: For any other, as Rust panics there.
    """
    if not isinstance(order, str) or order not in _ORDERS:
        raise MisuseError(f"{order!r} is not a memory order: choose one of {', '.join(_ORDERS)}")
    if order in unsuitable:
        suitable = ", ".join(name for name in _ORDERS if name not in unsuitable)
        raise MisuseError(f"{what} cannot be {order}, Rust panics there: choose one of {suitable}")
    return order


class _Object(CopiedAsItself):
    """A shared object of a world."""

    __slots__ = ("_id", "_world", "name")

    def __init__(self, world: World, number: int, name: str) -> None:
        self._world = world
        self._id = number
        self.name = name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


@final
class AtomicU32(_Object):
    """An atomic 32-bit integer; arithmetic wraps.

    Example:
        >>> import xous_sim as xs
        >>> refcount = xs.World().atomic_u32(0)
        >>> refcount.fetch_add(1, "relaxed")
        0
        >>> refcount.load() == 1
        True
    """

    __slots__ = ()

    def _perform(self, op: str, order: Order, *operands: object) -> Raw:
        checked_order(order, f"a {op}", *_UNSUITABLE.get(op, ()))
        encoded = [_content(self._world, value) for value in operands]
        return self._world._driver.perform(("atomic", self._id, op, order, encoded))

    def load(self, order: Order = "seq_cst") -> Value:
        """The value."""
        return Value(self._perform("load", order))

    def store(self, value: int | Value | Connection, order: Order = "seq_cst") -> None:
        """Writes a value."""
        self._perform("store", order, value)

    def swap(self, value: int | Value | Connection, order: Order = "seq_cst") -> Value:
        """Writes a value and returns the one before."""
        return Value(self._perform("swap", order, value))

    def fetch_add(self, value: int | Value, order: Order = "seq_cst") -> Value:
        """Adds and returns the value before."""
        return Value(self._perform("fetch_add", order, value))

    def fetch_sub(self, value: int | Value, order: Order = "seq_cst") -> Value:
        """Subtracts and returns the value before."""
        return Value(self._perform("fetch_sub", order, value))

    def compare_exchange(
        self, current: int | Value, new: int | Value | Connection, order: Order = "seq_cst"
    ) -> tuple[Value, Value]:
        """Writes ``new`` if the value is ``current``.

        Args:
            current: What has to be there.
            new: What is written then.
            order: Of the success. A failure is a load with as much of it as a load can have.

        Returns:
            Whether it was (1 or 0), and the value before.
        """
        raw = self._perform("compare_exchange", order, current, new)
        return Value(part(raw, 0)), Value(part(raw, 1))


def _content(world: World, value: object) -> object:
    if isinstance(value, Connection):
        check_world(value, world)
        return encode(value._live("stored in an atomic"))
    return operand(value, "an operand of an atomic")


@final
class Mutex(_Object):
    """A mutex. ``with mutex:`` holds it.

    It belongs to the thread that locked it: nobody else can unlock it, and if that thread ends it stays locked, as
    where Rust forgets a guard. An exception that leaves the block unlocks it; poisoning is left out.

    Example:
        >>> import xous_sim as xs
        >>> mutex = xs.World().mutex()
        >>> with mutex:
        ...     mutex.try_lock() == 1
        False
    """

    __slots__ = ()

    def lock(self) -> None:
        """Waits until the mutex is free, then holds it."""
        self._world._driver.perform(("mutex", self._id, "lock"))

    def try_lock(self) -> Value:
        """Holds the mutex if it is free; 1 if so, else 0."""
        return Value(self._world._driver.perform(("mutex", self._id, "try_lock")))

    def unlock(self) -> None:
        """Frees the mutex."""
        self._world._driver.perform(("mutex", self._id, "unlock"))

    def __enter__(self) -> Self:
        self.lock()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unlock()


@final
class Cell(_Object):
    """A plain variable that threads share; it holds a number, a connection or a reference to one.

    Two accesses, one of them a write, that nothing orders are a data race: explorations with ``memory="c11"`` report it
    as ``data-race``.
    """

    __slots__ = ()

    def get(self) -> Value:
        """The content."""
        return Value(self._world._driver.perform(("cell", self._id, "get", None)))

    def set(self, value: int | Value | Connection | Weak) -> None:
        """Replaces the content. A :class:`Weak` comes back with ``world.weak(cell.get())``."""
        if isinstance(value, Weak):
            check_world(value, self._world)
        content = encode(value._raw) if isinstance(value, Weak) else _content(self._world, value)
        self._world._driver.perform(("cell", self._id, "set", content))


@final
class OnceLock(_Object):
    """A cell that one thread initialises while the others wait (Rust's ``std::sync::OnceLock``).

    It holds a connection or a shared handle: ``OnceLock<Arc<CID>>``.
    """

    __slots__ = ()

    def get_or_init(self, init: Callable[[], Connection]) -> Connection:
        """The connection in it; ``init`` opens it if nobody has.

        Example:
            >>> import xous_sim as xs
            >>> world = xs.World()
            >>> app, server = world.process("app"), world.server("log")
            >>> pool = world.once_lock()
            >>> pool.get_or_init(lambda: app.connect(server))
            <Connection CID 2 to log>
        """
        perform = self._world._driver.perform
        raw = perform(("once", self._id, "begin", None))
        if Value(part(raw, 0)) == 1:
            return Connection(self._world, part(raw, 1), owned=False)
        try:
            connection = init()
            check_world(connection, self._world)
        except BaseException:
            perform(("once", self._id, "complete", None))
            raise
        perform(("once", self._id, "complete", encode(connection._live("stored in a OnceLock"))))
        return connection


@final
class Arc(NotCopied):
    """A counted reference to a connection (Rust's ``std::sync::Arc``); it must be dropped by hand.

    The count lives in the world, not in Python: clone and drop are steps that other threads can come between. A thread
    that forgets one keeps the connection for ever, which is a ``leak``, as forgetting the connection itself is. Those
    that the scenario function makes are the scenario's own, whoever uses them.

    Example:
        >>> import xous_sim as xs
        >>> def scenario(world: xs.World) -> None:
        ...     app, log = world.process("app"), world.server("log")
        ...
        ...     def forgets() -> None:
        ...         first = app.connect(log).share()
        ...         second = first.clone()
        ...         first.drop()
        ...
        ...     app.spawn(forgets)
        >>> print(xs.explore(scenario).violation)
        leak: when all threads of app have ended, CID 2 is still connected to log, and nobody holds it
    """

    __slots__ = ("_dropped", "_of_scenario", "_raw", "_world")
    _how_to_copy = "an Arc cannot be copied: clone() it, which counts"

    def __init__(self, world: World, raw: Raw) -> None:
        self._world = world
        self._raw = raw
        self._dropped: Hashable = None
        self._of_scenario = world._driver.context() == "setup"
        world._driver.opened(raw)

    def _perform(self, op: str) -> Raw:
        if self._dropped is not None and self._dropped in (self._world._driver.context(), "setup"):
            raise MisuseError("an Arc is used after its drop: clone() it before")
        return self._world._driver.perform(("heap", self._world._heap, op, encode(self._raw)))

    def get(self) -> Connection:
        """The connection."""
        return Connection(self._world, self._perform("get"), owned=False)

    def clone(self) -> Arc:
        """One more reference."""
        return Arc(self._world, self._perform("clone"))

    def downgrade(self) -> Weak:
        """A reference that does not keep the connection."""
        return Weak(self._world, self._perform("downgrade"))

    def drop(self) -> Connection | None:
        """Gives the reference back.

        Returns:
            The connection if this was the last reference: its owner must close it now, as Rust's drop does.
        """
        raw = self._perform("drop_of_scenario" if self._of_scenario else "drop")
        self._dropped = self._world._driver.context()
        if Value(part(raw, 0)) == 1:
            return Connection(self._world, part(raw, 1), owned=True)
        return None

    def __repr__(self) -> str:
        return "<Arc>" if self._dropped is None else "<Arc dropped>"


@final
class Weak(NotCopied):
    """A reference that does not keep its connection (Rust's ``std::sync::Weak``)."""

    __slots__ = ("_raw", "_world")
    _how_to_copy = "a Weak cannot be copied: downgrade() the Arc once more, which counts"

    def __init__(self, world: World, raw: Raw) -> None:
        self._world = world
        self._raw = raw

    def _perform(self, op: str) -> Raw:
        return self._world._driver.perform(("heap", self._world._heap, op, encode(self._raw)))

    def upgrade(self) -> Arc | None:
        """A counted reference, if one is left to clone."""
        raw = self._perform("upgrade")
        return Arc(self._world, part(raw, 1)) if Value(part(raw, 0)) == 1 else None

    def drop(self) -> None:
        """Gives the reference back."""
        self._perform("drop_weak")

    def __repr__(self) -> str:
        return "<Weak>"
