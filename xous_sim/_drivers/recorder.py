"""Records what a body does: the tracing half of the exploration.

A run answers the body's looks with the observations that it is given. At the first look beyond them the body is
suspended (it runs in a greenlet), because an exception could be swallowed, in a ``__del__`` for instance, and then the
body would silently go on. The suspended body is thrown away; its finalisers run, and whatever they do touches nothing.
"""

from __future__ import annotations

import traceback
import weakref
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, Never

from greenlet import GreenletExit, getcurrent, greenlet

from ..errors import BodyNeverEndsError, ScenarioError
from ..values import Encoded, Raw, Register, Value, encode
from . import unraisable
from .base import Op
from .bodies import Body, results_in
from .collector import check_no_finaliser
from .discard import throw_away
from .idle import no_look_in_bodies
from .misuse import misuse_in
from .source import describe, source, users_frame
from .standing import Path, changed_by
from .watchdog import Watchdog

if TYPE_CHECKING:
    from ..world import World

_FINALISER_OPERATIONS = 1000
"""Operations that the finalisers of a body that was thrown away may ask for, before they are ended too."""


_LEAVES_SOMETHING = (
    "the condition of spin_while at {} changes Python variables: nothing may survive one of its rounds. Count in an "
    "atomic, or write a loop that counts and calls world.yield_now()"
)
_YIELDS_ONLY = "the body yields at {} again and again and performs no operation, so nothing can ever change"


_POLLS = (
    "body {} polls for ever at {}: it looks again and again, and does nothing else. Wait with "
    "world.spin_while(condition), or call world.yield_now() in each round of the loop"
)
_FREE_LOOKS = 64
"""Looks that a run may take before it is asked whether it only polls: asking costs more than a look."""
_VAIN_LOOKS = 16
"""Looks from one place in vain that show that a body polls; one call may look a few times."""
_IDLE = {"atomic": ("load", "swap", "compare_exchange"), "cell": ("get",), "mutex": ("try_lock",), "once": ("get",)}
_IDLE_CALLS = (25, 28)
"""TryConnect and TryReceiveMessage."""


def _may_be_idle(op: Op) -> bool:
    """Whether an operation changes nothing when it comes out as it did before."""
    if op[0] == "syscall":
        return op[1] in _IDLE_CALLS
    return op[0] == "fence" or (len(op) > 2 and op[2] in _IDLE.get(op[0], ()))


class Recorder:
    """One run of one body."""

    def __init__(self, world: World, number: int, observations: Sequence[Encoded], max_operations: int) -> None:
        self._world = world
        self._number = number
        self._body = world._bodies[number]
        self._started: dict[Hashable, int] = {}
        self._observations = list(observations)
        self._observed: list[Encoded] = []
        self._max_operations = max_operations
        self._records: list[tuple[Any, ...]] = []
        self._registers = 0
        self._alive: dict[int, weakref.ref[Register]] = {}
        self._context = object()
        self._operations = 0
        self._looks = 0
        self._deeds = 0
        self._polls: Path[list[int]] = Path(world)
        self._places: list[tuple[int, frozenset[int]]] = []
        self._path: Path[int] = Path(world)
        self._abandoned = False
        self._failure: BaseException | None = None
        self._swallowed: str | None = None
        self._hub = getcurrent()
        self._runner = greenlet(self._main)

    def run(self, watchdog: Watchdog) -> list[tuple[Any, ...]]:
        """Runs the body until it looks beyond the observations, or ends.

        Raises:
            ScenarioError: If the body cannot be traced.
        """
        runner = self._runner
        with unraisable.reported_to(runner, self._unraisable), watchdog.over(self._body.function):
            runner.switch()
            self._abandoned = True
            throw_away(runner)
        if self._failure is not None:
            raise self._failure
        return self._records

    def _main(self) -> None:
        try:
            values = [self._new_register() for _ in range(self._body.parameters)]
            self._body.run(self._world, values)
        except GreenletExit:
            return
        except (ScenarioError, MemoryError) as error:  # which say nothing of the program
            self._fail(error)
        except (Exception, SystemExit) as error:
            if misuse := misuse_in(self._body, error):
                self._fail(misuse)
            description = describe(error)
            traceback.clear_frames(error.__traceback__)  # drops what the frames hold, as Rust's unwinding does
            self._end(("raise", description))
        if not self._abandoned and self._failure is None:
            self._end(("end",))

    def _end(self, record: tuple[Any, ...]) -> None:
        if not self._abandoned:
            self._records.append(record if self._swallowed is None else ("raise", self._swallowed))
            self._abandoned = True

    def _fail(self, error: BaseException) -> None:
        """The body cannot be traced at all."""
        if not self._abandoned:
            self._failure = error
            self._abandoned = True

    def _unraisable(self, error: BaseException) -> None:
        """A finaliser of the body raised, and Python swallowed it."""
        if isinstance(error, ScenarioError):
            self._fail(error)
        elif misuse := misuse_in(self._body, error):
            self._fail(misuse)
        elif not self._abandoned and self._swallowed is None:
            self._swallowed = describe(error)

    def refuse(self, error: ScenarioError) -> Never:
        self._fail(error)
        self._suspend()

    def _suspend(self) -> Never:
        """Ends this run of the body here; never returns into it."""
        self._hub.switch()
        raise GreenletExit

    def is_current(self) -> bool:
        """Whether the body runs now."""
        return getcurrent() is self._runner

    def check_usable(self, register: Register) -> None:
        """Refuses results of this run anywhere but in this run, and those that came back from the dead.

        Raises:
            ScenarioError: If another body, or nobody, runs now.
        """
        self._check_current()
        if register.number not in self._alive:
            self.refuse(
                ScenarioError(
                    "a finaliser has brought back a result that the garbage collector had given up: "
                    "let finalisers keep nothing"
                )
            )

    def _check_current(self) -> None:
        check_no_finaliser()
        if not self.is_current():
            self._world._driver.refuse(
                ScenarioError(
                    "a result of one body is used in another: bodies share no Python objects; "
                    "pass it through world.cell(), an atomic, or an argument of spawn"
                )
            )

    def _new_register(self) -> Register:
        number, alive = self._registers, self._alive
        register = Register(number, self)
        alive[number] = weakref.ref(register, lambda _: alive.pop(number, None))
        self._registers += 1
        return register

    def _count(self) -> bool:
        """Counts an operation; whether it is still to be recorded."""
        self._check_current()
        self._operations += 1
        if self._abandoned:
            if self._operations > self._max_operations + _FINALISER_OPERATIONS:
                self._suspend()
            return False
        if self._swallowed is not None:
            self._end(("end",))
            self._suspend()
        if self._operations > self._max_operations:
            self._operations = self._max_operations
            self.refuse(self._endless())
        return True

    def _endless(self) -> BodyNeverEndsError:
        return BodyNeverEndsError(
            f"body {self._body.name} performed {self._max_operations:,} operations in one run without ending: "
            "give it an end, spin with world.spin_while(condition), or raise max_operations"
        )

    def perform(self, op: Op, pid: int | None = None) -> Raw:
        if pid is not None and pid != self._body.pid:
            self.refuse(
                ScenarioError(
                    "a thread calls the kernel through another process than its own: "
                    "use the process that it was spawned in"
                )
            )
        if not self._count():
            return 0
        alive = list(self._alive)
        register = self._new_register()
        self._deeds += not _may_be_idle(op)
        self._records.append(("op", op, register.number, alive, source()))
        return register

    def _observe(self, test: tuple[Any, ...]) -> Encoded:
        if not self._count():
            return 0
        self._looks += 1
        if self._looks > _FREE_LOOKS:
            self._check_polling()
        self._records.append(("test", test))
        if not self._observations:
            self._suspend()
        self._observed.append(self._observations.pop(0))
        return self._observed[-1]

    def _check_polling(self) -> None:
        """Refuses a body that looks again and again and does nothing else: each round would be one more state."""
        seen = [self._deeds, 0]
        back = self._polls.come_to(users_frame(), seen)
        if back is not None and back[2][0] == self._deeds:
            seen[1] = back[2][1] + 1
        if seen[1] == _VAIN_LOOKS:
            self.refuse(BodyNeverEndsError(_POLLS.format(self._body.name, source())))

    def compare(self, left: Encoded, comparison: str, right: Encoded) -> bool:
        """The truth of a comparison."""
        if comparison in ("gt", "ge"):
            left, right = right, left
            comparison = {"gt": "lt", "ge": "le"}[comparison]
        return bool(self._observe(("compare", left, comparison, right)))

    def is_ok(self, operand: Encoded) -> bool:
        """Whether an operation succeeded."""
        return bool(self._observe(("is_ok", operand)))

    def look(self, operand: Encoded) -> Encoded:
        """The value itself."""
        return self._observe(("value", operand))

    def spin_while(self, condition: Callable[[], object]) -> None:
        """Records one round of a loop whose rounds leave nothing behind."""
        place = self._come_to(("loop_head",))
        with changed_by(condition, self._world) as changed:
            spinning = condition()
        if self._abandoned:
            return
        if spinning:
            operations, alive = self._places[place]
            if self._operations == operations:
                self.refuse(
                    ScenarioError("the condition of spin_while performs no operation, so nothing can ever change it")
                )
            if changed() or not self._alive.keys() >= alive:
                self.refuse(ScenarioError(_LEAVES_SOMETHING.format(source())))
            self._go_back(place, {register: register for register in alive})
        self._records.append(("loop_exit",))

    def yield_now(self) -> None:
        """Records that the body may come back to here; suspends it where it is back."""
        if self._abandoned or getcurrent() is not self._runner:
            return
        back = self._path.come_to(users_frame(), len(self._places))
        if back is not None:
            now, then, place = back
            operations, alive = self._places[place]
            if self._operations == operations:
                self.refuse(ScenarioError(_YIELDS_ONLY.format(source())))
            others = alive.difference(then.registers)
            if others == self._alive.keys() - set(now.registers):
                parts = dict(zip(then.registers, now.registers, strict=True))
                self._go_back(place, {**parts, **{register: register for register in others}})
        self._come_to(("yield",))

    def _come_to(self, record: tuple[Any, ...]) -> int:
        """Records a place where the body may go back to; its number."""
        self._records.append(record)
        self._places.append((self._operations, frozenset(self._alive)))
        return len(self._places) - 1

    def _go_back(self, place: int, registers: dict[int, int]) -> Never:
        """Ends the run where the body is back; for each register there, the one that has taken its part is told."""
        self._records.append(("back", place, sorted(registers.items())))
        self._suspend()

    def spawn(self, pid: int, body: Callable[..., object], args: tuple[Any, ...], times: int, name: str | None) -> Any:
        if times != 1:
            self.refuse(ScenarioError("a thread that is started by another one runs its body once: loop in the body"))
        operands = [encode(raw) for raw in results_in(self._world, args)]
        number = self._number_of_started(Body.started(body, args, pid, name))
        return Value(self.perform(("spawn", number, operands), pid))

    def _number_of_started(self, body: Body) -> int:
        place = self._number, self._operations, repr(self._observed)
        try:
            return self._world._bodies.number_of_started(body, place, self._started)
        except ScenarioError as error:
            self.refuse(error)

    def context(self) -> Hashable:
        return self._context

    def check_look(self, instead: str) -> None:
        self.refuse(no_look_in_bodies(instead))

    def opened(self, raw: Raw) -> None:
        """A body's connections live as long as its registers."""

    closed = opened
