"""Whatever a program is about and however it is searched, its properties cannot ask the objects of its set-up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import xous_sim as xs
from programs.bodies import Objects, scenario
from programs.small import dressed, small_programs
from programs.syntax import Program
from xous_sim.searches import Strategy

ASKS: dict[str, Callable[[Objects], object]] = {
    "an atomic": lambda shared: shared.atomics[0].load(),
    "a cell": lambda shared: shared.cell.get(),
    "a lock": lambda shared: shared.mutexes[0].try_lock(),
    "a connection": lambda shared: shared.processes[0].connect(shared.servers[0]),
    "a connection map": lambda shared: shared.processes[0].connection_map(),
}
SEARCHES: tuple[Strategy, ...] = (
    xs.Exhaustive(),
    xs.Dpor(max_schedules=10),
    xs.Dfs(max_schedules=10),
    xs.Random(max_schedules=10),
    xs.Rerun(max_schedules=2),
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(
    program=dressed(small_programs()),
    what=st.sampled_from(sorted(ASKS)),
    search=st.sampled_from(SEARCHES),
)
def test_a_property_that_asks_a_live_object_is_refused(program: Program, what: str, search: Strategy) -> None:
    def ask_everywhere(shared: Objects) -> None:
        shared.world.invariant(lambda state: ASKS[what](shared) is not None)

    with pytest.raises((xs.ScenarioError, xs.MisuseError)):
        xs.explore(scenario(program, ask_everywhere), search, connect=program.connect, profile=program.profile)
