"""What must hold in every state of the reference."""

from __future__ import annotations

from .server import Queued, Server
from .state import TOMBSTONE, State


def check_invariants(state: State) -> None:
    """Assert what the algorithms take for granted."""
    for process in state.processes.values():
        assert 1 <= process.pid <= state.profile.pid_limit
        assert len(process.slots) == state.slots
        for value in process.slots:
            assert value <= TOMBSTONE or state.servers[value - 2] is not None, "a connection leads to a live server"
    for server in state.servers:
        if server is not None:
            assert server.owner in state.processes, "a server dies with its owner"
            _check_queue(server)


def _check_queue(server: Server) -> None:
    generations = [slot.generation for slot in server.queue if isinstance(slot, Queued)]
    count = (server.tail_generation - server.head_generation) % 256
    expected = {(server.head_generation + n) % 256 for n in range(count)}
    assert len(generations) == count and set(generations) == expected, "one message for each generation"
