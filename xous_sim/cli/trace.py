"""``xous-sim trace``: an execution, rendered; recorded now, or long ago."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from .. import _native
from ..errors import MisuseError
from ..trace import Trace
from ..traces import load as load_traces
from ..traces import to_html, to_json
from .console import keep_stdout_for_results, output, print_text
from .explore import All, Final_, Named, Unfinished, searched
from .groups import with_groups
from .interrupting import interruptible
from .options import KernelOptions, SearchOptions
from .replay import ReRun, followed
from .scenario_file import completions

Format = Literal["text", "svg", "html", "perfetto", "mermaid", "json"]
Source = Annotated[
    str,
    typer.Argument(
        metavar="FILE.py::SCENARIO | FILE.json",
        help="What is explored for a counterexample, or a file of traces.",
        autocompletion=completions,
    ),
]
Line = Annotated[str | None, typer.Argument(metavar="LINE", help="Follow this schedule instead of exploring.")]
Formats = Annotated[Format, typer.Option("--format", help="The rendering; docs/traces.md shows each.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; by default stdout.")]
Number = Annotated[int | None, typer.Option("--number", min=1, help="Which trace, if there are several.")]
AsJson = Annotated[bool, typer.Option("--json", help="The same as --format json.")]


@with_groups
def trace(
    source: Source,
    search: SearchOptions,
    kernel: KernelOptions,
    line: Line = None,
    form: Formats = "text",
    path: Output = None,
    number: Number = None,
    invariant: Named = None,
    finally_: Final_ = None,
    every: All = False,
    rerun: ReRun = False,
    as_json: AsJson = False,
) -> None:
    """Renders an execution as text, SVG, HTML, Perfetto or Mermaid, or as JSON. Ends with 0 if there is one."""
    keep_stdout_for_results()
    form = "json" if as_json else form

    def tell(so_far: Unfinished) -> None:
        sys.stderr.write(str(so_far))
        print_text(_native.recordings_to_json([]) if form == "json" else "")

    if source.endswith(".json"):
        traces: Sequence[Trace] = load_traces(source)
    else:
        own = (invariant, finally_)
        if line is None:
            traces = searched(source, search, kernel, own, tell, every=every).traces
        else:
            with interruptible(lambda: None):
                traces = (followed(source, line, kernel, own, rerun=rerun),)
    text = rendered(_picked(traces, number, source), form)
    if path is None:
        print_text(text)
    else:
        path.write_text(text, encoding="utf-8")


def _picked(traces: Sequence[Trace], number: int | None, source: str) -> Sequence[Trace]:
    if not traces:
        raise MisuseError(f"{source}: there is no counterexample to render; give a schedule line to see that execution")
    if number is None:
        return traces
    if number > len(traces):
        raise MisuseError(f"{source}: there is no trace {number}; there are {len(traces)}")
    return traces[number - 1 : number]


_OF_ONE: Final[dict[str, Callable[[Trace], str]]] = {
    "svg": lambda trace: trace.to_svg(),
    "perfetto": lambda trace: trace.to_perfetto(),
    "mermaid": lambda trace: trace.to_mermaid(),
}
_OF_SEVERAL: Final[dict[str, Callable[[Sequence[Trace]], str]]] = {
    "text": lambda traces: "\n".join(trace.to_text(width=output().width) for trace in traces),
    "html": to_html,
    "json": to_json,
}


def rendered(traces: Sequence[Trace], form: Format) -> str:
    """Traces in a format.

    Raises:
        MisuseError: If the format is for one trace, and there are several.
    """
    if form in _OF_SEVERAL:
        return _OF_SEVERAL[form](traces)
    if len(traces) > 1:
        raise MisuseError(f"{form} shows one trace, and there are {len(traces)}: choose one with --number")
    return _OF_ONE[form](traces[0])
