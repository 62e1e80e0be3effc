"""Completion of ``FILE.py::scenario``, typed into a real bash."""

from __future__ import annotations

import os
import pty
import select
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
_PATIENCE = 60
"""Seconds until a shell that does not answer is given up."""
_PROMPT = "READY "


class Bash:
    """A shell on a terminal of its own, in which the command is known."""

    def __init__(self, folder: Path) -> None:
        command = folder / "bin" / "xous-sim"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -m xous_sim "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        pid, self._terminal = pty.fork()
        if pid == 0:
            os.chdir(folder)
            path = f"{command.parent}:{os.environ['PATH']}"
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], {"PATH": path, "PS1": _PROMPT, "TERM": "dumb"})
        self._pid = pid
        self.types("", _PROMPT)

    def types(self, keys: str, until: str) -> str:
        """What the terminal shows after some keys, up to an expected text."""
        os.write(self._terminal, keys.encode())
        shown, end = "", time.monotonic() + _PATIENCE
        while until not in shown:
            assert time.monotonic() < end, f"no {until!r} in {shown!r}"
            if select.select([self._terminal], [], [], 0.1)[0]:
                shown += os.read(self._terminal, 4096).decode()
        return shown

    def close(self) -> None:
        os.close(self._terminal)
        os.waitpid(self._pid, 0)


@pytest.fixture
def bash(tmp_path: Path) -> Iterator[Bash]:
    (tmp_path / "race.py").write_text(
        "import xous_sim as xs\n"
        "def sound(world): world.process('app').spawn(world.choose, 1)\n"
        "def small(world): world.process('app').spawn(world.choose, 1)\n"
        "def race(world): world.process('app').spawn(world.choose, 1)\n",
        encoding="utf-8",
    )
    shell = Bash(tmp_path)
    shell.types('eval "$(xous-sim --show-completion bash)"\n', _PROMPT)
    yield shell
    shell.close()


def test_bash_completes_a_scenario_behind_the_colons(bash: Bash) -> None:
    assert bash.types("xous-sim explore race.py::so\t", "sound ").endswith("xous-sim explore race.py::sound ")
    assert "sound: no interleaving" in bash.types("\n", _PROMPT)


def test_bash_lists_the_scenarios_of_a_file(bash: Bash) -> None:
    shown = bash.types("xous-sim trace race.py::\t\t", f"{_PROMPT}xous-sim trace race.py::")
    assert shown.split("\n")[1].split() == ["race", "small", "sound"]


def test_bash_goes_on_from_the_only_file_to_its_scenarios(bash: Bash) -> None:
    bash.types("xous-sim replay ra\t", "ce.py::")
    assert bash.types("sm\t", "small ") == "small "


def test_bash_completes_what_has_no_colons(bash: Bash) -> None:
    assert bash.types("xous-sim expl\t", "explore ").endswith("explore ")
    assert bash.types("race.py::race --stra\t", "--strategy ").endswith("--strategy ")
