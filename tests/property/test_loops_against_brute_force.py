"""Loops whose rounds write or choose do what brute force finds, to which a loop is a loop like any other."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings

import xous_sim as xs
from programs.loops import Loops, flags, loops, scenario
from programs.loops_brute_force import search
from xous_sim.searches import Strategy

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SETTINGS = settings(
    max_examples=20_000 if NIGHTLY else 150,
    deadline=None,
    derandomize=not NIGHTLY,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


def explored(program: Loops, strategy: Strategy) -> tuple[xs.Exploration, set[tuple[int, ...]]]:
    finals: set[tuple[int, ...]] = set()
    result = xs.explore(scenario(program), strategy, finally_=lambda state: finals.add(flags(state)), stop="explored")
    return result, finals


@SETTINGS
@given(program=loops())
def test_loops_end_as_brute_force_finds_and_never_prove_what_it_refutes(program: Loops) -> None:
    expected = search(program)
    for strategy in (xs.Exhaustive(), xs.Exhaustive(symmetry=False, reduction=False), xs.Dpor(max_schedules=3_000)):
        result, finals = explored(program, strategy)
        found = {counterexample.violation.property for counterexample in result.counterexamples}
        if isinstance(strategy, xs.Exhaustive):
            assert finals == expected.finals, strategy
            assert found <= {"deadlock", "livelock"}
            assert bool(found) or not expected.stuck, strategy
        assert finals <= expected.finals, strategy
        assert expected.stuck or "deadlock" not in found, strategy
        assert not expected.stuck or result.verdict != "sound", strategy
