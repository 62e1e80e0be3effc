"""What every driver can do: carry out an operation of whoever runs now."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, Never, Protocol

from ..errors import ScenarioError
from ..values import Raw

Op = tuple[Any, ...]
"""An operation as the native module takes it: its name, then its parts."""


MAIN_TID: Final = 2
"""The main thread of a process."""


class Driver(Protocol):
    """Carries out operations."""

    def perform(self, op: Op, pid: int | None = None) -> Raw:
        """Carries out ``op`` for the thread that runs now, which must belong to process ``pid`` where one is given."""

    def spawn(self, pid: int, body: Callable[..., object], args: tuple[Any, ...], times: int, name: str | None) -> Any:
        """Starts a thread of process ``pid``."""

    def spin_while(self, condition: Callable[[], object]) -> None:
        """Spins while ``condition()`` is true."""

    def yield_now(self) -> None:
        """Lets others run."""

    def context(self) -> Hashable:
        """Tells one body's operations from another's."""

    def refuse(self, error: ScenarioError) -> Never:
        """Gives up whoever runs now, who cannot go on: a body cannot catch this."""

    def check_look(self, instead: str) -> None:
        """Refuses whoever looks into the kernel where the scenario's own machine does not know the answer.

        Args:
            instead: What to write in a property.
        """

    def opened(self, raw: Raw) -> None:
        """The scenario holds a connection, or a counted reference to one, from now on."""

    def closed(self, raw: Raw) -> None:
        """The scenario holds a connection no more."""
