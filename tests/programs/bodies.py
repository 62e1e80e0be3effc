"""Programs as real bodies of the package: the statements are carried out one by one, in Python."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import xous_sim as xs

from .syntax import ANSWERS, CONNECTIONS, NUMBERS, SERVERS, UNREACHABLE, Block, Program

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


@dataclass
class Run:
    """One run of a body."""

    shared: Objects
    process: xs.Process
    own: dict[str, Any] = field(default_factory=lambda: {**dict.fromkeys(NUMBERS, 0), **dict.fromkeys(CONNECTIONS)})

    started: xs.Value | None = None

    def block(self, block: Block) -> None:
        for statement in block:
            getattr(self, f"_{statement[0]}")(*statement[1:])

    def _value(self, operand: int | str) -> Any:
        return self.own[operand] if isinstance(operand, str) else operand

    def _load(self, atomic: int, target: str) -> None:
        self.own[target] = self.shared.atomics[atomic].load()

    def _store(self, atomic: int, operand: int | str) -> None:
        self.shared.atomics[atomic].store(self._value(operand))

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
            answer = self.process.send(self.own[connection], xs.BlockingScalar(0))
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

    def _start(self, number: str, block: Block) -> None:
        self.started = self.process.spawn(child, self.shared, self.process, block, self.own[number])

    def _join(self) -> None:
        if self.started is not None:
            self.process.join(self.started)

    def _spin(self, atomic: int, comparison: str, constant: int) -> None:
        shared = self.shared.atomics[atomic]
        self.shared.world.spin_while(lambda: COMPARE[comparison](shared.load(), constant))

    def _spin_both(self, first: int, second: int) -> None:
        a, b = self.shared.atomics
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

    def _grab(self, mutex: int) -> None:
        self.shared.mutexes[mutex].lock()

    def _free(self, mutex: int) -> None:
        self.shared.mutexes[mutex].unlock()

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


def child(shared: Objects, process: xs.Process, block: Block, number: xs.Value | int) -> None:
    """The body of a thread that another one starts."""
    run = Run(shared, process)
    run.own["n1"] = number
    run.block(block)


def scenario(program: Program) -> Callable[[xs.World], None]:
    """The program as a scenario."""

    def set_up(world: xs.World) -> None:
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
        )
        if program.has_peer:
            shared.processes.append(world.process("peer"))
            shared.servers.append(shared.processes[1].create_server(SERVERS[2]))
        world.deaths(at_most=program.deaths)
        for mortal in program.mortal:
            shared.processes[mortal].may_die()

        def body(process: xs.Process, block: Block) -> None:
            Run(shared, process).block(block)

        for thread in program.threads:
            process = shared.processes[thread.process]
            process.spawn(body, process, thread.block, times=thread.times)

    return set_up
