"""Quotas on a Xous server's queue: what a flood leaves, against bus1's own quotas; today's kernel is unchanged."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xous_sim as xs
from xous_sim.neighbours import bus1

Rule = Literal["none", "half", "per-user", "quasilinear"]
RULES: tuple[Rule, ...] = ("none", "half", "per-user", "quasilinear")
CREATE, RECEIVE, TRY_SEND, CONNECT = 14, 15, 24, 17
SCALAR, FULL, OK = 4, 15, 0
SID = (1, 2, 3, 4)
SLOTS = 64
"""Of a queue on the hosted build."""


class Queue:
    """A server that receives nothing unless told, and clients that send to it."""

    def __init__(self, rule: Rule, clients: int) -> None:
        self.kernel = xs.Kernel(profile="hosted", queue_quota=rule)
        self.server = self.kernel.boot_process()
        self.kernel.syscall(self.server, 2, CREATE, *SID)
        self.clients = [self.kernel.boot_process() for _ in range(clients)]
        for client in self.clients:
            self.kernel.syscall(client, 2, CONNECT, *SID)

    def send(self, client: int) -> bool:
        result = self.kernel.syscall(self.clients[client], 2, TRY_SEND, 2, SCALAR, 7).result
        assert result is not None and result[:2] in ((0, 0), (1, FULL))
        return result[0] == OK

    def receive(self) -> None:
        self.kernel.syscall(self.server, 2, RECEIVE, *SID)


@pytest.mark.parametrize("rule", RULES)
def test_greedy_processes_get_the_shares_of_the_rule(rule: Rule) -> None:
    queue, (shares, _) = Queue(rule, 4), bus1.shares(SLOTS, rule, 4)
    got = [sum(queue.send(client) for _ in range(SLOTS + 1)) for client in range(4)]
    assert got == shares


@given(
    rule=st.sampled_from(RULES),
    steps=st.lists(st.one_of(st.integers(0, 2), st.none()), max_size=150),
)
def test_the_queue_and_bus1s_quota_agree_at_every_step(rule: Rule, steps: list[int | None]) -> None:
    queue, quota = Queue(rule, 3), bus1.Quota(SLOTS, rule)
    waiting: list[int] = []
    for client in steps:
        if client is not None:
            sent = queue.send(client)
            assert sent == quota.charge(client, 1)
            waiting += [client] * sent
        elif waiting:
            queue.receive()
            quota.discharge(waiting.pop(0), 1)


def test_the_servers_own_process_is_held_by_the_length_alone() -> None:
    queue = Queue("half", 1)
    queue.clients = [queue.server]
    assert sum(queue.send(0) for _ in range(SLOTS + 1)) == SLOTS


@pytest.mark.parametrize("rule", ["half", "per-user", "quasilinear"])
def test_a_victim_is_served_beside_a_flood_with_a_quota_and_is_not_without(rule: Rule) -> None:
    rules: tuple[tuple[Rule, bool], ...] = (("none", False), (rule, True))
    for used, served in rules:
        queue = Queue(used, 2)
        while queue.send(0):
            pass
        assert queue.send(1) == served


def flooded(world: xs.World) -> None:
    """A process that fills the queue of a server that is busy elsewhere, and another that has one message for it."""
    server = world.process("server").create_server("log")
    mallory, app = world.process("mallory"), world.process("app")

    def flood() -> None:
        with mallory.connect(server) as connection:
            for _ in range(SLOTS + 1):
                mallory.try_send(connection, xs.Scalar(0))

    def client() -> None:
        with app.connect(server) as connection:
            app.send(connection, xs.Scalar(1)).unwrap()

    mallory.spawn(flood)
    app.spawn(client)


def test_exploring_a_flood_finds_a_client_that_waits_for_ever() -> None:
    found = xs.explore(flooded, profile="hosted")
    assert found.violation is not None and found.trace is not None
    assert found.violation.property == "deadlock" and "app/client waits in send" in found.violation.message
    # One connects, sends once more than there are slots and disconnects; the other connects, and waits.
    assert len(found.trace) == 1 + (SLOTS + 1) + 1 + 1


@pytest.mark.parametrize("rule", ["half", "per-user", "quasilinear"])
def test_exploring_a_flood_proves_that_no_client_waits_with_a_quota(rule: Rule) -> None:
    assert xs.explore(flooded, profile="hosted", queue_quota=rule).verdict == "sound"


@pytest.mark.parametrize(("rule", "colluders"), [("half", 7), ("per-user", 12), ("quasilinear", 12)])
def test_as_many_processes_as_the_docs_say_starve_a_newcomer_of_128_slots(rule: Rule, colluders: int) -> None:
    assert bus1.sybils_needed(128, 1, rule) == colluders
    assert [bus1.newcomer_share(128, rule, count) > 0 for count in (colluders - 1, colluders)] == [True, False]


def test_an_unknown_quota_is_refused() -> None:
    with pytest.raises(xs.MisuseError, match="queue_quota"):
        xs.World(queue_quota="fair")  # type: ignore[arg-type]
