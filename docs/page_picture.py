"""Draws the header of the process page, a cell a byte, with 32 slots and with 46, as an SVG picture.

Where the fields are is asked of the model. Left out: the registers of the threads, which fill the rest of the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal
from xml.sax.saxutils import escape

import xous_sim as xs

HEADER_BYTES: Final = 128
COLUMNS: Final = 32
CELL: Final = 24
LEFT: Final = 48
HEIGHT: Final = 4 * CELL + 96
"""Of one layout, with its title and its legend."""
WIDTH: Final = LEFT + COLUMNS * CELL + 16

_STYLE: Final = """
  text { font: 12px ui-monospace, "DejaVu Sans Mono", monospace; fill: #24292f }
  .title { font-weight: bold; font-size: 14px }
  rect { stroke: #ffffff; stroke-width: 1.5 }
  .paper { fill: #ffffff; stroke: none }
  .slot { fill: #0072b2 } .new { fill: #d55e00 } .field { fill: #9aa4b0 } .spare { fill: #e6eaee }
"""
"""The paper is opaque, so that the picture can be read on light and on dark pages."""
_LEGEND: Final = (
    ("slot", "connection map"),
    ("new", "14 new slots"),
    ("field", "other fields"),
    ("spare", "spare"),
)
_END_TODAY: Final = 68
"""The byte behind the connection map of 32 slots."""


def picture() -> str:
    """Both layouts, one below the other."""
    parts = [*_layout(32, 0), *_layout(46, HEIGHT)]
    size = f'width="{WIDTH}" height="{2 * HEIGHT}" viewBox="0 0 {WIDTH} {2 * HEIGHT}"'
    paper = f'<rect class="paper" width="{WIDTH}" height="{2 * HEIGHT}"/>'
    title = "<title>The header of the process page with 32 slots and with 46</title>"
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>', title, f"<style>{_STYLE}</style>", paper]
    return "\n".join([*lines, *parts, "</svg>", ""])


def kinds(slots: Literal[32, 46]) -> list[str]:
    """What each byte of the header is."""
    found = ["spare"] * HEADER_BYTES
    for field in xs.World(slots=slots).process("app").page():
        if field.offset < HEADER_BYTES and field.name[0] not in "(_":
            for byte in range(field.offset, field.offset + field.size):
                found[byte] = "slot" if field.name == "connection_map" else "field"
    return ["new" if kind == "slot" and byte >= _END_TODAY else kind for byte, kind in enumerate(found)]


def _layout(slots: Literal[32, 46], top: int) -> Iterator[str]:
    bytes_ = kinds(slots)
    spare = bytes_.count("spare")
    yield _text(LEFT, top + 24, f"{slots} slots: {spare} of {HEADER_BYTES} bytes are spare", "title")
    for byte, kind in enumerate(bytes_):
        row, column = divmod(byte, COLUMNS)
        if column == 0:
            yield _text(8, top + 36 + row * CELL + 16, f"{byte:4}")
        yield _cell(LEFT + column * CELL, top + 36 + row * CELL, kind)
    yield from _legend(set(bytes_), top + 36 + 4 * CELL + 12)


def _legend(used: set[str], top: int) -> Iterator[str]:
    left = LEFT
    for kind, words in _LEGEND:
        if kind in used:
            yield _cell(left, top, kind)
            yield _text(left + CELL + 8, top + 16, words)
            left += 190


def _cell(left: int, top: int, kind: str) -> str:
    return f'<rect class="{kind}" x="{left}" y="{top}" width="{CELL}" height="{CELL}"/>'


def _text(left: int, top: int, words: str, kind: str = "") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text{of_kind} x="{left}" y="{top}" xml:space="preserve">{escape(words)}</text>'
