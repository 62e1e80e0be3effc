"""Replies: ReturnScalar1/2/5, ReturnMemory and ReplyAndReceiveNext (`k/syscall.rs:320-654`)."""

from __future__ import annotations

from .pages import give_back
from .server import KernelError, Message, Server
from .servers import Blocked, envelope, park
from .state import SERVERS, KernelPanic, Run, undecodable
from .words import OK, Error, Kind, Tag, Words, result, sender_server, sender_slot, sender_word


def _server_of_sender(run: Run, sender: int) -> Server:
    sidx = sender_server(sender)
    if sidx == SERVERS:
        run.state.panic_unless_safe("a sender word names server 128")
    server = run.state.servers[sidx] if sidx < SERVERS else None
    if server is None or server.owner != run.pid:
        raise KernelError(Error.SERVER_NOT_FOUND)
    return server


def return_scalar1(run: Run, sender: int, *values: int) -> Words:
    """ReturnScalar1(26)."""
    return _return_scalar(run, sender, result(Tag.SCALAR1, *values))


def return_scalar2(run: Run, sender: int, *values: int) -> Words:
    """ReturnScalar2(27)."""
    return _return_scalar(run, sender, result(Tag.SCALAR2, *values))


def return_scalar5(run: Run, sender: int, *values: int) -> Words:
    """ReturnScalar5(40)."""
    return _return_scalar(run, sender, result(Tag.SCALAR5, *values))


def _return_scalar(run: Run, sender: int, words: Words) -> Words:
    message = _server_of_sender(run, sender).take_waiting(sender_slot(sender))
    if message is None or message.kind is not Kind.BLOCKING_SCALAR:
        raise KernelError(Error.DOUBLE_FREE)
    _answer(run, message, words)
    return OK


def return_memory(run: Run, sender: int, address: int, length: int, offset: int, valid: int) -> Words:
    """ReturnMemory(20)."""
    if 0 in (address, length):
        raise undecodable(run)
    server = _server_of_sender(run, sender)
    waiting = server.waiting(sender_slot(sender))
    if waiting is None:
        raise KernelError(Error.DOUBLE_FREE)
    _check_buffer(run, waiting, address, length)
    server.take_waiting(sender_slot(sender))
    if not waiting.kind.is_memory:
        raise KernelError(Error.DOUBLE_FREE)
    if run.state.has_hosted_defects:
        _find_thread(run, waiting)
    give_back(run, waiting, run.process)
    if waiting.forgotten and not run.state.has_hosted_defects:
        raise KernelError(Error.PROCESS_NOT_FOUND)
    _answer(run, waiting, result(Tag.MEMORY_RETURNED, offset, valid))
    return OK


def _check_buffer(run: Run, waiting: Message, address: int, length: int) -> None:
    buffer = waiting.buffer
    if run.state.profile.hosted or buffer is None:
        return
    if (address, length) != (buffer.server_address, buffer.length):
        raise KernelError(Error.BAD_ADDRESS)


def _answer(run: Run, message: Message, words: Words) -> None:
    if message.pid not in run.state.processes:
        raise KernelError(Error.PROCESS_NOT_FOUND)
    if run.state.has_hosted_defects and not run.state.processes[message.pid].started:
        raise KernelPanic("a process without a connection is answered")
    run.wake(message.pid, message.tid, words)


def _find_thread(run: Run, message: Message) -> None:
    """Hosted, switch to the client, or to whoever has its PID now."""
    process = run.state.processes.get(message.pid)
    if process is None or not process.started:
        raise KernelError(Error.PROCESS_NOT_FOUND)
    if message.tid not in process.threads:
        raise KernelError(Error.INVALID_THREAD)


def reply_and_receive_next(run: Run, sender: int, *values_and_type: int) -> Words:
    """ReplyAndReceiveNext(41): it receives, or parks, before it looks at whom it answers."""
    server = _server_of_sender(run, sender)
    if run.state.safe:
        _check_reply(run, server, sender)
    waiting = server.take_waiting(sender_slot(sender))
    taken = server.take_next()
    if taken is None:
        park(run, server)
    if waiting is None or (waiting.forgotten and not run.state.has_hosted_defects):
        raise KernelError(Error.DOUBLE_FREE)
    if run.state.has_hosted_defects and taken is None:
        _find_thread(run, waiting)
    _reply(run, waiting, values_and_type)
    if taken is None:
        raise Blocked
    slot, message = taken
    word = sender_word(message.pid, sender_server(sender), slot)
    return envelope(run, (run.pid, run.tid), word, message)


def _check_reply(run: Run, server: Server, sender: int) -> None:
    """In safe mode a reply that fails changes nothing."""
    waiting = server.waiting(sender_slot(sender))
    if waiting is None or waiting.forgotten:
        raise KernelError(Error.DOUBLE_FREE)
    if waiting.pid not in run.state.processes:
        raise KernelError(Error.PROCESS_NOT_FOUND)
    if run.tid in server.parked and not server.queued():
        raise KernelError(Error.INVALID_THREAD)


def _reply(run: Run, waiting: Message, values_and_type: Words) -> None:
    values, type_word = values_and_type[:5], values_and_type[5]
    if waiting.kind.is_memory:
        give_back(run, waiting, run.process)
        _answer(run, waiting, result(Tag.MEMORY_RETURNED, values[3], values[4]))
    elif type_word == 1:
        _answer(run, waiting, result(Tag.SCALAR1, values[1]))
    elif type_word == 2:
        _answer(run, waiting, result(Tag.SCALAR2, *values[1:3]))
    else:
        _answer(run, waiting, result(Tag.SCALAR5, *values))
