"""Runs the real bodies, interleaved as a schedule says, on a machine of their own.

Exploration relies on bodies that depend on nothing but their own results. This is where that is checked: what the
real bodies do along a schedule must be what their traces predicted.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Never, final

from greenlet import GreenletExit, getcurrent, greenlet

from ..errors import MisuseError, NondeterminismError, ScenarioError
from ..values import Encoded, Raw, Value
from . import unraisable
from .base import Op
from .bodies import UNNUMBERED, Body, results_in
from .discard import throw_away
from .idle import no_look_in_bodies, outside_of_bodies
from .watchdog import Watchdog

if TYPE_CHECKING:
    from .. import _native
    from ..world import World


@final
class _Thread:
    """A body that runs in a greenlet, and what it asks for next."""

    def __init__(self, driver: RerunDriver, index: int, tid: int, body: Body, arguments: list[Encoded]) -> None:
        self.index = index
        self.pid = body.pid
        self.tid = tid
        self.pending: Op | None = None
        self.raised: str | None = None
        self.ended = False
        self.misused = False
        self.starting: Body | None = None
        self.context = object()
        self._driver = driver
        self._body = body
        self._arguments = arguments
        self._run = driver.watchdog.over(body.function)

    def begin(self, rounds: int) -> None:
        """Runs the body until its first operation."""
        self._runner = greenlet(self._main)
        self.resume(rounds)

    def resume(self, value: Any) -> None:
        """Gives the body the result of its operation and runs it until the next one."""
        self.pending = None
        self._driver.current = self
        with unraisable.reported_to(self._runner, self._unraisable), self._run:
            self._runner.switch(value)
        self._driver.current = None

    def ask(self, op: Op) -> Any:
        """Called by the body: suspends it until its operation is done."""
        self.pending = op
        return self._driver.hub.switch()

    @property
    def over(self) -> bool:
        """Whether the body has come to its end, or to an exception that Python swallowed."""
        return self.ended or self.raised is not None

    def abandon(self) -> None:
        """Ends the body wherever it is."""
        self._driver.current = self
        self.ended = True
        with unraisable.reported_to(self._runner, lambda _: None), self._run:
            throw_away(self._runner)
        self._driver.current = None

    def _unraisable(self, error: BaseException) -> None:
        self.raised = self.raised or _in_words(error)

    def _main(self, rounds: int) -> None:
        try:
            for _ in range(rounds):
                self.context = object()
                self._body.run(self._driver.world, self._arguments)
        except GreenletExit:
            pass
        except (Exception, SystemExit) as error:
            self.raised = self.raised or _in_words(error)
            traceback.clear_frames(error.__traceback__)  # drops what the frames hold, as the recorder does
        self.ended = True


@final
class RerunDriver:
    """Real bodies run, one operation at a time."""

    def __init__(self, world: World, machine: _native.Machine, watchdog: Watchdog) -> None:
        self.world = world
        self.watchdog = watchdog
        self._machine = machine
        self._threads: list[_Thread] = []
        self.hub = getcurrent()
        self.current: _Thread | None = None

    def run(self, execution: _native.Execution) -> None:
        """Follows the steps that the traces predicted.

        Raises:
            NondeterminismError: At the first step where a real body does something else.
        """
        for (_, rounds, tid), body in zip(self._machine.threads(), self.world._bodies.of_threads, strict=True):
            self._threads.append(_Thread(self, len(self._threads), tid, body, []))
            self._threads[-1].begin(rounds)
        for thread in list(self._threads):
            self._retire(thread)
        try:
            for number, step in enumerate(execution.steps):
                self._step(number, step)
            for thread, ending in zip(self._threads, execution.endings, strict=True):
                self._check_ending(thread, ending)
        finally:
            for thread in self._threads:
                thread.abandon()

    def _step(self, number: int, step: _native.Step) -> None:
        if step.mortal is not None:
            self._live_on(step.mortal)
        elif step.thread is not None and step.op is not None:
            self._operation(number, step, self._threads[step.thread], step.op)
        for pid, tid in step.caught_up:
            self._machine.catch_up(pid, tid)

    def _live_on(self, mortal: int) -> None:
        """A process dies, or its server is started again; dead threads run their finalisers, which touch nothing."""
        answer = self._machine.live_on(mortal)
        for thread in self._threads:
            if thread.pid in answer.ended:
                thread.abandon()
        for pid, tid, value in answer.wakes:
            self._wake(pid, tid, value)

    def _operation(self, number: int, step: _native.Step, thread: _Thread, op: _native._Operation) -> None:
        asked = self._asked(thread, op)
        if asked is None:
            raise NondeterminismError(_difference(number, step, thread))
        try:
            answer = self._machine.attempt(thread.pid, thread.tid, asked, pick=step.pick)
        except MisuseError:
            thread.misused = True
            thread.abandon()
            self._retire(thread)
            return
        if answer.spawned is not None and thread.starting is not None:
            tid, _, arguments = answer.spawned
            new = _Thread(self, len(self._threads), tid, thread.starting, arguments)
            self._threads.append(new)
            new.begin(1)
            self._retire(new)
        if answer.status == "done":
            self._continue(thread, answer.value)
        for pid, tid, value in answer.wakes:
            self._wake(pid, tid, value)

    def _asked(self, thread: _Thread, op: _native._Operation) -> Op | None:
        """What a real body asks for, if that is what its trace says."""
        if thread.pending is None:
            return None
        asked = [thread.pending]
        if thread.pending[0] == "spawn" and thread.starting is not None:
            asked = [("spawn", number, thread.pending[2]) for number in self.world._bodies.alike(thread.starting)]
        return next((one for one in asked if self._machine.same_operation(one, op)), None)

    def _check_ending(self, thread: _Thread, ending: _native.Ending) -> None:
        """Compares where a real body is after the last step with where its trace says that it is."""
        if ending.kind in ("ended", "raised"):
            same = thread.over and (thread.raised is not None or thread.misused) == (ending.kind == "raised")
        elif ending.op is not None and ending.kind in ("before", "in"):
            same = self._asked(thread, ending.op) is not None
        else:
            same = True
        if not same:
            raise NondeterminismError(_difference_at_the_end(thread, ending))

    def _continue(self, thread: _Thread, value: Encoded) -> None:
        thread.resume(value)
        self._retire(thread)

    def _retire(self, thread: _Thread) -> None:
        """Tells the kernel of a thread that has ended."""
        if thread.ended:
            for pid, tid, value in self._machine.exit_thread(thread.pid, thread.tid).wakes:
                self._wake(pid, tid, value)

    def _wake(self, pid: int, tid: int, value: Encoded) -> None:
        for thread in self._threads:
            if (thread.pid, thread.tid) == (pid, tid) and not thread.ended:
                self._continue(thread, value)
                return

    def perform(self, op: Op, pid: int | None = None) -> Raw:
        thread = self.current
        if thread is None:
            raise outside_of_bodies(self.world, op)
        if thread.ended:
            self.hub.switch()
            raise GreenletExit
        return thread.ask(op)

    def spawn(self, pid: int, body: Callable[..., object], args: tuple[Any, ...], times: int, name: str | None) -> Any:
        if self.current is not None:
            self.current.starting = Body.started(body, args, pid, name)
        return Value(self.perform(("spawn", UNNUMBERED, results_in(self.world, args)), pid))

    def spin_while(self, condition: Callable[[], object]) -> None:
        """Spins without a step of its own: the schedule says when the thread looks again."""
        while condition():
            pass

    def yield_now(self) -> None:
        """No step: the schedule says when the thread goes on."""
        if self.current is not None and self.current.ended:
            self.hub.switch()
            raise GreenletExit

    def context(self) -> Hashable:
        return self.current and self.current.context

    def refuse(self, error: ScenarioError) -> Never:
        raise error

    def check_look(self, instead: str) -> None:
        self.refuse(no_look_in_bodies(instead))

    def opened(self, raw: Encoded) -> None:
        """The machine that predicted the steps looks for leaks."""

    closed = opened


def _difference(number: int, step: _native.Step, thread: _Thread) -> str:
    return (
        f"thread {step.thread_name} depends on something outside the simulator: at step {number + 1} of the schedule "
        f"its trace says {step.text} ({step.source}), but the real body {_instead(thread)}. {_REMEDY}"
    )


def _difference_at_the_end(thread: _Thread, ending: _native.Ending) -> str:
    expected = {
        "ended": "that it has ended",
        "raised": "that it has ended with an exception",
    }.get(ending.kind, f"that it is at the operation of {ending.source}")
    return (
        f"thread {ending.thread_name} depends on something outside the simulator: after the last step of the schedule "
        f"its trace says {expected}, but the real body {_instead(thread)}. {_REMEDY}"
    )


_REMEDY = "Bodies must share no Python objects, time or randomness; use world.cell(), world.choose() and the atomics"


def _in_words(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip()


def _instead(thread: _Thread) -> str:
    """What the real body does."""
    if thread.pending is not None:
        return f"asks for {thread.pending[0]}{thread.pending[1:]!r}"
    if thread.raised is not None:
        return f"raised {thread.raised}"
    return "has ended"
