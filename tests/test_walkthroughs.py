"""Pages that tell their reader what to type are followed in an empty folder, and print what they say they print.

A block whose paragraph ends with a file's name and a colon is written to that file. A block of shell commands is run;
if a block of text follows, it is what the commands print, with ``...`` for what differs from run to run, and otherwise
they must succeed. Left out: installing, which is ``nox -s readme``.
"""

from __future__ import annotations

import doctest
import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

from markdown_pages import Block, blocks
from test_docs import DOCS, WALKTHROUGHS


@pytest.mark.parametrize("page", WALKTHROUGHS)
def test_a_page_can_be_followed_from_an_empty_folder(page: str, tmp_path: Path) -> None:
    printed = None
    for block in blocks((DOCS / page).read_text("utf-8")):
        if block.language == "python":
            assert block.file is not None, f"line {block.line}: which file is this?"
            (tmp_path / block.file).write_text(block.code, "utf-8")
        elif block.language == "sh" and "pip install" not in block.code:
            check_status(printed)
            printed = run(block, tmp_path)
        elif block.language == "text":
            assert printed is not None and block.follows, f"line {block.line}: what prints this?"
            check_output(block, printed)
            printed = None
    check_status(printed)


def run(block: Block, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "COLUMNS": "104", "PYTEST_ADDOPTS": ""}
    return subprocess.run(
        ["bash", "-euc", block.code], cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def check_status(done: subprocess.CompletedProcess[str] | None) -> None:
    assert done is None or done.returncode == 0, f"{done.args[-1]}\n{done.stdout}{done.stderr}"


def check_output(block: Block, done: subprocess.CompletedProcess[str]) -> None:
    if not doctest.OutputChecker().check_output(block.code, done.stdout, doctest.ELLIPSIS):
        pytest.fail(f"line {block.line} says\n{block.code}\nand this was printed\n{done.stdout}{done.stderr}")
