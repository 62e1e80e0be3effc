"""What a hosted kernel has to say at the end: what it found, who ended how.

Left out: what every call did, which is in the trace.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, final

FindingName = Literal["severed", "misdelivered", "free-slot", "tombstone", "hanging", "unanswered"]


@final
@dataclass(frozen=True)
class Finding:
    """Something that programs did to each other's connections.

    Attributes:
        property: ``severed``: a send was refused because another thread had disconnected. ``misdelivered``: a message
            reached another server. ``free-slot``: a disconnect of what another thread had disconnected already.
            ``tombstone``: a slot is lost to a server that was restarted. ``hanging``: a sender waits for an answer
            that nobody can give. ``unanswered``: a call was received and never answered.
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


@final
@dataclass(frozen=True)
class Exit:
    """A program that has ended.

    Attributes:
        pid: The process that it was.
        code: Its exit status; ``None`` if a signal ended it.
    """

    pid: int
    code: int | None


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
        exits: The programs that were started by the server and have ended, in that order. The client library ends a
            program with status 0 when the kernel goes away.
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

    def as_json(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [f"{self.calls} system calls"]
        if self.ending is not None:
            lines.append(f"the kernel ended: {self.ending}")
        lines += [f"process {cut.pid} was cut off: {cut.why}" for cut in self.cuts]
        for ended in self.exits:
            status = "a signal" if ended.code is None else f"status {ended.code}"
            lines.append(f"process {ended.pid} ended with {status}")
        lines += [str(finding) for finding in self.findings] or ["nothing was found wrong with any connection"]
        return "\n".join(lines)
