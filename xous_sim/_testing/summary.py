"""What pytest says of all explorations at the end of its run: how many, with which verdicts, and what was accepted."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import Any

import pytest


def summarise(terminal: pytest.TerminalReporter, told: list[Any]) -> None:
    """Writes the summary of the tests that were explored."""
    properties = [(report.nodeid, report.outcome, dict(report.user_properties)) for report in told]
    verdicts = Counter(str(noted["xous_verdict"]) for _, _, noted in properties)
    terminal.write_sep("=", "interleavings")
    terminal.write_line(f"{len(properties)} explored: {_counts(verdicts)}")
    for test, outcome, noted in properties:
        if noted["xous_verdict"] == "incomplete" and outcome == "passed":
            terminal.write_line(f"incomplete, accepted: {test}")
            terminal.write_line(_fitted(str(noted["xous_incomplete"]), terminal), light=True)


def _fitted(sentence: str, terminal: pytest.TerminalReporter) -> str:
    width = terminal.config.get_terminal_writer().fullwidth
    reason = sentence.removeprefix("incomplete: ")
    return textwrap.fill(reason, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False)


def _counts(verdicts: Counter[str]) -> str:
    words = {"sound": "proven", "violated": "violated", "incomplete": "incomplete"}
    return ", ".join(f"{verdicts[verdict]} {word}" for verdict, word in words.items())
