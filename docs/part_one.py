"""The tables of the chapter on disconnect, as Markdown: each is explored, or read from the inventory or a page.

``make_pictures.py`` puts them into the pages. Left out: any judgement. A cell says what an exploration found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

import xous_sim as xs
from page import markdown
from xous_sim.census import Census, Finding, load, pairs, take_census
from xous_sim.idioms import IDIOMS, Idiom
from xous_sim.verdicts import RowResult, verdict_scenario

HEADER_BYTES: Final = 128
"""Of the process page, before the registers of its threads."""


def std_connections() -> str:
    """Which connections std keeps."""
    lines = [(std.server.join("``"), std.used_by, "SID" if std.connect == "connect" else "name") for std in _std()]
    return markdown(("server", "used for", "found by"), lines)


def _std() -> Iterable[xs.census.StdService]:
    return (std for std in load().std.values() if std.cached)


def shadows() -> str:
    """What happens to std's connections beside the libraries that count theirs."""
    lines = [(*_library(census), *_fates(census.findings[0])) for census in map(take_census, pairs())]
    return markdown(("library", "also used by", "severed", "misdelivered"), lines)


def _library(census: Census) -> tuple[str, str]:
    counter, std = census.uses
    entry = load().counters[counter]
    return f"{entry.crate}: {entry.type}", load().std[std].used_by


def _fates(finding: Finding) -> tuple[str, str]:
    found = (finding.severed, finding.misdelivered)
    return tuple("no" if one is None else f"in {len(one.trace)} steps" for one in found)  # type: ignore[return-value]


def alone() -> str:
    """The libraries that count, and whose server std does not use."""
    names = [f"{entry.crate}" for entry in load().counters.values() if entry.shadow is None]
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names)) + ".\n"


def header_fields() -> str:
    """Where the fields of the page's header are, with 32 slots and with 46."""
    small, large = (_spans(slots) for slots in (32, 46))
    return markdown(("field", "with 32 slots", "with 46 slots"), [(f"`{name}`", small[name], large[name]) for name in small])


def _spans(slots: int) -> dict[str, str]:
    page = xs.World(slots=slots).process("app").page()  # type: ignore[arg-type]
    fields = [field for field in page if field.offset < HEADER_BYTES and field.name != "(padding)"]
    return {field.name: f"{field.offset} to {field.offset + field.size - 1}" for field in fields}
