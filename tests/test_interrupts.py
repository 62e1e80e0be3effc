"""Bodies that are interrupted leave no trace in the interpreter: a traced function still runs behind them.

Each program runs in a process of its own, because what goes wrong here stands still for ever.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

ENDED_BY_THE_CLOCK = """
    def never_ends(world):
        def body():
            while True:
                pass
        world.process("app").spawn(body)

    try:
        xs.explore(never_ends, max_body_seconds=0.05)
    except xs.BodyNeverEndsError:
        print("interrupted")
"""
SWALLOWED = """
    def swallows(world):
        app = world.process("app")
        def body():
            began = time.monotonic()
            while time.monotonic() < began + 0.5:
                try:
                    time.sleep(0.01)
                except BaseException:
                    print("interrupted")
        app.spawn(body)

    xs.explore(swallows, max_body_seconds=0.05)
"""
ENDED_THREADS = """
    def goes_on(world):
        app, n = world.process("app"), world.atomic_u32()
        def body():
            n.load()
            while threading.current_thread() is not threading.main_thread():
                pass
        app.spawn(body)

    print(*xs.stress(goes_on, max_runs=1, max_run_seconds=0.05).failures)
"""
OUTLIVED = """
    release = threading.Event()
    def sleeps(world):
        app = world.process("app")
        def body():
            world.choose(1)
            if threading.current_thread() is not threading.main_thread():
                release.wait()
        app.spawn(body)

    try:
        xs.stress(sleeps, max_runs=1, max_run_seconds=0.05)
    except xs.BodyNeverEndsError:
        print("interrupted")
    release.set()
"""


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (ENDED_BY_THE_CLOCK, "interrupted"),
        (SWALLOWED, "interrupted"),
        (ENDED_THREADS, "unfinished"),
        (OUTLIVED, "interrupted"),
    ],
)
def test_python_code_can_be_traced_after_a_body_was_interrupted(program: str, says: str) -> None:
    code = "import sys, threading, time\nimport xous_sim as xs\n" + textwrap.dedent(program) + TRACED
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    first, *_, last = ran.stdout.splitlines()
    assert (first, last) == (says, "traced")


TRACED = """
sys.settrace(lambda *_: None)
(lambda: print("traced"))()
sys.settrace(None)
"""
