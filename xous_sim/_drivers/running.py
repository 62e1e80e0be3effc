"""Runs a scenario's real bodies on its own machine, one step at a time: what exploring by re-execution drives.

Each body runs in a greenlet until it asks for an operation; somebody decides who acts next. What lies between two
operations happens with the first of them, atomically. So bodies may share Python objects, because nothing is assumed of
them but what they do in this very execution.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, Never, final

from greenlet import GreenletExit, getcurrent

from .. import _native
from ..errors import MisuseError, ScenarioError
from ..values import Encoded, Raw, Value
from . import collector
from .base import Op
from .bodies import UNNUMBERED, Body, results_in
from .held import Held
from .idle import kept_from_looking, no_look_in_bodies, outside_of_bodies
from .running_thread import YIELD, RunningThread
from .source import source, users_frame
from .watchdog import Watchdog

if TYPE_CHECKING:
    from ..world import World

Words = tuple[str, str, str]
"""A violation: property, subject, message."""
Choice = tuple[int, int]
"""An agent, and what it picks."""
FAULT: Final = 0xFFFF
"""The pick of a death."""
OUTLIVED: Final = "a shared Python object"
"""Who holds the connection of a thread that has ended."""


@final
@dataclass
class Carried:
    """What a step did, in words."""

    thread: str
    operation: str
    result: str
    source: str
    violations: list[Words] = field(default_factory=list)


@final
class RunningDriver:
    """One execution."""

    def __init__(self, world: World, max_operations: int, watchdog: Watchdog) -> None:
        self.world = world
        self.watchdog = watchdog
        self.max_operations = max_operations
        self.threads: list[RunningThread] = []
        self.hub = getcurrent()
        self.current: RunningThread | None = None
        self.failure: BaseException | None = None
        self._machine = world._machine
        self.held = Held()
        self._found: list[Words] = []
        self._mortals = len(_native.fates(self._machine))
        self._retired: set[RunningThread] = set()

    # What decides who acts.

    def begin(self) -> list[Words]:
        """Starts the threads; what is violated before any operation."""
        bodies = self.world._bodies.of_threads
        plans = zip(self._machine.threads(), self._machine.thread_names(), bodies, strict=True)
        for (_, rounds, tid), (_, name), body in plans:
            self.threads.append(RunningThread(self, name, tid, body, []))
            self.threads[-1].begin(rounds)
        self._static = len(self.threads)
        for thread in list(self.threads):
            self._retire(thread)
        found, self._found = self._found, []
        return found

    def end(self) -> None:
        """Ends all bodies wherever they are."""
        for thread in self.threads:
            thread.abandon()

    def enabled(self) -> list[Choice]:
        """Who can act, in the order of agents."""
        choices: list[Choice] = []
        for number, thread in enumerate(self.threads):
            agent = self._agent(number)
            if thread.pending is None or thread.blocked or thread.spins:
                continue
            if thread.pending[0] == "choose":
                choices += [(agent, pick) for pick in range(thread.pending[1])]
            elif _native.can_act(self._machine, thread.pid, thread.tid, thread.pending):
                choices.append((agent, 0))
        fates = _native.fates(self._machine) if self._mortals else []
        possible = [(number, dies) for number, (_, dies) in enumerate(fates) if dies is not None]
        return choices + [(self._static + number, FAULT if dies else 0) for number, dies in possible]

    def _agent(self, number: int) -> int:
        """Mortal processes are agents too, behind the threads that exist from the beginning."""
        return number if number < self._static else number + self._mortals

    def actor(self, agent: int) -> RunningThread | int:
        """The thread that an agent is, or the number of a mortal process."""
        if agent < self._static:
            return self.threads[agent]
        if agent < self._static + self._mortals:
            return agent - self._static
        return self.threads[agent - self._mortals]

    def step(self, agent: int, pick: int) -> Carried:
        """Lets an agent act that can."""
        actor = self.actor(agent)
        carried = self._live_on(actor) if isinstance(actor, int) else self._operation(actor, pick)
        carried.violations, self._found = self._found, []
        return carried

    # What happens in a step.

    def _operation(self, thread: RunningThread, pick: int) -> Carried:
        op = thread.pending
        assert op is not None, "a thread that can act asks for an operation"
        carried = Carried(thread.name, _native.operation_in_words(self._machine, op), "", thread.source)
        try:
            answer = self._machine.attempt(thread.pid, thread.tid, op, pick=pick)
        except MisuseError as error:
            carried.result = str(error)
            thread.misuse(str(error))
            self._retire(thread)
            return carried
        names = [self._name(pid, tid) for pid, tid, _ in answer.wakes]
        told = [f"{name} gets {text}" for name, text in zip(names, answer.texts[1:], strict=True)]
        carried.result = "; ".join([answer.texts[0], *told])
        if answer.violation is not None:
            self.violated(answer.violation)
        new = self._spawn(thread, answer)
        acted = op[1] > 1 if op[0] == "choose" else answer.changed
        if answer.status == "done":
            thread.resume(self.held.counted(answer.value, thread.name), acted=acted)
        elif answer.status == "blocked":
            thread.blocked = True
        elif answer.status == "never":
            thread.kill()
        self._spread(answer, [*new, thread])
        if answer.exhausted is not None:
            found = _native.exhaustion(self._machine, answer.exhausted, self._results())
            self._found += [found] if found is not None else []
        if answer.changed and op[0] != "choose":
            self._alert(thread)
        return carried

    def _live_on(self, mortal: int) -> Carried:
        name, dies = _native.fates(self._machine)[mortal]
        answer = self._machine.live_on(mortal)
        ended = [thread.name for thread in self.threads if thread.pid in answer.ended and not thread.over]
        result = "Ok" if not dies else f"ends {', '.join(ended)}" if ended else "ends"
        if answer.violation is not None:
            self.violated(answer.violation)
        self._spread(answer, [])
        self._alert(None)
        return Carried(name, "dies" if dies else "starts again", result, "")

    def _spawn(self, thread: RunningThread, answer: _native.Answer) -> list[RunningThread]:
        body, thread.starting = thread.starting, None
        if answer.spawned is None or body is None:
            return []
        tid, _, arguments = answer.spawned
        new = RunningThread(self, body.thread_name(self.world, tid), tid, body, arguments)
        self.threads.append(new)
        new.begin(1)
        return [new]

    def _spread(self, answer: _native.Answer, acted: list[RunningThread]) -> None:
        """What a step does to others: it wakes them, or ends them."""
        for thread in acted[:-1]:
            self._retire(thread)
        for pid, tid, value in answer.wakes:
            self._wake(pid, tid, value)
        for thread in self.threads:
            if thread.pid in answer.ended and not thread.over:
                thread.kill()
        for thread in acted[-1:]:
            self._retire(thread)

    def _wake(self, pid: int, tid: int, value: Encoded) -> None:
        for thread in self.threads:
            if (thread.pid, thread.tid) == (pid, tid) and not thread.over and thread.blocked:
                thread.resume(self.held.counted(value, thread.name), acted=True)
                self._retire(thread)
                return

    def _retire(self, thread: RunningThread) -> None:
        """Tells the kernel of a thread that has ended."""
        if not thread.over or thread.killed or thread in self._retired:
            return
        self._retired.add(thread)
        answer = self._machine.exit_thread(thread.pid, thread.tid)
        if answer.violation is not None:
            self.violated(answer.violation)
        self._spread(answer, [])

    def _alert(self, acted: RunningThread | None) -> None:
        """Tells all others that a shared object has changed."""
        for thread in list(self.threads):
            if thread is acted or thread.over:
                continue
            thread.news += 1
            if thread.spins:
                thread.resume(None)
                self._retire(thread)

    # What is violated.

    def violated(self, words: Words) -> None:
        """Notes what the step violates."""
        self._found.append(words)

    def quiet(self) -> Words | None:
        """What is violated if nobody can go on."""
        standing = [(t.name, self._standing(t), t.pid, t.tid, t.pending, t.source) for t in self.threads]
        return _native.quiet_violation(self._machine, standing, self._results())

    def holders(self) -> list[tuple[str, tuple[Any, ...]]]:
        """Who holds what: the thread that got it, or what Python objects keep of one that has ended."""
        running = {thread.name for thread in self.threads if not thread.over}
        held = [(name, result) for name, result in self.held.holders() if name in running]
        if len(held) < len(self.held.holders()):
            collector.collect()
            held += [(OUTLIVED, result) for name, result in self.held.holders() if name not in running]
        return held

    def _results(self) -> list[tuple[Any, ...]]:
        """What is held, each once."""
        return list(dict.fromkeys(result for _, result in self.holders()))

    def _standing(self, thread: RunningThread) -> str:
        if thread.over:
            return "killed" if thread.killed else "over"
        return "in" if thread.blocked else "spins" if thread.spins else "before"

    def _name(self, pid: int, tid: int) -> str:
        return next((t.name for t in self.threads if (t.pid, t.tid) == (pid, tid) and not t.over), "")

    # What bodies ask for.

    def perform(self, op: Op, pid: int | None = None) -> Raw:
        thread = self.current
        if thread is None:
            raise outside_of_bodies(self.world, op)
        if thread.over:
            self.leave()
        if pid is not None and pid != thread.pid:
            self.refuse(
                ScenarioError(
                    "a thread calls the kernel through another process than its own: "
                    "use the process that it was spawned in"
                )
            )
        return thread.ask(op, source())

    def spawn(self, pid: int, body: Callable[..., object], args: tuple[Any, ...], times: int, name: str | None) -> Any:
        if times != 1:
            self.refuse(ScenarioError("a thread that is started by another one runs its body once: loop in the body"))
        if self.current is not None:
            self.current.starting = Body.started(body, args, pid, name)
        return Value(self.perform(("spawn", UNNUMBERED, results_in(self.world, args)), pid))

    def spin_while(self, condition: Callable[[], object]) -> None:
        """Spins; a thread whose round did nothing looks again when a shared object has changed."""
        thread = self.current
        if thread is None:
            raise outside_of_bodies(self.world, ("spin_while",))
        while True:
            begun = thread.begin_round()
            if not condition():
                break
            if thread.begins_round:
                self.refuse(
                    ScenarioError("the condition of spin_while performs no operation, so nothing can ever change it")
                )
            if not thread.goes_round(begun):
                self.perform(YIELD)
        thread.begins_round = False

    def yield_now(self) -> None:
        """Lets others run; a thread that is where it was waits if it would only do the same again."""
        thread = self.current
        if thread is None:
            raise outside_of_bodies(self.world, ("yield_now",))
        if thread.over:
            self.leave()
        back = thread.path.come_to(users_frame(), thread.begin_round())
        if back is not None and not thread.goes_round(back[2]):
            self.perform(YIELD)
        thread.round.past = len(thread.history)

    def digest(self) -> int | None:
        """A number for the state that threads have come to which go round in loops; none where no thread does."""
        if not any(thread.has_gone_round for thread in self.threads):
            return None
        threads = [(t.over, t.blocked, t.pending, t.will_look_again, t.history) for t in self.threads]
        text = repr((self._machine.digest(), threads)).encode()
        return int.from_bytes(blake2b(text, digest_size=16).digest())

    def context(self) -> Hashable:
        return self.current and self.current.context

    def refuse(self, error: ScenarioError) -> Never:
        if self.current is None:
            raise error
        self.failure = self.failure or error
        self.leave()

    def leave(self) -> Never:
        """Suspends the body that runs, for ever."""
        self.hub.switch()
        raise GreenletExit

    def check_look(self, instead: str) -> None:
        self.refuse((no_look_in_bodies if self.current else kept_from_looking)(instead))

    def opened(self, raw: Encoded) -> None:
        """Results count themselves."""

    closed = opened
