"""bus1 from Python: the bus, attacks, colluding users, bad input, the table."""

from __future__ import annotations

from typing import Any

import pytest

import xous_sim as xs
from xous_sim.neighbours import bus1
from xous_sim.neighbours.bus1.attack import Accounting


def test_a_refused_charge_of_several_kinds_changes_nothing() -> None:
    quota = bus1.Quota({"bytes": 100, "fds": 2})
    assert not quota.charge(1, {"bytes": 10, "fds": 2})
    assert (quota.remaining, quota.users) == ({"bytes": 100, "fds": 2}, 0)


def test_a_receiver_is_held_by_the_limit_alone() -> None:
    quota = bus1.Quota(10, "per-user", owner=7)
    assert quota.charge(7, 10) and not quota.charge(7, 1)


def test_receiving_gives_bytes_and_fds_back_at_once_and_the_slice_with_its_release() -> None:
    bus = bus1.Bus()
    sender, receiver = bus.peer(1), bus.peer(2)
    full = bus.remaining(2)
    assert sender.send(receiver, slices=2, handles=3, bytes=4, fds=1) is None
    assert bus.share(2, 1) == {"slices": 2, "handles": 3, "bytes": 4, "fds": 1}
    message = receiver.receive()
    assert isinstance(message, bus1.Received)
    assert (bus.share(2, 1)["slices"], bus.share(2, 2)) == (0, {"slices": 2, "handles": 3, "bytes": 0, "fds": 0})
    receiver.release(message)
    assert bus.remaining(2) == full and bus.is_drained


def test_a_charge_goes_from_the_sender_to_the_queue_to_the_receiver_and_back() -> None:
    bus = bus1.Bus()
    sender, receiver = bus.peer(1), bus.peer(2)

    def charged() -> tuple[object, ...]:
        shares = (bus.share(1, 1), bus.share(2, 1), bus.share(2, 2))
        return tuple(tuple(share.values()) for share in shares)

    nothing = (0, 0, 0, 0)
    message = sender.prepare(slices=1, handles=2, bytes=3, fds=4)
    assert isinstance(message, bus1.Prepared)
    assert charged() == ((1, 2, 3, 4), nothing, nothing)
    assert sender.post(receiver, message) is None
    assert charged() == (nothing, (1, 2, 3, 4), nothing)
    received = receiver.receive()
    assert isinstance(received, bus1.Received)
    assert charged() == (nothing, nothing, (1, 2, 0, 0))
    receiver.release(received)
    assert charged() == (nothing, nothing, nothing) and bus.is_drained


@pytest.mark.parametrize("accounting", ["sender", "receiver", "requester"])
def test_a_prepared_message_that_is_refused_stays_its_senders(accounting: Accounting) -> None:
    bus = bus1.Bus(accounting)
    sender, gone = bus.peer(1, slices=1), bus.peer(2)
    gone.disconnect()
    message = sender.prepare()
    assert isinstance(message, bus1.Prepared)
    assert (sender.post(gone, message), sender.prepare()) == ("gone", "peer-limit")
    assert bus.share(1, 1)["slices"] == 1
    sender.release(message)
    assert bus.is_drained


def test_a_prepared_message_is_sent_once_and_by_who_prepared_it() -> None:
    bus = bus1.Bus()
    sender, receiver = bus.peer(1), bus.peer(2)
    message, other = sender.prepare(), receiver.prepare()
    assert isinstance(message, bus1.Prepared) and isinstance(other, bus1.Prepared)
    sender.post(receiver, message)
    for again in (message, other):
        with pytest.raises(xs.MisuseError, match="does not have it"):
            sender.post(receiver, again)
    sender.reset()
    assert bus.share(2, 2)["slices"] == 1


def test_a_receiver_that_keeps_everything_is_drained_by_one_sender_in_rounds() -> None:
    bus = bus1.Bus()
    sender, receiver = bus.peer(1), bus.peer(2, slices=8)
    sent = 0
    while sender.send(receiver) is None:
        sent += 1
        receiver.receive()
    assert (sent, bus.remaining(2)["slices"]) == (7, 1)


def test_where_the_sender_pays_receiving_can_be_refused() -> None:
    bus = bus1.Bus("sender").user(2, slices=0)
    sender, receiver = bus.peer(1), bus.peer(2)
    assert sender.send(receiver) is None
    assert receiver.receive() == "quota"


def test_a_reserved_reply_is_never_refused() -> None:
    bus = bus1.Bus("requester")
    client, server = bus.peer(1, slices=4), bus.peer(2, slices=0)
    assert [client.request(server) for _ in range(3)] == [None, None, "quota"]
    for _ in range(2):
        message = server.receive()
        assert isinstance(message, bus1.Received)
        server.release(message)
        assert server.reply(client) is None


@pytest.mark.parametrize("limit", [0, 1, 5, 12])
@pytest.mark.parametrize(("request_", "reply"), [(1, 1), (1, 2), (3, 1), (2, 5)])
def test_a_requester_has_as_many_requests_out_as_its_limit_pays_for_with_their_replies(
    limit: int, request_: int, reply: int
) -> None:
    bus = bus1.Bus("requester")
    client, server = bus.peer(1, slices=limit), bus.peer(2, slices=0)
    sent = 0
    while client.request(server, slices=request_, reply={"slices": reply}) is None:
        sent += 1
    assert sent == limit // (request_ + reply)


@pytest.mark.parametrize("rule", ["half", "per-user", "quasilinear"])
def test_what_nobody_receives_fills_its_queue_up_to_the_share_of_who_sends_it(rule: bus1.Rule) -> None:
    bus = bus1.Bus(rule=rule)
    agent, mallory = bus.peer(1), bus.peer(2, slices=1024)
    while agent.send(mallory) is None:
        pass
    assert mallory.queued == bus1.newcomer_share(1024, rule, 0)


def test_a_multicast_is_all_or_nothing_unless_it_goes_on_past_the_full() -> None:
    bus = bus1.Bus()
    sender, full, open_ = bus.peer(1), bus.peer(2, slices=1), bus.peer(3)
    assert sender.multicast([open_, full]) == "quota"
    assert (open_.queued, bus.is_drained) == (0, True)
    assert sender.multicast([open_, full], past_refusals=True) == (None, "quota")
    assert open_.queued == 1


def test_a_peers_own_limit_counts_beside_the_users() -> None:
    bus = bus1.Bus(rule="none").user(2, slices=8)
    sender, small, large = bus.peer(1), bus.peer(2, slices=1), bus.peer(2, slices=8)
    assert [sender.send(small), sender.send(small), sender.send(large)] == [None, "peer-limit", None]
    assert small.remaining["slices"] == 0


def test_disconnecting_gives_everything_back_and_later_messages_find_nobody() -> None:
    bus = bus1.Bus("requester")
    client, server = bus.peer(1), bus.peer(2)
    client.request(server)
    server.disconnect()
    client.disconnect()
    assert bus.is_drained
    assert (client.send(server), client.receive()) == ("gone", "gone")


@pytest.mark.parametrize("accounting", ["sender", "receiver", "requester"])
def test_nothing_is_charged_for_a_peer_that_is_gone(accounting: Accounting) -> None:
    bus = bus1.Bus(accounting)
    sender, gone, there = bus.peer(1), bus.peer(2), bus.peer(3)
    assert sender.request(gone) is None
    gone.disconnect()
    answers = (sender.multicast([there, gone]), sender.request(gone), gone.reply(sender), gone.prepare())
    assert answers == ("gone",) * 4
    assert sender.multicast([gone], past_refusals=True) == ("gone",)
    sender.reset()
    assert bus.is_drained


@pytest.mark.parametrize("rule", ["half", "per-user", "quasilinear"])
def test_a_flood_leaves_the_victim_the_share_of_a_newcomer(rule: bus1.Rule) -> None:
    limit = 16
    share = bus1.newcomer_share(limit, rule, 1)
    attack = {"attackers": "flood", "rule": rule, "limit": limit}
    assert bus1.explore(bus1.Attack(**attack, wanted=share)).verdict == "sound"  # type: ignore[arg-type]
    found = bus1.explore(bus1.Attack(**attack, wanted=share + 1))  # type: ignore[arg-type]
    assert found.violation is not None and found.violation.property == "starved"


def test_an_attack_replays_and_its_trace_shows_what_is_left() -> None:
    attack = bus1.Attack(attackers="flood", rule="none")
    found = bus1.explore(attack, xs.Dfs(max_preemptions=2))
    assert found.schedule is not None
    replayed = bus1.replay(attack, found.schedule)
    assert replayed.violation == found.violation
    assert "left to the agent: 0 of 8" in str(replayed.trace)


@pytest.mark.parametrize("limit", [1, 7, 64, 1000, 1024])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_colluders_under_the_half_rule_are_as_many_as_the_closed_form_says(limit: int, k: int) -> None:
    closed = next(m for m in range(64) if -(-limit // 2**m) <= 2 * k - 1)
    assert bus1.sybils_needed(limit, k, "half") == closed


@pytest.mark.parametrize("rule", ["half", "per-user", "quasilinear", "none"])
@pytest.mark.parametrize("k", [1, 3])
def test_one_colluder_fewer_leaves_the_newcomer_enough(rule: bus1.Rule, k: int) -> None:
    needed = bus1.sybils_needed(1024, k, rule)
    assert bus1.newcomer_share(1024, rule, needed) < k
    assert needed == 0 or bus1.newcomer_share(1024, rule, needed - 1) >= k


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: bus1.Quota(-1), "the limit"),
        (lambda: bus1.Quota(1 << 64), "the limit"),
        (lambda: bus1.Quota(1, "fair"), "rule"),  # type: ignore[arg-type]
        (lambda: bus1.Quota({}), "kinds"),
        (lambda: bus1.Quota(dict.fromkeys("abcde", 1)), "kinds"),
        (lambda: bus1.Quota(1).charge(-1, 1), "a uid"),
        (lambda: bus1.Quota(1).charge(1, -1), "an amount"),
        (lambda: bus1.Quota(1).charge(1, 1 << 64), "an amount"),
        (lambda: bus1.Quota(1).charge(1, {"bytes": 1}), "no 'bytes'"),
        (lambda: bus1.Quota(1).discharge(1, 1), "cannot give that back"),
        (lambda: bus1.Quota(1).share("root"), "a uid"),  # type: ignore[arg-type]
        (lambda: bus1.Bus("nobody"), "accounting"),  # type: ignore[arg-type]
        (lambda: bus1.Bus().remaining(1), "no such user"),
        (lambda: bus1.Bus().user(1).user(1), "already"),
        (lambda: bus1.Bus().peer(1, files=1), "no 'files'"),
        (lambda: bus1.Bus().peer(1).send(bus1.Bus().peer(1)), "the same bus"),
        (lambda: bus1.Bus().peer(1).release(None), "received"),  # type: ignore[arg-type]
        (lambda: bus1.Bus().peer(1).post(None, None), "prepared"),  # type: ignore[arg-type]
        (lambda: bus1.Bus().peer(1).multicast(None), "destinations"),  # type: ignore[arg-type]
        (lambda: bus1.Bus().peer(1).multicast([None]), "the same bus"),  # type: ignore[list-item]
        (lambda: (bus := bus1.Bus()).peer(1).request(bus.peer(2), reply=3), "a reply"),  # type: ignore[arg-type]
        (lambda: bus1.Bus().peer(1).prepare(bytes=-1), "bytes"),
        (lambda: bus1.Attack(attackers="flood", limit=65), "limit"),
        (lambda: bus1.Attack(attackers="steal"), "attackers"),  # type: ignore[arg-type]
        (lambda: bus1.Attack(attackers="flood", uids=0), "uids"),
        (lambda: bus1.explore(None), "Attack"),  # type: ignore[arg-type]
        (lambda: bus1.sybils_needed(1 << 33, 1, "half"), "limit"),
        (lambda: bus1.sybils_needed(8, 0, "half"), "k must"),
        (lambda: bus1.shares(8, "half", -1), "users"),
    ],
)
def test_what_has_no_meaning_is_refused_with_its_name(make: Any, message: str) -> None:
    with pytest.raises(xs.MisuseError, match=message):
        make()


def test_a_limit_of_nothing_lets_nothing_pass() -> None:
    for rule in bus1.RULES:
        quota = bus1.Quota(0, rule)
        assert not quota.charge(1, 1) and quota.charge(1, 0)
    found = bus1.explore(bus1.Attack(attackers="flood", limit=0))
    assert found.violation is not None and found.violation.property == "starved"


def test_a_release_works_once() -> None:
    bus = bus1.Bus()
    sender, receiver = bus.peer(1), bus.peer(2)
    sender.send(receiver)
    message = receiver.receive()
    assert isinstance(message, bus1.Received)
    receiver.release(message)
    with pytest.raises(xs.MisuseError, match="released or sent already"):
        receiver.release(message)


def test_a_release_of_old_does_not_release_what_has_its_number_now() -> None:
    bus = bus1.Bus()
    sender, receiver = bus.peer(1), bus.peer(2)
    for _ in range(2):
        sender.send(receiver)
    old = receiver.receive()
    assert isinstance(old, bus1.Received)
    receiver.release(old)
    receiver.receive()
    with pytest.raises(xs.MisuseError):
        receiver.release(old)
    assert bus.share(2, 2)["slices"] == 1


def test_the_mutants_and_only_they_are_found_by_chunking() -> None:
    for result in bus1.table():
        if result.row.attack.attackers == "chunk":
            wrong = result.row.attack.rule in ("triple-charge", "before-charge")
            assert ("chunking" in [finding.property for finding in result.findings]) == wrong
    assert [result.row for result in bus1.table()] == list(bus1.rows())
