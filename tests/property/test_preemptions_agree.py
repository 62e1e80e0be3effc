"""Bounded searches follow the same schedules, whole, in parts, and with the real bodies, whatever dies meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import xous_sim as xs
from programs.mortal import mortal_programs
from programs.searches import subject
from programs.syntax import Program

MOST = 150
"""Programs with more schedules within the bound are not compared: each is run with the real bodies."""


def _kinds(result: xs.Exploration) -> set[tuple[str, str]]:
    return {(c.violation.property, c.violation.subject) for c in result.counterexamples}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=mortal_programs(), bound=st.integers(0, 2))
def test_a_bounded_search_follows_the_same_schedules_in_parts_and_with_the_real_bodies(
    program: Program, bound: int
) -> None:
    prepared = subject(program)
    bounded = xs.Dfs(max_preemptions=bound, deepening=False, max_schedules=MOST)
    whole = xs.explore(prepared.scenario, bounded, stop="explored", **prepared.options)
    assume(whole.exhausted not in ("schedules", "cycle"))
    with ThreadPoolExecutor(2) as executor:
        parts = xs.Dfs(max_preemptions=bound, deepening=False, executor=executor)
        divided = xs.explore(prepared.scenario, parts, stop="explored", **prepared.options)
    real = xs.explore(prepared.scenario, xs.Rerun(max_preemptions=bound), stop="explored", **prepared.options)
    assert _kinds(divided) == _kinds(whole)
    assert divided.schedules == whole.schedules
    assert _kinds(real) == _kinds(whole)
