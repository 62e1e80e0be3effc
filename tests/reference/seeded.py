"""A seeded run of weighted random moves."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from .invariants import check_invariants
from .mirror import Mirror
from .moves import WEIGHTS, Moves


def play(new_mirror: Callable[[], Mirror], seed: int, steps: int) -> Counter[str]:
    """Make random moves, on a new pair of kernels whenever it stops; count the rare situations reached."""
    reached: Counter[str] = Counter()
    source = random.Random(seed)
    while steps > 0:
        game = Moves(new_mirror(), source.randrange)
        steps -= make_moves(game, source, steps)
        reached += game.mirror.reached
    return reached


def make_moves(game: Moves, source: random.Random, steps: int) -> int:
    """Make random moves until the kernel stops; return how many."""
    weights, moves = zip(*WEIGHTS, strict=True)
    game.pick = source.randrange
    for done, move in enumerate(source.choices(moves, weights, k=steps), start=1):
        move(game)
        check_invariants(game.state)
        if game.over:
            return done
    return steps
