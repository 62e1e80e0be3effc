"""The refcount race in ploom.

Plain Python between two of ploom's operations is one step, so ``yield_now`` and what follows it stand for an atomic
access or a call of the kernel. The kernel is one slot of a connection map. The search has no bound on preemptions, and
failures are not shrunk. Left out: all else that a kernel does.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import ploom
from command_line import Asked, report


class Unlocked:
    """The buggy program's lock: none."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


class Shared:
    """What the clients share: a counter and a slot whose methods are one step each."""

    def __init__(self, fixed: bool) -> None:
        self.connected = False
        self.refcount = 0
        self.lock = ploom.Lock() if fixed else Unlocked()

    def fetch_add(self, number: int) -> int:
        ploom.yield_now()
        self.refcount += number
        return self.refcount - number

    def connect(self) -> None:
        ploom.yield_now()
        self.connected = True

    def send(self) -> None:
        ploom.yield_now()
        assert self.connected, "the connection was cut"

    def disconnect(self) -> None:
        ploom.yield_now()
        self.connected = False


def client(shared: Shared, rounds: int) -> None:
    """One client."""
    for _ in range(rounds):
        with shared.lock:
            shared.fetch_add(1)
            shared.connect()
        shared.send()
        with shared.lock:
            if shared.fetch_add(-1) == 1:
                shared.disconnect()


def explore(asked: Asked) -> tuple[str, int]:
    """Explores all schedules until a send fails."""

    def scenario() -> None:
        shared = Shared(asked.fixed)
        threads = [ploom.Thread(target=client, args=(shared, asked.rounds)) for _ in range(asked.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    config = ploom.Config(max_executions=10**9, timeout=asked.seconds, minimize_executions=0)
    with TemporaryDirectory() as traces:
        try:
            return "sound", ploom.check(scenario, config=config, trace_dir=Path(traces)).executions
        except ploom.ModelCheckError as error:
            return "violated", error.statistics.executions
        except ploom.IncompleteExplorationError as error:
            return "incomplete", error.statistics.executions


if __name__ == "__main__":
    report(explore)
