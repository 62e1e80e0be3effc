"""What the kernel remembers: its profile, the process table and the server table.

A `Run` is one syscall under way: who called, what woke up, who died, and what the compared kernel answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .server import KernelError, Server
from .words import Error, Sid, Words

SERVERS = 128
FIRST_CID = 2
FREE = 0
TOMBSTONE = 1
INITIAL_TID = 2
PHANTOM_TID = 1
KERNEL_PID = 1


class KernelPanic(Exception):
    """The real kernel would stop here."""


class Retry(Exception):
    """The call has to be made again."""


class NoReply(Exception):
    """The hosted kernel drops the call and never answers it; the caller may call again."""


@dataclass(frozen=True)
class Profile:
    """What differs between the two builds of the kernel."""

    name: str
    queue_length: int
    pid_limit: int
    word: int

    @property
    def hosted(self) -> bool:
        """Whether this is the desktop build."""
        return self.name == "hosted"


HARDWARE = Profile("hardware", queue_length=128, pid_limit=64, word=2**32 - 1)
HOSTED = Profile("hosted", queue_length=64, pid_limit=32, word=2**64 - 1)


@dataclass
class Thread:
    """A thread: blocked in a call, ended (hosted threads keep their TID), and which thread it joins."""

    blocked: bool = False
    exited: bool = False
    joining: int | None = None


@dataclass
class Process:
    """A process: its connection map, its threads and, on hardware, its pages."""

    pid: int
    slots: list[int]
    incarnation: int = 0
    started: bool = False
    threads: dict[int, Thread] = field(default_factory=dict)
    last_tid_allocated: int = 0
    # Page address -> "owned", "lent" (not accessible) or "borrowed" (from a client).
    pages: dict[int, str] = field(default_factory=dict)
    # Pages in the window for incoming messages whose address no program has seen yet.
    pages_arriving: int = 0
    # Hosted only: the thread of the last call, and the one whose next call panics since its JoinThread was answered.
    last_caller: int | None = None
    doomed: int | None = None


@dataclass(frozen=True)
class Step:
    """The visible effects of one call."""

    outcome: str
    result: Words | None = None
    reason: str | None = None
    wakes: tuple[tuple[int, int, Words], ...] = ()
    ended: tuple[int, ...] = ()


@dataclass
class State:
    """The whole kernel."""

    profile: Profile
    slots: int
    unique: bool
    safe: bool
    processes: dict[int, Process] = field(default_factory=dict)
    servers: list[Server | None] = field(default_factory=lambda: [None] * SERVERS)
    shut_down: bool = False
    # Hosted only: a JoinThread or the end of a process has switched to PID 1.
    kernel_has_control: bool = False
    incarnations: int = 0
    unseen_sids: int = 0

    @property
    def has_hosted_defects(self) -> bool:
        """Whether to be as wrong as the real hosted kernel."""
        return self.profile.hosted and not self.safe

    def server_named(self, sid: Sid, owner: int | None = None) -> int | None:
        """Return the lowest index of a server with that SID, of that owner if one is given."""
        for index, server in enumerate(self.servers):
            if server is not None and server.sid == sid and owner in (None, server.owner):
                return index
        return None

    def server_at(self, index: int) -> Server:
        """Return a server that is known to exist."""
        server = self.servers[index]
        assert server is not None, "a connection-map entry names a live server"
        return server

    def panic_unless_safe(self, reason: str) -> None:
        """Stop here in faithful mode; in safe mode carry on."""
        if not self.safe:
            raise KernelPanic(reason)


@dataclass
class Run:
    """One syscall under way."""

    state: State
    pid: int
    tid: int
    observed: Step | None = None
    wakes: list[tuple[int, int, Words]] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)

    @property
    def process(self) -> Process:
        """The caller's process."""
        return self.state.processes[self.pid]

    @property
    def thread(self) -> Thread:
        """The calling thread."""
        return self.process.threads[self.tid]

    def wake(self, pid: int, tid: int, words: Words) -> None:
        """Complete a call of a thread. As in the real kernel nothing checks that it waits, or even exists."""
        self.wakes.append((pid, tid, words))
        process = self.state.processes.get(pid)
        thread = process.threads.get(tid) if process else None
        if thread is not None:
            thread.blocked = False
            thread.joining = None

    def answered(self, pid: int, tid: int) -> Words | None:
        """Return what the compared kernel answered that thread in this step."""
        if self.observed is None:
            return None
        if (pid, tid) == (self.pid, self.tid) and self.observed.result is not None:
            return self.observed.result
        return next((words for p, t, words in self.observed.wakes if (p, t) == (pid, tid)), None)


def undecodable(run: Run) -> Exception:
    """Return how a call ends whose arguments cannot be decoded: hosted, without an answer."""
    return NoReply() if run.state.profile.hosted else KernelError(Error.UNHANDLED_SYSCALL)


def lowest_missing(used: Iterable[int], first: int, last: int) -> int | None:
    """Return the lowest number from `first` to `last` that is not used."""
    taken = set(used)
    return next((number for number in range(first, last + 1) if number not in taken), None)
