"""Options of the commands that run a scenario: how it is searched, and on which kernel it runs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Final, Literal, final

import typer

from ..searches import Dfs, Dpor, Exhaustive, Pct, Random, Rerun, Strategy
from ..world import ConnectMode, MemoryModel, Mode, Profile, QueueQuota
from .console import keep_stdout_for_results


def json_alone(context: typer.Context, asked: bool) -> bool:
    """Keeps what scenarios print out of the JSON that is asked for."""
    if asked and not context.resilient_parsing:
        keep_stdout_for_results()
    return asked


Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.", callback=json_alone)]

_STRATEGIES: Final[dict[str, type[Exhaustive | Dpor | Dfs | Pct | Random | Rerun]]] = {
    "exhaustive": Exhaustive,
    "dpor": Dpor,
    "dfs": Dfs,
    "pct": Pct,
    "random": Random,
    "rerun": Rerun,
}
_KERNEL: Final = "Kernel"
_SEARCH: Final = "Search"


def _option(*names: str, panel: str, **settings: Any) -> Any:
    return typer.Option(*names, rich_help_panel=panel, **settings)


@final
@dataclass(frozen=True)
class KernelOptions:
    """Which kernel the scenario runs on; the same names as those of :func:`xous_sim.explore`."""

    profile: Annotated[Profile, _option("--profile", panel=_KERNEL, help="Which build.")] = "hardware"
    slots: Annotated[int, _option("--slots", panel=_KERNEL, help="Connections of a process: 32 or 46.")] = 32
    connect: Annotated[
        ConnectMode, _option("--connect", panel=_KERNEL, help="Whether connect gives an existing CID again.")
    ] = "reuse"
    mode: Annotated[Mode, _option("--mode", panel=_KERNEL, help="Whether the kernel's defects are modelled.")] = (
        "faithful"
    )
    memory: Annotated[MemoryModel, _option("--memory", panel=_KERNEL, help="The memory model.")] = "sc"
    queue_quota: Annotated[
        QueueQuota, _option("--queue-quota", panel=_KERNEL, help="What one process may take of a server's queue.")
    ] = "none"
    kernel_seed: Annotated[int, _option("--kernel-seed", panel=_KERNEL, min=0, help="Seeds the SIDs it draws.")] = 0

    def arguments(self) -> dict[str, Any]:
        """What :func:`xous_sim.explore` takes."""
        names = {field.name: field.name for field in fields(self)} | {"kernel_seed": "seed"}
        return {names[name]: getattr(self, name) for name in names}

    def typed(self) -> str:
        """The options as they would be typed; those that have their default are left out."""
        given = [field for field in fields(self) if getattr(self, field.name) != field.default]
        return "".join(f" --{field.name.replace('_', '-')} {getattr(self, field.name)}" for field in given)


@final
@dataclass(frozen=True)
class SearchOptions:
    """How interleavings are searched, and within which limits."""

    strategy: Annotated[
        Literal["exhaustive", "dpor", "dfs", "pct", "random", "rerun"],
        _option("--strategy", panel=_SEARCH, help="Which search; see docs/searches.md."),
    ] = "exhaustive"
    seed: Annotated[int | None, _option("--seed", panel=_SEARCH, min=0, help="pct, random, rerun: the seed.")] = None
    depth: Annotated[int | None, _option("--depth", panel=_SEARCH, min=1, help="pct: the depth of bugs.")] = None
    max_seconds: Annotated[float | None, _option("--max-seconds", panel=_SEARCH, help="Seconds at most.")] = None
    max_states: Annotated[
        int | None, _option("--max-states", panel=_SEARCH, min=1, help="exhaustive: distinct states at most.")
    ] = None
    max_schedules: Annotated[
        int | None, _option("--max-schedules", panel=_SEARCH, min=1, help="All others: schedules at most.")
    ] = None
    max_preemptions: Annotated[
        int | None, _option("--max-preemptions", panel=_SEARCH, min=0, help="dfs, rerun: preemptions at most.")
    ] = None
    workers: Annotated[
        int | None, _option("--workers", panel=_SEARCH, min=1, help="exhaustive: threads that search.")
    ] = None
    checkpoint: Annotated[
        Path | None, _option("--checkpoint", panel=_SEARCH, help="exhaustive: saves the search, or goes on with it.")
    ] = None

    def chosen(self) -> Strategy:
        """The strategy.

        Raises:
            typer.BadParameter: For an option that means nothing to it.
        """
        kind = _STRATEGIES[self.strategy]
        settings = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "strategy"}
        given = {name: value for name, value in settings.items() if value is not None}
        known = [field.name for field in fields(kind) if field.name in settings]
        for name in given:
            if name not in known:
                fitting = ", ".join(_typed(each) for each in known)
                raise typer.BadParameter(f"{_typed(name)} means nothing to {self.strategy}, which takes {fitting}")
        return kind(**given)


def _typed(name: str) -> str:
    return f"--{name.replace('_', '-')}"
