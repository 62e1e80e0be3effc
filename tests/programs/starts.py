"""Programs whose threads start others and tell their TIDs: a TID that is free again tells who had ended by then.

Left out: what those threads could do beyond one step, as the small programs do that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

import xous_sim as xs

Item = str
"""A verb."""


@dataclass(frozen=True)
class Starts:
    """A scenario: what each thread does."""

    threads: tuple[tuple[Item, ...], ...]


@dataclass(frozen=True)
class _Shared:
    app: xs.Process
    count: xs.AtomicU32
    tids: xs.Cell


def _run(shared: _Shared, items: tuple[Item, ...]) -> None:
    child = None
    for verb in items:
        if verb == "start":
            child = shared.app.spawn(shared.count.fetch_add, 1)
        elif verb == "tell" and child is not None:
            shared.tids.set(child)
        elif verb == "join" and child is not None:
            shared.app.join(child)
        else:
            shared.count.load()


def scenario(starts: Starts) -> Callable[[xs.World], None]:
    """The program as a scenario."""

    def set_up(world: xs.World) -> None:
        app = world.process("app")
        shared = _Shared(app, world.atomic_u32(name="count"), world.cell(name="tids"))
        for items in starts.threads:
            app.spawn(_run, shared, items)

    return set_up


def tids(state: xs.StateView) -> tuple[int, ...]:
    """The last TID that was told, and how many have run."""
    return int(state["tids"]), int(state["count"])


_item: st.SearchStrategy[Item] = st.sampled_from(("start", "start", "tell", "join", "look"))


@st.composite
def starts(draw: st.DrawFn) -> Starts:
    """Two threads of up to three steps, or three of up to two; one may have none."""
    count = draw(st.sampled_from((2, 2, 3)))
    items = st.lists(_item, max_size=5 - count).map(tuple)
    return Starts(tuple(draw(items) for _ in range(count)))
