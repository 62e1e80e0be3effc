"""The comparison is worth something: kernels with one planted defect each are told apart from the reference."""

from __future__ import annotations

from copy import deepcopy

import pytest

from .kernel import Kernel
from .mirror import Mirror
from .seeded import play
from .state import FREE, TOMBSTONE, Step
from .words import Call, Error, error

REPLIES = (Call.RETURN_SCALAR1, Call.RETURN_SCALAR2, Call.RETURN_SCALAR5, Call.RETURN_MEMORY)


class DestroyLeavesTombstones(Kernel):
    """Treats destroyed servers as dead processes."""

    def syscall(self, pid: int, tid: int, number: int, *args: int, observed: Step | None = None) -> Step:
        """Rename the slots that DestroyServer freed."""
        before = {p: list(process.slots) for p, process in self.state.processes.items()}
        step = super().syscall(pid, tid, number, *args, observed=observed)
        if number == Call.DESTROY_SERVER:
            for p, slots in before.items():
                now = self.state.processes[p].slots
                now[:] = [TOMBSTONE if old != new else new for old, new in zip(slots, now, strict=True)]
        return step


class ConnectReusesTombstones(Kernel):
    """Takes a tombstone for a free slot."""

    def syscall(self, pid: int, tid: int, number: int, *args: int, observed: Step | None = None) -> Step:
        """Free the caller's tombstones before it connects."""
        if number == Call.CONNECT and self.panic is None:
            slots = self.state.processes[pid].slots
            slots[:] = [FREE if value == TOMBSTONE else value for value in slots]
        return super().syscall(pid, tid, number, *args, observed=observed)


class RepliesCheckThePid(Kernel):
    """Believes the PID in a sender word."""

    def syscall(self, pid: int, tid: int, number: int, *args: int, observed: Step | None = None) -> Step:
        """Refuse replies to processes that do not exist."""
        if number in REPLIES and args[0] >> 24 not in self.state.processes:
            return Step("done", error(Error.PROCESS_NOT_FOUND))
        return super().syscall(pid, tid, number, *args, observed=observed)


class WrongRepliesKeepTheEntry(Kernel):
    """Looks at the kind of the waiting call before it takes it."""

    def syscall(self, pid: int, tid: int, number: int, *args: int, observed: Step | None = None) -> Step:
        """Undo a reply that failed."""
        before = deepcopy(self.state.servers) if number in REPLIES else self.state.servers
        step = super().syscall(pid, tid, number, *args, observed=observed)
        if number in REPLIES and step.result == error(Error.DOUBLE_FREE):
            self.state.servers = before
        return step


class DeathWakesCallers(Kernel):
    """Answers the callers of a process that dies."""

    def crash_process(self, pid: int) -> Step:
        """Wake the senders that wait for a dead server, as DestroyServer does."""
        waiting = [
            (message.pid, message.tid)
            for server in self.state.servers
            if server is not None and server.owner == pid
            for message in server.queued()
            if message.kind.is_blocking and message.pid != pid
        ]
        step = super().crash_process(pid)
        wakes = tuple((p, t, error(Error.SERVER_NOT_FOUND)) for p, t in waiting)
        return Step(step.outcome, None, None, step.wakes + wakes, step.ended)


DEFECTS = [
    DestroyLeavesTombstones,
    ConnectReusesTombstones,
    RepliesCheckThePid,
    WrongRepliesKeepTheEntry,
    DeathWakesCallers,
]


@pytest.mark.parametrize("defective", DEFECTS, ids=lambda kernel: kernel.__name__)
def test_a_planted_defect_is_found(defective: type[Kernel]) -> None:
    with pytest.raises(AssertionError, match="the reference says"):
        compare_often(defective)


def compare_often(kernel: type[Kernel]) -> None:
    """Compare a kernel with the reference on twenty random runs."""
    for seed in range(20):
        play(lambda: Mirror(Kernel(mode="safe"), kernel(mode="safe")), seed, steps=300)


def test_a_kernel_like_the_reference_passes() -> None:
    play(lambda: Mirror(Kernel(mode="safe"), Kernel(mode="safe")), seed=0, steps=2000)
