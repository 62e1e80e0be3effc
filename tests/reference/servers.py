"""Servers: create, destroy and receive (`k/services.rs:1821-1935`, `k/syscall.rs:656-715`)."""

from __future__ import annotations

from .connections import connect_process, rename_in_all_maps
from .pages import address_in_server, give_back, leave_server
from .server import KernelError, Message, Server
from .state import FREE, KernelPanic, Run, State
from .words import OK, Error, Kind, Sid, Tag, Words, error, result, sender_word


class Blocked(Exception):
    """The call ends later, when another call wakes its thread."""


def new_server(state: State, sid: Sid, owner: int) -> int:
    """Put a server into the lowest free entry of the table."""
    if None not in state.servers:
        raise KernelError(Error.SERVER_NOT_FOUND)
    index = state.servers.index(None)
    state.servers[index] = Server(sid, owner, [None] * state.profile.queue_length)
    return index


def unseen_sid(state: State) -> Sid:
    """Make a random SID that no program has been told."""
    state.unseen_sids += 1
    return (-1, -1, -1, -state.unseen_sids)


def _random_sid(run: Run) -> Sid:
    sid = unseen_sid(run.state)
    answer = run.answered(run.pid, run.tid)
    if answer is not None and answer[0] in (Tag.SERVER_ID, Tag.NEW_SERVER_ID):
        return answer[1:5]
    return sid


def create_server_id(run: Run) -> Words:
    """CreateServerId(31): a random SID, nothing else."""
    return result(Tag.SERVER_ID, *_random_sid(run))


def create_server(run: Run) -> Words:
    """CreateServer(29): a server with a random SID."""
    return create_server_with_address(run, *_random_sid(run))


def create_server_with_address(run: Run, *sid: int) -> Words:
    """CreateServerWithAddress(14): the server stays even if its creator has no slot to connect to it."""
    new_server(run.state, sid, run.pid)
    cid = connect_process(run.state, run.process, sid)
    return result(Tag.NEW_SERVER_ID, *sid, cid)


def destroy_server(run: Run, *sid: int) -> Words:
    """DestroyServer(34): refused while a received call is unanswered."""
    index = run.state.server_named(sid, run.pid)
    if index is None:
        raise KernelError(Error.SERVER_NOT_FOUND)
    if run.state.server_at(index).has_waiting():
        raise KernelError(Error.SERVER_QUEUE_FULL)
    if run.state.has_hosted_defects:
        _refuse_all_hosted(run, run.state.server_at(index))
        _remove(run, index)
    else:
        release_server(run, index)
    return OK


def _refuse_all_hosted(run: Run, server: Server) -> None:
    """Wake everybody, up to the first whom the hosted kernel cannot make ready."""
    for message in server.queued():
        _refuse_hosted(run, message)
    for tid in sorted(server.parked):
        if tid != run.tid:
            raise KernelPanic("DestroyServer wakes a thread that did not make its process's last call")
        run.wake(server.owner, tid, error(Error.SERVER_NOT_FOUND))


def _refuse_hosted(run: Run, message: Message) -> None:
    if message.kind is Kind.MOVE:
        raise KernelPanic("DestroyServer with a queued Move")
    if message.kind is Kind.SCALAR and not message.forgotten:
        return
    process = run.state.processes.get(message.pid)
    if process is None or not process.started:
        raise KernelPanic("DestroyServer with a queued call of a dead process")
    moved_on = not message.forgotten and process.last_caller != message.tid
    if not (message.kind.is_memory and moved_on):
        run.wake(message.pid, message.tid, error(Error.SERVER_NOT_FOUND))
    if moved_on:
        raise KernelPanic("DestroyServer wakes a thread that did not make its process's last call")


def release_server(run: Run, index: int) -> None:
    """Drop the queue, wake everybody with ServerNotFound and free all connections."""
    server = run.state.server_at(index)
    owner = run.state.processes[server.owner]
    for message in server.queued():
        if message.kind is Kind.MOVE and message.buffer:
            leave_server(message.buffer, owner)
        if message.kind.is_blocking:
            give_back(run, message, owner)
            if not message.forgotten:
                run.wake(message.pid, message.tid, error(Error.SERVER_NOT_FOUND))
    for tid in sorted(server.parked):
        run.wake(server.owner, tid, error(Error.SERVER_NOT_FOUND))
    _remove(run, index)


def _remove(run: Run, index: int) -> None:
    run.state.servers[index] = None
    rename_in_all_maps(run.state, index, FREE)


def try_receive_message(run: Run, *sid: int) -> Words:
    """TryReceiveMessage(28)."""
    index = run.state.server_named(sid, run.pid)
    if index is None:
        raise KernelError(Error.SERVER_NOT_FOUND)
    taken = run.state.server_at(index).take_next()
    if taken is None:
        return result(Tag.NONE)
    slot, message = taken
    return envelope(run, (run.pid, run.tid), sender_word(message.pid, index, slot), message)


def receive_message(run: Run, *sid: int) -> Words:
    """ReceiveMessage(15): waits for a message."""
    words = try_receive_message(run, *sid)
    if words != result(Tag.NONE):
        return words
    index = run.state.server_named(sid, run.pid)
    assert index is not None, "the server was found a moment ago"
    park(run, run.state.server_at(index))
    raise Blocked


def park(run: Run, server: Server) -> None:
    """Note that the caller waits for a message."""
    if run.tid in server.parked:
        run.state.panic_unless_safe("a thread parks twice on a server")
        raise KernelError(Error.INVALID_THREAD)
    server.parked.add(run.tid)


def envelope(run: Run, receiver: tuple[int, int], sender: int, message: Message) -> Words:
    """Encode a message for the thread that receives it."""
    body = message.body
    if message.buffer is not None:
        body = (body[0], address_in_server(run, *receiver, message), *body[2:])
    return result(Tag.MESSAGE_ENVELOPE, sender, message.kind, *body)
