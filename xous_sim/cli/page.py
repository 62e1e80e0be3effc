"""``xous-sim page``: what the 4,096 bytes of a process page mean, today's or the proposed one's, or those of a dump."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .. import page as pages
from ..errors import MisuseError, PageError
from ..world import World
from .console import output, print_json, print_text
from .options import Json

Slots = Annotated[int, typer.Option("--slots", help="Connections that the layout has room for: 32 or 46.")]
Dump = Annotated[Path | None, typer.Argument(help="4,096 bytes to read; by default the page of a new process.")]

_HEADER = 128
"""Bytes in front of the threads' contexts."""
_VALUE = 30
"""Characters in front of a value."""


def page(dump: Dump = None, slots: Slots = 32, as_json: Json = False) -> None:
    """Shows a process page: its fields, and all its bytes with the names of what they are."""
    shown = _of_new_process(slots) if dump is None else _parsed(dump, slots)
    if as_json:
        print_json(_as_json(shown))
        return
    console = output()
    header = [field for field in shown if field.offset < _HEADER]
    lines = [f"{'at':>4} {'size':>4} {'field':18}  {shown.slots} slots"]
    lines += [line for field in header for line in _listed(field, console.width)]
    lines.append(f"{_HEADER:4} 3968 31 threads, 128 bytes each")
    print_text("\n".join([*lines, "", shown.hex_dump(width=console.width)]))


def _listed(field: pages.PageField, width: int) -> list[str]:
    """A field with its value, which goes on below where it is long."""
    value = field.raw.rstrip(b"\0").hex() or "0" if field.size > 4 else hex(int.from_bytes(field.raw, "little"))
    room = max(width - _VALUE, 2) // 2 * 2
    first, *others = [value[at : at + room] for at in range(0, len(value), room)]
    return [f"{field.offset:4} {field.size:4} {field.name:18}  {first}", *(" " * _VALUE + part for part in others)]


def _of_new_process(slots: int) -> pages.Page:
    world = World(slots=slots)  # type: ignore[arg-type]  # it is checked there
    return world.process("app").page()


def _parsed(dump: Path, slots: int) -> pages.Page:
    if slots not in (32, 46):
        raise MisuseError(f"{slots} is no size of the connection map: choose 32 or 46 slots")
    try:
        return pages.Page.parse(dump.read_bytes(), slots=slots)  # type: ignore[arg-type]  # it was just checked
    except PageError as error:
        raise PageError(f"{dump}: {error}") from None


def _as_json(shown: pages.Page) -> dict[str, Any]:
    def one(field: pages.PageField) -> dict[str, Any]:
        return {"name": field.name, "offset": field.offset, "size": field.size, "bytes": field.raw.hex()}

    return {"slots": shown.slots, "size": len(shown.render()), "fields": [one(field) for field in shown]}
