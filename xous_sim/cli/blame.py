"""Exceptions in a sentence: what was raised, and in which line of whose file."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

_PACKAGE: Final = str(Path(__file__).parents[1])


def in_words(error: BaseException) -> str:
    """An exception that came out of a command: of the user's code where any of that ran, else a defect of ours."""
    place = users_line(error)
    if place is None:
        return f"this is a defect of xous-sim, please report it: {named(error)} in {_last_line(error)}"
    return f"the scenario raised {named(error)} ({place})"


def named(error: BaseException) -> str:
    """The exception's class and message."""
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def users_line(error: BaseException) -> str | None:
    """File and line of the user's code that raised an exception last; ``None`` if none ran."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f"{error.filename}, line {error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename)]
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else None


def _is_users(filename: str) -> bool:
    """Whether a file is neither ours nor one of a library's or of Python's."""
    libraries = ("site-packages", "dist-packages", f"{Path(traceback.__file__).parent}", "<frozen", "<string>")
    return not filename.startswith(_PACKAGE) and not any(part in filename for part in libraries)


def _last_line(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}, line {frame.lineno}"
