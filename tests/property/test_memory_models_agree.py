"""The weak machine against the strong one, and its searches against each other, on generated programs.

Where every access is seq_cst the two machines are one, but for data races, which only the weak one looks for. With
weaker orders the weak one does at least what the strong one does. HYPOTHESIS_PROFILE=nightly draws more programs.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import xous_sim as xs
from programs.bodies import scenario
from programs.brute_force import Found, Search
from programs.syntax import Program, programs
from xous_sim.litmus.program import program
from xous_sim.searches import Strategy
from xous_sim.world import MemoryModel

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SETTINGS = settings(
    max_examples=10_000 if NIGHTLY else 100,
    deadline=None,
    derandomize=not NIGHTLY,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


def explored(program: Program, memory: MemoryModel) -> Found:
    """What an exploration finds, but for data races."""
    found = Found()

    def seen(state: xs.StateView) -> tuple[int, ...]:
        return (*(int(state[name]) for name in ("a0", "a1", "cell")), *state.connection_map("app"))

    result = xs.explore(
        scenario(program),
        xs.Exhaustive(symmetry=False),
        connect=program.connect,
        memory=memory,
        invariant=lambda state: found.seen.add(seen(state)),
        finally_=lambda state: found.final.add(seen(state)),
        stop="explored",
    )
    violations = {(c.violation.property, c.violation.subject) for c in result.counterexamples}
    found.violations = {violation for violation in violations if violation[0] != "data-race"}
    return found


@SETTINGS
@given(program=programs())
def test_where_all_is_seq_cst_both_machines_do_the_same(program: Program) -> None:
    assume(Search(program).run() is not None)
    assert explored(program, "c11") == explored(program, "sc")


ORDERS = {
    "load": st.sampled_from(("relaxed", "acquire", "seq_cst")),
    "store": st.sampled_from(("relaxed", "release", "seq_cst")),
    "add": st.sampled_from(("relaxed", "acquire", "release", "acq_rel", "seq_cst")),
    "fence": st.sampled_from(("acquire", "release", "acq_rel", "seq_cst")),
}


@st.composite
def litmus_programs(draw: st.DrawFn) -> tuple[tuple[str, ...], int]:
    """The threads of a small program, and how many registers it has."""
    registers = 0
    threads = []
    for _ in range(draw(st.integers(2, 3))):
        code = []
        for _ in range(draw(st.integers(1, 3))):
            kind = draw(st.sampled_from(("load", "load", "store", "store", "add", "fence")))
            location, order = draw(st.sampled_from("xy")), draw(ORDERS[kind])
            register, registers = f"r{registers}", registers + (kind in ("load", "add"))
            value = draw(st.integers(1, 2))
            statements = {
                "load": f"{register}={location}",
                "store": f"{location}={value}",
                "add": f"{register}={location}+1",
                "fence": "fence",
            }
            code.append(f"{statements[kind]} {order}")
        threads.append("; ".join(code))
    return tuple(threads), registers


Outcomes = set[tuple[int, ...]]


def outcomes(
    scenario: Callable[[xs.World], None], names: list[str], strategy: Strategy, memory: MemoryModel
) -> Outcomes | None:
    """What the final states show; nothing if there are too many schedules."""
    found: Outcomes = set()

    def look(state: xs.StateView) -> None:
        found.add(tuple(int(state[name]) for name in names))

    result = xs.explore(scenario, strategy, memory=memory, finally_=look, stop="explored")
    return None if result.exhausted == "schedules" else found


MOST_SCHEDULES = 20_000


@SETTINGS
@given(drawn=litmus_programs())
def test_all_searches_find_the_same_outcomes_on_a_weak_machine(drawn: tuple[tuple[str, ...], int]) -> None:
    threads, registers = drawn
    text = program(*threads)
    mentioned = " ".join(threads)
    names = [f"r{n}" for n in range(registers)] + [x for x in "xy" if f"{x}=" in mentioned or f"={x}" in mentioned]
    plain = outcomes(text, names, xs.Dfs(deepening=False, max_schedules=MOST_SCHEDULES), "c11")
    assume(plain is not None)
    assert plain is not None
    assert outcomes(text, names, xs.Exhaustive(), "c11") == plain
    assert outcomes(text, names, xs.Exhaustive(reduction=False), "c11") == plain
    assert outcomes(text, names, xs.Dpor(), "c11") == plain
    strong = outcomes(text, names, xs.Exhaustive(), "sc")
    assert strong is not None
    assert strong <= plain


@SETTINGS
@given(drawn=litmus_programs())
def test_every_weak_outcome_has_a_counterexample_that_the_real_bodies_follow(
    drawn: tuple[tuple[str, ...], int],
) -> None:
    threads, registers = drawn
    text = program(*threads)
    names = [f"r{n}" for n in range(registers)]
    weak = outcomes(text, names, xs.Exhaustive(), "c11")
    strong = outcomes(text, names, xs.Exhaustive(), "sc")
    assert weak is not None and strong is not None
    for outcome in sorted(weak - strong)[:3]:

        def forbidden(state: xs.StateView, outcome: tuple[int, ...] = outcome) -> bool:
            return tuple(int(state[name]) for name in names) != outcome

        result = xs.explore(text, memory="c11", finally_=forbidden)
        assert result.schedule is not None
        replayed = xs.replay(text, result.schedule, memory="c11", finally_=forbidden)
        assert replayed.violation == result.violation
