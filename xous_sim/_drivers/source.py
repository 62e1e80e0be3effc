"""Where in the user's code something happens: the frames of this package's own are left out."""

from __future__ import annotations

import sys
import traceback
from types import FrameType
from typing import Final

_PACKAGE: Final = __file__.rsplit("_drivers", 1)[0]
_OURS: Final = {
    _PACKAGE + name
    for name in (
        "_arithmetic.py",
        "explore.py",
        "handles.py",
        "messages.py",
        "names.py",
        "process.py",
        "sync.py",
        "values.py",
        "world.py",
    )
}


def is_ours(filename: str) -> bool:
    """Whether a frame of this file is between an operation and the body that asks for it."""
    return filename in _OURS or filename.startswith(_PACKAGE + "_drivers")


def describe(error: BaseException) -> str:
    """An exception with its traceback, without the frames of this package's own."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not is_ours(frame.filename)]
    lines = traceback.format_list(theirs) + traceback.format_exception_only(error)
    return "".join(lines).rstrip()


def users_frame() -> FrameType | None:
    """The innermost frame of the user's code."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and (is_ours(frame.f_code.co_filename) or "contextlib" in frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def source() -> str:
    """File and line of the operation in the user's code."""
    frame = users_frame()
    return "?" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"
