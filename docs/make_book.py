"""Lays out what mdBook builds: a copy of the pages, and the API reference made from the docstrings.

``nox -s book`` runs it. mdBook copies whatever lies beside the pages, so it is given a folder without these scripts.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Final

import api_pages

DOCS: Final = Path(__file__).parent
_NOT_FOR_READERS: Final = ("*.py", "__pycache__", "book")
_REFERENCE: Final = "- [API reference](api.md)\n"


def lay_out(target: Path) -> None:
    """Writes everything into ``target``, which is emptied first."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(DOCS, target, ignore=shutil.ignore_patterns(*_NOT_FOR_READERS))
    for page in target.rglob("*.md"):
        page.write_text(without_blank_ends(page.read_text("utf-8")), "utf-8")
    summary = target / "SUMMARY.md"
    pages = [f"  - [{title}](api/{name})\n" for title, name in api_pages.write(target / "api")]
    summary.write_text(with_reference(summary.read_text("utf-8"), pages), "utf-8")


def without_blank_ends(page: str) -> str:
    """A page without the empty line that ends the output of an example: doctest needs it, and readers do not."""
    return page.replace("\n\n```\n", "\n```\n")


def with_reference(summary: str, lines: list[str]) -> str:
    """The summary with the lines of the API reference below its own.

    Raises:
        ValueError: If the summary has no line for the reference.
    """
    if _REFERENCE not in summary:
        raise ValueError(f"SUMMARY.md must have the line {_REFERENCE!r}")
    return summary.replace(_REFERENCE, _REFERENCE + "".join(lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    lay_out(parser.parse_args().target)
