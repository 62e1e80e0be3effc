"""A reported line, replayed, violates what was reported: on generated programs, whichever search reports it."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

import xous_sim as xs
from programs.agreement import ANY_PROGRAM
from programs.searches import subject
from xous_sim.searches import Strategy

LIMIT = 300
SEARCHES: tuple[Strategy, ...] = (
    xs.Exhaustive(max_states=10_000),
    xs.Exhaustive(shortest=False, max_states=10_000),
    xs.Dfs(max_schedules=LIMIT),
    xs.Dpor(max_schedules=LIMIT),
    xs.Random(max_schedules=LIMIT),
    xs.Pct(max_schedules=LIMIT),
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(program=ANY_PROGRAM)
def test_every_line_that_a_search_reports_replays_what_it_was_reported_for(program: object) -> None:
    prepared = subject(program)

    def sums_to_less_than_two(state: xs.StateView) -> bool:
        return sum(prepared.look(state)) < 2

    for search in SEARCHES:
        result = xs.explore(
            prepared.scenario,
            search,
            stop="explored",
            memory=prepared.memory,
            finally_=sums_to_less_than_two,
            **prepared.options,
        )
        for counterexample in result.counterexamples:
            again = xs.replay(
                prepared.scenario,
                counterexample.schedule,
                memory=prepared.memory,
                finally_=sums_to_less_than_two,
                **prepared.options,
            )
            expected = counterexample.violation
            kinds = [(violation.property, violation.subject) for violation in again.violations]
            assert again.trace.schedule == counterexample.schedule
            assert (expected.property, expected.subject) in kinds, search
            assert again.violation == again.violations[0]
