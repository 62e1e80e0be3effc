"""The claim that all searches find the same, and what a plain interpreter finds: on one program, or many drawn ones."""

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
from .check import check
from .elsewhere import elsewhere
from .loops import loops
from .mortal import mortal_programs
from .oracle import Expected, expected
from .searches import PLAIN, Looking, native
from .sections import sections
from .small import (
    apart_programs,
    dressed,
    escaping_programs,
    named_programs,
    sharing_programs,
    small_programs,
    starting_programs,
)
from .syntax import Program
from .weak import weak

ANY_PROGRAM: Final = st.one_of(
    *(dressed(small_programs()),) * 3,
    *(dressed(starting_programs()),) * 2,
    dressed(apart_programs()),
    dressed(branches()),
    dressed(escaping_programs()),
    dressed(mortal_programs()),
    dressed(named_programs()),
    dressed(sharing_programs()),
    calls(),
    *(loops(),) * 2,
    *(dressed(sections()),) * 2,
    weak(),
)
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
        if compare(program, number, everywhere=self.everywhere):
            self.compared.add(number)
        self.known.add(number)


def compare(program: object, number: int = 0, *, everywhere: bool = False) -> bool:
    """Holds all searches of a program against each other, and against the interpreter if that knows such programs.

    Args:
        program: The program.
        number: Decides which search is divided into parts.
        everywhere: Whether every state is looked at, and not only the final ones.

    Returns:
        Whether it was compared: it is not if it has too many states or schedules.

    Raises:
        AssertionError: If they differ.
    """
    wanted: Expected | None = None
    if isinstance(program, Program):
        wanted = expected(program, everywhere=everywhere)
        if wanted is None:
            return False
    looking = Looking(program, everywhere=everywhere)
    found = native(looking)
    if found is None:
        return False
    check(found | elsewhere(looking, number, found[PLAIN].schedules), wanted)
    return True


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
    def compare_one(program: object) -> None:
        tally.compare(program)

    compare_one()


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
