"""The refcount race in frontrun.

Its DPOR watches bytecodes, so an atomic access and a call of the kernel are methods that hold a lock of their own. The
kernel is one slot of a connection map. The preemption bound, 2 by default, is off, because a bound is no proof. Left
out: all else that a kernel does.
"""

import threading
import time

import frontrun
from command_line import Asked, report


class Kernel:
    """A connection map of one slot; each call is atomic."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connected = False

    def connect(self) -> None:
        with self._lock:
            self._connected = True

    def send(self) -> bool:
        with self._lock:
            return self._connected

    def disconnect(self) -> None:
        with self._lock:
            self._connected = False


class Atomic:
    """A number whose accesses are atomic."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value = 0

    def fetch_add(self, number: int) -> int:
        with self._lock:
            before = self._value
            self._value = before + number
            return before


class Unlocked:
    """The buggy program's lock: none."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


class Shared:
    """What the clients share, and whether a send has failed."""

    def __init__(self, fixed: bool) -> None:
        self.kernel = Kernel()
        self.refcount = Atomic()
        self.lock = threading.Lock() if fixed else Unlocked()
        self.cut = False


def explore(asked: Asked) -> tuple[str, int]:
    """Explores all schedules until a send fails."""

    def client(shared: Shared) -> None:
        for _ in range(asked.rounds):
            with shared.lock:
                shared.refcount.fetch_add(1)
                shared.kernel.connect()
            if not shared.kernel.send():
                shared.cut = True
            with shared.lock:
                if shared.refcount.fetch_add(-1) == 1:
                    shared.kernel.disconnect()

    started = time.monotonic()
    result = frontrun.explore(
        setup=lambda: Shared(asked.fixed),
        workers=client,
        count=asked.clients,
        invariant=lambda shared: not shared.cut,
        preemption_bound=None,
        detect_io=False,
        reproduce_on_failure=0,
        total_timeout=asked.seconds,
    )
    if result.property_holds is False:
        return "violated", result.num_explored
    # A search that runs out of time says that the property holds, like one that has seen everything.
    complete = result.property_holds and time.monotonic() - started < asked.seconds
    return "sound" if complete else "incomplete", result.num_explored


if __name__ == "__main__":
    report(explore)
