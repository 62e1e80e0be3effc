"""What an idiom is: a name, where it comes from, and a way to prepare it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import final

from ..handles import Connection
from ..process import Process, Server
from ..world import World

Open = Callable[[], AbstractContextManager[Connection]]
"""Opens a connection: entering is Rust's ``new()``, leaving is Rust's ``drop``."""
Prepare = Callable[[World, Process, Server], Open]
"""Declares the statics of one crate that uses an idiom, and gives its way to open connections to a server."""


@final
@dataclass(frozen=True)
class Idiom:
    """One way to manage the life of a connection.

    Attributes:
        name: The name of its module in :mod:`xous_sim.idioms`.
        title: Its name for readers.
        source: Where it comes from.
        prepare: Declares its statics in a scenario.
        crates: How many crates of a program use it for the same server, each with statics of its own.
    """

    name: str
    title: str
    source: str
    prepare: Prepare
    crates: int = 1
