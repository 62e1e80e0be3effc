"""Pages of counterexamples as attachments in JUnit's file, which Jenkins shows beside their test.

Its plugin ``junit-attachments`` looks for ``[[ATTACHMENT|path]]`` in what a test case printed; JUnit's format has no
place of its own for files. The path is absolute, as the plugin wants it. Left out: GitLab, which reads the same line
but wants the path relative to the project; and files other than pytest's own, which has the test cases.
"""

from __future__ import annotations

from typing import final
from xml.etree import ElementTree

import pytest
from _pytest.junitxml import xml_key


@final
class Attachments:
    """Hooks of pytest, where a report folder is asked for."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(trylast=True)  # when pytest has begun the test case
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        page = dict(report.user_properties).get("xous_report")
        writer = self._config.stash.get(xml_key, None)  # there is none in the processes of pytest-xdist
        if report.when == "call" and page is not None and writer is not None:
            printed = ElementTree.Element("system-out")
            printed.text = f"[[ATTACHMENT|{page}]]"
            writer.node_reporter(report).append(printed)
