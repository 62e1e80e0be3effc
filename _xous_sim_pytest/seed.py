"""The seed of pytest-randomly, for searches that draw schedules; it calls :func:`reseed` around every test."""

from __future__ import annotations

_drawn: list[int] = []
"""The last seed, if there is one."""


def reseed(seed: int) -> None:
    """Takes the seed of the test that comes next."""
    _drawn[:] = [seed % (1 << 64)]


def drawn() -> int | None:
    """The seed of the test that runs; ``None`` without pytest-randomly."""
    return _drawn[0] if _drawn else None
