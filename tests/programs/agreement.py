"""The claim that all searches find the same, checked on one program or on many that are drawn.

Compared are verdicts, violated properties and final states. On a program that can come back to a state, searches that
store no states go round once and claim no proof, and only exhaustive search can tell a livelock: there it is compared
with itself, plain depth-first search with it but for the livelock, and the other two must find nothing else.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from hashlib import blake2b
from multiprocessing import get_context
from typing import Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from .branches import branches
from .calls import calls
from .loops import loops
from .mortal import mortal_programs
from .searches import PLAIN, STATEFUL, STATELESS, Outcome, outcomes
from .sections import sections
from .small import small_programs
from .starts import starts
from .weak import weak

ANY_PROGRAM: Final = st.one_of(
    *(small_programs(),) * 4,
    *(sections(),) * 2,
    *(loops(),) * 2,
    branches(),
    calls(),
    mortal_programs(),
    starts(),
    weak(),
)
LIVELOCK: Final = ("livelock", "")
DRAWN_AT_ONCE: Final = 500


@dataclass
class Tally:
    """The programs that were compared, by a hash that is the same in every process; no program is compared twice."""

    everywhere: bool = False
    compared: set[int] = field(default_factory=set)
    known: set[int] = field(default_factory=set)

    def compare(self, program: object) -> None:
        """Compares a program that is new.

        Raises:
            AssertionError: If the searches differ.
        """
        number = int.from_bytes(blake2b(repr(program).encode(), digest_size=8).digest())
        if number in self.known:
            return
        found = outcomes(program, everywhere=self.everywhere)
        if found is not None:
            check(found)
            self.compared.add(number)
        self.known.add(number)


def check(found: dict[str, Outcome]) -> None:
    """Holds the outcomes of all searches of one program against each other.

    Raises:
        AssertionError: If they differ.
    """
    cycles = any(found[name].exhausted == "cycle" for name in STATELESS)
    (check_cyclic if cycles else check_acyclic)(found)


def check_acyclic(found: dict[str, Outcome]) -> None:
    """Every search covers everything, so all must find the same."""
    expected = found[PLAIN]
    differing = {name: outcome for name, outcome in found.items() if outcome != expected}
    assert not differing, f"{PLAIN} found {expected}, but {differing}"


def check_cyclic(found: dict[str, Outcome]) -> None:
    """Exhaustive searches agree, and no other search claims a proof or finds what they do not."""
    expected = found[next(iter(STATEFUL))]
    exhaustive = {name: outcome for name, outcome in found.items() if name not in STATELESS}
    differing = {name: outcome for name, outcome in exhaustive.items() if outcome != expected}
    assert not differing, f"{expected} became {differing}"
    plain = found[PLAIN].found
    assert plain.finals == expected.found.finals
    assert plain.seen == expected.found.seen
    assert plain.violations == expected.found.violations - {LIVELOCK}
    for name in STATELESS:
        outcome = found[name]
        assert outcome.exhausted == "cycle" or LIVELOCK not in expected.found.violations, name
        assert outcome.found.verdict != "sound" or not expected.found.violations, name
        assert outcome.found.finals <= expected.found.finals, name
        assert outcome.found.violations <= expected.found.violations, name


def compare_drawn(number: int, tally: Tally, *, shrinks: bool = True) -> None:
    """Draws some programs and compares them; each number stands for other ones.

    Raises:
        AssertionError: If searches differ; with the smallest program for which they do.
    """

    @seed(number)
    @settings(
        max_examples=DRAWN_AT_ONCE,
        phases=(Phase.generate, Phase.shrink) if shrinks else (Phase.generate,),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(program=ANY_PROGRAM)
    def compare(program: object) -> None:
        tally.compare(program)

    compare()


def compare_at_least(wanted: int, *, everywhere: bool = False, shrinks: bool = True) -> int:
    """Compares programs until so many were compared; always the same ones.

    Returns:
        How many were compared: fewer only if two in three that were drawn had too many schedules.
    """
    tally = Tally(everywhere)
    for number in range(3 * wanted // DRAWN_AT_ONCE + 1):
        compare_drawn(number, tally, shrinks=shrinks)
        if len(tally.compared) >= wanted:
            break
    return len(tally.compared)


def compare_in_parallel(wanted: int, first: int) -> int:
    """Compares programs in all processors, from the draws of number ``first`` on, until so many were compared."""
    compared: set[int] = set()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for some in pool.map(_compared, range(first, first + 3 * wanted // DRAWN_AT_ONCE)):
            compared |= some
            if len(compared) >= wanted:
                pool.shutdown(cancel_futures=True)
                break
    return len(compared)


def _compared(number: int) -> set[int]:
    tally = Tally()
    compare_drawn(number, tally)
    return tally.compared
