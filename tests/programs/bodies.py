"""Programs as real bodies of the package: the statements are carried out one by one, in Python."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import xous_sim as xs

from .syntax import ANSWERS, CONNECTIONS, NUMBERS, SERVERS, UNREACHABLE, Block, Program

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
    app: xs.Process
    atomics: list[xs.AtomicU32]
    cell: xs.Cell
    mutexes: list[xs.Mutex]
    servers: list[xs.Server]
    pool: xs.OnceLock


@dataclass
class Run:
    """One run of a body."""

    shared: Objects
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
        self.own[target] = self.shared.app.connect(self.shared.servers[server])

    def _send(self, connection: str, target: str) -> None:
        if self.own[connection] is not None:
            answer = self.shared.app.send(self.own[connection], xs.BlockingScalar(0))
            self.own[target] = answer.unwrap() if answer.is_ok() else UNREACHABLE

    def _disconnect(self, connection: str) -> None:
        if self.own[connection] is not None:
            self.shared.app.disconnect(self.own[connection])

    def _pooled(self, target: str) -> None:
        shared = self.shared
        self.own[target] = shared.pool.get_or_init(lambda: shared.app.connect(shared.servers[0]))

    def _start(self, number: str, block: Block) -> None:
        self.started = self.shared.app.spawn(child, self.shared, block, self.own[number])

    def _join(self) -> None:
        if self.started is not None:
            self.shared.app.join(self.started)

    def _spin(self, atomic: int, comparison: str, constant: int) -> None:
        shared = self.shared.atomics[atomic]
        self.shared.world.spin_while(lambda: COMPARE[comparison](shared.load(), constant))

    def _spin_both(self, first: int, second: int) -> None:
        a, b = self.shared.atomics
        self.shared.world.spin_while(lambda: a.load() == first and b.load() == second)

    def _spin_swap(self, atomic: int) -> None:
        shared = self.shared.atomics[atomic]
        self.shared.world.spin_while(lambda: shared.swap(1) == 1)

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


def child(shared: Objects, block: Block, number: xs.Value | int) -> None:
    """The body of a thread that another one starts."""
    run = Run(shared)
    run.own["n1"] = number
    run.block(block)


def scenario(program: Program) -> Callable[[xs.World], None]:
    """The program as a scenario."""

    def set_up(world: xs.World) -> None:
        shared = Objects(
            world=world,
            app=world.process("app"),
            atomics=[world.atomic_u32(value, name=f"a{i}") for i, value in enumerate(program.initial)],
            cell=world.cell(name="cell"),
            mutexes=[world.mutex(), world.mutex()],
            pool=world.once_lock(),
            servers=[world.server(name, answer=answer) for name, answer in zip(SERVERS, ANSWERS, strict=True)],
        )

        def body(block: Block) -> None:
            Run(shared).block(block)

        for thread in program.threads:
            shared.app.spawn(body, thread.block, times=thread.times)

    return set_up
