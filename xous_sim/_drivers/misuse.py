"""Exceptions out of a body that say nothing of the program: whoever wrote the body misused this package.

They end the exploration and reach its caller. Left out: numbers that do not fit, because that may depend on who came
first, and the real program would panic.
"""

from __future__ import annotations

import re
import sys
import traceback
from typing import Final

from ..errors import MisuseError
from ..kernel_error import KernelError
from ..values import DoesNotFitError
from .bodies import Body
from .source import is_ours

_PACKAGE: Final = __name__.partition(".")[0]
_CALL: Final = re.compile(r"(\w+)\.(\w+)\(\) (takes|missing|got) ")
"""How Python begins to say that a call does not fit the parameters of a method."""


def misuse_in(body: Body, error: BaseException) -> MisuseError | None:
    """What to tell the caller if a body ended because it misused this package; ``None`` if it did not."""
    if not _is_misuse(error):
        return None
    name = getattr(body.function, "__qualname__", repr(body.function))
    theirs = [frame for frame in traceback.extract_tb(error.__traceback__) if not is_ours(frame.filename)]
    line = f", {theirs[-1].filename}:{theirs[-1].lineno}" if theirs else ""
    kind = type(error) if isinstance(error, MisuseError) else MisuseError
    return kind(f"{error} (in body {name}{line})")


def _is_misuse(error: BaseException) -> bool:
    if isinstance(error, MisuseError):
        return not isinstance(error, DoesNotFitError)
    if isinstance(error, AttributeError):
        return _is_class_of_ours(type(error.obj)) and not isinstance(error.obj, KernelError)
    call = _CALL.match(str(error)) if isinstance(error, TypeError) else None
    return call is not None and hasattr(getattr(sys.modules[_PACKAGE], call[1], None), call[2])


def _is_class_of_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == _PACKAGE
