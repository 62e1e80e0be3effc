"""Markdown pages taken apart for tests: code blocks, links, anchors.

Left out: whatever Markdown can do and our pages don't, such as indented code, reference links and HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(?P<language>[^\n]*)\n(?P<code>.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!\\)!?\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target>[^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (?P<title>.+)$", re.MULTILINE)
_FILE = re.compile(r"`(?P<name>[\w.-]+\.\w+)`:\s*\Z")


@dataclass(frozen=True)
class Block:
    """A block of code.

    Attributes:
        language: What stands behind the opening backticks, up to a comma.
        code: What stands between the fences.
        file: The file that it is said to be: the paragraph above ends with the name in backticks and a colon.
        follows: Whether nothing stands between it and the block before.
        line: The line of its opening fence, from 1.
    """

    language: str
    code: str
    file: str | None
    follows: bool
    line: int


def blocks(text: str) -> list[Block]:
    """The blocks of a page, in order."""
    found: list[Block] = []
    end = 0
    for fence in _FENCE.finditer(text):
        above = text[end : fence.start()]
        name = _FILE.search(above)
        line = text.count("\n", 0, fence.start()) + 1
        follows = bool(found) and not above.strip()
        language = fence["language"].partition(",")[0]
        found.append(Block(language, fence["code"], name and name["name"], follows, line))
        end = fence.end()
    return found


def prose(text: str) -> str:
    """A page without its code."""
    return re.sub(r"`[^`\n]+`", "``", _FENCE.sub("", text))


def links(text: str) -> list[str]:
    """Where a page's links and pictures lead to."""
    return [link["target"] for link in _LINK.finditer(prose(text))]


def anchors(text: str) -> set[str]:
    """The names of a page's headings, as mdBook and GitHub make them."""
    return {anchor(heading["title"]) for heading in _HEADING.finditer(_FENCE.sub("", text))}


def anchor(title: str) -> str:
    """The name of a heading."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def pages(folder: Path) -> list[Path]:
    """The pages in a folder and below."""
    return sorted(folder.rglob("*.md"))
