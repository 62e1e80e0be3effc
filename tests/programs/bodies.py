"""Programs as real bodies of the package: the statements are carried out one by one, in Python."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import xous_sim as xs

from .shapes import SHAPES, AtDrop, Boxes, may_raise
from .syntax import (
    ANSWERS,
    BASE,
    CONNECTIONS,
    HANDLES,
    NUMBERS,
    SERVERS,
    THREADS,
    UNREACHABLE,
    Block,
    Program,
    Statement,
)
from .tellings import TELLINGS

BLOCKING_SCALAR: Final = 4
"""The kind of a message whose sender waits."""

COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass
class Objects:
    """What the threads of a scenario share."""

    world: xs.World
    processes: list[xs.Process]
    atomics: list[xs.AtomicU32]
    cell: xs.Cell
    mutexes: list[xs.Mutex]
    servers: list[xs.Server]
    pool: xs.OnceLock
    name_server: dict[str, xs.Connection]
    shape: str


def _nothing() -> dict[str, Any]:
    return {**dict.fromkeys(NUMBERS, 0), **dict.fromkeys((*CONNECTIONS, *HANDLES, *THREADS, "w", "token"))}


@dataclass
class Run:
    """One run of a body."""

    shared: Objects
    process: xs.Process
    own: dict[str, Any] = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        if self.shared.shape == "boxes":
            self.own = Boxes(self.own)

    def block(self, block: Block) -> None:
        SHAPES[self.shared.shape](self, block)

    def perform(self, statement: Statement) -> None:
        getattr(self, f"_{statement[0]}")(*statement[1:])

    def _value(self, operand: int | str) -> Any:
        return self.own[operand] if isinstance(operand, str) else operand

    def _load(self, atomic: int, target: str) -> None:
        self.own[target] = self.shared.atomics[atomic].load()

    def _store(self, atomic: int, operand: int | str) -> None:
        self.shared.atomics[atomic].store(self._value(operand))

    def _append(self, atomic: int, digit: int) -> None:
        log = self.shared.atomics[atomic]
        log.store(int(log.load()) * BASE + digit)

    def _swap(self, atomic: int, operand: int | str, target: str) -> None:
        self.own[target] = self.shared.atomics[atomic].swap(self._value(operand))

    def _fetch_add(self, atomic: int, operand: int | str, target: str) -> None:
        self.own[target] = self.shared.atomics[atomic].fetch_add(self._value(operand))

    def _fetch_sub(self, atomic: int, operand: int | str, target: str) -> None:
        self.own[target] = self.shared.atomics[atomic].fetch_sub(self._value(operand))

    def _compare_exchange(self, atomic: int, current: int | str, new: int | str, done: str, before: str) -> None:
        answer = self.shared.atomics[atomic].compare_exchange(self._value(current), self._value(new))
        self.own[done], self.own[before] = answer

    def _get(self, target: str) -> None:
        self.own[target] = self.shared.cell.get()

    def _set(self, operand: int | str) -> None:
        self.shared.cell.set(self._value(operand))

    def _put(self, connection: str) -> None:
        if self.own[connection] is not None:
            self.shared.cell.set(self.own[connection])

    def _materialise(self, number: str) -> None:
        self.own[number] = int(self.own[number])

    def _plus(self, target: str, number: str, constant: int) -> None:
        self.own[target] = (self.own[number] + constant) % 2**32

    def _forget(self, number: str) -> None:
        self.own[number] = 0

    def _fail(self, number: str, constant: int) -> None:
        if self.own[number] == constant:
            raise ValueError(f"{number} is {constant}")

    def _connect(self, server: int, target: str) -> None:
        self.own[target] = self.process.connect(self.shared.servers[server])

    def _try_connect(self, server: int, target: str) -> None:
        connection = self.process.try_connect(self.shared.servers[server])
        self.own[target] = connection if connection.is_ok() else None

    def _send(self, connection: str, target: str) -> None:
        if self.own[connection] is not None:
            self._send_through(self.own[connection], target)

    def _send_through(self, connection: xs.Connection, target: str) -> None:
        answer = self.process.send(connection, xs.BlockingScalar(0))
        self.own[target] = answer.unwrap() if answer.is_ok() else UNREACHABLE

    def _disconnect(self, connection: str) -> None:
        if self.own[connection] is not None:
            self.process.disconnect(self.own[connection])

    def _pooled(self, target: str) -> None:
        shared = self.shared
        self.own[target] = shared.pool.get_or_init(lambda: self.process.connect(shared.servers[0]))

    def _serve(self, operand: int | str) -> None:
        envelope = self.process.receive(self.shared.servers[2])
        if envelope.kind == BLOCKING_SCALAR:
            envelope.return_scalar(self._value(operand))
        else:
            self._store(0, 2)

    def _start(self, target: str, given: str, block: Block) -> None:
        self.own[target] = self.process.spawn(child, self.shared, self.process, block, given[0], self.own[given])
        if given[0] == "h":
            self.own[given] = None

    def _join(self, thread: str) -> None:
        if self.own[thread] is not None:
            self.process.join(self.own[thread])

    def _tell(self, thread: str) -> None:
        if self.own[thread] is not None:
            self.shared.cell.set(self.own[thread])

    def _terminate(self) -> None:
        self.process.terminate()

    def _share(self, server: int, target: str) -> None:
        self.own[target] = self.process.connect(self.shared.servers[server]).share()

    def _clone(self, handle: str, target: str) -> None:
        if self.own[handle] is not None:
            self.own[target] = self.own[handle].clone()

    def _ask(self, handle: str, target: str) -> None:
        if self.own[handle] is not None:
            self._send_through(self.own[handle].get(), target)

    def _drop(self, handle: str) -> None:
        if self.own[handle] is not None:
            dropped, self.own[handle] = self.own[handle], None
            last = dropped.drop()
            if last is not None:
                last.close()

    def _let_go(self, name: str) -> None:
        self.own[name] = None

    def _request(self, target: str) -> None:
        self._named(self._names.request_connection(SERVERS[4]), target)

    def _await_name(self, target: str) -> None:
        self._named(self._names.request_connection_blocking(SERVERS[4]), target)

    @property
    def _names(self) -> xs.XousNames:
        return self.process.xous_names(self.shared.name_server[self.process.name])

    def _named(self, answer: xs.NamedConnection, target: str) -> None:
        self.own[target] = None
        if answer.is_ok():
            self.own[target], self.own["token"] = answer.unwrap(), answer.token

    def _give_back(self, target: str) -> None:
        if self.own["token"] is not None:
            answer = self._names.disconnect_with_token(SERVERS[4], self.own["token"])
            self.own[target] = int(answer.is_ok())

    def _spin(self, atomic: int, comparison: str, constant: int) -> None:
        shared = self.shared.atomics[atomic]
        self.shared.world.spin_while(lambda: COMPARE[comparison](shared.load(), constant))

    def _spin_both(self, first: int, second: int) -> None:
        a, b, *_ = self.shared.atomics
        self.shared.world.spin_while(lambda: a.load() == first and b.load() == second)

    def _spin_swap(self, atomic: int) -> None:
        shared = self.shared.atomics[atomic]
        self.shared.world.spin_while(lambda: shared.swap(1) == 1)

    def _spin_connect(self, server: int) -> None:
        target = self.shared.servers[server]
        self.shared.world.spin_while(lambda: not self.process.try_connect(target).is_ok())

    def _yield(self, atomic: int, comparison: str, constant: int) -> None:
        while COMPARE[comparison](self.shared.atomics[atomic].load(), constant):
            self.shared.world.yield_now()

    def _choose(self, n: int, target: str) -> None:
        self.own[target] = self.shared.world.choose(n)

    def _if(self, number: str, comparison: str, operand: int | str, then: Block, otherwise: Block) -> None:
        self.block(then if COMPARE[comparison](self.own[number], self._value(operand)) else otherwise)

    def _lock(self, mutex: int, block: Block) -> None:
        with self.shared.mutexes[mutex]:
            self.block(block)

    def _try_lock(self, mutex: int, block: Block) -> None:
        if self.shared.mutexes[mutex].try_lock() == 1:
            try:
                self.block(block)
            finally:
                self.shared.mutexes[mutex].unlock()

    def _take(self, mutex: int) -> None:
        self.shared.mutexes[mutex].lock()

    def _give(self, mutex: int) -> None:
        self.shared.mutexes[mutex].unlock()

    def _catch(self, block: Block, handler: Block) -> None:
        try:
            self.block(block)
        except ValueError:
            self.block(handler)

    def _finally(self, block: Block, last: Block) -> None:
        if self.shared.shape == "finaliser" and not may_raise((*block, *last)):
            guard = AtDrop(lambda: self.block(last))
            self.block(block)
            del guard
            return
        try:
            self.block(block)
        finally:
            self.block(last)

    def _with(self, server: int, block: Block) -> None:
        with self.process.connect(self.shared.servers[server]) as connection:
            around, self.own["w"] = self.own["w"], connection
            try:
                self.block(block)
            finally:
                self.own["w"] = around


GIVEN_AS: Final = {"n": "n1", "k": "k0", "h": "h0"}


def child(shared: Objects, process: xs.Process, block: Block, kind: str, given: Any) -> None:
    """The body of a thread that another one starts."""
    run = Run(shared, process)
    run.own[GIVEN_AS[kind]] = given
    run.block(block)


def scenario(program: Program, also: Callable[[Objects], object] | None = None) -> Callable[[xs.World], None]:
    """The program as a scenario.

    Args:
        program: The program.
        also: Is called at the end of the set-up.
    """

    def set_up(world: xs.World) -> None:
        shared = _shared(world, program)
        for mortal in program.mortal:
            shared.processes[mortal].may_die()

        def act(process: xs.Process, block: Block) -> None:
            Run(shared, process).block(block)

        orders = [(shared.processes[thread.process], thread.block) for thread in program.threads]
        bodies = TELLINGS[program.told](act, orders)
        for thread, (body, args) in zip(program.threads, bodies, strict=True):
            shared.processes[thread.process].spawn(body, *args, times=thread.times)
        if also is not None:
            also(shared)

    return set_up


def _shared(world: xs.World, program: Program) -> Objects:
    shared = Objects(
        world=world,
        processes=[world.process("app")],
        atomics=[world.atomic_u32(value, name=f"a{i}") for i, value in enumerate(program.initial)],
        cell=world.cell(name="cell"),
        mutexes=[world.mutex(), world.mutex()],
        pool=world.once_lock(),
        servers=[
            world.server(name, answer=answer, may_die=fate != "lives", restarts=fate == "restarts")
            for name, answer, fate in zip(SERVERS, ANSWERS, program.fates, strict=False)
        ],
        name_server={},
        shape=program.shape,
    )
    world.deaths(at_most=program.deaths)
    if program.has_peer:
        shared.processes.append(world.process("peer"))
        shared.servers.append(shared.processes[1].create_server(SERVERS[2]))
    if program.limit is not None:
        names = world.names()
        world.server(SERVERS[4], answer=ANSWERS[4], limit=program.limit)
        shared.name_server = {process.name: process.connect(names) for process in shared.processes}
    return shared
