"""A counterexample once more with the real bodies: for what they print, and for a debugger that wants to stand in one.

Bodies run several times to be traced and checked, so what they print then is said to nobody. Left out: weak memories,
whose old values no real body can be given; and schedules that real bodies alone cannot follow.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, NamedTuple, final

from .. import _native
from .._drivers.running_thread import RunningThread
from .._drivers.watchdog import Watchdog
from .._reexecution import Reexecution
from .._session import Case
from ..world import PoolNeeded

_PACKAGE: Final = str(Path(__file__).parents[1])


class Printed(NamedTuple):
    """What a thread printed behind a step; behind step 0, before its first."""

    step: int
    thread: str
    text: str


@final
class Sink(io.TextIOBase):
    """Takes what is printed, and remembers only that something was."""

    def __init__(self) -> None:
        super().__init__()
        self.used = False

    def write(self, text: str) -> int:
        self.used = True
        return len(text)


@final
class Rehearsal:
    """The real bodies of a counterexample."""

    def __init__(self, case: Case, line: str) -> None:
        self._case = case
        self._choices = _native.schedule_choices(line)
        self._running: Reexecution | None = None

    def printed(self) -> list[Printed]:
        """What the threads print, in order."""
        heard: list[Printed] = []

        def run(running: Reexecution) -> None:
            for number in range(len(self._choices) + 1):
                with _listening(running, number, heard):
                    running.begin() if number == 0 else running.step(*self._choices[number - 1])

        with self._led_by(run):
            return heard

    @contextmanager
    def stopped(self, *, raises: bool) -> Iterator[TracebackType | None]:
        """Where the last step happens, as a traceback; its frames live as long as the block.

        Args:
            raises: Whether the step ends its body with an exception, which then is where to stand.
        """
        found: list[TracebackType | None] = []

        def run(running: Reexecution) -> None:
            running.begin()
            if not self._choices:  # it went wrong before the first step: there is nowhere to stand
                found.append(None)
                return
            for choice in self._choices[:-1]:
                running.step(*choice)
            actor = running.actor(self._choices[-1])
            if raises and isinstance(actor, RunningThread):
                actor.keeps_frames = True
                running.step(*self._choices[-1])
            found.append(_standing(actor) if isinstance(actor, RunningThread) else None)

        with self._led_by(run):
            yield found[-1]

    @contextmanager
    def _led_by(self, run: Callable[[Reexecution], None]) -> Iterator[None]:
        pools: set[PoolNeeded] = set()
        while True:
            watchdog = Watchdog(self._case.max_body_seconds)
            running = Reexecution(self._case, pools, watchdog)
            try:
                watchdog.guard(lambda: run(running))  # noqa: B023 - it is called here
                yield
                return
            except PoolNeeded as needed:
                pools.add(needed)
            finally:
                running.end()


@contextmanager
def _listening(running: Reexecution, step: int, heard: list[Printed]) -> Iterator[None]:
    """Notes what is printed meanwhile, line by line, and by whom."""
    lines: dict[str, str] = {}

    class Ear(io.TextIOBase):
        def write(self, text: str) -> int:
            thread = running.acting()
            if thread is not None:
                lines[thread] = lines.get(thread, "") + text
            return len(text)

    with contextlib.redirect_stdout(Ear()):
        yield
    heard.extend(Printed(step, thread, line) for thread, text in lines.items() for line in text.splitlines())


def _standing(thread: RunningThread) -> TracebackType | None:
    """The user's frames of a thread: of its exception, or of the operation that it waits in."""
    frames: list[tuple[FrameType, int, int]] = []
    if thread.error is not None:
        at = thread.error.__traceback__
        while at is not None:
            frames.append((at.tb_frame, at.tb_lasti, at.tb_lineno))
            at = at.tb_next
    else:
        frame = thread.frame
        while frame is not None:
            frames.insert(0, (frame, frame.f_lasti, frame.f_lineno))
            frame = frame.f_back
    stack: TracebackType | None = None
    for frame, place, line in reversed(frames):
        if not frame.f_code.co_filename.startswith(_PACKAGE):
            stack = TracebackType(stack, frame, place, line)
    return stack
