"""A real body that runs in a greenlet, one operation at a time; who acts when is decided elsewhere."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, final

from greenlet import GreenletExit, greenlet

from ..errors import BodyNeverEndsError, ScenarioError
from ..values import Encoded
from . import unraisable
from .base import Op
from .bodies import Body
from .discard import throw_away
from .held import plain
from .misuse import misuse_in
from .source import describe
from .standing import Path

if TYPE_CHECKING:
    from .running import RunningDriver

YIELD: Final = ("yield",)


@dataclass
class Round:
    """A round of a loop.

    Attributes:
        news: What was new to its thread when it began.
        past: Operations that the thread had performed before it.
    """

    news: int
    past: int


@final
class RunningThread:
    """A body that runs, and what it asks for next."""

    def __init__(self, driver: RunningDriver, name: str, tid: int, body: Body, arguments: Sequence[Encoded]) -> None:
        self.name = name
        self.pid = body.pid
        self.tid = tid
        self.pending: Op | None = None
        self.source = ""
        self.starting: Body | None = None
        self.blocked = False
        self.over = False
        self.killed = False
        self.news = 0
        self.round = Round(0, 0)
        self.begins_round = False
        self.has_gone_round = False
        self.history: list[str] = []
        self.path: Path[Round] = Path(driver.world)
        self.context = object()
        self._driver = driver
        self._body = body
        self._arguments = arguments
        self._run = driver.watchdog.over(body.function)
        self._operations = 0
        self._swallowed: str | None = None
        self.keeps_frames = False
        self.error: BaseException | None = None

    @property
    def frame(self) -> FrameType | None:
        """Where the body is suspended."""
        found: FrameType | None = self._runner.gr_frame
        return found

    @property
    def spins(self) -> bool:
        """Whether it waits for a shared object to change."""
        return self.pending == YIELD

    @property
    def will_look_again(self) -> bool:
        """Whether the round that it is in will be followed by another one at once, if it is in one."""
        return not self.begins_round and self.round.news != self.news

    def begin(self, rounds: int) -> None:
        """Runs the body until its first operation."""
        self._runner = greenlet(self._main)
        self.resume(rounds)

    def resume(self, value: Any, *, acted: bool = False) -> None:
        """Gives the body the result of its operation and runs it until the next one."""
        if self.begins_round and not self.spins:  # what changed before this result is in it, or does not matter
            self.begins_round = False
            self.round.news = self.news
        self.news += acted
        if not self.spins:
            self.history.append(repr((self.pending, value)))  # text holds no connection
        self.pending, self.blocked = None, False
        driver = self._driver
        driver.current = self
        try:
            with unraisable.reported_to(self._runner, self._unraisable), self._run:
                self._runner.switch(value)
        finally:
            driver.current = None
        if driver.failure is not None:
            raise driver.failure

    def begin_round(self) -> Round:
        """A round of a loop begins with the next operation."""
        self.begins_round = True
        self.round = Round(self.news, len(self.history))
        return self.round

    def goes_round(self, ended: Round) -> bool:
        """The thread is where it was when this round began; whether it goes on, and does not wait for a change."""
        self.has_gone_round = True
        del self.history[ended.past :]
        return ended.news != self.news

    def ask(self, op: Op, where: str) -> Any:
        """Called by the body: suspends it until its operation is done."""
        if self._swallowed is not None:
            self._raised(self._swallowed)
            self._driver.leave()
        self._operations += 1
        if self._operations > self._driver.max_operations:
            self._driver.refuse(self._endless())
        self.pending, self.source = plain(op), where
        return self._driver.hub.switch()

    def kill(self) -> None:
        """The thread never runs again; its finalisers do, and touch nothing."""
        self.pending, self.blocked = None, False
        self.over = self.killed = True
        self.abandon()

    def abandon(self) -> None:
        """Ends the body wherever it is."""
        self.over = True
        previous, self._driver.current = self._driver.current, self
        with unraisable.reported_to(self._runner, lambda _: None), self._run:
            throw_away(self._runner)
        self._driver.current = previous

    def misuse(self, message: str) -> None:
        """The real program would panic in the operation."""
        self._raised(message)
        self.abandon()

    def _raised(self, message: str) -> None:
        self.pending = None
        self.over = True
        self._driver.violated(("exception", "", f"thread {self.name} ends with an exception: {message}"))

    def _unraisable(self, error: BaseException) -> None:
        if isinstance(error, ScenarioError):
            self._driver.failure = self._driver.failure or error
        elif misuse := misuse_in(self._body, error):
            self._driver.failure = self._driver.failure or misuse
        elif not self.over:
            self._swallowed = self._swallowed or describe(error)

    def _main(self, rounds: int) -> None:
        values = [self._driver.held.counted(value, self.name) for value in self._arguments]
        try:
            for _ in range(rounds):
                self.context = object()
                self._body.run(self._driver.world, values)
        except GreenletExit:
            return
        except (ScenarioError, MemoryError) as error:  # which say nothing of the program
            self._driver.failure = self._driver.failure or error
        except (Exception, SystemExit) as error:
            self._driver.failure = self._driver.failure or misuse_in(self._body, error)
            description = self._swallowed or describe(error)
            if self.keeps_frames:
                self.error = error
            else:
                traceback.clear_frames(error.__traceback__)  # drops what the frames hold, as Rust's unwinding does
            if not self.over:
                self._raised(description)
        if not self.over and self._swallowed is not None:
            self._raised(self._swallowed)
        self.over = True

    def _endless(self) -> BodyNeverEndsError:
        return BodyNeverEndsError(
            f"body {self._body.name} performed {self._driver.max_operations:,} operations in one execution without "
            "ending: give it an end, spin with world.spin_while(condition), or raise max_operations"
        )
