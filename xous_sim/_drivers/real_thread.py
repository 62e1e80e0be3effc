"""A real thread that runs a body: what it asks for, where it is, and how it is ended."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from ..values import Raw
from .base import Op
from .bodies import Body
from .interrupt import interrupt
from .standing import Path


@final
@dataclass(eq=False)
class RealThread:
    """A real thread, and what it asks for."""

    name: str
    pid: int
    tid: int
    body: Body
    arguments: Sequence[Raw]
    path: Path[tuple[int, int]]
    rounds: int = 1
    pending: Op | None = None
    source: str = ""
    spins: bool = False
    blocked: bool = False
    choices: int = 0
    over: bool = False
    killed: bool = False
    context: object = None
    thread: threading.Thread | None = None

    @property
    def standing(self) -> str:
        """Where it is, in a word."""
        if self.over:
            return "killed" if self.killed else "over"
        return "spins" if self.spins else "in" if self.blocked else "before"

    def join(self, seconds: float) -> None:
        """Waits for its end, for a while."""
        if self.thread is not None:
            self.thread.join(seconds)

    def interrupt(self) -> None:
        """Raises :class:`Interrupted` in it, as soon as it runs Python code."""
        if self.thread is not None and self.thread.ident is not None:
            interrupt(self.thread.ident, Interrupted)


class Interrupted(BaseException):
    """Raised asynchronously in a thread that does not end."""
