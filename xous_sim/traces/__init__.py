"""Recorded executions: to print, to step through in a browser, to put into a book, to keep as JSON.

=============== ==================================================================================
:func:`to_html` one page for several traces, to step through with keyboard, mouse or screen reader
:func:`to_json` one document for several traces
:func:`load`    the traces of such a document
=============== ==================================================================================

A single :class:`Trace` has these and more renderings as methods.
"""

from __future__ import annotations

from .documents import load, to_html, to_json
from .trace import Step, Trace, Violation

__all__ = ["Step", "Trace", "Violation", "load", "to_html", "to_json"]
