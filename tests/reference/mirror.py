"""A reference kernel and the kernel that is compared with it, driven by the same calls.

After every call everything that a program can see is compared: the answer, who woke up with what, who died, the
connection maps and the threads. Without a second kernel it drives the reference alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Protocol

from .kernel import Kernel, Misuse
from .state import TOMBSTONE, Process, Step
from .words import Call, Error, Words, error


class ComparedStep(Protocol):
    """A `Step` of the other kernel."""

    @property
    def outcome(self) -> str: ...
    @property
    def result(self) -> Words | None: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def wakes(self) -> tuple[tuple[int, int, Words], ...]: ...
    @property
    def ended(self) -> tuple[int, ...]: ...


class Compared(Protocol):
    """The part of `xous_sim.Kernel` that is compared."""

    def boot_process(self) -> int: ...
    def start_process(self, pid: int) -> object: ...
    def syscall(self, pid: int, tid: int, number: int, *args: int) -> ComparedStep: ...
    def exit_thread(self, pid: int, tid: int, value: int) -> ComparedStep: ...
    def crash_process(self, pid: int) -> ComparedStep: ...
    def connection_map(self, pid: int) -> bytes: ...
    def processes(self) -> tuple[int, ...]: ...
    def threads(self, pid: int) -> tuple[int, ...]: ...


SENDS = (Call.SEND_MESSAGE, Call.TRY_SEND_MESSAGE)
CONNECTS = (Call.CONNECT, Call.TRY_CONNECT, Call.CREATE_SERVER_WITH_ADDRESS, Call.CREATE_SERVER)


class Mirror:
    """Two kernels that must not differ."""

    def __init__(self, reference: Kernel, compared: Compared | None, misuse: type[Exception] = Misuse) -> None:
        """Pair two new kernels of the same configuration."""
        self.reference = reference
        self.compared = compared
        self.misuse = misuse
        # A thread parked without waiting has sent to itself: whether it runs on is not known, and the run ends here.
        self.wakes_itself = False
        self.history: list[str] = []
        self.reached: Counter[str] = Counter()
        self._pids_used: set[int] = set()

    def boot(self) -> int:
        """Start an init process."""
        self.history.append("boot_process()")
        pid = self.reference.boot_process()
        if self.compared is not None:
            self._agree("pid", pid, self.compared.boot_process())
        self.reached["PID reuse"] += pid in self._pids_used
        self._pids_used.add(pid)
        self._compare_state()
        return pid

    def start(self, pid: int) -> None:
        """Let a created process run."""
        self.history.append(f"start_process({pid})")
        self.reference.start_process(pid)
        if self.compared is not None:
            self.compared.start_process(pid)
        self._compare_state()

    def call(self, pid: int, tid: int, number: int, *args: int) -> Step:
        """Make a syscall on both."""
        name = Call(number).name if number in set(Call) else str(number)
        self.history.append(f"{pid}.{tid} {name}({', '.join(hex(arg) if arg > 255 else str(arg) for arg in args)})")
        observed = None
        if self.compared is not None:
            observed = _copy(self.compared.syscall(pid, tid, number, *args))
        step = self.reference.syscall(pid, tid, number, *args, observed=observed)
        self.wakes_itself |= step.outcome == "blocked" and any(wake[:2] == (pid, tid) for wake in step.wakes)
        self._note(number, step)
        self._compare(step, observed)
        return step

    def exit(self, pid: int, tid: int, value: int) -> Step:
        """Let a thread end on both."""
        self.history.append(f"exit_thread({pid}, {tid}, {value})")
        observed = None if self.compared is None else _copy(self.compared.exit_thread(pid, tid, value))
        step = self.reference.exit_thread(pid, tid, value)
        self._compare(step, observed)
        return step

    def crash(self, pid: int) -> Step:
        """Let a process die on both."""
        self.history.append(f"crash_process({pid})")
        observed = None if self.compared is None else _copy(self.compared.crash_process(pid))
        step = self.reference.crash_process(pid)
        self._compare(step, observed)
        return step

    def refuse(self, pid: int, tid: int) -> None:
        """Make a call that is misuse on both."""
        self.history.append(f"{pid}.{tid} misuse")
        assert _refuses(lambda: self.reference.syscall(pid, tid, Call.GET_PROCESS_ID), Misuse), "the move is misuse"
        compared = self.compared
        if compared is not None:
            refused = _refuses(lambda: compared.syscall(pid, tid, Call.GET_PROCESS_ID), self.misuse)
            self._agree("refused", True, refused)
        self._compare_state()

    def _note(self, number: int, step: Step) -> None:
        queue_full = step.outcome == "retry" or step.result == error(Error.SERVER_QUEUE_FULL)
        self.reached["queue full"] += number in SENDS and queue_full
        self.reached["map full"] += number in CONNECTS and step.result == error(Error.OUT_OF_MEMORY)
        self.reached["panic"] += step.outcome == "panic"

    def _compare(self, step: Step, observed: Step | None) -> None:
        if observed is not None:
            self._agree("outcome", step.outcome, observed.outcome)
            self._agree("result", step.result, observed.result)
            self._agree("wakes", step.wakes, observed.wakes)
            self._agree("ended", step.ended, observed.ended)
            self._agree("reason given", step.reason is not None, observed.reason is not None)
        if step.outcome != "panic" and not self.reference.state.shut_down:
            self._compare_state()

    def _compare_state(self) -> None:
        processes = self.reference.state.processes
        self.reached["tombstone"] += any(TOMBSTONE in process.slots for process in processes.values())
        if self.compared is None:
            return
        self._agree("processes", self.reference.processes(), tuple(self.compared.processes()))
        for pid, process in processes.items():
            self._compare_process(self.compared, pid, process)

    def _compare_process(self, compared: Compared, pid: int, process: Process) -> None:
        self._agree(f"connection map of {pid}", bytes(process.slots), compared.connection_map(pid))
        if pid != 1:
            self._agree(f"threads of {pid}", self.reference.threads(pid), tuple(compared.threads(pid)))

    def _agree(self, what: str, expected: object, got: object) -> None:
        if expected != got:
            raise AssertionError(self._report(what, expected, got))

    def _report(self, what: str, expected: object, got: object) -> str:
        state = self.reference.state
        lines = [f"{state.profile.name}, {state.slots} slots, unique={state.unique}, safe={state.safe}", *self.history]
        return "\n".join([*lines, f"{what}: the reference says {expected}, the kernel {got}"])


def _refuses(call: Callable[[], object], misuse: type[Exception]) -> bool:
    try:
        call()
    except misuse:
        return True
    return False


def _copy(step: ComparedStep) -> Step:
    words = None if step.result is None else tuple(step.result)
    wakes = tuple((pid, tid, tuple(result)) for pid, tid, result in step.wakes)
    return Step(step.outcome, words, step.reason, wakes, tuple(step.ended))
