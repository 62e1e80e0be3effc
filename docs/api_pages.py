"""Makes the pages of the API reference from the package's docstrings: a page for each module with public names.

A package shows what its ``__all__`` names, a module what it defines. The docstrings are in Google's style, with a
little reStructuredText in their sentences. Left out: whatever begins with an underscore, and what a class inherits.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import xous_sim

_LEFT_OUT: Final = ("cli",)
"""Packages that are no interface: the command line has a page of its own."""
_SECTIONS: Final = ("Args", "Attributes", "Returns", "Raises", "Yields", "Example", "Examples", "Note")
_SECTION: Final = re.compile(rf"^({'|'.join(_SECTIONS)}):$", re.MULTILINE)
_ENTRY: Final = re.compile(r"^(\w[\w, *]*): ", re.MULTILINE)
_WIDTH: Final = 88
"""Of code."""
_STARS: Final[dict[object, str]] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
_ROLE: Final = re.compile(r":\w+:`~?([^`]+)`")


def write(folder: Path) -> list[tuple[str, str]]:
    """Writes the pages.

    Args:
        folder: Where; it is made.

    Returns:
        Title and file name of each page, in the order of the package's modules.
    """
    folder.mkdir(parents=True)
    written = []
    for module in modules():
        text = page(module)
        if text is not None:
            name = f"{module.__name__.removeprefix('xous_sim.')}.md"
            (folder / name).write_text(text, "utf-8")
            written.append((module.__name__, name))
    return written


def modules() -> Iterator[ModuleType]:
    """The package's public modules."""
    for found in pkgutil.iter_modules(xous_sim.__path__):
        if not found.name.startswith("_") and found.name not in _LEFT_OUT:
            yield importlib.import_module(f"xous_sim.{found.name}")


def page(module: ModuleType) -> str | None:
    """The page of a module; ``None`` if it has no public name."""
    members = [entry(name, value) for name, value in public(module)]
    members += [constant(*told) for told in constants(module)]
    if not members:
        return None
    parts = [f"# {module.__name__}", prose(module.__doc__), *members]
    return "\n\n".join(filter(None, parts)) + "\n"


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The functions and classes of a module, in the order of its source."""
    named = getattr(module, "__all__", None)
    for name, value in vars(module).items():
        shown = name in named if named is not None else not name.startswith("_") and defined_in(module, value)
        if shown and (inspect.isclass(value) or inspect.isfunction(value)):
            yield name, value


def defined_in(module: ModuleType, value: Any) -> bool:
    """Whether a value was made by this module, and not imported."""
    return getattr(value, "__module__", None) == module.__name__


def constants(module: ModuleType) -> Iterator[tuple[str, str, str]]:
    """The public names of a module that are given a value and a docstring: name, source of the value, docstring."""
    lines = ast.parse(inspect.getsource(module)).body
    for assigned, told in pairwise(lines):
        match assigned, told:
            case (
                ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(doc))),
            ) if not name.startswith("_"):
                yield name, ast.unparse(assigned), doc


def constant(name: str, source: str, doc: str) -> str:
    """What is said of a constant or the name of a type; a long value is left out."""
    shown = f"```python\n{source}\n```" if len(source) <= _WIDTH else ""
    return "\n\n".join(filter(None, (f"## {name}", shown, prose(doc))))


def entry(name: str, value: Any) -> str:
    """What is said of a function or a class."""
    parts = [f"## {name}", signature(name, value), prose(inspect.getdoc(value) if has_doc(value) else None)]
    if inspect.isclass(value):
        parts += [member(name, inner, what) for inner, what in vars(value).items() if not inner.startswith("_")]
    return "\n\n".join(filter(None, parts))


def has_doc(value: Any) -> bool:
    """Whether there is a docstring that was written for it, not one that Python made."""
    doc = getattr(value, "__doc__", None)
    return doc is not None and not doc.startswith(f"{getattr(value, '__name__', '')}(")


def member(owner: str, name: str, value: Any) -> str:
    """What is said of a method or a property; nothing of one that says nothing of itself."""
    call = inspect.unwrap(getattr(value, "__func__", value))
    doc = inspect.getdoc(call)
    attribute = isinstance(value, property)
    if not doc or not (attribute or inspect.isfunction(call)):
        return ""
    shown = "" if attribute else signature(name, call)
    return "\n\n".join(filter(None, (f"### {owner}.{name}", shown, prose(doc))))


def signature(name: str, value: Any) -> str:
    """How it is called, on one line or with a line for each argument."""
    try:
        parameters = list(inspect.signature(value).parameters.values())
    except ValueError:
        return ""
    shown = [text for text in spelled(parameters) if text != "self"]
    line = f"{name}({', '.join(shown)})"
    if len(line) > _WIDTH:
        line = f"{name}(\n" + "".join(f"    {text},\n" for text in shown) + ")"
    return f"```python\n{line}\n```"


def spelled(parameters: list[inspect.Parameter]) -> Iterator[str]:
    """The parameters, with the star before those that must be named."""
    starred = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        yield spelling(parameter)


def spelling(parameter: inspect.Parameter) -> str:
    """A parameter as in the source, but with settings cut out of defaults that are objects."""
    kind = _STARS.get(parameter.kind, "")
    typed = "" if parameter.annotation is parameter.empty else f": {parameter.annotation}"
    if parameter.default is parameter.empty:
        return f"{kind}{parameter.name}{typed}"
    default = re.sub(r"\(.+\)$", "()", repr(parameter.default), flags=re.DOTALL)
    return f"{parameter.name}{typed} = {default}" if typed else f"{parameter.name}={default}"


def prose(doc: str | None) -> str:
    """A docstring as Markdown."""
    if doc is None:
        return ""
    lead, *rest = _SECTION.split(inspect.cleandoc(doc))
    parts = [sentences(lead)]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        parts.append(section(title, inspect.cleandoc(body)))
    return "\n\n".join(filter(None, parts))


def section(title: str, body: str) -> str:
    """A section of a docstring: a list of names, an example, or sentences."""
    if title.startswith("Example"):
        return f"**{title}**\n\n{examples(body)}"
    if title in ("Args", "Attributes", "Raises"):
        return f"**{title}**\n\n{names(body)}"
    return f"**{title}**\n\n{sentences(body)}"


def names(body: str) -> str:
    """``name: what it is``, with continued lines indented, as a list."""
    return sentences(_ENTRY.sub(r"- `\1`: ", body))


def examples(body: str) -> str:
    """An example, with the sentences around it."""
    parts = [part.strip("\n") for part in body.split("\n\n")]
    return "\n\n".join(f"```pycon\n{part}\n```" if part.startswith(">>>") else sentences(part) for part in parts)


def sentences(text: str) -> str:
    """Roles and literals of reStructuredText in Markdown's spelling."""
    return re.sub(r"``([^`]+)``", r"`\1`", _ROLE.sub(r"`\1`", text)).replace("::\n", ":\n").strip()
