"""Results as the commands print them: traces as text, explorations as JSON."""

from __future__ import annotations

import json
from typing import Any, Final

from ..result import Exploration
from ..trace import Trace
from ..traces import to_json

_FIELDS: Final = (
    "verdict",
    "exhausted",
    "caveats",
    "states",
    "schedules",
    "redundant",
    "covered_preemptions",
    "estimated_total",
    "missed_at_most",
    "transitions",
    "depth",
    "frontier",
    "seconds",
    "body_runs",
)


def told(trace: Trace, width: int) -> str:
    """A trace as text, in so many columns."""
    return trace.to_text(width=width)


def trace_as_json(trace: Trace) -> dict[str, Any]:
    """A trace as ``docs/trace.schema.json`` describes one of a document's."""
    (recorded,) = json.loads(to_json([trace]))["traces"]
    return dict(recorded)


def exploration_as_json(found: Exploration, target: str, *, interrupted: bool = False) -> dict[str, Any]:
    """An exploration, with the traces of its counterexamples."""
    return {
        "scenario": target,
        "strategy": type(found.strategy).__name__.lower(),
        "interrupted": interrupted,
        **{name: getattr(found, name) for name in _FIELDS},
        "counterexamples": [trace_as_json(trace) for trace in found.traces],
    }
