"""How the benchmark calls the explorers: all its calls are here.

Left out: whatever a strategy can do that is not measured.
"""

from __future__ import annotations

from typing import Any, Literal

import xous_sim as xs
from race import Scenario
from xous_sim import _native

Stop = Literal["first", "explored"]


def explore(
    scenario: Scenario, *, strategy: str = "Exhaustive", stop: Stop = "explored", **settings: Any
) -> xs.Exploration:
    """Explores with the strategy of this name and these settings."""
    found: xs.Exploration = xs.explore(scenario, getattr(xs, strategy)(**settings), stop=stop)
    return found


def explore_in_rust(
    idiom: str, clients: int, rounds: int, *, bystander: bool = False, stop: Stop = "explored", **settings: Any
) -> dict[str, Any]:
    """Explores an idiom that is written in Rust."""
    return _native.explore_idiom(
        idiom,
        xs.Exhaustive(**settings)._keywords(),
        connect="reuse",
        slots=32,
        std_shadow=False,
        clients=clients,
        rounds=rounds,
        bystander=bystander,
        stop_at_first=stop == "first",
    )
