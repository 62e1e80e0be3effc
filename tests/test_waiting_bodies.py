"""Bodies that wait for something real, a lock or a queue: they are ended, wherever they run, and so is their caller.

Each program runs in a process of its own, because what goes wrong here stands still for ever.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

WAITS = {
    "lock": "held.acquire()",
    "queue": "queue.Queue().get()",
    "sleep": "time.sleep(1000)",
    "event": "threading.Event().wait()",
    "loop": "while True: pass",
}
STRATEGIES = ["xs.Exhaustive()", "xs.Dpor()", "xs.Rerun()"]
PROGRAM = """
    import queue, signal, threading, time
    import xous_sim as xs

    held = threading.Lock()
    held.acquire()

    def scenario(world):
        app, n = world.process("app"), world.atomic_u32()
        def waits():
            if n.fetch_add(1) == 1:
                {wait}
        app.spawn(waits)
        app.spawn(waits)

    def explore():
        try:
            xs.explore(scenario, {strategy}, max_body_seconds=0.3)
        except xs.BodyNeverEndsError as error:
            print(error, flush=True)
"""
IN_THE_MAIN_THREAD = "\n    explore()\n"
IN_ANOTHER_THREAD = """
    thread = threading.Thread(target=explore)
    thread.start()
    thread.join()
"""


def ran(program: str, **parts: str) -> list[str]:
    """What a program prints."""
    code = textwrap.dedent(program).format(**parts)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("where", [IN_THE_MAIN_THREAD, IN_ANOTHER_THREAD], ids=["main thread", "other thread"])
@pytest.mark.parametrize("wait", WAITS.values(), ids=list(WAITS))
def test_a_body_that_waits_for_something_real_is_ended(wait: str, where: str, strategy: str) -> None:
    (says,) = ran(PROGRAM + where, wait=wait, strategy=strategy)
    assert "body scenario.<locals>.waits ran for 0.3 seconds without ending, and stands at <string>:12: let it" in says


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("wait", WAITS.values(), ids=list(WAITS))
def test_ctrl_c_ends_an_exploration_whose_body_waits(wait: str, strategy: str) -> None:
    code = textwrap.dedent(PROGRAM).format(wait=wait, strategy=strategy)
    code = code.replace("max_body_seconds=0.3", "max_body_seconds=100")
    heeds = "signal.signal(signal.SIGINT, signal.default_int_handler)"  # whoever started us may have ignored it
    code += f"{heeds}\nprint('begins', flush=True)\nexplore()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None and program.stderr is not None
        program.stdout.readline()
        time.sleep(0.5)
        os.kill(program.pid, signal.SIGINT)
        program.wait(60)
        assert b"KeyboardInterrupt" in program.stderr.read()


def test_an_exploration_inside_a_body_is_ended_like_any_other_body() -> None:
    inside = "xs.explore(lambda world: world.process('in').spawn(held.acquire))"
    (says,) = ran(PROGRAM + IN_THE_MAIN_THREAD, wait=inside, strategy="xs.Exhaustive()")
    assert "body scenario.<locals>.waits ran for 0.3 seconds" in says


def test_whoever_handles_the_signal_gets_it_back() -> None:
    program = (
        PROGRAM
        + """
    signal.signal(signal.SIGURG, lambda *_: print("urgent"))
    explore()
    signal.raise_signal(signal.SIGURG)
    """
    )
    assert ran(program, wait="held.acquire()", strategy="xs.Exhaustive()")[-1] == "urgent"


def test_a_body_that_swallows_what_ends_it_is_interrupted_again() -> None:
    swallows = """
    def sleeps():
        for _ in range(2):
            try:
                time.sleep(1000)
            except BaseException:
                print("swallowed")
        time.sleep(1000)
    """
    *swallowed, says = ran(PROGRAM + swallows + IN_THE_MAIN_THREAD, wait="sleeps()", strategy="xs.Exhaustive()")
    assert swallowed == ["swallowed"] * 2
    assert "stands at" in says
