"""Bodies: what threads run, and the numbers under which native code knows them.

Bodies that are the same (see :mod:`.sharing`) have the same number, and so one trace. A thread runs its own function
all the same wherever real bodies run.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from .._options import check_has_run
from ..errors import ScenarioError
from ..handles import Connection, check_world
from ..sync import Arc, Weak
from ..values import Raw, Value
from .sharing import Passed, key_of, shape_of

if TYPE_CHECKING:
    from ..world import World

_RESULTS: Final = (Value, Connection, Arc, Weak)
_MAX_BODIES: Final = 65_535
UNNUMBERED: Final = 0
"""The number of all bodies that threads start where there are no traces."""


@dataclass(frozen=True, eq=False)
class Body:
    """A function with its arguments, as threads of a process execute it.

    Attributes:
        function: What is executed.
        args: Its arguments; :class:`Passed` stands for a result of the body that starts this one.
        pid: The process.
        label: The name that a body gives the thread that it starts, if it gives one.
    """

    function: Callable[..., object]
    args: tuple[Any, ...]
    pid: int
    label: str | None = None

    @classmethod
    def started(cls, function: Callable[..., object], args: tuple[Any, ...], pid: int, label: str | None) -> Self:
        """One that another body starts, without the results that it is passed."""
        passed = tuple(Passed(type(arg)) if isinstance(arg, _RESULTS) else arg for arg in args)
        return cls(function, passed, pid, None if label is None else str(label))

    def thread_name(self, world: World, tid: int) -> str:
        """What to call the thread that a body starts with it."""
        process = next(process.name for process in world._processes if process.pid == self.pid)
        return f"{process}/{self.label or f'thread {tid}'}"

    @property
    def parameters(self) -> int:
        """How many of the arguments are results of the starting body; they become the first registers."""
        return sum(isinstance(arg, Passed) for arg in self.args)

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return getattr(self.function, "__qualname__", repr(self.function))

    def run(self, world: World, values: Sequence[Raw]) -> None:
        """Executes it with ``values`` for the results that it is passed.

        Raises:
            ScenarioError: If it returns code that has yet to run, a coroutine for instance.
        """
        supply = iter(values)
        args = (_bound(world, arg, next(supply)) if isinstance(arg, Passed) else arg for arg in self.args)
        check_has_run(self.function(*args), f"body {self.name}")

    def key(self) -> Hashable:
        """What tells it from others, as it is now."""
        return self.pid, self.label, key_of(self.function, self.args)


class BodyDiffers(Exception):
    """With the same observations a body did something else than in an earlier run: its number, before, after."""


class Bodies:
    """The bodies of a world, by number.

    Attributes:
        of_threads: Those of the threads that the scenario spawns, one each.
    """

    def __init__(self) -> None:
        self.of_threads: list[Body] = []
        self._bodies: list[Body] = []
        self._numbers: dict[Hashable, int] = {}
        self._started: dict[Hashable, int] = {}
        self._alike: dict[Hashable, set[int]] = {}

    def numbers_of_threads(self) -> list[int]:
        """The numbers of the threads' bodies, as these are now: captured variables may have changed since."""
        return [self._number(body.key(), body) for body in self.of_threads]

    def number_of_started(self, body: Body, place: Hashable, known: dict[Hashable, int]) -> int:
        """The number of a body that another one starts.

        What a body makes, a function or a list, is another object in each of its runs. So a body is known by the place
        at which it is started too: behind the same observations it is the same.

        Args:
            body: What is started.
            place: Which body starts it, and where.
            known: The numbers of those that this run of the starting body has started; this one is added.
        """
        key = body.key()
        here = place, shape_of(key)
        number = known.get(key, self._numbers.get(key, self._started.get(here)))
        if number is None:
            number = self._number(key, body)
        self._started.setdefault(here, number)
        self._alike.setdefault(here[1], set()).add(number)
        known[key] = number
        return number

    def alike(self, body: Body) -> list[int]:
        """The numbers of those that ``body`` may have been taken for when traces were made."""
        return sorted(self._alike.get(shape_of(body.key()), ()))

    def _number(self, key: Hashable, body: Body) -> int:
        if key not in self._numbers:
            if len(self._bodies) == _MAX_BODIES:
                raise ScenarioError(f"more than {_MAX_BODIES:,} different bodies are started: start fewer threads")
            self._numbers[key] = len(self._bodies)
            self._bodies.append(body)
        return self._numbers[key]

    def __getitem__(self, number: int) -> Body:
        return self._bodies[number]

    def __len__(self) -> int:
        return len(self._bodies)


def results_in(world: World, args: tuple[Any, ...]) -> list[Raw]:
    """The arguments that a body passes on to one that it starts."""
    return [_raw(world, arg) for arg in args if isinstance(arg, _RESULTS)]


def _raw(world: World, arg: Value | Connection | Arc | Weak) -> Raw:
    if not isinstance(arg, Value):
        check_world(arg, world)
    return arg._live("passed on") if isinstance(arg, Connection) else arg._raw


def _bound(world: World, passed: Passed, value: Raw) -> Value | Connection | Arc | Weak:
    """A result as the body that is started gets it."""
    if passed.kind is Value:
        return Value(value)
    if passed.kind is Connection:
        return Connection(world, value, owned=False, lender="the thread that started this one")
    return passed.kind(world, value)
