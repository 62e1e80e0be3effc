"""Handing a rendering over: as text, or into a file."""

from __future__ import annotations

import os

from ..errors import MisuseError

PathText = str | os.PathLike[str]
"""Where a file is."""


def hand_over(text: str, path: PathText | None) -> str | None:
    """Writes a text to a file in UTF-8 if there is a path, else returns it.

    Raises:
        MisuseError: If the path is no path.
        OSError: If the file cannot be written.
    """
    if path is None:
        return text
    if not isinstance(path, (str, os.PathLike)):
        raise MisuseError(f"a path is a text or a pathlib.Path, not {type(path).__name__}")
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return None
