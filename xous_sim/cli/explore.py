"""``xous-sim explore``: the interleavings of a scenario, searched; the verdict, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from shlex import quote
from typing import Annotated, Any, final

import typer

from .._view.progress_display import displayed, in_words
from ..explore import explore as explore_scenario
from ..progress import Progress
from ..result import Exploration
from ..searches import Rerun, Strategy
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

    def tell(so_far: Unfinished) -> None:
        print_json(so_far.as_json()) if as_json else print_text(str(so_far))

    found = searched(target, search, kernel, (invariant, finally_), tell, every=every)
    if as_json:
        print_json(exploration_as_json(found, target))
    else:
        _show(found, target, kernel.typed() + _typed(invariant, finally_))
    raise typer.Exit(OF_VERDICT[found.verdict])


def properties(file: ScenarioFile, invariant: str | None, finally_: str | None) -> dict[str, Any]:
    """The user's own properties, by the names of their functions."""
    names = {"invariant": invariant, "finally_": finally_}
    return {which: file.function(name) for which, name in names.items() if name is not None}


def searched(
    target: str,
    search: SearchOptions,
    kernel: KernelOptions,
    own: tuple[str | None, str | None],
    tell: Callable[[Unfinished], object],
    *,
    every: bool,
) -> Exploration:
    """Explores the scenario of a file, with its own properties; after Ctrl-C ``tell`` says how far it came."""
    strategy = search.chosen()
    so_far = Unfinished(target, strategy, every)
    with interruptible(lambda: tell(so_far)):
        file = load(target)
        with _watched(file.name, so_far) as progress:
            return explore_scenario(
                file.scenario,
                strategy,
                stop="explored" if every else "first",
                progress=progress,
                **kernel.arguments(),
                **properties(file, *own),
            )


@contextmanager
def _watched(name: str, so_far: Unfinished) -> Iterator[Callable[[Progress], object]]:
    """Shows the progress, and remembers it."""
    with displayed(name) as show:

        def progress(now: Progress) -> None:
            so_far.now = now
            show(now)

        yield progress


@final
@dataclass
class Unfinished:
    """What was known of a search when it was last heard of."""

    target: str
    strategy: Strategy
    every: bool
    now: Progress | None = None

    def as_json(self) -> dict[str, Any]:
        """The same keys as for a search that has ended; what was violated is not known if that did not end it."""
        counts = ("states", "frontier", "schedules", "transitions", "seconds", "estimated_total")
        known = {} if self.now is None else {name: getattr(self.now, name) for name in counts}
        found = Exploration(name=self.target, strategy=self.strategy, verdict="incomplete", **known)
        told = exploration_as_json(found, self.target, interrupted=True)
        return told | {"counterexamples": None} if self.every else told

    def __str__(self) -> str:
        now = self.now
        far = "nothing was covered yet" if now is None else f"{in_words(now)}, {now.seconds:.1f} s"
        none = "" if self.every else "; no violation was found so far"
        return f"incomplete: interrupted after {far}{none}\n"


def _typed(invariant: str | None, finally_: str | None) -> str:
    """The user's own properties as they would be typed."""
    given = {"--invariant": invariant, "--finally": finally_}
    return "".join(f" {option} {name}" for option, name in given.items() if name is not None)


def _show(found: Exploration, target: str, options: str) -> None:
    console = output()
    console.print(str(found).partition("\nreplay with")[0])
    for counterexample in found.counterexamples:
        rerun = isinstance(found.strategy, Rerun)
        line = f"xous-sim replay {quote(target)} '{counterexample.schedule}'{options}{' --rerun' if rerun else ''}"
        console.print()
        print_text(told(counterexample.trace, console.width) + "\n")
        console.print(f"replay with: {line}", soft_wrap=True)
