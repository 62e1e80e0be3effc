"""What is left of an exploration when its test is over: properties of the test, and files in the report folder.

The properties are pytest's ``user_properties``: they cross from the processes of pytest-xdist, and stand in JUnit's
file. A test that is explored several times (Hypothesis) tells of the worst of them.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

import pytest

from .._view.sentences import amount
from ..result import Exploration
from ..trace import Trace
from .settings import report_folder

_WORSE: Final = ("sound", "incomplete", "violated")


def note(item: pytest.Function, found: Exploration) -> None:
    """Notes what was found, and writes it down where a folder is asked for."""
    before = {name: value for name, value in item.user_properties if name.startswith("xous_")}
    count = int(str(before.get("xous_explorations", 0))) + 1
    if count == 1 or _WORSE.index(found.verdict) >= _WORSE.index(str(before["xous_verdict"])):
        before = _properties(item, found)
    before["xous_explorations"] = count
    others = [(name, value) for name, value in item.user_properties if not name.startswith("xous_")]
    item.user_properties[:] = [*others, *before.items()]


def _properties(item: pytest.Function, found: Exploration) -> dict[str, object]:
    told: dict[str, object] = {"xous_verdict": found.verdict, "xous_explored": amount(found)}
    if found.violation is not None:
        told |= {"xous_property": found.violation.property, "xous_schedule": found.schedule}
    if found.verdict == "incomplete":
        told["xous_incomplete"] = str(found)
    folder = report_folder(item.config)
    if folder is not None and found.trace is not None:
        told["xous_report"] = str(_write(folder, item, found.trace))
    return told


def _write(folder: Path, item: pytest.Function, trace: Trace) -> Path:
    path = folder / f"{_file_name(item.nodeid)}.html"
    trace.to_html(path)
    return path


def _file_name(test: str) -> str:
    """A name that every file system takes, and that no other test has."""
    digest = hashlib.blake2b(test.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{re.sub(r'[^A-Za-z0-9_]+', '-', test)[-80:].strip('-')}-{digest}"
