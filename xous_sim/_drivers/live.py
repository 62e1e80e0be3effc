"""Carries out operations at once, from real threads: the world without an explorer.

Every Python thread that acts in a process gets a TID of that process at its first operation there, and gives it back
when it ends. A call that has to wait does so with the interpreter lock released.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Never, final

from .._options import is_int
from .._spelling import label_of
from ..errors import MisuseError, ScenarioError
from ..values import Encoded, Raw
from .base import MAIN_TID, Op
from .bodies import Body

if TYPE_CHECKING:
    from ..world import World


@final
class _Identity:
    """The TIDs of one Python thread, by process and its life (PIDs are used again); they end with it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tids: dict[tuple[int, int], int] = {}

    def tid(self, pid: int) -> int:
        key = (pid, self._world._lives[pid])
        if key not in self._tids:
            self._tids[key] = self._world._machine.create_thread(pid)
        return self._tids[key]

    def __del__(self) -> None:
        for (pid, life), tid in self._tids.items():
            if self._world._lives[pid] == life:
                self._world._machine.exit_thread(pid, tid)


@final
class LiveDriver:
    """Real threads run. The one that made the world is the main thread of every process."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._local = threading.local()
        self._lock = threading.Lock()
        self._main = threading.current_thread()
        self._strangers = 0

    def _caller(self, pid: int | None) -> tuple[int, int]:
        """Who acts: a thread of a process, or one that acts on shared objects only."""
        if pid is not None and threading.current_thread() is self._main:
            return pid, MAIN_TID
        identity: _Identity | None = getattr(self._local, "identity", None)
        if identity is None:
            identity = self._local.identity = _Identity(self._world)
            with self._lock:
                self._strangers += 1
                self._local.stranger = self._strangers
        if pid is not None:
            return pid, identity.tid(pid)
        return 0, self._local.stranger

    def perform(self, op: Op, pid: int | None = None) -> Raw:
        return self._world._machine.perform(*self._caller(pid), op)

    def spawn(
        self, pid: int, body: Callable[..., object], args: tuple[Any, ...], times: int, name: str | None
    ) -> threading.Thread:
        if not is_int(times) or times < 1:
            raise MisuseError(f"times must be a positive int, not {times!r}")

        def run() -> None:
            for _ in range(times):
                Body(body, args, pid).run(self._world, ())

        thread = threading.Thread(target=run, name=name or label_of(body), daemon=True)
        thread.start()
        return thread

    def spin_while(self, condition: Callable[[], object]) -> None:
        """Spins, letting other threads run."""
        while condition():
            self.yield_now()

    def yield_now(self) -> None:
        self.perform(("yield",))

    def context(self) -> Hashable:
        return "live"

    def refuse(self, error: ScenarioError) -> Never:
        raise error

    def check_look(self, instead: str) -> None:
        """Everybody sees the machine as it is now."""

    def opened(self, raw: Encoded) -> None:
        """Nobody looks for leaks."""

    closed = opened
