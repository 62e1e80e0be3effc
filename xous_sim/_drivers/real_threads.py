"""Runs a scenario's bodies on real threads, all at once, and notes how that went.

Who acts when is decided by the machine that runs this and by nobody else, so a run cannot be repeated. That nobody can
go on any more is known exactly: the native module counts who waits. Left out: deaths, and a full connection map that
should not be full.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Final, Never, final

from greenlet import getcurrent

from .. import _native
from ..errors import BodyNeverEndsError, ProcessEndedError, ScenarioError
from ..values import Encoded, Raw, Value
from . import collector, unraisable
from .acting import acting_in
from .base import Op
from .bodies import UNNUMBERED, Body, results_in
from .held import Held, plain
from .idle import kept_from_looking, no_look_in_bodies, outside_of_bodies
from .interrupt import settle
from .real_thread import Interrupted, RealThread
from .source import describe, source, users_frame
from .standing import Path

if TYPE_CHECKING:
    from ..world import World

_GLANCE: Final = 0.002
"""Seconds between two looks at whether anybody can go on."""
_GRACE: Final = 0.5
"""Seconds that threads have to end when their calls are refused."""
_LAST_GRACE: Final = 2.0
"""Seconds that a thread has to end when it is interrupted."""

Words = tuple[str, str, str]
"""A violation: property, subject, message."""


@final
class RealThreadDriver:
    """One run."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._machine = world._machine
        self._chance = chance
        self._local = threading.local()
        self._lock = threading.Lock()
        self._threads: list[RealThread] = []
        self._held = Held()
        self._raised: list[Words] = []
        self._failure: BaseException | None = None
        self._stopping = False

    # What decides how long a run takes.

    def run(self, max_seconds: float) -> list[Words]:
        """Runs all threads to their end, or until nobody can go on; what was violated.

        Raises:
            ScenarioError: If a body asks for something that it cannot have.
            BodyNeverEndsError: If a thread cannot even be ended.
        """
        self._create()
        barrier = threading.Barrier(len(self._threads))
        for thread in list(self._threads):
            self._start(thread, barrier.wait)
        try:
            in_time = self._await_quiet(time.monotonic() + max_seconds)
            quiet = self._quiet() if in_time else [_unfinished(self._unfinished(), max_seconds)]
        finally:
            self._end()
        if self._failure is not None:
            raise self._failure
        return [*_native.violations(self._machine), *self._raised, *quiet]

    def _create(self) -> None:
        bodies = self._world._bodies.of_threads
        plans = zip(self._machine.threads(), self._machine.thread_names(), bodies, strict=True)
        for (_, rounds, tid), (_, name), body in plans:
            self._threads.append(RealThread(name, body.pid, tid, body, (), Path(self._world), rounds))

    def _start(self, thread: RealThread, begin: Callable[[], object]) -> None:
        def run() -> None:
            begin()
            with acting_in(self._world):
                self._live(thread)

        thread.thread = threading.Thread(target=run, name=thread.name, daemon=True)
        thread.thread.start()

    def _await_quiet(self, deadline: float) -> bool:
        """Waits until all have ended or nobody can go on; whether that was in time."""
        while unfinished := self._unfinished():
            if self._failure is not None or self._stuck(unfinished):
                break
            if time.monotonic() > deadline:
                return False
            unfinished[0].join(_GLANCE)
        return True

    def _stuck(self, threads: list[RealThread]) -> bool:
        """Whether none of the threads can go on; notes then where they are."""
        blocked = _native.stuck(self._machine, [(thread.pid, thread.tid) for thread in threads])
        for thread, is_blocked in zip(threads, blocked or (), strict=False):
            thread.blocked = is_blocked
        return blocked is not None

    def _unfinished(self) -> list[RealThread]:
        with self._lock:
            return [thread for thread in self._threads if not thread.over]

    def _quiet(self) -> list[Words]:
        """What is violated when nobody can go on."""
        standing = [(t.name, t.standing, t.pid, t.tid, t.pending, t.source) for t in self._threads]
        if self._held.results():
            collector.collect()
        found = _native.quiet_violation(self._machine, standing, self._held.results())
        return [] if found is None else [found]

    def _end(self) -> None:
        """Ends whoever has not ended."""
        self._stopping = True
        _native.stop(self._machine)
        deadline = time.monotonic() + _GRACE
        for thread in self._unfinished():
            thread.join(max(0.0, deadline - time.monotonic()))
        if unfinished := self._unfinished():
            for thread in unfinished:
                thread.interrupt()
                thread.join(_LAST_GRACE)
            settle()
        if stubborn := self._unfinished():
            raise BodyNeverEndsError(f"thread {stubborn[0].name} goes on even when it is interrupted: it must end")

    # What a thread does.

    def _live(self, thread: RealThread) -> None:
        self._local.thread = thread
        try:
            with unraisable.reported_to(getcurrent(), lambda error: self._raises(thread, error)):
                for _ in range(thread.rounds):
                    thread.context = object()
                    thread.body.run(self._world, thread.arguments)
        except (Interrupted, ProcessEndedError):
            thread.killed = True
        except ScenarioError as error:
            self._failure = self._failure or error
        except (Exception, SystemExit) as error:
            self._raises(thread, error)
        finally:
            self._retire(thread)

    def _raises(self, thread: RealThread, error: BaseException) -> None:
        if not self._stopping:
            message = f"thread {thread.name} ends with an exception: {describe(error)}"
            self._raised.append(("exception", "", message))

    def _retire(self, thread: RealThread) -> None:
        """Tells the kernel of a thread that has ended."""
        thread.pending, thread.spins = None, False
        if not thread.killed:
            answer = self._machine.exit_thread(thread.pid, thread.tid)
            self._raised += [answer.violation] if answer.violation is not None else []
        thread.over = True

    # What bodies ask for.

    def _current(self, op: Op) -> RealThread:
        """Who asks for an operation."""
        thread: RealThread | None = getattr(self._local, "thread", None)
        if thread is None:
            raise outside_of_bodies(self._world, op)
        return thread

    def perform(self, op: Op, pid: int | None = None) -> Raw:
        thread = self._current(op)
        if pid is not None and pid != thread.pid:
            self.refuse(
                ScenarioError(
                    "a thread calls the kernel through another process than its own: "
                    "use the process that it was spawned in"
                )
            )
        if op[0] == "choose":
            thread.choices += op[1] > 1
            return self._chance.randrange(op[1])
        thread.source = source()
        thread.pending = plain(op)
        raw = self._machine.perform(thread.pid, thread.tid, op)
        thread.pending = None
        return self._held.counted(raw, thread.name)

    def spawn(self, pid: int, body: Callable[..., object], args: tuple[Any, ...], times: int, name: str | None) -> Any:
        if times != 1:
            self.refuse(ScenarioError("a thread that is started by another one runs its body once: loop in the body"))
        values = results_in(self._world, args)
        started = Body.started(body, args, pid, name)
        with self._lock:  # the machine numbers threads in this order
            tid = Value(self.perform(("spawn", UNNUMBERED, values), pid))
            called = started.thread_name(self._world, int(tid))
            new = RealThread(called, pid, int(tid), started, values, Path(self._world))
            self._threads.append(new)
        self._start(new, lambda: None)
        return tid

    def spin_while(self, condition: Callable[[], object]) -> None:
        thread = self._current(("spin_while",))
        begun = self._moment(thread)
        while condition():
            self._go_round(thread, *begun)
            begun = self._moment(thread)

    def yield_now(self) -> None:
        """Lets others run; a thread that is where it was waits if it would only do the same again."""
        thread = self._current(("yield_now",))
        back = thread.path.come_to(users_frame(), self._moment(thread))
        if back is not None:
            self._go_round(thread, *back[2])

    def _moment(self, thread: RealThread) -> tuple[int, int]:
        """How much has changed, and how often the thread has chosen."""
        return _native.changes(self._machine), thread.choices

    def _go_round(self, thread: RealThread, changes: int, choices: int) -> None:
        """Waits for a change unless there was one since that moment, or the thread has chosen."""
        if thread.choices == choices:
            thread.spins = True
            _native.await_change(self._machine, thread.pid, thread.tid, changes)
            thread.spins = False

    def context(self) -> Hashable:
        return self._current(("context",)).context

    def refuse(self, error: ScenarioError) -> Never:
        self._failure = self._failure or error
        raise error

    def check_look(self, instead: str) -> None:
        self.refuse((no_look_in_bodies if hasattr(self._local, "thread") else kept_from_looking)(instead))

    def opened(self, raw: Encoded) -> None:
        """Results count themselves."""

    closed = opened


def _unfinished(threads: list[RealThread], seconds: float) -> Words:
    names = ", ".join(thread.name for thread in threads)
    return "unfinished", "", f"after {seconds:g} seconds {names or 'a thread'} had not ended"
