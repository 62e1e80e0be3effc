"""Processes: how they come and go (`k/services.rs:2186-2246`)."""

from __future__ import annotations

from .connections import connect_process, rename_in_all_maps
from .server import KernelError
from .servers import new_server, release_server, unseen_sid
from .state import FREE, INITIAL_TID, KERNEL_PID, PHANTOM_TID, TOMBSTONE, Process, Run, State, Thread, lowest_missing
from .words import OK, Error, Tag, Words, result


class Ended(Exception):
    """The caller's process is gone."""


def new_process(state: State) -> Process:
    """Take the lowest free PID."""
    pid = lowest_missing(state.processes, 1, state.profile.pid_limit)
    if pid is None:
        raise KernelError(Error.PROCESS_NOT_FOUND)
    state.incarnations += 1
    process = Process(pid, [FREE] * state.slots, state.incarnations)
    state.processes[pid] = process
    return process


def start(state: State, process: Process) -> None:
    """Let a process run for the first time, with its main thread or, hosted, with a thread that nobody runs."""
    process.started = True
    process.threads[PHANTOM_TID if state.profile.hosted else INITIAL_TID] = Thread()


def create_process(run: Run, *_args: int) -> Words:
    """CreateProcess(21): on hardware the child gets a server and the parent a connection to it."""
    child = new_process(run.state)
    if run.state.profile.hosted:
        return result(Tag.NEW_PROCESS, child.pid)
    sid = unseen_sid(run.state)
    new_server(run.state, sid, child.pid)
    return result(Tag.NEW_PROCESS, child.pid, connect_process(run.state, run.process, sid))


def end_process(run: Run, pid: int) -> None:
    """End a process: connections to its servers become tombstones and their callers are never woken."""
    owned = [i for i, server in enumerate(run.state.servers) if server is not None and server.owner == pid]
    for index in owned:
        rename_in_all_maps(run.state, index, TOMBSTONE)
    for server in run.state.servers:
        if server is not None:
            server.forget_sender(pid)
    for index in owned:
        run.state.servers[index] = None
    del run.state.processes[pid]
    run.state.kernel_has_control = True
    run.ended.append(pid)


def terminate_process(run: Run, _code: int) -> Words:
    """TerminateProcess(22): the exit code is discarded."""
    if run.state.profile.hosted:
        run.state.panic_unless_safe("TerminateProcess ends a process twice")
    end_process(run, run.pid)
    raise Ended


def shutdown(run: Run) -> Words:
    """Shutdown(23): anybody may end everything. PID 1, the kernel itself, is left.

    That callers of the servers wake is not seen, as they end too. Hosted, the caller is answered first.
    """
    servers = [(i, server) for i, server in enumerate(run.state.servers) if server is not None]
    if any(server.has_waiting() for _, server in servers):
        if run.state.has_hosted_defects:
            run.wake(run.pid, run.tid, OK)
        run.state.panic_unless_safe("Shutdown while a call waits for its answer")
    for index, _ in servers:
        release_server(run, index)
    for pid in sorted(set(run.state.processes) - {KERNEL_PID}):
        end_process(run, pid)
    run.state.shut_down = True
    run.wakes.clear()
    if run.state.profile.hosted:
        return OK
    raise Ended


def process_id(run: Run) -> Words:
    """GetProcessId(33)."""
    return result(Tag.PROCESS_ID, run.pid)
