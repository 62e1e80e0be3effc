"""A state machine for Hypothesis that opens, uses and closes connections through a wrapper of yours.

Subclass :class:`ConnectionMachine`, say how your wrapper opens and closes, and run its ``TestCase``. Hypothesis then
makes calls in any order, one after another, and shrinks the calls that lead to a violation. Checked after every call:
P1 no send through an open handle is refused, P2 none reaches another server than its own, P3 no free slot is
disconnected, P4 no slot stays in use when all handles are gone, P5 connecting succeeds while there is room.

Left out: threads. Calls come one at a time; what their interleaving breaks is for :func:`xous_sim.explore`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, multiple, rule

from . import _native
from .errors import UnwrapError
from .handles import Connection
from .kernel_error import KernelError
from .messages import BlockingScalar
from .process import Process, Server
from .values import Result
from .world import World


@dataclass(eq=False)
class _Open:
    """A handle that is open, and the server that it was opened for."""

    handle: Any
    server: Server
    answer: int

    def taken(self) -> Any:
        """The handle, to which nobody else refers any more."""
        handle, self.handle = self.handle, None
        return handle


_HANDLES: Final[Bundle[_Open]] = Bundle("handle")


class ConnectionMachine(RuleBasedStateMachine):
    """Calls a wrapper in any order; as it is, connections themselves.

    Meant to be subclassed: override :meth:`open`, :meth:`transmit`, :meth:`close` and :meth:`forget`.

    Attributes:
        servers: The names of the servers that handles are opened for.
        options: Arguments for the :class:`World`: profile, slots, connect, mode, seed.
        world: The world of this run.
        app: The process that acts.

    Example:
        >>> import xous_sim as xs
        >>> from xous_sim.stateful import ConnectionMachine
        >>> class Counted(ConnectionMachine):
        ...     def start(self) -> None:
        ...         self.users = 0
        ...
        ...     def open(self, server: xs.Server) -> xs.Connection:
        ...         self.users += 1
        ...         return self.app.connect(server)
        ...
        ...     def close(self, handle: xs.Connection) -> None:
        ...         self.users -= 1
        ...         if self.users == 0:
        ...             self.app.disconnect(handle)
        >>> from hypothesis.stateful import run_state_machine_as_test
        >>> run_state_machine_as_test(Counted)
        Traceback (most recent call last):
        AssertionError: leak: ...
    """

    servers: ClassVar[Sequence[str]] = ("log", "net")
    options: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    def __init__(self) -> None:
        super().__init__()
        self.world = World(**self.options)
        self.app: Process = self.world.process("app")
        self._servers = [self.world.server(name, answer=100 + n) for n, name in enumerate(self.servers)]
        self._opened: set[_Open] = set()
        self.start()

    # What a subclass says of its wrapper.

    def start(self) -> None:
        """Makes what the wrapper shares; nothing by default."""

    def open(self, server: Server) -> Any:
        """Opens a handle; may raise :class:`UnwrapError` with OUT_OF_MEMORY if no slot is free.

        By default it is a plain connection.
        """
        return self.app.connect(server).unwrap()

    def transmit(self, handle: Any, message: BlockingScalar) -> Result | int | None:
        """Sends through a handle; what the server answered, where the wrapper tells."""
        return self.app.send(handle, message)

    def close(self, handle: Any) -> None:
        """Closes a handle explicitly."""
        if isinstance(handle, Connection):
            handle.close()

    def forget(self, handle: Any) -> None:
        """Does what the end of the handle's scope does, as Rust's ``Drop``: by default it closes it.

        For wrappers with ``__del__``, let it do nothing: the machine's reference to the handle is the last one.
        """
        self.close(handle)

    # The rules, and what holds after each.

    @rule(target=_HANDLES, server=st.runner().flatmap(lambda machine: st.sampled_from(machine.servers)))
    def connect(self, server: str) -> Any:
        """Opens a handle for one of the servers."""
        number = self.servers.index(server)
        try:
            handle = self.open(self._servers[number])
        except UnwrapError as error:
            full = error.error is KernelError.OUT_OF_MEMORY and len(self._opened) >= self._slots
            _require(full, f"exhausted: {len(self._opened)} handles are open, and yet {error}")
            return multiple()
        opened = _Open(handle, self._servers[number], 100 + number)
        self._opened.add(opened)
        return opened

    @property
    def _slots(self) -> int:
        return len(self.app.connection_map())

    @rule(handle=_HANDLES, opcode=st.integers(0, 3))
    def send(self, handle: _Open, opcode: int) -> None:
        """Sends through an open handle."""
        answer = self.transmit(handle.handle, BlockingScalar(opcode))
        if isinstance(answer, Result):
            _require(answer.is_ok(), f"severed: a send to {handle.server.name} gets {answer!r}")
            answer = int(answer.unwrap())
        told = answer is None or int(answer) == handle.answer
        _require(told, f"misdelivered: a send to {handle.server.name} is answered by another server")

    @rule(handle=consumes(_HANDLES))
    def disconnect(self, handle: _Open) -> None:
        """Closes a handle explicitly."""
        self._opened.remove(handle)
        self.close(handle.taken())

    @rule(handle=consumes(_HANDLES))
    def drop(self, handle: _Open) -> None:
        """Lets go of a handle."""
        self._opened.remove(handle)
        self.forget(handle.taken())

    def check_invariants(self, *context: Any, **others: Any) -> None:
        """Checks what must hold after each call; Hypothesis prints only the invariants that a subclass adds."""
        self._check_calls()
        self._check_leaks()
        super().check_invariants(*context, **others)

    def _check_calls(self) -> None:
        """The kernel saw no call that violates P1, P2 or P3."""
        found = _native.violations(self.world._machine)
        _require(not found, ": ".join(found[0][::2]) if found else "")

    def _check_leaks(self) -> None:
        """P4: when no handle is open, only persistent connections are left."""
        if not self._opened:
            found = _native.quiet_violation(self.world._machine, [], [])
            _require(found is None, ": ".join(found[::2]) if found else "")


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise AssertionError(message)
