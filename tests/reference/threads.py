"""Threads: create, join and exit."""

from __future__ import annotations

from .server import KernelError
from .servers import Blocked
from .state import INITIAL_TID, PHANTOM_TID, KernelPanic, Process, Run, Thread, lowest_missing
from .words import Error, Tag, Words, result

CONTEXTS = 31
HOSTED_LAST_TID = 32
LOWEST_STACK_TOP = 16


def create_thread(run: Run, *args: int) -> Words:
    """CreateThread(18). The hardware's arguments are function, stack, stack length and four more."""
    if run.state.profile.hosted:
        tid = lowest_missing(run.process.threads, PHANTOM_TID, HOSTED_LAST_TID)
    else:
        if args[1] + args[2] <= LOWEST_STACK_TOP:
            raise KernelError(Error.BAD_ADDRESS)
        tid = _next_free_context(run.process)
    if tid is None:
        raise KernelError(Error.THREAD_NOT_AVAILABLE)
    run.process.last_tid_allocated = tid
    run.process.threads[tid] = Thread()
    return result(Tag.THREAD_ID, tid)


def _next_free_context(process: Process) -> int | None:
    for step in range(CONTEXTS):
        tid = (process.last_tid_allocated + step) % CONTEXTS
        if tid >= INITIAL_TID and tid not in process.threads:
            return tid
    return None


def join_thread(run: Run, tid: int) -> Words:
    """JoinThread(36): the value of a thread that has already ended is lost."""
    if tid == run.tid:
        raise KernelError(Error.THREAD_NOT_AVAILABLE)
    if tid >= CONTEXTS and not run.state.profile.hosted:
        run.state.panic_unless_safe("JoinThread beyond the thread contexts")
    hosted_defect = run.state.has_hosted_defects
    target = run.process.threads.get(tid)
    if target is None or (target.exited and not hosted_defect):
        return result(Tag.SCALAR1, 0)
    if hosted_defect:
        if run.state.kernel_has_control:
            raise KernelPanic("JoinThread when PID 1 has been switched to")
        run.state.kernel_has_control = True
        run.process.doomed = run.tid
        return result(Tag.RESUME_PROCESS)
    run.thread.joining = tid
    raise Blocked


def end_thread(run: Run, value: int) -> None:
    """End the calling thread and wake the lowest thread that joins it. A parked bit of it stays set.

    A hosted thread never tells the kernel that it ends, and its TID is not used again.
    """
    if run.state.profile.hosted:
        run.thread.exited = True
        if not run.state.safe:
            return
    else:
        del run.process.threads[run.tid]
    joiners = [tid for tid, thread in run.process.threads.items() if thread.joining == run.tid]
    if joiners:
        run.wake(run.pid, min(joiners), result(Tag.SCALAR1, value & run.state.profile.word))


def thread_id(run: Run) -> Words:
    """GetThreadId(32)."""
    return result(Tag.THREAD_ID, run.tid)
