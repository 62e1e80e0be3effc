"""``xous-sim replay``: one schedule of a scenario, followed and told step by step."""

from __future__ import annotations

from typing import Annotated

import typer

from ..explore import replay as replay_scenario
from ..trace import Trace
from .console import output, print_json, print_text
from .explore import Final_, Named, properties
from .groups import with_groups
from .interrupting import interruptible
from .options import Json, KernelOptions
from .scenario_file import Target, load
from .status import INCOMPLETE, VIOLATED
from .telling import told, trace_as_json

Line = Annotated[str, typer.Argument(metavar="LINE", help="The schedule: the line x1:... that an exploration printed.")]
ReRun = Annotated[bool, typer.Option("--rerun", help="The line is one of a search by re-execution.")]


@with_groups
def replay(
    target: Target,
    line: Line,
    kernel: KernelOptions,
    invariant: Named = None,
    finally_: Final_ = None,
    rerun: ReRun = False,
    as_json: Json = False,
) -> None:
    """Follows one schedule of a scenario. What it violates is shown; that it violates nothing proves nothing."""
    with interruptible(lambda: None):
        trace = followed(target, line, kernel, (invariant, finally_), rerun=rerun)
    if as_json:
        print_json(trace_as_json(trace))
    else:
        print_text(told(trace, output().width))
    raise typer.Exit(INCOMPLETE if trace.violation is None else VIOLATED)


def followed(
    target: str, line: str, kernel: KernelOptions, own: tuple[str | None, str | None], *, rerun: bool
) -> Trace:
    """The trace of a schedule."""
    file = load(target)
    return replay_scenario(file.scenario, line, rerun=rerun, **kernel.arguments(), **properties(file, *own)).trace
