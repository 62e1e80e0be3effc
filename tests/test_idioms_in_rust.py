"""The idioms in Rust and those in Python are the same programs: exploring either finds the same.

With one CID for all users even the states are the same. With unique CIDs they differ by the CIDs that a Python variable
still holds when the Rust value is dropped already.
"""

from __future__ import annotations

from typing import Any, Literal

import pytest

import xous_sim as xs
from xous_sim import _native
from xous_sim.idioms import IDIOMS
from xous_sim.verdicts import verdict_scenario

Connect = Literal["reuse", "unique"]


def explore_both(name: str, connect: Connect, *, symmetry: bool) -> tuple[dict[str, Any], xs.Exploration]:
    strategy = xs.Exhaustive(symmetry=symmetry)
    in_rust = _native.explore_idiom(
        name,
        strategy._keywords(),
        connect=connect,
        slots=32,
        std_shadow=True,
        clients=2,
        rounds=2,
        bystander=True,
        stop_at_first=True,
    )
    scenario = verdict_scenario(IDIOMS[name], 2, std_shadow=True)
    return in_rust, xs.explore(scenario, strategy, connect=connect)


def length(schedule: str | None) -> int:
    """Steps of a schedule line."""
    runs = (schedule or "x1:").removeprefix("x1:").split(".")
    return sum(int(([*run.split("*"), "1"])[1]) for run in runs if run)


@pytest.mark.parametrize("symmetry", [False, True])
@pytest.mark.parametrize("connect", ["reuse", "unique"])
@pytest.mark.parametrize("name", IDIOMS)
def test_an_idiom_in_rust_has_the_verdict_of_the_one_in_python(name: str, connect: Connect, symmetry: bool) -> None:
    in_rust, in_python = explore_both(name, connect, symmetry=symmetry)
    violation = None if in_python.violation is None else in_python.violation.property
    assert (in_rust["verdict"], in_rust["violation"]) == (in_python.verdict, violation)
    assert length(in_rust["schedule"]) == length(in_python.schedule)


@pytest.mark.parametrize("symmetry", [False, True])
@pytest.mark.parametrize("name", IDIOMS)
def test_an_idiom_in_rust_has_the_states_of_the_one_in_python(name: str, symmetry: bool) -> None:
    in_rust, in_python = explore_both(name, "reuse", symmetry=symmetry)
    assert (in_rust["states"], in_rust["transitions"]) == (in_python.states, in_python.transitions)
    assert in_rust["schedule"] == in_python.schedule


def test_an_unknown_idiom_is_refused() -> None:
    with pytest.raises(xs.MisuseError, match='no idiom "none"'):
        _native.explore_idiom(
            "none",
            xs.Exhaustive()._keywords(),
            connect="reuse",
            slots=32,
            std_shadow=False,
            clients=2,
            rounds=1,
            bystander=True,
            stop_at_first=True,
        )
