"""Which pages a process can send: mapped, lent and borrowed memory on hardware (`k/mem.rs`).

Hosted mode carries bytes instead and has no rules. Addresses that the kernel chooses are taken from the compared
kernel if they are possible. Left out: contents, flags, the heap, and windows too fragmented for a buffer.
"""

from __future__ import annotations

from .server import Buffer, KernelError, Message
from .state import Process, Run
from .words import OK, PAGE, Error, Kind, Tag, Words, result

DEFAULT_BASE, DEFAULT_SIZE = 0x6000_0000, 0x1000_0000
MESSAGE_BASE, MESSAGE_SIZE = 0x4000_0000, 0x40_0000
OWNED, LENT, BORROWED = "owned", "lent", "borrowed"


def pages_of(address: int, length: int) -> range:
    """Return the page addresses of a buffer."""
    return range(address, address + length, PAGE)


def map_memory(run: Run, _phys: int, _virt: int, size: int, _flags: int) -> Words:
    """MapMemory(2) of any free pages."""
    if size % PAGE:
        raise KernelError(Error.BAD_ALIGNMENT)
    if run.state.profile.hosted:
        return result(Tag.MEMORY_RANGE, DEFAULT_BASE, size)
    answer = run.answered(run.pid, run.tid)
    wanted = answer[1] if answer and answer[0] == Tag.MEMORY_RANGE else None
    address = _place(run.process, size, DEFAULT_BASE, DEFAULT_SIZE, wanted)
    run.process.pages.update(dict.fromkeys(pages_of(address, size), OWNED))
    return result(Tag.MEMORY_RANGE, address, size)


def unmap_memory(run: Run, address: int, length: int) -> Words:
    """UnmapMemory(19) of pages that the caller owns."""
    if run.state.profile.hosted:
        return OK
    if any(run.process.pages.get(page) != OWNED for page in pages_of(address, length)):
        raise KernelError(Error.BAD_ADDRESS)
    for page in pages_of(address, length):
        del run.process.pages[page]
    return OK


def send_buffer(run: Run, server: Process, kind: Kind, address: int, length: int) -> Buffer:
    """Move or lend the caller's pages to the server's process; within a process nothing moves."""
    buffer = Buffer(address, length)
    if run.state.profile.hosted:
        return buffer
    if address % PAGE or length % PAGE:
        raise KernelError(Error.BAD_ADDRESS if kind is Kind.MOVE else Error.BAD_ALIGNMENT)
    _check_mapped(run.process, server, address, length)
    if server is run.process:
        buffer.server_address = address
        return buffer
    if length > MESSAGE_SIZE - PAGE * _window_pages(server):
        raise KernelError(Error.BAD_ADDRESS)
    for page in pages_of(address, length):
        run.process.pages[page] = LENT
        if kind is Kind.MOVE:
            del run.process.pages[page]
    buffer.moved_between_processes = True
    server.pages_arriving += length // PAGE
    return buffer


def _check_mapped(client: Process, server: Process, address: int, length: int) -> None:
    sendable = (OWNED, BORROWED) if server is client else (OWNED,)
    if any(client.pages.get(page) not in sendable for page in pages_of(address, length)):
        raise KernelError(Error.BAD_ADDRESS)


def _window_pages(process: Process) -> int:
    end = MESSAGE_BASE + MESSAGE_SIZE
    return process.pages_arriving + sum(MESSAGE_BASE <= page < end for page in process.pages)


def address_in_server(run: Run, pid: int, tid: int, message: Message) -> int:
    """Return where the receiver sees the buffer; the first to see it learns the address."""
    buffer = message.buffer
    assert buffer is not None, "a memory message has a buffer"
    answer = run.answered(pid, tid)
    wanted = answer[4] if answer and answer[0] == Tag.MESSAGE_ENVELOPE else None
    if run.state.profile.hosted:
        return wanted or buffer.client_address
    if buffer.server_address is None:
        process = run.state.processes[pid]
        buffer.server_address = _place(process, buffer.length, MESSAGE_BASE, MESSAGE_SIZE, wanted)
        process.pages_arriving -= buffer.length // PAGE
        state = OWNED if message.kind is Kind.MOVE else BORROWED
        process.pages.update(dict.fromkeys(pages_of(buffer.server_address, buffer.length), state))
    return buffer.server_address


def _place(process: Process, size: int, base: int, window: int, wanted: int | None) -> int:
    def fits(address: int) -> bool:
        inside = base <= address and address + size <= base + window and address % PAGE == 0
        return inside and not any(page in process.pages for page in pages_of(address, size))

    if wanted is not None and fits(wanted):
        return wanted
    address = next((start for start in range(base, base + window, PAGE) if fits(start)), None)
    if address is None:
        raise KernelError(Error.BAD_ADDRESS)
    return address


def give_back(run: Run, message: Message, server: Process) -> None:
    """End a lend: the pages leave the server and are the client's again, if it still lives."""
    buffer = message.buffer
    if buffer is None or not buffer.moved_between_processes:
        return
    leave_server(buffer, server)
    client = run.state.processes.get(message.pid)
    if client is not None and not message.forgotten:
        client.pages.update(dict.fromkeys(pages_of(buffer.client_address, buffer.length), OWNED))


def leave_server(buffer: Buffer, server: Process) -> None:
    """Take a buffer out of the server's process; hosted, there is nothing to take."""
    if buffer.server_address is None:
        server.pages_arriving -= buffer.length // PAGE if buffer.moved_between_processes else 0
        return
    for page in pages_of(buffer.server_address, buffer.length):
        server.pages.pop(page, None)
