"""The random moves reach the rare situations that they exist for; a change that loses one fails here."""

from __future__ import annotations

import pytest

from .kernel import Kernel
from .mirror import Mirror
from .seeded import play

RARE = ("queue full", "map full", "tombstone", "PID reuse", "forged-sender reply", "wrong-kind reply")


@pytest.mark.parametrize("profile", ["hardware", "hosted"])
@pytest.mark.parametrize("mode", ["faithful", "safe"])
def test_random_moves_reach_every_rare_situation(profile: str, mode: str) -> None:
    reached = play(lambda: Mirror(Kernel(profile=profile, mode=mode), None), seed=1, steps=5000)
    assert {name: reached[name] >= 3 for name in RARE} == dict.fromkeys(RARE, True), reached
    assert (reached["panic"] > 0) == (mode == "faithful")
