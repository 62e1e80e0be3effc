"""``xous-sim explore``: the interleavings of a scenario, searched; the verdict, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from .._view.progress_display import displayed, in_words
from ..explore import explore as explore_scenario
from ..progress import Progress
from ..result import Exploration
from ..searches import Rerun
from .console import output, print_json, print_text
from .groups import with_groups
from .interrupting import interruptible
from .options import Json, KernelOptions, SearchOptions
from .scenario_file import ScenarioFile, Target, load
from .status import OF_VERDICT
from .telling import exploration_as_json, told

Named = Annotated[str | None, typer.Option(metavar="NAME", help="A function of the file that holds in every state.")]
Final_ = Annotated[
    str | None, typer.Option("--finally", metavar="NAME", help="The same for states in which all threads have ended.")
]
All = Annotated[bool, typer.Option("--all", help="Go on after a violation: one counterexample a property and server.")]


@with_groups
def explore(
    target: Target,
    search: SearchOptions,
    kernel: KernelOptions,
    invariant: Named = None,
    finally_: Final_ = None,
    every: All = False,
    as_json: Json = False,
) -> None:
    """Explores the interleavings of a scenario: a proof, or the shortest schedule that breaks it."""
    file = load(target)
    found = searched(file, search, kernel, properties(file, invariant, finally_), every=every, as_json=as_json)
    if as_json:
        print_json(exploration_as_json(found, target))
    else:
        _show(found, file, kernel)
    raise typer.Exit(OF_VERDICT[found.verdict])


def properties(file: ScenarioFile, invariant: str | None, finally_: str | None) -> dict[str, Any]:
    """The user's own properties, by the names of their functions."""
    names = {"invariant": invariant, "finally_": finally_}
    return {which: file.function(name) for which, name in names.items() if name is not None}


def searched(
    file: ScenarioFile,
    search: SearchOptions,
    kernel: KernelOptions,
    holds: dict[str, Any],
    *,
    every: bool,
    as_json: bool = False,
) -> Exploration:
    """Explores the scenario of a file; Ctrl-C says how far it came."""
    strategy, last = search.chosen(), _Last()
    with interruptible(lambda: last.tell(file.name, as_json=as_json)), _watched(file.name, last) as progress:
        return explore_scenario(
            file.scenario,
            strategy,
            stop="explored" if every else "first",
            progress=progress,
            **kernel.arguments(),
            **holds,
        )


@contextmanager
def _watched(name: str, last: _Last) -> Iterator[Callable[[Progress], object]]:
    """Shows the progress, and remembers it."""
    with displayed(name) as show:

        def progress(now: Progress) -> None:
            last.now = now
            show(now)

        yield progress


class _Last:
    """What was known of a search when it was last heard of."""

    def __init__(self) -> None:
        self.now: Progress | None = None

    def tell(self, name: str, *, as_json: bool) -> None:
        """Says it."""
        now = self.now
        if as_json:
            counts = {key: getattr(now, key, 0) for key in ("states", "schedules", "transitions", "seconds")}
            print_json({"scenario": name, "verdict": "incomplete", "interrupted": True, **counts})
        else:
            far = "nothing was covered yet" if now is None else f"{in_words(now)}, {now.seconds:.1f} s"
            print_text(f"incomplete: interrupted after {far}; no violation was found so far\n")


def _show(found: Exploration, file: ScenarioFile, kernel: KernelOptions) -> None:
    console = output()
    console.print(str(found).partition("\nreplay with")[0])
    for counterexample in found.counterexamples:
        rerun = isinstance(found.strategy, Rerun)
        line = f"xous-sim replay {file.target} '{counterexample.schedule}'{kernel.typed()}{' --rerun' if rerun else ''}"
        console.print()
        print_text(told(counterexample.trace, console.width) + "\n")
        console.print(f"replay with: {line}", soft_wrap=True)
