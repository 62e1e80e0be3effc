"""Scenarios on the command line: ``FILE.py::scenario``, imported, or a clear word why not."""

from __future__ import annotations

import ast
import difflib
import glob
import importlib.util
import inspect
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, final

import typer

from ..errors import ScenarioError
from .blame import named, users_line


@final
@dataclass(frozen=True)
class ScenarioFile:
    """A file that was imported, and the name of the scenario in it."""

    target: str
    module: ModuleType
    name: str

    def function(self, name: str) -> Any:
        """A function of the file.

        Raises:
            ScenarioError: If there is none of this name.
        """
        found = getattr(self.module, name, None)
        if callable(found):
            return found
        known = _functions(self.module)
        close = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(known) or 'no function at all'}"
        what = "is no function" if hasattr(self.module, name) else "is not there"
        raise ScenarioError(f"{self.module.__file__}: {name} {what}; {hint}")

    @property
    def scenario(self) -> Any:
        """The scenario."""
        return self.function(self.name)


def _functions(module: ModuleType) -> list[str]:
    own = [name for name, value in vars(module).items() if inspect.isfunction(value) and not name.startswith("_")]
    return [name for name in own if getattr(module, name).__module__ == module.__name__]


def load(target: str) -> ScenarioFile:
    """Imports the file of ``FILE.py::scenario``.

    Raises:
        ScenarioError: If there is no such file, or it does not import.
    """
    path, separator, name = target.rpartition("::")
    if not separator or not path or not name:
        raise ScenarioError(f"{target!r} names no scenario: give FILE.py::scenario, such as race.py::scenario")
    file = Path(path)
    if not file.is_file():
        raise ScenarioError(f"{path}: there is no such file")
    return ScenarioFile(target, _imported(file), name)


def _imported(file: Path) -> ModuleType:
    name = file.stem if file.stem not in sys.modules else f"scenario_file_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file.resolve())
    if spec is None or spec.loader is None:
        raise ScenarioError(f"{file} is no Python file: its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(file.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        place = users_line(error)
        raise ScenarioError(f"{file} does not import: {named(error)}{f' ({place})' if place else ''}") from None
    return module


def completions(incomplete: str) -> list[str]:
    """What a shell may complete a target to: the functions of a file whose first argument may be a world.

    The file is read, never run.
    """
    path = incomplete.rpartition("::")[0] or _only_file(incomplete)
    try:
        tree = ast.parse(Path(path).read_text("utf-8"))
    except (OSError, ValueError, SyntaxError):
        return []
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.args.args]
    return [f"{path}::{node.name}" for node in functions if not node.name.startswith("_")]


def _only_file(begun: str) -> str:
    """The file that is meant, if only one can be."""
    possible = [begun] if Path(begun).is_file() else glob.glob(f"{glob.escape(begun)}*")
    return possible[0] if len(possible) == 1 and possible[0].endswith(".py") else ""


Target = Annotated[
    str,
    typer.Argument(
        metavar="FILE.py::SCENARIO", help="A file and a scenario function in it.", autocompletion=completions
    ),
]
