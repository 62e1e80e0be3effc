"""What is not drawn or compared yet, because it is known to go wrong."""

from __future__ import annotations

from typing import Final

LATER: Final = frozenset(
    {
        "replays of counterexamples",
        "deaths in parts",
        "samples beyond a bound",
        "failing before the first operation",
        "forgotten shares",
        "equal bodies",
    }
)
