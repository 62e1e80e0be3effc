"""What holds for every quota rule, for any charges: against a ledger in plain Python that knows only their text."""

from __future__ import annotations

from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from xous_sim.neighbours.bus1 import RULES, Bus, Quota, Received, Rule

CORRECT: tuple[Rule, ...] = ("half", "per-user", "quasilinear")
LIMITS = st.integers(0, 300)
UIDS = st.integers(0, 4)
CHARGES = st.lists(st.tuples(UIDS, st.integers(0, 40)), max_size=40)


def allowed(rule: Rule, rest: int, share: int, amount: int, users: int, ever: int) -> bool:
    """The rules as they are written down."""
    if amount == 0:
        return True
    factor = {"per-user": users + 1, "quasilinear": (users + 1) * (ceil(log2(users + 1)) + 1)}
    if rule in factor:
        return (share + amount) * factor[rule] - share <= rest and amount <= rest
    needed = {"half": share + 2 * amount, "none": amount, "triple-charge": share + 3 * amount}
    return rest >= needed[rule] if rule in needed else share * ever < rest and amount <= rest


@given(rule=st.sampled_from(RULES), limit=LIMITS, charges=CHARGES)
def test_every_answer_is_the_rules_own(rule: Rule, limit: int, charges: list[tuple[int, int]]) -> None:
    quota, shares, ever = Quota(limit, rule), dict.fromkeys(range(5), 0), set[int]()
    for uid, amount in charges:
        users = sum(share > 0 for other, share in shares.items() if other != uid) + 1
        rest = limit - sum(shares.values())
        expected = allowed(rule, rest, shares[uid], amount, users, len(ever | {uid}))
        assert quota.charge(uid, amount) == expected
        if expected and amount:
            shares[uid] += amount
            ever.add(uid)
        assert [quota.share(uid) for uid in shares] == list(shares.values())


@given(rule=st.sampled_from(CORRECT), limit=LIMITS, before=CHARGES, uid=UIDS, parts=st.lists(st.integers(1, 9)))
def test_chunking_does_not_matter(
    rule: Rule, limit: int, before: list[tuple[int, int]], uid: int, parts: list[int]
) -> None:
    whole, cut = Quota(limit, rule), Quota(limit, rule)
    for charge in before:
        assert whole.charge(*charge) == cut.charge(*charge)
    assert whole.charge(uid, sum(parts)) == all(cut.charge(uid, part) for part in parts)


@given(rule=st.sampled_from(RULES), limit=LIMITS, charges=CHARGES)
def test_units_are_conserved_and_all_come_back(rule: Rule, limit: int, charges: list[tuple[int, int]]) -> None:
    quota = Quota(limit, rule)
    charged = [(uid, amount) for uid, amount in charges if quota.charge(uid, amount)]
    assert quota.remaining == limit - sum(amount for _, amount in charged)
    for uid, amount in charged:
        quota.discharge(uid, amount)
    assert (quota.remaining, quota.users) == (limit, 0)


@given(
    rule=st.sampled_from(RULES),
    limits=st.tuples(LIMITS, LIMITS),
    charges=st.lists(st.tuples(UIDS, st.integers(0, 40), st.integers(0, 40)), max_size=30),
)
def test_a_refusal_rolls_everything_back(
    rule: Rule, limits: tuple[int, int], charges: list[tuple[int, int, int]]
) -> None:
    quota = Quota({"bytes": limits[0], "fds": limits[1]}, rule)
    for uid, octets, fds in charges:
        before = (quota.remaining, quota.share(uid), quota.users)
        if not quota.charge(uid, {"bytes": octets, "fds": fds}):
            assert (quota.remaining, quota.share(uid), quota.users) == before


@given(rule=st.sampled_from(CORRECT), limit=LIMITS, before=CHARGES, uid=UIDS, amount=st.integers(1, 60))
def test_less_is_allowed_where_more_is(
    rule: Rule, limit: int, before: list[tuple[int, int]], uid: int, amount: int
) -> None:
    def state(limit: int) -> Quota:
        quota = Quota(limit, rule)
        for charge in before:
            quota.charge(*charge)
        return quota

    if state(limit).charge(uid, amount):
        assert state(limit).charge(uid, amount - 1)


@given(rule=st.sampled_from(CORRECT), limit=st.integers(0, 300), share=st.integers(1, 100), more=st.integers(1, 50))
def test_a_larger_limit_allows_what_a_smaller_one_does(rule: Rule, limit: int, share: int, more: int) -> None:
    if Quota(limit, rule).charge(1, share):
        assert Quota(limit + more, rule).charge(1, share)


@pytest.mark.parametrize("wrong", ["triple-charge", "before-charge"])
def test_the_wrong_rules_depend_on_chunks(wrong: Rule) -> None:
    whole, cut = Quota(12, wrong), Quota(12, wrong)
    sizes = range(1, 13)
    at_once = max(size for size in sizes if Quota(12, wrong).charge(1, size))
    in_units = sum(cut.charge(1, 1) for _ in sizes)
    assert at_once != in_units and whole.charge(1, at_once)


class Ledger(RuleBasedStateMachine):
    """A bus whose messages are followed by hand: what is charged is what is queued or kept."""

    def __init__(self) -> None:
        super().__init__()
        self.bus = Bus(rule="per-user")
        self.peers = [self.bus.peer(uid, slices=20, bytes=100) for uid in (1, 2, 2)]
        self.queued: list[list[tuple[int, int]]] = [[], [], []]
        self.kept: list[list[Received]] = [[], [], []]

    @rule(sender=st.integers(0, 2), to=st.integers(0, 2), octets=st.integers(0, 60))
    def send(self, sender: int, to: int, octets: int) -> None:
        before = self.bus.remaining(self.peers[to].uid)
        if self.peers[sender].send(self.peers[to], bytes=octets) is None:
            self.queued[to].append((self.peers[sender].uid, octets))
        else:
            assert self.bus.remaining(self.peers[to].uid) == before

    @rule(peer=st.integers(0, 2))
    def receive(self, peer: int) -> None:
        message = self.peers[peer].receive()
        assert isinstance(message, Received) == bool(self.queued[peer])
        if isinstance(message, Received):
            self.queued[peer].pop(0)
            self.kept[peer].append(message)

    @precondition(lambda self: any(self.kept))
    @rule(peer=st.integers(0, 2))
    def release(self, peer: int) -> None:
        if self.kept[peer]:
            self.peers[peer].release(self.kept[peer].pop())

    @rule(peer=st.integers(0, 2))
    def reset(self, peer: int) -> None:
        self.peers[peer].reset()
        self.queued[peer].clear()
        self.kept[peer].clear()

    @invariant()
    def charged_is_what_is_there(self) -> None:
        for uid, peers in ((1, (0,)), (2, (1, 2))):
            waiting = [message for peer in peers for message in self.queued[peer]]
            kept = sum(len(self.kept[peer]) for peer in peers)
            left = self.bus.remaining(uid)
            assert left["slices"] == 20 - len(waiting) - kept
            assert left["bytes"] == 100 - sum(octets for _, octets in waiting)
        assert self.bus.is_drained == (not any(self.queued) and not any(self.kept))


TestLedger = Ledger.TestCase
