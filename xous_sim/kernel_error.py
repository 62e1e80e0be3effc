"""The error numbers of the Xous ABI: values that a system call can answer with, never raised."""

from __future__ import annotations

import enum


class KernelError(enum.IntEnum):
    """An error of the Xous kernel by its number in the ABI (``xous-rs/src/definitions.rs:117-267``).

    Example:
        >>> from xous_sim import KernelError
        >>> KernelError(9)
        <KernelError.SERVER_NOT_FOUND: 9>
    """

    NO_ERROR = 0
    BAD_ALIGNMENT = 1
    BAD_ADDRESS = 2
    OUT_OF_MEMORY = 3
    MEMORY_IN_USE = 4
    INTERRUPT_NOT_FOUND = 5
    INTERRUPT_IN_USE = 6
    INVALID_STRING = 7
    SERVER_EXISTS = 8
    SERVER_NOT_FOUND = 9
    PROCESS_NOT_FOUND = 10
    PROCESS_NOT_CHILD = 11
    PROCESS_TERMINATED = 12
    TIMEOUT = 13
    INTERNAL_ERROR = 14
    SERVER_QUEUE_FULL = 15
    THREAD_NOT_AVAILABLE = 16
    UNHANDLED_SYSCALL = 17
    INVALID_SYSCALL = 18
    SHARE_VIOLATION = 19
    INVALID_THREAD = 20
    INVALID_PID = 21
    UNKNOWN_ERROR = 22
    ACCESS_DENIED = 23
    USE_BEFORE_INIT = 24
    DOUBLE_FREE = 25
    DEBUG_IN_PROGRESS = 26
    INVALID_LIMIT = 27
    NOT_FOUND = 28
    INVALID_CODING = 29
    HARDWARE_ERROR = 30
    SERIALIZATION_ERROR = 31
    INVALID_ARGUMENT = 32
    NETWORK_ERROR = 33
    STORAGE_ERROR = 34
    UNAVAILABLE = 35
    PARSE_ERROR = 36
    INVALID_CORE = 37
    VERIFICATION_ERROR = 38
    SECURITY_ERROR = 39
