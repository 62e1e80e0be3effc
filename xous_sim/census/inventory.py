"""The inventory of connections: loading ``census.toml`` and checking it.

Each entry names what its table needs and nothing else; whatever is wrong with it is reported with the entry's name.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from importlib import resources
from typing import Any, Final, TypeVar, final

from ..errors import XousSimError

NAMES: Final = "xous-names"
"""The entry of the library that temporary name-server connections are made with."""
_CONNECTS: Final = ("connect", "names")


@final
class CensusError(XousSimError):
    """The inventory is not well-formed, or lacks what is asked for."""


@final
@dataclass(frozen=True)
class StdService:
    """A connection that is cached in a private static, never counted and never disconnected.

    Attributes:
        name: What the command line calls it.
        server: What it is connected to.
        connect: ``"connect"`` (by SID) or ``"names"`` (through xous-names).
        used_by: What of std goes through it.
        source: The file that has it.
        cached: Whether it is kept for ever; the panic writer's is kept with the writer.
    """

    name: str
    server: str
    connect: str
    used_by: str
    source: str
    cached: bool


@final
@dataclass(frozen=True)
class Counter:
    """A library that counts its objects and disconnects with the last one.

    Attributes:
        name: What the command line calls it.
        crate: The crate.
        server: What it is connected to.
        connect: ``"connect"`` (by SID) or ``"names"`` (through xous-names).
        unwraps: Whether the drop unwraps the result of disconnect.
        temporary_names: Whether the constructor makes and drops a ``XousNames`` of its own.
        shadow: The std service with the same connection, if there is one.
        type: The type whose objects are counted, where the inventory names one.
    """

    name: str
    crate: str
    server: str
    connect: str
    unwraps: bool
    temporary_names: bool
    shadow: str | None = None
    type: str | None = None


@final
@dataclass(frozen=True)
class Inventory:
    """All entries by name, in the order of the file."""

    std: Mapping[str, StdService]
    counters: Mapping[str, Counter]

    def find(self, name: str) -> Counter | StdService:
        """The entry of a name.

        Raises:
            CensusError: If there is none; it lists names that come near.
        """
        entry = self.counters.get(name) or self.std.get(name)
        if entry is not None:
            return entry
        known = [*self.counters, *self.std]
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"
        raise CensusError(f"there is no {name!r} in the inventory: {hint}")


def load() -> Inventory:
    """The inventory that comes with the package."""
    return parse((resources.files("xous_sim") / "data" / "census.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Inventory:
    """An inventory from TOML.

    Raises:
        CensusError: If it is not well-formed.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CensusError(f"the inventory is not TOML: {error}") from error
    unknown = sorted(document.keys() - {"std", "counter"})
    if unknown:
        raise CensusError(f"the inventory has a table {unknown[0]!r}: only [[std]] and [[counter]] have a meaning")
    std = _by_name([_entry(StdService, table) for table in _tables(document, "std")])
    counters = _by_name([_entry(Counter, table) for table in _tables(document, "counter")])
    inventory = Inventory(std, counters)
    _check(inventory)
    return inventory


def _tables(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    tables = document.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise CensusError(f"{key} must be an array of tables: write [[{key}]]")
    return tables


Entry = TypeVar("Entry", StdService, Counter)


def _entry(kind: type[Entry], table: dict[str, Any]) -> Entry:
    label = f"entry {table.get('name', '(without a name)')!r}"
    known = {field.name: field for field in fields(kind)}
    for key in table:
        if key not in known:
            raise CensusError(f"{label} has an unknown key {key!r}: known are {', '.join(known)}")
    for name, field in known.items():
        if name not in table and field.default is MISSING:
            raise CensusError(f"{label} lacks the key {name!r}")
        wanted = bool if field.type == "bool" else str
        if name in table and not isinstance(table[name], wanted):
            raise CensusError(f"{label}: {name} must be a {wanted.__name__}, not {table[name]!r}")
    if table["connect"] not in _CONNECTS:
        raise CensusError(f"{label}: connect must be one of {', '.join(_CONNECTS)}, not {table['connect']!r}")
    return kind(**table)


def _by_name(entries: Iterable[Entry]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.name in found:
            raise CensusError(f"there are two entries {entry.name!r}: give one of them another name")
        found[entry.name] = entry
    return found


def _check(inventory: Inventory) -> None:
    """What entries say of each other."""
    for name in inventory.counters.keys() & inventory.std.keys():
        raise CensusError(f"{name!r} is both a counter and a std service: give one of them another name")
    for counter in inventory.counters.values():
        if counter.shadow is None:
            continue
        shadow = inventory.std.get(counter.shadow)
        if shadow is None:
            raise CensusError(f"entry {counter.name!r}: its shadow {counter.shadow!r} is no [[std]] entry")
        if shadow.server != counter.server:
            raise CensusError(f"entry {counter.name!r}: its shadow {shadow.name!r} is connected to {shadow.server!r}")
    temporary = [counter.name for counter in inventory.counters.values() if counter.temporary_names]
    if temporary and NAMES not in inventory.counters:
        raise CensusError(f"entry {temporary[0]!r} has temporary_names, but there is no entry {NAMES!r}")
