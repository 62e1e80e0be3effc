"""The trace-based search loses no behaviour: on random programs it finds what brute force finds.

Compared are all values of the shared objects that any state shows, those of the final states, and which properties
can be violated. HYPOTHESIS_PROFILE=nightly draws more programs.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, assume, example, given, settings

import xous_sim as xs
from programs.bodies import scenario
from programs.brute_force import Found, Search
from programs.mortal import CALL_IS_DISOWNED, RETURN_IS_NOTICED, mortal_programs
from programs.syntax import Program, one_after_the_other, programs

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


def explored(program: Program, *, symmetry: bool) -> Found:
    """What the package finds."""
    found = Found()
    processes = ("app", "peer") if program.has_peer else ("app",)

    def seen(state: xs.StateView) -> tuple[int, ...]:
        maps = [state.connection_map(process) for process in processes]
        return (*(int(state[name]) for name in ("a0", "a1", "cell")), *b"".join(maps))

    def everywhere(state: xs.StateView) -> None:
        found.seen.add(seen(state))

    def at_the_end(state: xs.StateView) -> None:
        found.final.add(seen(state))

    result = xs.explore(
        scenario(program),
        xs.Exhaustive(symmetry=symmetry),
        connect=program.connect,
        invariant=everywhere,
        finally_=at_the_end,
        stop="explored",
    )
    found.violations = {(c.violation.property, c.violation.subject) for c in result.counterexamples}
    found.states = result.states
    assert (result.verdict == "violated") == bool(found.violations)
    return found


SETTINGS = settings(
    max_examples=20_000 if NIGHTLY else 150,
    deadline=None,
    derandomize=not NIGHTLY,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


@SETTINGS
@given(program=programs())
@example(program=one_after_the_other((("take", 0),), (("give", 0),)))
@example(program=one_after_the_other((("take", 0),), (("take", 0),)))
@example(program=one_after_the_other((), (("load", 0, "n0"),)))
def test_the_traced_search_finds_exactly_what_brute_force_finds(program: Program) -> None:
    check(program)


@SETTINGS
@given(program=mortal_programs())
@example(program=RETURN_IS_NOTICED)
@example(program=CALL_IS_DISOWNED)
def test_it_does_so_too_where_processes_die_and_servers_are_started_again(program: Program) -> None:
    check(program)


def check(program: Program) -> None:
    """Searches a program both ways."""
    expected = Search(program).run()
    assume(expected is not None)
    assert expected is not None
    for symmetry in (False, True):
        actual = explored(program, symmetry=symmetry)
        assert actual.violations == expected.violations
        assert actual.final == expected.final
        assert actual.seen == expected.seen
