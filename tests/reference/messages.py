"""Sending: SendMessage and TrySendMessage (`k/syscall.rs:82-318`)."""

from __future__ import annotations

from .connections import lookup
from .pages import give_back, send_buffer
from .server import Buffer, KernelError, Message, Server
from .servers import Blocked, envelope
from .state import NoReply, Retry, Run
from .words import OK, Error, Kind, Words, sender_word


def send_message(run: Run, cid: int, kind_word: int, *body: int) -> Words:
    """SendMessage(16): as TrySendMessage, but a full queue is waited for."""
    try:
        return _send(run, cid, _decode_kind(kind_word, body), body)
    except KernelError as failure:
        if failure.code is Error.SERVER_QUEUE_FULL:
            raise Retry from failure
        raise


def try_send_message(run: Run, cid: int, kind_word: int, *body: int) -> Words:
    """TrySendMessage(24): "try" concerns only the full queue; calls still block."""
    if run.state.profile.hosted and kind_word in range(1, 4) and 0 in body[1:3]:
        raise NoReply
    return _send(run, cid, _decode_kind(kind_word, body), body)


def _decode_kind(kind_word: int, body: Words) -> Kind:
    if not 1 <= kind_word <= len(Kind):
        raise KernelError(Error.UNHANDLED_SYSCALL)
    kind = Kind(kind_word - 1)
    if kind.is_memory and 0 in body[1:3]:
        raise KernelError(Error.UNHANDLED_SYSCALL)
    return kind


def _send(run: Run, cid: int, kind: Kind, body: Words) -> Words:
    sidx = lookup(run.process, cid)
    server = run.state.server_at(sidx)
    message = Message(
        kind, run.pid, run.tid, body, _send_memory(run, server, kind, body), incarnation=run.process.incarnation
    )
    try:
        _deliver(run, sidx, server, message)
    except KernelError:
        if run.state.safe:
            give_back(run, message, run.state.processes[server.owner])
        raise
    if kind.is_blocking:
        raise Blocked
    return OK


def _send_memory(run: Run, server: Server, kind: Kind, body: Words) -> Buffer | None:
    if not kind.is_memory:
        return None
    return send_buffer(run, run.state.processes[server.owner], kind, body[1], body[2])


def _deliver(run: Run, sidx: int, server: Server, message: Message) -> None:
    if not server.parked:
        server.enqueue(message)
        return
    slot = server.enqueue_waiting(message) if message.kind.is_blocking else 0
    receiver = (server.owner, min(server.parked))
    server.parked.remove(receiver[1])
    run.wake(*receiver, envelope(run, receiver, sender_word(run.pid, sidx, slot), message))
