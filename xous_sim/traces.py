"""Several traces in one file: a page to step through, or JSON.

=============== ==================================================================================
:func:`to_html` one page for several traces, to step through with keyboard, mouse or screen reader
:func:`to_json` one document for several traces
:func:`load`    the traces of such a document
=============== ==================================================================================

A single :class:`xous_sim.Trace` has these and more renderings as methods.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import overload

from . import _native
from ._view.writing import PathText, hand_over
from .errors import MisuseError, TraceError
from .trace import Trace


@overload
def to_html(traces: Iterable[Trace], path: None = None) -> str: ...
@overload
def to_html(traces: Iterable[Trace], path: PathText) -> None: ...
def to_html(traces: Iterable[Trace], path: PathText | None = None) -> str | None:
    """Renders traces as one HTML page to step through, with a slider over the traces.

    The page holds everything it needs and asks the network for nothing.

    Args:
        traces: At least one.
        path: Where it is written; ``None`` returns it.

    Raises:
        MisuseError: If there are no traces.
        OSError: If the file cannot be written.

    Example:
        >>> import xous_sim as xs
        >>> from xous_sim.failure_modes import FAILURE_MODES
        >>> found = [FAILURE_MODES[letter].find().trace for letter in "AB"]
        >>> xs.traces.to_html(found)[:15]
        '<!doctype html>'
    """
    return hand_over(_native.recordings_to_html(_recordings(traces)), path)


@overload
def to_json(traces: Iterable[Trace], path: None = None) -> str: ...
@overload
def to_json(traces: Iterable[Trace], path: PathText) -> None: ...
def to_json(traces: Iterable[Trace], path: PathText | None = None) -> str | None:
    """Renders traces as one JSON document, which ``docs/trace.schema.json`` describes.

    Args:
        traces: At least one.
        path: Where it is written; ``None`` returns it.

    Raises:
        MisuseError: If there are no traces.
        OSError: If the file cannot be written.
    """
    return hand_over(_native.recordings_to_json(_recordings(traces)), path)


def load(path: PathText) -> tuple[Trace, ...]:
    """Reads the traces of a JSON document, whoever wrote it.

    Args:
        path: The file.

    Raises:
        TraceError: If it is no such document; the message names the file and what is wrong.
        OSError: If the file cannot be read.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise MisuseError(f"a path is a text or a pathlib.Path, not {type(path).__name__}")
    with open(path, encoding="utf-8") as file:
        try:
            return tuple(Trace(recording) for recording in _native.Recording.parse(file.read()))
        except (TraceError, UnicodeDecodeError) as error:
            raise TraceError(f"{os.fspath(path)}: {error}") from None


def _recordings(traces: Iterable[Trace]) -> list[_native.Recording]:
    listed = list(traces)
    for trace in listed:
        if not isinstance(trace, Trace):
            raise MisuseError(f"a trace is needed, such as xs.explore(...).trace, not {type(trace).__name__}")
    if not listed:
        raise MisuseError("there is no trace to render")
    return [trace._recording for trace in listed]
