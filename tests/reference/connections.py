"""The connection map: connect, disconnect and the look-up of a CID (`k/services.rs:1958-2058`)."""

from __future__ import annotations

from .server import KernelError
from .state import FIRST_CID, FREE, TOMBSTONE, Process, Retry, Run, State, undecodable
from .words import OK, Error, Sid, Tag, Words, result


def connect_process(state: State, process: Process, sid: Sid) -> int:
    """Connect a process to a server and return the CID, valid in that process."""
    if not state.unique:
        for slot, value in enumerate(process.slots):
            if value > TOMBSTONE and state.server_at(value - 2).sid == sid:
                return slot + FIRST_CID
    if FREE not in process.slots:
        raise KernelError(Error.OUT_OF_MEMORY)
    server = state.server_named(sid)
    if server is None:
        raise KernelError(Error.SERVER_NOT_FOUND)
    slot = process.slots.index(FREE)
    process.slots[slot] = server + 2
    return slot + FIRST_CID


def lookup(process: Process, cid: int) -> int:
    """Return the server index behind a CID."""
    value = _slot_value(process, cid)
    if value in (FREE, TOMBSTONE):
        raise KernelError(Error.SERVER_NOT_FOUND)
    return value - 2


def _slot_value(process: Process, cid: int) -> int:
    if not FIRST_CID <= cid < FIRST_CID + len(process.slots):
        raise KernelError(Error.SERVER_NOT_FOUND)
    return process.slots[cid - FIRST_CID]


def rename_in_all_maps(state: State, server: int, value: int) -> None:
    """Overwrite every connection to a server that goes away, in every process."""
    for process in state.processes.values():
        process.slots = [value if old == server + 2 else old for old in process.slots]


def try_connect(run: Run, *sid: int) -> Words:
    """TryConnect(25)."""
    return result(Tag.CONNECTION_ID, connect_process(run.state, run.process, sid))


def connect(run: Run, *sid: int) -> Words:
    """Connect(17): as TryConnect, but a missing server is waited for."""
    return _retrying(run, run.process, sid)


def connect_for_process(run: Run, pid: int, *sid: int) -> Words:
    """ConnectForProcess(30): anybody may connect anybody."""
    if pid == 0:
        raise undecodable(run)
    if pid > run.state.profile.pid_limit:
        run.state.panic_unless_safe("ConnectForProcess of a PID beyond the process table")
    target = run.state.processes.get(pid)
    if target is None:
        raise KernelError(Error.PROCESS_NOT_FOUND)
    if not target.started:
        run.state.panic_unless_safe("ConnectForProcess of a process that has never run")
    return _retrying(run, target, sid)


def _retrying(run: Run, process: Process, sid: Sid) -> Words:
    try:
        return result(Tag.CONNECTION_ID, connect_process(run.state, process, sid))
    except KernelError as failure:
        if failure.code is Error.SERVER_NOT_FOUND:
            raise Retry from failure
        raise


def disconnect(run: Run, cid: int) -> Words:
    """Disconnect(35): frees the slot of a live connection or of a tombstone; nobody is told."""
    if _slot_value(run.process, cid) == FREE:
        raise KernelError(Error.SERVER_NOT_FOUND)
    run.process.slots[cid - FIRST_CID] = FREE
    return OK
