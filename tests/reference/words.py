"""The numbers that programs see: syscalls, results, errors and message kinds.

Only those that the model answers or the tests send are listed.
"""

from __future__ import annotations

from enum import IntEnum

Words = tuple[int, ...]
Sid = tuple[int, ...]

RESULT_WORDS = 8
PAGE = 4096


class Call(IntEnum):
    """Syscall numbers (`rs/syscall.rs:581-692`)."""

    MAP_MEMORY = 2
    YIELD = 3
    READY_THREADS = 8
    SET_MEM_REGION = 13
    CREATE_SERVER_WITH_ADDRESS = 14
    RECEIVE_MESSAGE = 15
    SEND_MESSAGE = 16
    CONNECT = 17
    CREATE_THREAD = 18
    UNMAP_MEMORY = 19
    RETURN_MEMORY = 20
    CREATE_PROCESS = 21
    TERMINATE_PROCESS = 22
    SHUTDOWN = 23
    TRY_SEND_MESSAGE = 24
    TRY_CONNECT = 25
    RETURN_SCALAR1 = 26
    RETURN_SCALAR2 = 27
    TRY_RECEIVE_MESSAGE = 28
    CREATE_SERVER = 29
    CONNECT_FOR_PROCESS = 30
    CREATE_SERVER_ID = 31
    GET_THREAD_ID = 32
    GET_PROCESS_ID = 33
    DESTROY_SERVER = 34
    DISCONNECT = 35
    JOIN_THREAD = 36
    SET_EXCEPTION_HANDLER = 37
    RETURN_SCALAR5 = 40
    REPLY_AND_RECEIVE_NEXT = 41


class Error(IntEnum):
    """Error numbers (`rs/definitions.rs:117-267`)."""

    BAD_ALIGNMENT = 1
    BAD_ADDRESS = 2
    OUT_OF_MEMORY = 3
    SERVER_NOT_FOUND = 9
    PROCESS_NOT_FOUND = 10
    SERVER_QUEUE_FULL = 15
    THREAD_NOT_AVAILABLE = 16
    UNHANDLED_SYSCALL = 17
    INVALID_THREAD = 20
    DOUBLE_FREE = 25


class Tag(IntEnum):
    """The first word of a result (`rs/definitions.rs:314-541`)."""

    OK = 0
    ERROR = 1
    MEMORY_RANGE = 3
    RESUME_PROCESS = 5
    SERVER_ID = 6
    CONNECTION_ID = 7
    NEW_SERVER_ID = 8
    MESSAGE_ENVELOPE = 9
    THREAD_ID = 10
    PROCESS_ID = 11
    SCALAR1 = 14
    SCALAR2 = 15
    NONE = 17
    MEMORY_RETURNED = 18
    NEW_PROCESS = 19
    SCALAR5 = 20


class Kind(IntEnum):
    """Message kinds as *results* number them; syscalls number them one higher."""

    MUTABLE_BORROW = 0
    BORROW = 1
    MOVE = 2
    SCALAR = 3
    BLOCKING_SCALAR = 4

    @property
    def is_memory(self) -> bool:
        """Whether the message carries a buffer."""
        return self in (Kind.MUTABLE_BORROW, Kind.BORROW, Kind.MOVE)

    @property
    def is_blocking(self) -> bool:
        """Whether the sender waits for a reply."""
        return self in (Kind.MUTABLE_BORROW, Kind.BORROW, Kind.BLOCKING_SCALAR)


def result(tag: Tag, *values: int) -> Words:
    """Encode a result as its eight words."""
    return (int(tag), *values) + (0,) * (RESULT_WORDS - 1 - len(values))


def error(code: Error) -> Words:
    """Encode an error result."""
    return result(Tag.ERROR, code)


OK = result(Tag.OK)


def sender_word(pid: int, sidx: int, slot: int) -> int:
    """Pack a sender: PID in bits 24-31, server index in 16-23, queue slot in 0-15 (`k/server.rs:41-72`)."""
    return pid << 24 | sidx << 16 | slot


def sender_server(sender: int) -> int:
    """Return the server-table index of a sender word."""
    return sender >> 16 & 0xFF


def sender_slot(sender: int) -> int:
    """Return the queue slot of a sender word."""
    return sender & 0xFFFF
