"""The plugin's options: checked before any test runs, and what they make of the strategy of a test.

The seed of the command line replaces every seed; that of pytest-randomly only one that was not written (0). A budget
shortens a search, and never prolongs it. Its seconds bound a pipeline; its states and schedules end a search at the
same place on every machine.
"""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

import pytest

from _xous_sim_pytest import seed as randomly

from .. import _native
from .._options import positive, positive_int, whole
from ..errors import MisuseError, ReplayError
from ..searches import Pct, Random, Replay, Rerun, Strategy
from .attachments import Attachments


def prepare(config: pytest.Config) -> None:
    """Refuses options without a meaning, and makes the folder for reports.

    Raises:
        pytest.UsageError: If there is something to refuse.
    """
    try:
        seed(config)
        budget(config)
        if config.option.xous_replay is not None:
            _native.schedule_choices(config.option.xous_replay)
    except (MisuseError, ReplayError) as error:
        raise pytest.UsageError(str(error)) from None
    if (folder := report_folder(config)) is not None:
        _make(folder)
        config.option.xmlpath = config.option.xmlpath or str(folder / "junit.xml")
        config.pluginmanager.register(Attachments(config))


def _make(folder: Path) -> None:
    """Makes the folder and writes to it, so that a test need not fail for it."""
    probe = folder / "junit.xml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
    except OSError as error:
        raise pytest.UsageError(f"--xous-report: cannot write to {folder}: {error.strerror}") from None


def check_selection(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuses to replay one schedule in several tests.

    A process of pytest-xdist must not end here; there each of the tests fails instead.

    Raises:
        pytest.UsageError: If there is not one marked test.
    """
    marked = [item for item in items if item.get_closest_marker("interleavings") is not None]
    if len(marked) == 1:
        return
    config.stash[_REFUSED] = (
        f"--xous-replay follows a schedule of one test, and {len(marked)} marked tests are selected: "
        "name the test, as in pytest test_file.py::test_name --xous-replay LINE"
    )
    if not hasattr(config, "workerinput"):
        raise pytest.UsageError(config.stash[_REFUSED])


_REFUSED: Final = pytest.StashKey[str]()
"""Why no schedule is replayed."""


def seed(config: pytest.Config) -> int | None:
    """``--xous-seed``."""
    text = config.option.xous_seed
    return None if text is None else whole(int(text) if text.isdecimal() else text, "--xous-seed", 64)


def budget(config: pytest.Config) -> dict[str, float]:
    """``--xous-budget``: limits, by the names that strategies give them."""
    text = config.option.xous_budget
    return {} if text is None else dict(_limit(part) for part in text.split(","))


_LIMITS: Final = {"": "max_seconds", "s": "max_seconds", "states": "max_states", "schedules": "max_schedules"}
"""Units of a budget, and the limits that they are of."""


def _limit(text: str) -> tuple[str, float]:
    """A limit and its name."""
    number = text[: len(text) - len(text.lstrip("0123456789."))]
    name = _LIMITS.get(text.removeprefix(number).strip())
    try:
        if name == "max_seconds":
            return name, positive(float(number), "--xous-budget")
        if name is not None:
            return name, positive_int(int(number), "--xous-budget")
    except (ValueError, MisuseError):
        pass
    raise MisuseError(
        f"--xous-budget must be positive seconds, states or schedules, not {text!r}: "
        "write 60s, or 9000states,500schedules"
    )


def report_folder(config: pytest.Config) -> Path | None:
    """``--xous-report``."""
    return None if config.option.xous_report is None else Path(config.option.xous_report).absolute()


def applied(strategy: Strategy, config: pytest.Config) -> Strategy:
    """The strategy of a test as the options want it.

    Raises:
        MisuseError: If a schedule is to be replayed in several tests.
    """
    line = config.option.xous_replay
    if _REFUSED in config.stash:
        raise MisuseError(config.stash[_REFUSED])
    if line is not None:
        return Rerun(schedule=line) if isinstance(strategy, Rerun) else Replay(line)
    return _within_budget(_seeded(strategy, config), budget(config))


def _seeded(strategy: Strategy, config: pytest.Config) -> Strategy:
    if not isinstance(strategy, (Pct, Random)):
        return strategy
    asked = seed(config)
    chosen = asked if asked is not None else strategy.seed or randomly.drawn()
    return strategy if chosen is None else replace(strategy, seed=chosen)


def _within_budget(strategy: Strategy, limits: dict[str, float]) -> Strategy:
    """The strategy with those of the limits that it knows, where they are lower than its own."""
    known = {field.name: getattr(strategy, field.name) for field in fields(strategy)}
    lower: dict[str, Any] = {
        name: limit for name, limit in limits.items() if name in known and limit < (known[name] or limit + 1)
    }
    return replace(strategy, **lower)


def limited(strategy: Strategy, name: str, limit: object) -> Strategy:
    """The strategy with a limit that the mark gives.

    Raises:
        MisuseError: If the strategy has no such limit, or the limit has no meaning.
    """
    if name not in {field.name for field in fields(strategy)}:
        raise MisuseError(f"{name} has no meaning for {type(strategy).__name__}: leave it out, or choose Dfs or Rerun")
    settings: dict[str, Any] = {name: limit}
    changed: Strategy = replace(strategy, **settings)
    return changed
