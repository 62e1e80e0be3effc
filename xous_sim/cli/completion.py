"""Completion in bash, to which a colon ends a word: ``race.py::s`` comes as three words, and only ``s`` is completed.

What passes between bash and a command is in the environment and on stdout; both are adapted here, so that the commands
see the word in one piece.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from .console import print_text

_SEPARATOR: Final = "::"


@contextmanager
def words_in_one_piece() -> Iterator[None]:
    """Joins the words that bash took apart, and gives back only what it will put behind the last colon."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    number = int(os.environ.get("COMP_CWORD") or 0)
    pieces = _joined(words[: number + 1])
    if os.environ.get("_XOUS_SIM_COMPLETE") != "complete_bash" or len(pieces) == len(words[: number + 1]):
        yield
        return
    os.environ |= {"COMP_WORDS": "\n".join(pieces), "COMP_CWORD": str(len(pieces) - 1)}
    answers = io.StringIO()
    try:
        with contextlib.redirect_stdout(answers):
            yield
    finally:
        print_text("".join(f"{line.rpartition(_SEPARATOR)[2]}\n" for line in answers.getvalue().splitlines()))


def _joined(words: Sequence[str]) -> list[str]:
    pieces: list[str] = []
    for word in words:
        if pieces and (word == _SEPARATOR or pieces[-1].endswith(_SEPARATOR)):
            pieces[-1] += word
        else:
            pieces.append(word)
    return pieces
