"""What a hosted kernel has to say at the end: what it found, who ended how.

Left out: what every call did, which is in the trace.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from signal import Signals
from typing import Any, Final, Literal, final

FindingName = Literal["severed", "misdelivered", "free-slot", "tombstone", "hanging", "unanswered"]


@final
@dataclass(frozen=True)
class Finding:
    """Something that programs did to each other's connections.

    Attributes:
        property: ``severed``: a send was refused because another thread had disconnected. ``misdelivered``: a message
            reached another server. ``free-slot``: a disconnect of what another thread had disconnected already.
            ``tombstone``: a slot is lost to a server that was restarted. ``hanging``: a sender waits for an answer
            that nobody can give; on a faithful kernel also for the bytes of a lend that failed at once, which it never
            sends. ``unanswered``: when the run ended, a program that is no service waited for the answer to a call that
            its server had received, and all threads of the server's process waited for the kernel. What threads wait
            for beyond that when the run ends is no finding: services are ended while they sleep.
        pid: The process that met it.
        tid: Its thread.
        cid: The connection, where it is about one.
        message: What happened.
        history: What had happened to the connection's slot, oldest first.
        call: The number of the call that showed it, from 1 on.
    """

    property: str
    pid: int
    tid: int
    cid: int | None
    message: str
    history: tuple[str, ...]
    call: int

    def __str__(self) -> str:
        where = f"process {self.pid}, thread {self.tid}" + ("" if self.cid is None else f", CID {self.cid}")
        lines = [f"{self.property}: {where}, call {self.call}: {self.message}", *self.history]
        return "\n    ".join(lines)


_OF_SHELLS: Final = {
    101: ", as a Rust program does that panics",
    126: ", by which a shell says that the file is no program",
    127: ", by which a shell says that there is no such command",
}
"""What an exit status is often a sign of."""


@final
@dataclass(frozen=True)
class Exit:
    """A program that has ended.

    Attributes:
        pid: The process that it was.
        code: Its exit status; ``None`` if a signal ended it.
        program: Which program, in the order of starting, from 0 on: PIDs are used again.
        command: What the shell was told to run.
        signal: The number of the signal that ended it, if one did.
        stopped: Whether it ended because the kernel was gone: after :meth:`HostedServer.close`, a Shutdown or a panic.
    """

    pid: int
    code: int | None
    program: int
    command: str
    signal: int | None
    stopped: bool

    @property
    def failed(self) -> bool:
        """Whether it ended by itself, and not with status 0."""
        return not self.stopped and self.code != 0

    def __str__(self) -> str:
        if self.code is not None:
            how = f"ended with status {self.code}"
        elif self.stopped:
            how = "was ended with the kernel"
        else:
            how = f"was ended by signal {self.signal}{_name(self.signal)}"
        if not self.failed:
            return f"process {self.pid} {how}"
        return f'process {self.pid} failed: "{self.command}" {how}{_OF_SHELLS.get(self.code or 0, "")}'


def _name(number: int | None) -> str:
    try:
        return f" ({Signals(number or 0).name})"
    except ValueError:
        return ""


@final
@dataclass(frozen=True)
class Cut:
    """A process that was cut off because it broke the rules of the wire.

    Attributes:
        pid: The process.
        why: What it did.
    """

    pid: int
    why: str


@final
@dataclass(frozen=True)
class HostedReport:
    """How things stand on a hosted kernel.

    Attributes:
        calls: How many system calls were made.
        findings: What was found, in order; each once.
        exits: The programs that were started by the server and have ended, in the order in which they did. The client
            library ends a program with status 0 when the kernel goes away.
        cuts: The processes that were cut off.
        ending: Why the kernel has ended, if it has: a Shutdown, or ``KernelPanic`` with its reason.
    """

    calls: int
    findings: tuple[Finding, ...]
    exits: tuple[Exit, ...]
    cuts: tuple[Cut, ...]
    ending: str | None

    @property
    def panicked(self) -> bool:
        """Whether the real kernel would have panicked."""
        return self.ending is not None and self.ending.startswith("KernelPanic")

    @property
    def failures(self) -> tuple[Exit, ...]:
        """The programs that ended by themselves, and not with status 0."""
        return tuple(ended for ended in self.exits if ended.failed)

    def as_json(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [f"{self.calls} system calls"]
        if self.ending is not None:
            lines.append(f"the kernel ended: {self.ending}")
        lines += [f"process {cut.pid} was cut off: {cut.why}" for cut in self.cuts]
        lines += [str(ended) for ended in self.exits]
        lines += [str(finding) for finding in self.findings] or ["nothing was found wrong with any connection"]
        return "\n".join(lines)
