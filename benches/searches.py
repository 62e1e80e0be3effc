"""How the benchmark calls the explorers: all its calls are here.

A strategy that this version of the simulator does not have gives ``None``, so that the other figures can still be
measured. Left out: whatever a strategy can do that is not measured.
"""

from __future__ import annotations

from typing import Any, Literal

import xous_sim as xs
from race import Scenario
from xous_sim import _native

Stop = Literal["first", "explored"]


def explore(
    scenario: Scenario, *, strategy: str = "Exhaustive", stop: Stop = "explored", **settings: Any
) -> xs.Exploration | None:
    """Explores with the strategy of this name and these settings."""
    call: Any = xs.explore
    kind = getattr(xs, strategy, None)
    if kind is not None:
        found: xs.Exploration = call(scenario, kind(**settings), stop=stop)
        return found
    settings.pop("reduction", None)
    if strategy != "Exhaustive" or settings.pop("workers", 1) != 1:
        return None
    exploration: xs.Exploration = call(scenario, stop=stop, **settings)
    return exploration


def explore_in_rust(
    idiom: str, clients: int, rounds: int, *, bystander: bool = False, stop: Stop = "explored", **settings: Any
) -> dict[str, Any] | None:
    """Explores an idiom that is written in Rust; ``None`` if a setting is not known."""
    try:
        return _native.explore_idiom(
            idiom,
            connect="reuse",
            slots=32,
            std_shadow=False,
            clients=clients,
            rounds=rounds,
            bystander=bystander,
            stop_at_first=stop == "first",
            **settings,
        )
    except TypeError:
        return None
