"""The tables of the chapter on disconnect, as Markdown: explored, or read from the inventory and the process page.

``make_pictures.py`` puts them into the pages. Left out: any judgement. A cell says what an exploration found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final, Literal

import xous_sim as xs
from page import markdown
from xous_sim.census import Finding, load, pairs, take_census
from xous_sim.idioms import IDIOMS, Idiom
from xous_sim.verdicts import RowResult, verdict_scenario

Table = Callable[[], str]
"""Makes a table."""
HEADER_BYTES: Final = 128
"""Of the process page, before the registers of its threads."""


def std_connections() -> str:
    """Which connections are cached for ever."""
    lines = [
        (f"`{std.server}`", std.used_by, "its SID" if std.connect == "connect" else "its name")
        for std in load().std.values()
        if std.cached
    ]
    return markdown(("server", "used by", "found by"), lines)


def shadows() -> str:
    """What happens to a cached connection beside the library that counts its own."""
    lines = []
    for counter, std in pairs():
        census = take_census((counter, std))
        entry = load().counters[counter]
        cut = census.findings[0]
        lines.append((f"`{entry.crate}`: {entry.type}", load().std[std].used_by, _severed(cut), _misdelivered(cut)))
    return markdown(("library", "shares its slot with", "severed", "misdelivered"), lines)


def _severed(finding: Finding) -> str:
    return "no" if finding.severed is None else f"in {len(finding.severed.trace)} steps"


def _misdelivered(finding: Finding) -> str:
    return "no" if finding.misdelivered is None else f"in {len(finding.misdelivered.trace)} steps"


def alone() -> str:
    """The crates that count, and whose server nobody else is known to use."""
    counters = [counter for counter in load().counters.values() if counter.shadow is None]
    servers = Counter(counter.server for counter in counters)
    crates = [counter.crate for counter in counters if servers[counter.server] == 1]
    return ", ".join(f"`{crate}`" for crate in dict.fromkeys(crates)) + ".\n"


def header_fields() -> str:
    """Where the fields of the page's header are, with 32 slots and with 46."""
    small, large = _spans(32), _spans(46)
    lines = [(f"`{name}`", small[name], large[name]) for name in small]
    return markdown(("field", "bytes with 32 slots", "bytes with 46 slots"), lines)


def _spans(slots: Literal[32, 46]) -> dict[str, str]:
    page = xs.World(slots=slots).process("app").page()
    fields = [field for field in page if field.offset < HEADER_BYTES and field.name != "(padding)"]
    return {field.name: _span(field.offset, field.offset + field.size - 1) for field in fields}


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def decisions() -> str:
    """Three ways to hold a connection against three kinds of company in the same process."""
    ways = (IDIOMS["refcounted_drop"], IDIOMS["mutex_guarded"], IDIOMS["arc_pool_strong"])
    lines = [(who, *(_decision(way, crates, std) for way in ways)) for who, crates, std in _COMPANY]
    header = ("who else uses the server", "counted", "counted, under one lock", "never disconnected")
    return markdown(header, lines)


_COMPANY: Final = (
    ("nobody but this library", 1, False),
    ("another library, in the same way", 2, False),
    ("std", 1, True),
)


def _decision(way: Idiom, crates: int, std: bool) -> str:
    found = xs.explore(verdict_scenario(replace(way, crates=crates), 2, std_shadow=std))
    return _word(found)


def _word(found: xs.Exploration) -> str:
    if found.violation is not None:
        return found.violation.property
    return "**sound**" if found.verdict == "sound" else found.verdict


def verdict_cells(results: Sequence[RowResult]) -> str:
    """The verdict table: a line for an idiom, a column for a kernel and whether std uses the server too."""
    lines = []
    for title, group in groupby(results, key=lambda result: result.row.idiom.title):
        rows = list(group)
        lines.append((title, *(_cell(_of(rows, connect, std)) for connect, std in _COLUMNS)))
    return markdown(("idiom", *_COLUMNS.values()), lines)


_COLUMNS: Final = {
    ("reuse", False): "today",
    ("reuse", True): "today, beside std",
    ("unique", False): "unique CIDs",
    ("unique", True): "unique CIDs, beside std",
}


def _of(rows: Iterable[RowResult], connect: str, std: bool) -> list[RowResult]:
    return [one for one in rows if (one.row.connect, one.row.std_shadow) == (connect, std)]


def _cell(rows: Sequence[RowResult]) -> str:
    """What the explorations of a cell found; where they differ, for how many clients."""
    words: dict[str, list[int]] = {}
    for one in rows:
        words.setdefault(_word(one.exploration), []).append(one.row.clients)
    if len(words) == 1:
        return next(iter(words))
    return ", ".join(f"{word} with {_amounts(clients)} clients" for word, clients in words.items())


def _amounts(clients: Iterable[int]) -> str:
    return " or ".join(str(amount) for amount in sorted(set(clients)))
