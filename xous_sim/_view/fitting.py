"""Whether a table fits a terminal without being squeezed."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

_UNLIMITED: Final = 1000
"""Columns that no table here needs."""


def fits(table: Table, console: Console) -> bool:
    """Whether every cell of the table has room on one line."""
    return Measurement.get(console, console.options.update(max_width=_UNLIMITED), table).maximum <= console.width
