"""Client programs as values: threads of a process that connect to servers, send, and disconnect again.

A program is a scenario: exploring it explores its threads. Its ``repr`` makes it again, its ``str`` is a scenario as
one would write it. What its threads do by themselves is right: they send through connections that they hold, and close
each of them once. So what goes wrong is due to their interleaving, and to the way in which connections are held, which
:meth:`Program.over` replaces. Left out: servers whose queue matters, and threads that share data.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple, final

from .._options import check_plain_function
from ..errors import MisuseError
from ..handles import Connection
from ..idioms import Open, Prepare
from ..messages import BlockingScalar, Scalar
from ..process import Process, Server
from ..world import World


class Connect(NamedTuple):
    """Connects to a server; the thread calls the connection ``name``."""

    name: str
    server: str


class Send(NamedTuple):
    """Sends a scalar through a connection, and waits for the answer if ``blocking``."""

    name: str
    opcode: int
    blocking: bool = False


class Disconnect(NamedTuple):
    """Closes a connection."""

    name: str


Statement = Connect | Send | Disconnect
"""What a thread can do."""
Thread = tuple[Statement, ...]
"""What a thread does, in order."""


@final
@dataclass(frozen=True)
class Program:
    """Threads of one process that use servers.

    Attributes:
        threads: What each of them does.

    Raises:
        MisuseError: If a thread uses a connection that it does not hold, or keeps one.

    Example:
        >>> import xous_sim as xs
        >>> from xous_sim.idioms import IDIOMS
        >>> from xous_sim.strategies import Connect, Disconnect, Program, Send
        >>> client = (Connect("a", "log"), Send("a", 1), Disconnect("a"))
        >>> program = Program(threads=(client, client))
        >>> xs.explore(program).verdict
        'violated'
        >>> xs.explore(program.over(IDIOMS["mutex_guarded"].prepare)).verdict
        'sound'
        >>> print(Program(threads=(client,)))
        def scenario(world: xs.World) -> None:
            app = world.process("app")
            log = world.server("log")
        <BLANKLINE>
            def thread_1() -> None:
                a = app.connect(log)
                app.send(a, xs.Scalar(1))
                app.disconnect(a)
        <BLANKLINE>
            app.spawn(thread_1)
    """

    threads: tuple[Thread, ...]

    def __post_init__(self) -> None:
        for thread in self.threads:
            _check(thread)

    @property
    def servers(self) -> tuple[str, ...]:
        """The servers that the threads use, in the order of their names."""
        used = {step.server for thread in self.threads for step in thread if isinstance(step, Connect)}
        return tuple(sorted(used))

    def __call__(self, world: World) -> None:
        """Sets the program up, as a scenario; each thread uses plain system calls."""
        self._set_up(world, _plain)

    def over(self, prepare: Prepare) -> Callable[[World], None]:
        """The same program as a scenario whose connections are held in another way.

        Args:
            prepare: Declares what a library shares, once for each server, and returns how it opens connections: a
                function without arguments that returns a context manager, as in :mod:`xous_sim.idioms`.
        """
        check_plain_function(prepare, "prepare")

        def scenario(world: World) -> None:
            self._set_up(world, prepare)

        return scenario

    def _set_up(self, world: World, prepare: Prepare) -> None:
        app = world.process("app")
        opens = {name: prepare(world, app, world.server(name)) for name in self.servers}

        def client(thread: Thread) -> None:
            _run(app, opens, thread)

        for number, thread in enumerate(self.threads, 1):
            app.spawn(client, thread, name=f"thread_{number}")

    def __str__(self) -> str:
        lines = ["def scenario(world: xs.World) -> None:", '    app = world.process("app")']
        lines += [f'    {name} = world.server("{name}")' for name in self.servers]
        for number, thread in enumerate(self.threads, 1):
            lines += ["", f"    def thread_{number}() -> None:"]
            lines += [f"        {_in_python(step)}" for step in thread] or ["        pass"]
        lines += ["", *(f"    app.spawn(thread_{number})" for number in range(1, len(self.threads) + 1))]
        return "\n".join(lines)


def _check(thread: Thread) -> None:
    """Refuses a thread that is wrong by itself."""
    held: set[str] = set()
    for step in thread:
        if not isinstance(step, Statement):
            raise MisuseError(f"a thread is made of Connect, Send and Disconnect, not of {type(step).__name__}")
        for name in step[:2] if isinstance(step, Connect) else step[:1]:
            _check_name(name)
        if isinstance(step, Connect) == (step.name in held):
            raise MisuseError(
                f"{step!r} {'opens a connection twice' if step.name in held else 'uses none that is open'}"
            )
        held.add(step.name)
        if isinstance(step, Disconnect):
            held.remove(step.name)
    if held:
        raise MisuseError(f"a thread ends without Disconnect({min(held)!r}): each closes what it opens")


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name) or name in _TAKEN:
        raise MisuseError(f"{name!r} is no name for a variable of the scenario: choose another one")


_TAKEN: Final = ("app", "world", "xs")


def _plain(world: World, app: Process, server: Server) -> Open:
    """Holds a connection with the system calls alone."""

    @contextmanager
    def open_() -> Iterator[Connection]:
        connection = app.connect(server)
        yield connection
        app.disconnect(connection)

    return open_


def _run(app: Process, opens: dict[str, Open], thread: Thread) -> None:
    """What a thread does."""
    held: dict[str, tuple[AbstractContextManager[Connection], Connection]] = {}
    for step in thread:
        match step:
            case Connect(name, server):
                opened = opens[server]()
                held[name] = opened, opened.__enter__()
            case Send(name, opcode, blocking):
                app.send(held[name][1], BlockingScalar(opcode) if blocking else Scalar(opcode))
            case Disconnect(name):
                held.pop(name)[0].__exit__(None, None, None)


def _in_python(step: Statement) -> str:
    match step:
        case Connect(name, server):
            return f"{name} = app.connect({server})"
        case Send(name, opcode, blocking):
            return f"app.send({name}, xs.{'BlockingScalar' if blocking else 'Scalar'}({opcode}))"
        case Disconnect(name):
            return f"app.disconnect({name})"
