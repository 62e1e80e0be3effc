"""What the brute-force search knows of the kernel: connections, one server with a queue, TIDs, deaths of processes.

Left out: full queues, full maps, memory.
"""

from __future__ import annotations

from typing import Final

from .state import OVER, TOMBSTONE, Handle, Number, Place, Reference, Server, Shared, Slots, State, replaced

APP: Final = 0
PEER: Final = 1
QUEUED: Final = 2
"""The server whose queue is modelled; the second process owns it."""
NAMES: Final = 3
"""The name server, to which every process is connected."""
NAMED: Final = 4
"""The server that it knows."""
MAIN_TID: Final = 2
LAST_TID: Final = 30


def connect(shared: Shared, process: int, server: int, *, reuses: bool) -> tuple[Shared, Handle] | None:
    """A connection; None where there is no such server."""
    slots = _map(shared, process)
    place = shared.find(server)
    if place is None:
        return None
    entry = shared.table[place]
    assert entry is not None
    slot = slots.index(place if reuses and place in slots else None)
    return _with_slot(shared, process, slot, place), Handle(process, slot + 2, entry)


def disconnect(shared: Shared, handle: Handle) -> Shared | None:
    """None where the slot is free."""
    slot = handle.cid - 2
    if _map(shared, handle.process)[slot] is None:
        return None
    return _with_slot(shared, handle.process, slot, None)


def reached(shared: Shared, handle: Handle) -> Server | None:
    """The server that a message through a connection reaches."""
    place = _map(shared, handle.process)[handle.cid - 2]
    return None if place is None or place == TOMBSTONE else shared.table[place]


def next_tid(shared: Shared, process: int, places: tuple[Place, ...], profile: str) -> int:
    """The TID of a new thread: hardware looks for a free one from the last on, hosted none is ever free again."""
    last: int = shared.tids[process]
    if profile == "hosted":
        return last + 1
    used = {place.tid for place in places if place.pc >= 0 and place.process == process} | {MAIN_TID}
    free: list[int] = [tid for tid in (*range(last, LAST_TID + 1), *range(MAIN_TID, last)) if tid not in used]
    return free[0]


def end(state: State, process: int) -> State:
    """A process of the program ends with its threads; the second one's server goes with it."""
    shared, places = state
    dead = {number for number, place in enumerate(places) if place.pc >= 0 and place.process == process}
    shared = shared._replace(
        maps=replaced(shared.maps, process, None),
        queue=tuple(None if client in dead else client for client in shared.queue),
    )
    if process == PEER:
        shared = _without(shared, QUEUED)._replace(queue=(), parked=())
    return shared, tuple(OVER if number in dead else place for number, place in enumerate(places))


def die(state: State, process: int) -> State:
    """The same, at any point."""
    shared, places = end(state, process)
    return shared._replace(deaths=shared.deaths - 1), places


def server_dies(shared: Shared, server: int) -> Shared:
    """The process of a server dies that answers at once."""
    return _without(shared, server)._replace(deaths=shared.deaths - 1)


def come_back(shared: Shared, server: int) -> Shared:
    """A server begins anew, in the first place of the table that is free."""
    lives = replaced(shared.lives, server, shared.lives[server] + 1)
    new = Server(server, lives[server])
    return shared._replace(lives=lives, table=replaced(shared.table, shared.table.index(None), new))


def unheld(shared: Shared, process: int, held: set[Handle]) -> int | None:
    """What is in the first slot that nobody holds; nobody need hold what a set-up opened."""
    cids = {handle.cid for handle in held if handle.process == process}
    for slot, place in enumerate(shared.maps[process] or ()):
        entry = None if place is None or place == TOMBSTONE else shared.table[place]
        kept = entry is not None and (entry.number == NAMES or (process == PEER and entry.number == QUEUED))
        if place is not None and slot + 2 not in cids and not kept:
            return place
    return None


def handles(shared: Shared, places: tuple[Place, ...], names: tuple[str, ...]) -> set[Handle]:
    """The connections that somebody can still use; a count alone keeps none."""
    own: list[Number | Reference] = [value for place in places for name, value in place.own if name in names]
    counted = [shared.heap[value.place].connection for value in own if isinstance(value, Reference)]
    values = (*shared.atomics, shared.cell, shared.pool, *own, *counted)
    return {value for value in values if isinstance(value, Handle)}


def _map(shared: Shared, process: int) -> Slots:
    slots = shared.maps[process]
    assert slots is not None, "only the living act"
    return slots


def _with_slot(shared: Shared, process: int, slot: int, content: int | None) -> Shared:
    slots = replaced(_map(shared, process), slot, content)
    return shared._replace(maps=replaced(shared.maps, process, slots))


def _without(shared: Shared, server: int) -> Shared:
    """A server is gone; connections to it are tombstones."""
    gone = shared.find(server)
    if gone is None:
        return shared
    maps = tuple(slots and tuple(TOMBSTONE if place == gone else place for place in slots) for slots in shared.maps)
    return shared._replace(table=replaced(shared.table, gone, None), maps=maps)
