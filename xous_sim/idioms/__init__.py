"""The connection idioms of Xous: how programs open a connection and let it go again.

Each is a small file that reads like the Rust it comes from. Whether an idiom is sound is nowhere written down: that is
what an exploration is for (:mod:`xous_sim.verdicts`).

Example:
    >>> import xous_sim as xs
    >>> from xous_sim.idioms import IDIOMS
    >>> def scenario(world: xs.World) -> None:
    ...     app, server = world.process("app"), world.server("log")
    ...     open_ = IDIOMS["mutex_guarded"].prepare(world, app, server)
    ...
    ...     def client() -> None:
    ...         with open_() as connection:
    ...             app.send(connection, xs.BlockingScalar(0))
    ...
    ...     app.spawn(client)
    ...     app.spawn(client)
    >>> xs.explore(scenario).verdict
    'sound'
"""

from __future__ import annotations

from typing import Final

from . import (
    arc_pool_strong,
    arc_pool_weak,
    disconnect_locked,
    disconnect_locked_checked,
    disconnect_locked_held,
    mutex_guarded,
    persistent_std,
    refcounted_drop,
    refcounted_std_shadow,
    two_crates,
    unique_cid,
)
from .idiom import Idiom, Open, Prepare

IDIOMS: Final[dict[str, Idiom]] = {
    idiom.name: idiom
    for idiom in (
        refcounted_drop.IDIOM,
        refcounted_std_shadow.IDIOM,
        two_crates.IDIOM,
        disconnect_locked.IDIOM,
        disconnect_locked_checked.IDIOM,
        disconnect_locked_held.IDIOM,
        mutex_guarded.IDIOM,
        unique_cid.IDIOM,
        arc_pool_strong.IDIOM,
        arc_pool_weak.IDIOM,
        persistent_std.IDIOM,
    )
}
"""All idioms by name."""

__all__ = ["IDIOMS", "Idiom", "Open", "Prepare"]
