"""Whether what several searches found of one program is the same, and what the brute-force search says it must be.

Compared are verdicts, violated properties and final states; of searches that follow every schedule, how many they
followed; and every counterexample must violate what it was reported for. On a program that can come back to a state,
searches that store no states go round once and claim no proof, and only exhaustive search can tell a livelock: there it
is compared with itself, plain depth-first search with it but for the livelock, and the others must find nothing else.
"""

from __future__ import annotations

from typing import Final

from .elsewhere import IN_PARTS, RERUN
from .oracle import Expected
from .searches import BOUNDED, CUT_OFF, PLAIN, STATEFUL, Outcome

LIVELOCK: Final = ("livelock", "")
FOLLOWS_ALL: Final = (PLAIN, "Dfs()", RERUN, f"{PLAIN}{IN_PARTS}")
"""Searches that follow every schedule, each once."""


def check(found: dict[str, Outcome], expected: Expected | None = None) -> None:
    """Holds the outcomes of all searches of one program against each other.

    Args:
        found: By the name of the search.
        expected: What the brute-force search found, if it knows such programs.

    Raises:
        AssertionError: If they differ.
    """
    departing = {name: outcome.departing for name, outcome in found.items() if outcome.departing}
    assert not departing, f"counterexamples lead elsewhere: {departing}"
    whole = {name: outcome for name, outcome in found.items() if covers_everything(name)}
    cycles = any(outcome.exhausted == "cycle" for outcome in whole.values())
    (_check_cyclic if cycles else _check_acyclic)(whole, expected)
    _check_bounded(found, expected)
    _check_cut_off(found)


def _check_acyclic(found: dict[str, Outcome], expected: Expected | None) -> None:
    """Every search covers everything, so all must find the same."""
    wanted = found[PLAIN].found if expected is None else expected.found
    differing = {name: o for name, o in found.items() if (o.found, o.exhausted) != (wanted, None)}
    assert not differing, f"{wanted} was to be found, but {differing}"
    counted = None if expected is None else expected.schedules
    schedules = {name: found[name].schedules for name in FOLLOWS_ALL if name in found}
    assert len({counted or schedules[PLAIN], *schedules.values()}) == 1, f"{counted} schedules became {schedules}"
    traces = None if expected is None else expected.traces
    assert traces in (None, found["Dpor()"].schedules), f"{traces} kinds of schedules became {found['Dpor()']}"


def _check_cyclic(found: dict[str, Outcome], expected: Expected | None) -> None:
    """Exhaustive searches agree, and no other search claims a proof or finds what they do not."""
    wanted = found[next(iter(STATEFUL))].found if expected is None else expected.found
    stateful = {name: o for name, o in found.items() if name.startswith("Exhaustive")}
    differing = {name: o for name, o in stateful.items() if (o.found, o.exhausted) != (wanted, None)}
    assert not differing, f"{wanted} was to be found, but {differing}"
    plain = found[PLAIN].found
    assert plain.finals == wanted.finals
    assert plain.seen == wanted.seen
    assert plain.violations == wanted.violations - {LIVELOCK}
    for name, outcome in found.items():
        if name not in stateful:
            assert outcome.exhausted == "cycle" or LIVELOCK not in wanted.violations, name
            assert outcome.found.verdict != "sound" or not wanted.violations, name
            assert outcome.found.finals <= wanted.finals, name
            assert outcome.found.violations <= wanted.violations, name


def _check_bounded(found: dict[str, Outcome], expected: Expected | None) -> None:
    """With few preemptions as many schedules are followed as there are, here and in parts, and they show the same."""
    for name in BOUNDED:
        alike = {full: o for full, o in found.items() if full.startswith(name)}
        assert len({_without_finals(outcome) for outcome in alike.values()}) <= 1, f"{alike}"
        for full, outcome in alike.items():
            assert outcome.found.violations <= found[PLAIN].found.violations, full
            assert outcome.found.verdict != "sound" or found[PLAIN].found.verdict == "sound", full
            if expected is not None and expected.schedules is not None:
                assert outcome.schedules == expected.bounded[name], f"{full}: {outcome}, {expected.bounded}"


def _without_finals(outcome: Outcome) -> object:
    """What must be the same: a search shows properties more states than those of its schedules, when it estimates.

    Where states come again a part notices it later than a whole search: it does not know the states before its own.
    """
    found = outcome.found
    schedules = None if outcome.exhausted == "cycle" else outcome.schedules
    return found.verdict, found.violations, outcome.exhausted, schedules


def _check_cut_off(found: dict[str, Outcome]) -> None:
    """A search that is cut off claims no proof, and has found nothing that is not there."""
    whole = found[PLAIN].found
    for name, outcome in found.items():
        if name.endswith(CUT_OFF):
            part = outcome.found
            assert outcome.exhausted == "schedules" and part.verdict != "sound", f"{name}: {outcome}"
            assert part.violations <= whole.violations and part.finals <= whole.finals and part.seen <= whole.seen, name


def covers_everything(name: str) -> bool:
    """Whether a search follows all schedules, and not only those with few preemptions or the first ones."""
    return not name.endswith(CUT_OFF) and not any(name.startswith(bounded) for bounded in BOUNDED)
