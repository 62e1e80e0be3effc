"""What a litmus test is: a scenario, and an outcome that it does or does not come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, final

from ..explore import explore
from ..result import StateView
from ..world import MemoryModel, World


class Row(NamedTuple):
    """One line of the table of litmus tests.

    Attributes:
        name: The test.
        orders: The memory orders that it uses.
        outcome: What it is known for.
        allowed: Whether C11 allows that.
        found: Whether exploring the program finds it.
        limit: Why it is not found although it is allowed; else empty.
    """

    name: str
    orders: str
    outcome: str
    allowed: bool
    found: bool
    limit: str


@final
@dataclass(frozen=True)
class Litmus:
    """A program and the outcome that it is known for.

    Attributes:
        name: Its name.
        orders: The memory orders that it uses.
        scenario: The program.
        outcome: What it is known for: final values such as ``"r0=1 r1=0"``, or a property that is violated.
        allowed: Whether C11 allows that.
        limit: Why the outcome is not found although C11 allows it; empty for all others.
    """

    name: str
    orders: str
    scenario: Callable[[World], object]
    outcome: str
    allowed: bool
    limit: str = ""

    def outcomes(self, *, memory: MemoryModel = "c11") -> set[str]:
        """Everything of the outcome's kind that can happen.

        Args:
            memory: As for :func:`xous_sim.explore`.
        """
        names = [word.partition("=")[0] for word in self.outcome.split() if "=" in word]
        found: set[str] = set()

        def look(state: StateView) -> None:
            found.add(" ".join(f"{name}={int(state[name])}" for name in names))

        result = explore(self.scenario, memory=memory, finally_=look, stop="explored")
        return found | {counterexample.violation.property for counterexample in result.counterexamples}

    def found(self, *, memory: MemoryModel = "c11") -> bool:
        """Whether exploring the program finds the outcome.

        Args:
            memory: As for :func:`xous_sim.explore`.
        """
        return self.outcome in self.outcomes(memory=memory)

    def row(self) -> Row:
        """The test as a line of the table."""
        return Row(self.name, self.orders, self.outcome, self.allowed, self.found(), self.limit)
