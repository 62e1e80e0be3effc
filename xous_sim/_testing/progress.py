"""How far a long exploration is, in pytest: a line now and then, less and less often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from .._view.progress_display import in_words
from ..progress import Progress

FIRST_LINE: Final = 5.0
"""Seconds until the first line; each further one takes twice as long."""


def shown(item: pytest.Function) -> Callable[[Progress], None] | None:
    """Whom to tell of the progress of a test; ``None`` where there is no terminal (in a process of pytest-xdist)."""
    terminal: pytest.TerminalReporter | None = item.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None:
        return None
    due = FIRST_LINE

    def tell(now: Progress) -> None:
        nonlocal due
        if now.seconds >= due:
            due = 2 * now.seconds
            terminal.ensure_newline()
            terminal.write_line(f"{item.name}: {in_words(now)}, {now.seconds:.0f} s")

    return tell
