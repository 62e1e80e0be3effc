"""Which world is being explored by this thread: while its bodies, set-up or properties run, others are of no use."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ..errors import ScenarioError

if TYPE_CHECKING:
    from ..world import World


class _Here(threading.local):
    world: World | None = None


_here: Final = _Here()


@contextmanager
def acting_in(world: World) -> Iterator[None]:
    """The block runs code of a user for an exploration of ``world``."""
    outer, _here.world = _here.world, world
    try:
        yield
    finally:
        _here.world = outer


def check_acting_in(world: World) -> None:
    """Refuses an object of ``world`` if another one is being explored.

    Raises:
        ScenarioError: In that case.
    """
    acting = _here.world
    if acting is not None and acting is not world:
        acting._driver.refuse(
            ScenarioError(
                "an object of another world is used in a scenario that is explored, where it would act at once: "
                "make processes, servers and shared objects with the world that the scenario function gets"
            )
        )
