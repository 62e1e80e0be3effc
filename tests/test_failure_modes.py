"""The failure modes A to H: each is found by exploration."""

from __future__ import annotations

import pytest

import xous_sim as xs
from xous_sim.failure_modes import FAILURE_MODES


def test_the_modes_are_a_to_h() -> None:
    assert "".join(FAILURE_MODES) == "ABCDEFGH"


@pytest.mark.parametrize("letter", FAILURE_MODES)
def test_the_failure_is_found_and_replays(letter: str) -> None:
    mode = FAILURE_MODES[letter]
    counterexample = mode.find()
    assert counterexample is not None
    assert xs.replay(mode.scenario, counterexample.schedule).violation == counterexample.violation


def test_in_mode_b_the_message_arrives_at_the_wrong_server_and_nobody_is_told() -> None:
    counterexample = FAILURE_MODES["B"].find()
    assert counterexample is not None
    last = counterexample.trace.steps[-1]
    assert "ServerNotFound" not in last.result


def test_in_mode_h_unwrapping_the_second_disconnect_raises() -> None:
    world = xs.World()
    app, server = world.process("app"), world.server("ticktimer-server")
    connection = app.connect(server)
    app.disconnect(connection).unwrap()
    with pytest.raises(xs.UnwrapError, match="SERVER_NOT_FOUND"):
        app.disconnect(connection).unwrap()


def test_in_mode_h_the_thread_that_unwraps_panics() -> None:
    result = xs.explore(FAILURE_MODES["H"].scenario, stop="explored")
    assert {"free-slot", "exception"} <= {c.violation.property for c in result.counterexamples}


def test_in_mode_f_the_name_server_never_answers() -> None:
    counterexample = FAILURE_MODES["F"].find()
    assert counterexample is not None
    assert "waits for an answer of xous-names" in counterexample.violation.message
