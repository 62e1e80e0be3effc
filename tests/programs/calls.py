"""Programs of clients and a server with a queue: threads wait in the kernel, are woken by others, and end others.

The server appends what it hears to a log, so the order of messages is seen in the end. Left out: lent memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

import xous_sim as xs

Item = tuple[Any, ...]
"""A verb, and what it says."""
BLOCKING_SCALAR: Final = 4
"""The kind of a message whose sender waits."""
BASE: Final = 4
"""The log is a number in this base; what is said are digits from 1 on."""


@dataclass(frozen=True)
class Calls:
    """A scenario: what each thread of the client's process does, and each of the server's."""

    clients: tuple[tuple[Item, ...], ...]
    servers: tuple[tuple[Item, ...], ...]


@dataclass(frozen=True)
class _Shared:
    app: xs.Process
    service: xs.Process
    server: xs.Server
    log: xs.Cell
    heard: xs.Cell

    def answer(self, envelope: xs.Envelope) -> None:
        self.log.set(int(self.log.get()) * BASE + envelope.opcode)
        if envelope.kind == BLOCKING_SCALAR:
            envelope.return_scalar(self.log.get())


def _client(shared: _Shared, items: tuple[Item, ...]) -> None:
    connection = shared.app.connect(shared.server)
    for verb, *said in items:
        if verb == "tell":
            shared.app.send(connection, xs.Scalar(*said))
        elif verb == "ask":
            answer = shared.app.send(connection, xs.BlockingScalar(*said))
            shared.heard.set(answer.unwrap() if answer.is_ok() else 99)
        elif verb == "leave":
            shared.app.disconnect(connection)
        else:
            shared.app.terminate()


def _serve(shared: _Shared, items: tuple[Item, ...]) -> None:
    for (verb,) in items:
        if verb == "receive":
            shared.answer(shared.service.receive(shared.server))
        elif verb == "poll":
            envelope = shared.service.try_receive(shared.server)
            if envelope is not None:
                shared.answer(envelope)
        elif verb == "destroy":
            shared.service.destroy_server(shared.server)
        else:
            shared.service.terminate()


def scenario(calls: Calls) -> Callable[[xs.World], None]:
    """The program as a scenario."""

    def set_up(world: xs.World) -> None:
        service, app = world.process("service"), world.process("app")
        shared = _Shared(app, service, service.create_server("queue"), world.cell(name="log"), world.cell(name="heard"))
        for items in calls.clients:
            app.spawn(_client, shared, items)
        for items in calls.servers:
            service.spawn(_serve, shared, items)

    return set_up


def heard(state: xs.StateView) -> tuple[int, ...]:
    """What the server heard, the last answer, and the clients' connections."""
    return int(state["log"]), int(state["heard"]), *state.connection_map("app")


_said = st.integers(1, BASE - 1)
_talk = st.tuples(st.sampled_from(("ask", "tell")), _said)
_asking: st.SearchStrategy[Item] = st.one_of(_talk, _talk, _talk, st.just(("terminate",)))
_last: st.SearchStrategy[Item] = st.sampled_from((("leave",), ("leave",), ("leave",), ("terminate",)))
_serving: st.SearchStrategy[Item] = st.sampled_from(
    (*[("receive",)] * 6, ("poll",), ("poll",), ("destroy",), ("terminate",))
)


@st.composite
def calls(draw: st.DrawFn) -> Calls:
    """One or two clients, one or two threads that serve them; threads of one process are often equal."""
    clients = draw(st.integers(1, 2))
    asking = st.builds(lambda said, last: (*said, last), st.lists(_asking, min_size=1, max_size=4 - clients), _last)
    serving = st.lists(_serving, min_size=1, max_size=4).map(tuple)
    first = draw(asking)
    others = [draw(st.one_of(st.just(first), asking)) for _ in range(clients - 1)]
    servers = draw(st.lists(serving, min_size=1, max_size=3 - clients))
    return Calls((first, *others), tuple(servers))
