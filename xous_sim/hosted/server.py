"""A hosted kernel on a socket, for real Xous programs.

It speaks the protocol of Xous's own hosted mode, so programs need not be changed or built anew.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import Literal, final

from .. import _native
from .._options import checked, flag, positive, positive_int, text, whole
from ..errors import MisuseError
from ..kernel import Kernel
from ..trace import Trace
from ..world import ConnectMode, Mode
from .report import Cut, Exit, Finding, HostedReport

Schedule = Literal["free", "random", "pct"]
"""How the threads of the programs are scheduled: not at all, or as :class:`HostedServer` says."""

_GLANCE = 0.05
"""Seconds that the native module waits at once, so that signals are seen."""


@final
@dataclass(frozen=True)
class Invitation:
    """What a program needs to join, when somebody else starts it.

    Attributes:
        pid: The process that it becomes.
        environment: The variables that it must find in its environment.
    """

    pid: int
    environment: Mapping[str, str]


@final
class HostedServer:
    """A hosted kernel that serves real programs until it is closed.

    While they run, their connections are watched; see :class:`Finding`. It serves in a thread of its own, and may be
    used from several threads.

    Args:
        listen: Where to listen, as ``IP:PORT``; port 0 is any free one. Whoever can connect there and has a key
            becomes a process, so anything but loopback needs a reason.
        mode: ``"safe"`` answers sanely where the real kernel has a defect, and lets no client wait for bytes that do
            not come; ``"faithful"`` answers as the real one, and where that panics it ends with ``KernelPanic``.
        slots: Connections per process, 32 or 46.
        connect: ``"reuse"`` (today) or ``"unique"`` (proposed).
        names: Whether PID 1 serves names: by the raw page that std uses and by the library's own buffers.
        schedule: ``"free"`` lets threads run as they like. ``"random"`` and ``"pct"`` let one run at a time: its next
            call is made or its answer sent only when all others wait or sleep, and who is next is drawn from the seed.
            That needs Linux, and the programs to be on this machine. Nothing moves before :meth:`begin` or
            :meth:`wait`.
        seed: Seeds the keys, the SIDs and the schedule, 0 to 2**64 - 1. By default keys and SIDs come from the
            operating system, and the schedule's seed is 0.
        depth: For ``"pct"``: the depth of the bugs that it looks for.
        moves: For ``"pct"``: among how many moves priorities change; about as many as the programs make.
        record: Whether :meth:`trace` has something to return.
        patience: Seconds that a connection may stop within its key or a packet, or leave its answers unread.

    Raises:
        MisuseError: For an argument that has no meaning.
        OSError: If it cannot listen there, or a schedule is asked for that the system does not allow.

    Example:
        >>> import xous_sim as xs
        >>> with xs.HostedServer() as server:
        ...     pid = server.spawn("true")
        ...     ended = server.wait(timeout=20)
        >>> pid, ended, [(ended.command, ended.code) for ended in server.report().exits]
        (2, True, [('true', 0)])
    """

    def __init__(
        self,
        *,
        listen: str = "127.0.0.1:0",
        mode: Mode = "safe",
        slots: Literal[32, 46] = 32,
        connect: ConnectMode = "reuse",
        names: bool = False,
        schedule: Schedule = "free",
        seed: int | None = None,
        depth: int = 3,
        moves: int = 100,
        record: bool = False,
        patience: float = 10.0,
    ) -> None:
        kernel = checked(profile="hosted", slots=slots, connect=connect, mode=mode, seed=seed or 0)
        if schedule not in ("free", "random", "pct"):
            raise MisuseError(f"{schedule!r} is no schedule: choose 'free', 'random' or 'pct'")
        self._native = _native.HostedServer(
            listen=text(listen, "listen"),
            slots=kernel["slots"],
            connect=kernel["connect"],
            mode=kernel["mode"],
            seed=None if seed is None else whole(seed, "seed", 64),
            names=flag(names, "names"),
            schedule=schedule,
            depth=_small(depth, "depth"),
            moves=_small(moves, "moves"),
            record=flag(record, "record"),
            patience=positive(patience, "patience"),
        )
        self._commands: list[str] = []

    @property
    def address(self) -> str:
        """Where it listens, as ``IP:PORT``: what a program's ``XOUS_SERVER`` is."""
        return self._native.address()

    @property
    def is_loopback(self) -> bool:
        """Whether only programs on this machine can connect."""
        return self._native.is_loopback()

    @property
    def kernel(self) -> Kernel:
        """The kernel as it stands: a copy, on which calls can be tried without the programs noticing.

        After :meth:`close`, as it stood then: how programs are ended is not part of the run.
        """
        return Kernel._of(self._native.kernel())

    @property
    def order(self) -> tuple[str, ...]:
        """Who ran, in order, where that was scheduled: ``2/3 calls 17`` or ``2/3 is answered``."""
        return tuple(self._native.order())

    def spawn(self, command: str) -> int:
        """Starts a program, with ``sh -c``, as a process.

        It is ended with the server, if it does not end by itself. In either case whatever it has started ends with it.

        Args:
            command: What the shell runs.

        Returns:
            Its PID: the lowest that is free, 2 for the first.

        Raises:
            OSError: If all PIDs are taken, or there is no shell.
        """
        pid = self._native.spawn(text(command, "command"))
        self._commands.append(command)
        return pid

    def invite(self) -> Invitation:
        """Makes a process for a program that somebody else starts, under a debugger for instance.

        Raises:
            OSError: If all PIDs are taken.
        """
        pid, variables = self._native.invite()
        return Invitation(pid, MappingProxyType(dict(variables)))

    def begin(self) -> None:
        """Lets the programs move, where they are scheduled.

        All that have been started or invited by now are waited for first, for ten seconds at most: so the order does
        not depend on how long it took to start them. :meth:`wait` does the same.

        Example:
            >>> import xous_sim as xs
            >>> with xs.HostedServer(schedule="random", seed=7) as server:
            ...     first, second = server.spawn("true"), server.spawn("true")
            ...     server.begin()
        """
        self._native.begin()

    def wait(self, *, timeout: float | None = None) -> bool:
        """Waits until every program has ended and nobody is connected, or the kernel has ended; see :meth:`begin`.

        Args:
            timeout: Seconds to wait at most; by default as long as it takes.

        Returns:
            Whether that is so.
        """
        left = None if timeout is None else positive(timeout, "timeout")
        end = None if left is None else time.monotonic() + left
        while not self._native.wait(_GLANCE if end is None else max(0.0, min(_GLANCE, end - time.monotonic()))):
            if end is not None and time.monotonic() >= end:
                return False
        return True

    def report(self) -> HostedReport:
        """How things stand; after :meth:`close`, how they ended."""
        native = self._native
        return HostedReport(
            calls=native.calls(),
            findings=tuple(
                Finding(name, pid, tid, cid, message, tuple(history), call)
                for name, pid, tid, cid, message, history, call in native.findings()
            ),
            exits=tuple(Exit(*ended) for ended in native.exits()),
            cuts=tuple(Cut(pid, why) for pid, why in native.cuts()),
            ending=native.ending(),
        )

    def trace(self) -> Trace:
        """What the programs did so far, a step a system call; of a long run the last 10,000.

        Raises:
            MisuseError: If the server was not told to ``record``.
        """
        recording = self._native.recording(" | ".join(self._commands))
        if recording is None:
            raise MisuseError("nothing was recorded: give HostedServer record=True")
        return Trace(recording)

    def close(self) -> None:
        """Ends everything: connections are closed, and programs that have not ended two seconds later are ended.

        Programs that never connected are ended at once.
        """
        self._native.close()

    def __enter__(self) -> HostedServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<HostedServer at {self.address}, {self._native.connected()} processes>"


def _small(value: object, what: str) -> int:
    return min(positive_int(value, what), (1 << 32) - 1)
