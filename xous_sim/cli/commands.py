"""The group of all commands: what is said of an option that has a wrong value."""

from __future__ import annotations

from typing import Any, Final

import typer
from typer.core import TyperGroup

_TECHNICAL: Final = "Value error, "
"""What Typer puts in front of a sentence of its own."""


class Commands(TyperGroup):
    """Commands whose messages about wrong values are plain sentences."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that is asked for."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix(_TECHNICAL)
            raise
