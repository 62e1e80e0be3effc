"""The Rust kernel is compared with the Python reference, call for call, on random sequences of calls.

Both table sizes, both ways to connect, both profiles and both fidelities. HYPOTHESIS_PROFILE=nightly runs longer.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from reference.invariants import check_invariants
from reference.kernel import Kernel
from reference.mirror import Mirror
from reference.moves import Moves
from reference.seeded import make_moves, play

xous_sim = pytest.importorskip("xous_sim")

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
COMMON = settings(
    deadline=None, derandomize=not NIGHTLY, database=None, suppress_health_check=list(HealthCheck), print_blob=False
)
CI = settings(COMMON, max_examples=200, stateful_step_count=60)
SLOW = settings(COMMON, max_examples=3000, stateful_step_count=120)

PROFILES = st.sampled_from(["hardware", "hosted"])
SLOTS = st.sampled_from([32, 46])
CONNECTS = st.sampled_from(["reuse", "unique"])
MODES = st.sampled_from(["faithful", "safe"])


def new_mirror(profile: str, slots: int, connect: str, mode: str) -> Mirror:
    """Pair a new reference with a new Rust kernel."""
    reference = Kernel(profile=profile, slots=slots, connect=connect, mode=mode)
    compared = xous_sim.Kernel(profile=profile, slots=slots, connect=connect, mode=mode, seed=0)
    return Mirror(reference, compared, xous_sim.MisuseError)


class KernelAgainstReference(RuleBasedStateMachine):
    """Every rule is a move of `reference.moves`; the moves compare.

    Rules chosen one by one seldom lead far, so one rule makes many weighted moves at once.
    """

    moves: Moves

    @initialize(profile=PROFILES, slots=SLOTS, connect=CONNECTS, mode=MODES)
    def begin(self, profile: str, slots: int, connect: str, mode: str) -> None:
        self.configuration = (profile, slots, connect, mode)
        self.moves = Moves(new_mirror(*self.configuration), lambda n: 0)

    @rule(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 60))
    def make_seeded_moves(self, seed: int, steps: int) -> None:
        make_moves(self.moves, random.Random(seed), steps)
        self._renew_if_over()

    def _renew_if_over(self) -> None:
        if self.moves.over:
            event("stopped")
            self.moves = Moves(new_mirror(*self.configuration), lambda n: 0)

    def teardown(self) -> None:
        if hasattr(self, "moves"):
            for name, count in self.moves.mirror.reached.items():
                if count:
                    event(f"reached: {name}")

    def _play(self, move: Callable[[Moves], None], data: st.DataObject) -> None:
        self.moves.pick = lambda n: data.draw(st.integers(0, n - 1)) if n > 1 else 0
        move(self.moves)
        self._renew_if_over()

    @invariant()
    def the_reference_is_consistent(self) -> None:
        if hasattr(self, "moves"):
            check_invariants(self.moves.state)

    @rule(data=st.data())
    def connect(self, data: st.DataObject) -> None:
        self._play(Moves.connect, data)

    @rule(data=st.data())
    def connect_for_process(self, data: st.DataObject) -> None:
        self._play(Moves.connect_for_process, data)

    @rule(data=st.data())
    def disconnect(self, data: st.DataObject) -> None:
        self._play(Moves.disconnect, data)

    @rule(data=st.data())
    def create_server(self, data: st.DataObject) -> None:
        self._play(Moves.create_server, data)

    @rule(data=st.data())
    def destroy_server(self, data: st.DataObject) -> None:
        self._play(Moves.destroy_server, data)

    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        self._play(Moves.receive, data)

    @rule(data=st.data())
    def send_scalar(self, data: st.DataObject) -> None:
        self._play(Moves.send_scalar, data)

    @rule(data=st.data())
    def send_memory(self, data: st.DataObject) -> None:
        self._play(Moves.send_memory, data)

    @rule(data=st.data())
    def send_badly(self, data: st.DataObject) -> None:
        self._play(Moves.send_badly, data)

    @rule(data=st.data())
    def reply(self, data: st.DataObject) -> None:
        self._play(Moves.reply, data)

    @rule(data=st.data())
    def create_thread(self, data: st.DataObject) -> None:
        self._play(Moves.create_thread, data)

    @rule(data=st.data())
    def join_thread(self, data: st.DataObject) -> None:
        self._play(Moves.join_thread, data)

    @rule(data=st.data())
    def exit_thread(self, data: st.DataObject) -> None:
        self._play(Moves.exit_thread, data)

    @rule(data=st.data())
    def boot(self, data: st.DataObject) -> None:
        self._play(Moves.boot, data)

    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        self._play(Moves.crash, data)

    @rule(data=st.data())
    def terminate_or_shut_down(self, data: st.DataObject) -> None:
        self._play(data.draw(st.sampled_from([Moves.terminate, Moves.shutdown])), data)

    @rule(data=st.data())
    def create_process(self, data: st.DataObject) -> None:
        self._play(Moves.create_process, data)

    @rule(data=st.data())
    def small_call(self, data: st.DataObject) -> None:
        self._play(data.draw(st.sampled_from([Moves.small_call, Moves.misuse, Moves.unmap])), data)

    @rule(data=st.data())
    def fill(self, data: st.DataObject) -> None:
        self._play(data.draw(st.sampled_from([Moves.fill_servers, Moves.fill_map, Moves.fill_queue])), data)


def test_the_kernel_agrees_with_the_reference() -> None:
    run_state_machine_as_test(KernelAgainstReference, settings=SLOW if NIGHTLY else CI)


@pytest.mark.slow
def test_the_kernel_agrees_with_the_reference_on_long_runs() -> None:
    run_state_machine_as_test(KernelAgainstReference, settings=SLOW)


@pytest.mark.parametrize(
    "configuration",
    list(product(["hardware", "hosted"], [32, 46], ["reuse", "unique"], ["faithful", "safe"])),
    ids=lambda configuration: "-".join(map(str, configuration)),
)
def test_the_kernel_agrees_with_the_reference_on_seeded_moves(configuration: tuple[str, int, str, str]) -> None:
    for seed in range(20 if NIGHTLY else 2):
        play(lambda: new_mirror(*configuration), seed, steps=1500)
