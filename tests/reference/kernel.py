"""The reference kernel as the tests drive it: the same interface as `xous_sim.Kernel`."""

from __future__ import annotations

from collections.abc import Callable

from . import connections, lifecycle, messages, pages, replies, servers, threads
from .server import KernelError
from .state import HARDWARE, HOSTED, INITIAL_TID, KernelPanic, NoReply, Process, Retry, Run, State, Step, Thread
from .words import OK, Call, Error, Words, error

ARGUMENTS = 7


class Misuse(Exception):
    """The caller does not exist, is blocked or is dead."""


class Kernel:
    """A kernel with PID 1 and nothing else."""

    def __init__(
        self, *, profile: str = "hardware", slots: int = 32, connect: str = "reuse", mode: str = "faithful"
    ) -> None:
        """Start a kernel."""
        described = HOSTED if profile == "hosted" else HARDWARE
        self.state = State(described, slots, unique=connect == "unique", safe=mode == "safe")
        self.panic: str | None = None
        lifecycle.new_process(self.state).started = True

    def boot_process(self) -> int:
        """Start an init process with its main thread."""
        process = lifecycle.new_process(self.state)
        lifecycle.start(self.state, process)
        process.threads[INITIAL_TID] = Thread()
        return process.pid

    def start_process(self, pid: int) -> None:
        """Let a created process run for the first time: hosted, it has yet to create its main thread."""
        lifecycle.start(self.state, self.state.processes[pid])

    def syscall(self, pid: int, tid: int, number: int, *args: int, observed: Step | None = None) -> Step:
        """Make a call. `observed` gives the values that are the kernel's choice: random SIDs and addresses."""
        handler = _HANDLERS.get(number, _unhandled)
        padded = args + (0,) * (ARGUMENTS - len(args))
        return self._step(pid, tid, lambda run: handler(run, padded), observed)

    def exit_thread(self, pid: int, tid: int, value: int) -> Step:
        """Let a thread return from its main function."""

        def end(run: Run) -> Words:
            threads.end_thread(run, value)
            raise lifecycle.Ended

        return self._step(pid, tid, end, None, is_call=False)

    def crash_process(self, pid: int) -> Step:
        """End a process from outside: a CPU fault, or its socket was closed."""
        if self.panic is not None:
            return Step("panic", reason=self.panic)
        if pid not in self.state.processes:
            raise Misuse(f"there is no process {pid}")
        run = Run(self.state, pid, 0)
        lifecycle.end_process(run, pid)
        return _finish(run, "ended")

    def _step(
        self, pid: int, tid: int, handler: Callable[[Run], Words], observed: Step | None, *, is_call: bool = True
    ) -> Step:
        if self.panic is not None:
            return Step("panic", reason=self.panic)
        process = self._caller(pid, tid)
        run = Run(self.state, pid, tid, observed)
        if not is_call:
            return self._run(run, handler)
        doomed = process.doomed == tid
        before, process.last_caller = process.last_caller, tid
        step = self._run(run, handler)
        if step.outcome == "no-reply":  # It never got as far as the kernel.
            process.last_caller = before
        elif doomed:
            self.panic = "a call after JoinThread"
            return Step("panic", reason=self.panic)
        return step

    def _run(self, run: Run, handler: Callable[[Run], Words]) -> Step:
        try:
            return _run(run, handler)
        except KernelPanic as reason:
            self.panic = str(reason)
            return Step("panic", reason=self.panic, wakes=tuple(run.wakes))

    def _caller(self, pid: int, tid: int) -> Process:
        process = self.state.processes.get(pid)
        thread = process.threads.get(tid) if process else None
        if process is None or thread is None or thread.blocked or thread.exited:
            raise Misuse(f"thread {tid} of process {pid} cannot make a call")
        return process

    def connection_map(self, pid: int) -> bytes:
        """Return the connection map of a process, a byte for a slot."""
        return bytes(self.state.processes[pid].slots)

    def processes(self) -> tuple[int, ...]:
        """Return the PIDs of all processes."""
        return tuple(sorted(self.state.processes))

    def threads(self, pid: int) -> tuple[int, ...]:
        """Return the TIDs that the kernel takes for threads: hosted, those of ended threads too, but for safe mode."""
        threads = self.state.processes[pid].threads
        return tuple(sorted(tid for tid, thread in threads.items() if not (thread.exited and self.state.safe)))


def _run(run: Run, handler: Callable[[Run], Words]) -> Step:
    try:
        return _finish(run, "done", handler(run))
    except KernelError as failure:
        return _finish(run, "done", error(failure.code))
    except Retry:
        return _finish(run, "retry")
    except lifecycle.Ended:
        return _finish(run, "ended")
    except servers.Blocked:
        run.thread.blocked = True
        return _finish(run, "blocked")
    except NoReply:
        return _finish(run, "no-reply")


def _finish(run: Run, outcome: str, words: Words | None = None) -> Step:
    return Step(outcome, words, None, tuple(run.wakes), tuple(run.ended))


def _unhandled(_run: Run, _args: Words) -> Words:
    raise KernelError(Error.UNHANDLED_SYSCALL)


def _yield(_run: Run, _args: Words) -> Words:
    return OK


def _taking(count: int, handler: Callable[..., Words]) -> Callable[[Run, Words], Words]:
    return lambda run, args: handler(run, *args[:count])


_HANDLERS: dict[int, Callable[[Run, Words], Words]] = {
    Call.MAP_MEMORY: _taking(4, pages.map_memory),
    Call.YIELD: _yield,
    Call.CREATE_SERVER_WITH_ADDRESS: _taking(4, servers.create_server_with_address),
    Call.RECEIVE_MESSAGE: _taking(4, servers.receive_message),
    Call.SEND_MESSAGE: _taking(7, messages.send_message),
    Call.CONNECT: _taking(4, connections.connect),
    Call.CREATE_THREAD: _taking(7, threads.create_thread),
    Call.UNMAP_MEMORY: _taking(2, pages.unmap_memory),
    Call.RETURN_MEMORY: _taking(5, replies.return_memory),
    Call.CREATE_PROCESS: _taking(7, lifecycle.create_process),
    Call.TERMINATE_PROCESS: _taking(1, lifecycle.terminate_process),
    Call.SHUTDOWN: _taking(0, lifecycle.shutdown),
    Call.TRY_SEND_MESSAGE: _taking(7, messages.try_send_message),
    Call.TRY_CONNECT: _taking(4, connections.try_connect),
    Call.RETURN_SCALAR1: _taking(2, replies.return_scalar1),
    Call.RETURN_SCALAR2: _taking(3, replies.return_scalar2),
    Call.TRY_RECEIVE_MESSAGE: _taking(4, servers.try_receive_message),
    Call.CREATE_SERVER: _taking(0, servers.create_server),
    Call.CONNECT_FOR_PROCESS: _taking(5, connections.connect_for_process),
    Call.CREATE_SERVER_ID: _taking(0, servers.create_server_id),
    Call.GET_THREAD_ID: _taking(0, threads.thread_id),
    Call.GET_PROCESS_ID: _taking(0, lifecycle.process_id),
    Call.DESTROY_SERVER: _taking(4, servers.destroy_server),
    Call.DISCONNECT: _taking(1, connections.disconnect),
    Call.JOIN_THREAD: _taking(1, threads.join_thread),
    Call.RETURN_SCALAR5: _taking(6, replies.return_scalar5),
    Call.REPLY_AND_RECEIVE_NEXT: _taking(7, replies.reply_and_receive_next),
}
