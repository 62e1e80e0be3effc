"""The kernel by itself, call by call: for those who want to see every word that a system call takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

from . import _native
from ._options import checked, whole
from .errors import MisuseError
from .page import Page
from .world import ConnectMode, Mode, Profile, QueueQuota

Words = tuple[int, int, int, int, int, int, int, int]
"""A result: its tag and seven words (``xous-rs/src/definitions.rs:314-541``)."""


@final
@dataclass(frozen=True)
class KernelStep:
    """What one call did.

    Attributes:
        outcome: ``"done"``: the caller has its result. ``"blocked"``: somebody else's call completes it. ``"retry"``:
            nothing changed, and the caller makes the same call again. ``"no-reply"``: hosted, the call could not be
            decoded and is never answered; the caller may make another. ``"ended"``: the caller's process is gone.
            ``"panic"``: the real kernel panics here, after it has sent what is among the wakes.
        result: The result's words, where the outcome is ``"done"``.
        reason: Why the kernel panics, where it does.
        wakes: Blocked calls that are complete now, each as (PID, TID, result).
        ended: PIDs of processes that died.
    """

    outcome: Literal["done", "blocked", "retry", "no-reply", "ended", "panic"]
    result: Words | None
    reason: str | None
    wakes: tuple[tuple[int, int, Words], ...]
    ended: tuple[int, ...]

    @classmethod
    def _of(cls, step: _native.KernelStep) -> KernelStep:
        return cls(step.outcome, step.result, step.reason, tuple(step.wakes), tuple(step.ended))


@final
class Kernel:
    """The exact kernel. Nothing blocks: a call that would is answered with the outcome ``"blocked"``.

    It may be used from several threads; each call is one step.

    Args:
        profile: ``"hardware"`` or ``"hosted"``.
        slots: Connections per process, 32 or 46.
        connect: ``"reuse"`` (today) or ``"unique"`` (proposed).
        mode: ``"faithful"`` models the kernel's defects and panics, ``"safe"`` answers sanely instead.
        seed: Seeds the SIDs that the kernel draws, 0 to 2**64 - 1.
        queue_quota: As for :class:`World`.

    Example:
        >>> from xous_sim import Kernel
        >>> kernel = Kernel()
        >>> pid = kernel.boot_process()
        >>> kernel.syscall(pid, 2, 14, 1, 2, 3, 4).result  # CreateServerWithAddress: NewServerID, SID, CID
        (8, 1, 2, 3, 4, 2, 0, 0)
        >>> kernel.syscall(pid, 2, 35, 2).result  # Disconnect of CID 2: Ok
        (0, 0, 0, 0, 0, 0, 0, 0)
        >>> kernel.syscall(pid, 2, 35, 2).result  # once more: ServerNotFound
        (1, 9, 0, 0, 0, 0, 0, 0)
    """

    def __init__(
        self,
        *,
        profile: Profile = "hardware",
        slots: Literal[32, 46] = 32,
        connect: ConnectMode = "reuse",
        mode: Mode = "faithful",
        seed: int = 0,
        queue_quota: QueueQuota = "none",
    ) -> None:
        options = checked(profile=profile, slots=slots, connect=connect, mode=mode, seed=seed, queue_quota=queue_quota)
        self._native = _native.Kernel(**options)

    @classmethod
    def _of(cls, native: _native.Kernel) -> Kernel:
        kernel = cls.__new__(cls)
        kernel._native = native
        return kernel

    def boot_process(self) -> int:
        """Starts a process whose main thread is TID 2.

        Returns:
            Its PID.

        Raises:
            MisuseError: If all PIDs are taken.
        """
        return self._native.boot_process()

    def start_process(self, pid: int) -> None:
        """Lets a process run that CreateProcess made."""
        self._native.start_process(whole(pid, "pid", 8))

    def syscall(self, pid: int, tid: int, number: int, *words: int) -> KernelStep:
        """Makes a system call.

        Args:
            pid: The calling process.
            tid: Its thread.
            number: Which call (``xous-rs/src/syscall.rs:581-692``).
            *words: Up to seven arguments; those that are left out are 0.

        Raises:
            MisuseError: If there is no such thread, or it is blocked.
        """
        arguments = [whole(word, "an argument of a system call", 64) for word in words]
        caller = (whole(pid, "pid", 8), whole(tid, "tid", 8))
        return KernelStep._of(self._native.syscall(*caller, whole(number, "number", 64), *arguments))

    def exit_thread(self, pid: int, tid: int, value: int = 0) -> KernelStep:
        """Ends a thread; ``value`` goes to whoever joins it."""
        return KernelStep._of(
            self._native.exit_thread(whole(pid, "pid", 8), whole(tid, "tid", 8), whole(value, "value", 64))
        )

    def crash_process(self, pid: int) -> KernelStep:
        """Ends a process as a fault does."""
        return KernelStep._of(self._native.crash_process(whole(pid, "pid", 8)))

    def connection_map(self, pid: int) -> bytes:
        """The connection map: 0 free, 1 tombstone, n the server at index n - 2."""
        return self._native.connection_map(whole(pid, "pid", 8))

    def page(self, pid: int) -> Page:
        """The process page.

        Raises:
            MisuseError: If there is no such process, or the kernel is hosted: it has no such page.
        """
        return Page(self._native.page(whole(pid, "pid", 8)))

    def processes(self) -> tuple[int, ...]:
        """The PIDs in use, PID 1 included."""
        return tuple(self._native.processes())

    def threads(self, pid: int) -> tuple[int, ...]:
        """The TIDs in use in a process."""
        return tuple(self._native.threads(whole(pid, "pid", 8)))

    def read_memory(self, pid: int, address: int, length: int) -> bytes:
        """What a process reads from its memory.

        Raises:
            MisuseError: If a page of it is not there, or is lent.
        """
        place = (whole(address, "address", 64), whole(length, "length", 64))
        return self._native.read_memory(whole(pid, "pid", 8), *place)

    def write_memory(self, pid: int, address: int, data: bytes) -> None:
        """Writes to a process's memory.

        Raises:
            MisuseError: If a page of it is not there, is lent, or is only borrowed.
        """
        if not isinstance(data, (bytes, bytearray)):
            raise MisuseError(f"data must be bytes, not {type(data).__name__}")
        self._native.write_memory(whole(pid, "pid", 8), whole(address, "address", 64), bytes(data))

    def __repr__(self) -> str:
        return f"<Kernel with processes {', '.join(map(str, self.processes()))}>"
