"""What the mark of a test asks for. Marks of a class or module give defaults for those of its tests."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Self, final

import pytest

from .._options import flag
from .._session import Case
from ..errors import MisuseError
from ..explore import explore
from ..searches import Dfs, Exhaustive, Strategy
from ..world import World
from .settings import applied, limited

_OWN: Final = ("strategy", "max_preemptions", "max_seconds", "allow_incomplete")
_PARAMETERS: Final = inspect.signature(explore).parameters
_PASSED_ON: Final = tuple(name for name in _PARAMETERS if name not in ("scenario", "strategy", "progress"))


@final
@dataclass(frozen=True)
class Asked:
    """How a test is explored.

    Attributes:
        strategy: The search, with the limits that it has.
        allow_incomplete: Whether an exploration that covers not everything is good enough.
        options: Other arguments of :func:`xous_sim.explore`.
    """

    strategy: Strategy
    allow_incomplete: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def by(cls, item: pytest.Item) -> Self:
        """What a test asks for.

        Raises:
            MisuseError: For arguments of its mark that have no meaning.
        """
        given: dict[str, Any] = {}
        for mark in reversed(list(item.iter_markers("interleavings"))):
            given |= _arguments(mark)
        return cls(
            strategy=applied(_strategy(given), item.config),
            allow_incomplete=flag(given.get("allow_incomplete", False), "allow_incomplete"),
            options={name: value for name, value in given.items() if name in _PASSED_ON},
        )

    def case(self, scenario: Callable[[World], object]) -> Case:
        """What is explored, for real bodies to follow schedules of it."""
        given = {name: self.options.get(name, parameter.default) for name, parameter in _PARAMETERS.items()}
        kernel = ("profile", "slots", "connect", "mode", "seed", "queue_quota")
        others = ("invariant", "finally_", "memory", "max_operations", "max_body_seconds")
        return Case(
            scenario=scenario,
            options={name: given[name] for name in kernel},
            **{name: given[name] for name in others},
        )


def _arguments(mark: pytest.Mark) -> dict[str, Any]:
    if len(mark.args) > 1:
        raise MisuseError("the mark interleavings takes one strategy; everything else is named, as in max_seconds=10")
    given = dict(mark.kwargs, **({"strategy": mark.args[0]} if mark.args else {}))
    unknown = [name for name in given if name not in (*_OWN, *_PASSED_ON)]
    if unknown:
        known = ", ".join((*_OWN, *_PASSED_ON))
        raise MisuseError(f"the mark interleavings has no argument {unknown[0]!r}; it has {known}")
    return given


def _strategy(given: dict[str, Any]) -> Strategy:
    strategy = given.get("strategy")
    bound = given.get("max_preemptions")
    if strategy is None:
        strategy = Exhaustive() if bound is None else Dfs()
    if not isinstance(strategy, Strategy):
        raise MisuseError(f"a strategy is needed, such as xs.Exhaustive(), not {type(strategy).__name__}")
    for name in ("max_preemptions", "max_seconds"):
        if given.get(name) is not None:
            strategy = limited(strategy, name, given[name])
    return strategy
