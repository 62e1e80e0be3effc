"""Which frames are of this package, and where in the user's code an operation is asked for."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Final

_PACKAGE: Final = __file__.rsplit("_drivers", 1)[0]
_OURS: Final = {
    _PACKAGE + name
    for name in ("explore.py", "handles.py", "names.py", "process.py", "sync.py", "values.py", "world.py")
}


def is_ours(filename: str) -> bool:
    """Whether a frame of this file is between an operation and the body that asks for it."""
    return filename in _OURS or filename.startswith(_PACKAGE + "_drivers")


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
