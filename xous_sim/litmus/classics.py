"""The tests of the papers: two to four threads without branches.

Names are those of S. Sarkar et al., "Understanding POWER Multiprocessors" (PLDI 2011), and J. Alglave, L. Maranget
and M. Tautschnig, "Herding Cats" (TOPLAS 2014); those that mix seq_cst with weaker orders have the names of GenMC's
tests. What C11 allows: M. Batty et al. (POPL 2011), with the corrections of O. Lahav et al. (PLDI 2017) that C++20
took up. Departure: what is read is stored to a register that the final state shows, behind everything else that the
thread does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .program import program
from .shape import Litmus

LOAD_BUFFERING: Final = "no load sees a store that comes later in program order, which load buffering needs"
EXECUTION_ORDER: Final = "seq_cst operations are ordered as they are executed"


def _family(name: str, outcome: str, cases: dict[str, tuple[bool, tuple[str, ...]]]) -> Iterator[Litmus]:
    for orders, (allowed, threads) in cases.items():
        yield Litmus(name, orders, program(*threads), outcome, allowed)


STORE_BUFFERING: Final = _family(
    "store buffering",
    "r0=0 r1=0",
    {
        "relaxed": (True, ("x=1; r0=y", "y=1; r1=x")),
        "release, acquire": (True, ("x=1 release; r0=y acquire", "y=1 release; r1=x acquire")),
        "seq_cst": (False, ("x=1 seq_cst; r0=y seq_cst", "y=1 seq_cst; r1=x seq_cst")),
        "acq_rel fences": (True, ("x=1; fence acq_rel; r0=y", "y=1; fence acq_rel; r1=x")),
        "seq_cst fences": (False, ("x=1; fence seq_cst; r0=y", "y=1; fence seq_cst; r1=x")),
        "one seq_cst fence": (True, ("x=1; fence seq_cst; r0=y", "y=1; r1=x")),
    },
)

MESSAGE_PASSING: Final = _family(
    "message passing",
    "r0=1 r1=0",
    {
        "relaxed": (True, ("x=1; y=1", "r0=y; r1=x")),
        "release, acquire": (False, ("x=1; y=1 release", "r0=y acquire; r1=x")),
        "release, relaxed": (True, ("x=1; y=1 release", "r0=y; r1=x")),
        "relaxed, acquire": (True, ("x=1; y=1", "r0=y acquire; r1=x")),
        "fences": (False, ("x=1; fence release; y=1", "r0=y; fence acquire; r1=x")),
        "release fence only": (True, ("x=1; fence release; y=1", "r0=y; r1=x")),
        "seq_cst": (False, ("x=1 seq_cst; y=1 seq_cst", "r0=y seq_cst; r1=x seq_cst")),
    },
)

IRIW: Final = _family(
    "independent reads of independent writes",
    "r0=1 r1=0 r2=1 r3=0",
    {
        "release, acquire": (
            True,
            ("x=1 release", "y=1 release", "r0=x acquire; r1=y acquire", "r2=y acquire; r3=x acquire"),
        ),
        "seq_cst": (
            False,
            ("x=1 seq_cst", "y=1 seq_cst", "r0=x seq_cst; r1=y seq_cst", "r2=y seq_cst; r3=x seq_cst"),
        ),
        "acquire fences": (True, ("x=1", "y=1", "r0=x; fence acquire; r1=y", "r2=y; fence acquire; r3=x")),
        "seq_cst fences": (False, ("x=1", "y=1", "r0=x; fence seq_cst; r1=y", "r2=y; fence seq_cst; r3=x")),
    },
)

TWO_PLUS_TWO_WRITES: Final = _family(
    "2+2W",
    "x=1 y=1",
    {
        "relaxed": (True, ("x=1; y=2", "y=1; x=2")),
        "release": (True, ("x=1 release; y=2 release", "y=1 release; x=2 release")),
        "seq_cst": (False, ("x=1 seq_cst; y=2 seq_cst", "y=1 seq_cst; x=2 seq_cst")),
        "seq_cst fences": (False, ("x=1; fence seq_cst; y=2", "y=1; fence seq_cst; x=2")),
    },
)

WRITE_TO_READ_CAUSALITY: Final = _family(
    "write-to-read causality",
    "r0=1 r1=1 r2=0",
    {
        "relaxed": (True, ("x=1", "r0=x; y=1", "r1=y; r2=x")),
        "release, acquire": (False, ("x=1 release", "r0=x acquire; y=1 release", "r1=y acquire; r2=x")),
    },
)

COHERENCE: Final = (
    Litmus("CoRR", "relaxed", program("x=1", "r0=x; r1=x"), "r0=1 r1=0", False),
    Litmus(
        "CoRR, two readers", "relaxed", program("x=1", "x=2", "r0=x; r1=x", "r2=x; r3=x"), "r0=1 r1=2 r2=2 r3=1", False
    ),
    Litmus("CoWW", "relaxed", program("x=1; x=2"), "x=1", False),
    Litmus("CoRW, own store", "relaxed", program("r0=x; x=1"), "r0=1", False),
    Litmus("CoRW", "relaxed", program("r0=x; x=1", "x=2"), "r0=2 x=2", False),
    Litmus("CoWR", "relaxed", program("x=1; r0=x", "x=2"), "r0=2 x=1", False),
    Litmus("CoWR, overwritten", "relaxed", program("x=1; r0=x", "x=2"), "r0=1 x=2", True),
    Litmus("atomicity of read-modify-writes", "relaxed", program("r0=x+1", "r1=x+1"), "r0=0 r1=0", False),
    Litmus("a store between read-modify-writes", "relaxed", program("r0=x+1; r1=x+1", "x=7"), "r0=0 r1=7", True),
)

RELEASE_SEQUENCES: Final = (
    Litmus(
        "release sequence",
        "through a relaxed read-modify-write",
        program("x=1; y=1 release", "r0=y+1", "r1=y acquire; r2=x"),
        "r0=1 r1=2 r2=0",
        False,
    ),
    Litmus(
        "release sequence",
        "ended by a relaxed store",
        program("x=1; y=1 release", "r0=y; y=2", "r1=y acquire; r2=x"),
        "r0=1 r1=2 r2=0",
        True,
    ),
    Litmus(
        "release sequence",
        "ended by the own relaxed store, as in C++20",
        program("x=1; y=1 release; y=2", "r0=y acquire; r1=x"),
        "r0=2 r1=0",
        True,
    ),
)

LOAD_BUFFERINGS: Final = (
    Litmus("load buffering", "relaxed", program("r0=x; y=1", "r1=y; x=1"), "r0=1 r1=1", True, limit=LOAD_BUFFERING),
    Litmus(
        "load buffering",
        "release, acquire",
        program("r0=x acquire; y=1 release", "r1=y acquire; x=1 release"),
        "r0=1 r1=1",
        False,
    ),
)

MIXED_SEQ_CST: Final = (
    Litmus(
        "SB+rfis",
        "seq_cst loads beside release stores",
        program("x=1 release; r0=x seq_cst; r1=y seq_cst", "y=1 release; r2=y seq_cst; r3=x seq_cst"),
        "r1=0 r3=0",
        True,
        limit=EXECUTION_ORDER,
    ),
    Litmus(
        "IRIW-acq-sc",
        "seq_cst beside acquire loads",
        program("x=1 seq_cst", "r0=x acquire; r1=y seq_cst", "r2=y acquire; r3=x seq_cst", "y=1 seq_cst"),
        "r0=1 r1=0 r2=1 r3=0",
        True,
        limit=EXECUTION_ORDER,
    ),
    Litmus(
        "WWmerge1",
        "seq_cst beside an acquire load",
        program("r0=x acquire; r1=y seq_cst", "x=1 seq_cst; x=2 seq_cst", "y=1 seq_cst; r2=x seq_cst"),
        "r0=2 r1=0 r2=0",
        True,
        limit=EXECUTION_ORDER,
    ),
    Litmus(
        "WWmerge2",
        "seq_cst beside an acquire load",
        program("r0=x acquire; r1=y seq_cst", "x=2 seq_cst", "y=1 seq_cst; r2=x seq_cst"),
        "r0=2 r1=0 r2=0",
        True,
        limit=EXECUTION_ORDER,
    ),
    Litmus(
        "psc-ar",
        "seq_cst fences at the ends of a relaxed chain",
        program("r0=y; fence seq_cst; r1=z", "z=1; fence seq_cst; x=1", "r2=x; y=1"),
        "r0=1 r1=0 r2=1",
        True,
        limit=EXECUTION_ORDER,
    ),
    Litmus(
        "psc-base-notin-ar",
        "seq_cst stores behind a relaxed chain",
        program("r0=x; y=1 seq_cst", "y=2 seq_cst", "r1=y; x=2"),
        "r0=2 r1=2 y=2",
        True,
        limit=EXECUTION_ORDER,
    ),
    Litmus(
        "message passing",
        "seq_cst data, relaxed flag",
        program("x=1 seq_cst; y=1", "r0=y; r1=x seq_cst"),
        "r0=1 r1=0",
        True,
        limit=EXECUTION_ORDER,
    ),
    Litmus(
        "Z6.U",
        "seq_cst beside release and relaxed",
        program("x=1 seq_cst; y=1 release", "r0=y+1 seq_cst; r1=y", "y=3 seq_cst; r2=x seq_cst"),
        "r0=1 r1=3 r2=0",
        True,
        limit=EXECUTION_ORDER,
    ),
)

CLASSICS: Final = (
    *STORE_BUFFERING,
    *MESSAGE_PASSING,
    *IRIW,
    *TWO_PLUS_TWO_WRITES,
    *WRITE_TO_READ_CAUSALITY,
    *COHERENCE,
    *RELEASE_SEQUENCES,
    *LOAD_BUFFERINGS,
    *MIXED_SEQ_CST,
)
"""All of them."""
