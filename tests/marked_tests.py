"""Tests that pytest runs inside pytest: their text, and how they are run."""

from __future__ import annotations

import re

import pytest

import xous_sim._testing.exploring  # noqa: F401 - else each run of pytest in this process imports it anew

RACE = """
import pytest
import xous_sim as xs

@pytest.fixture
def log():
    return lambda world: world.server("log")

@pytest.mark.interleavings({arguments})
def test_clients(world, log):
    server, app = log(world), world.process("app")
    users = world.atomic_u32(0, name="REFCOUNT")

    def client():
        users.fetch_add(1)
        connection = app.connect(server)
        app.send(connection, xs.BlockingScalar(0))
        if users.fetch_sub(1) == 1:
            app.disconnect(connection)

    app.spawn(client)
    app.spawn(client)
"""
COUNT = """
import pytest
import xous_sim as xs

@pytest.mark.interleavings({arguments})
def test_count(world):
    app, n = world.process("app"), world.atomic_u32(0, name="n")
    for _ in range(3):
        app.spawn(n.fetch_add, 1, times=2)

    @world.finally_
    def nothing_is_lost(state):
        return state[n] == 6
"""


def run(pytester: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    """A run of pytest over one file of tests, without other plugins, whose imports would take most of the time."""
    pytester.makepyfile(test_it=code)
    others = ["randomly", "xdist"] + ["hypothesispytest"] * ("hypothesis" not in code)
    return pytester.runpytest(*(word for name in others for word in ("-p", f"no:{name}")), *options)


def schedule_in(result: pytest.RunResult) -> str:
    """The line that the command at the end of a failure replays."""
    found = re.search(r"--xous-replay '?(x1:[^'\s]+)", result.stdout.str())
    assert found is not None
    return found[1]
