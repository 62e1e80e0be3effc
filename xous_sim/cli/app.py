"""The commands of ``xous-sim``, and what holds for all of them: exit statuses, Ctrl-C, closed pipes.

The statuses are those of :mod:`xous_sim.cli.status`.
"""

from __future__ import annotations

import importlib.metadata
from typing import Annotated

import typer

from ..errors import XousSimError
from .blame import in_words
from .census import census
from .commands import Commands
from .completion import words_in_one_piece
from .console import ReaderGoneError, print_text
from .explore import explore
from .interrupting import end_at_ctrl_c
from .litmus import litmus
from .neighbours import neighbours
from .page import page
from .replay import replay
from .serve import serve
from .status import BROKEN_PIPE, fail, leave
from .trace import trace
from .verdicts import verdicts


def _version(context: typer.Context, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        print_text(f"xous-sim {importlib.metadata.version('xous_sim')}\n")
        raise typer.Exit


app = typer.Typer(
    name="xous-sim",
    epilog="Exit status: 0 sound, or done; 1 violated; 2 called wrongly, or failed; 3 incomplete; 130 Ctrl-C.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    cls=Commands,
)
app.command(epilog="Example: xous-sim verdicts --json > verdicts.json")(verdicts)
app.command(epilog="Example: xous-sim census --uses net,std::net,pddb")(census)
app.command(epilog="Example: xous-sim explore race.py::scenario --strategy dpor --max-seconds 60")(explore)
app.command(epilog="Example: xous-sim replay race.py::scenario 'x1:0*4.1*2.0.1'")(replay)
app.command(epilog="Example: xous-sim trace race.py::scenario --format html --output race.html")(trace)
app.command(epilog="Example: xous-sim page --slots 46")(page)
app.command(epilog="Example: xous-sim litmus")(litmus)
app.command(epilog="Example: xous-sim serve --names -- ./log './app --verbose'")(serve)
app.add_typer(neighbours)


@app.callback()
def of_all(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Which ways to manage connections are sound on Xous, which are not, and the schedules that break them."""


def main() -> None:
    """Runs the command line; ends the process."""
    end_at_ctrl_c()
    try:
        with words_in_one_piece():
            app(prog_name="xous-sim")
    except ReaderGoneError:
        leave(BROKEN_PIPE)
    except XousSimError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except Exception as error:
        fail(in_words(error))
