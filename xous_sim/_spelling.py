"""How functions are spelled: in messages, and in lines that a reader may paste to call them again."""

from __future__ import annotations

import ast
import functools
import linecache
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any, Final

_LAMBDA: Final = "<lambda>"
_UNKNOWN: Final = "scenario"
"""A name to paste for a lambda whose source is not to be had."""


def name_of(function: Callable[..., object]) -> str:
    """An expression that is the function where its names are known: its name, its partial, its lambda's text."""
    if isinstance(function, functools.partial):
        return _partial(function)
    if isinstance(function, FunctionType) and function.__name__ == _LAMBDA:
        return _lambda(function.__code__) or _UNKNOWN
    name: str = getattr(function, "__name__", None) or repr(function)
    return name


def label_of(body: Callable[..., object]) -> str:
    """A short name for the threads of a body."""
    while isinstance(body, functools.partial):
        body = body.func
    return getattr(body, "__name__", "thread")


def _partial(function: functools.partial[Any]) -> str:
    given = [_argument(value) for value in function.args]
    named = [f"{name}={_argument(value)}" for name, value in function.keywords.items()]
    return f"functools.partial({', '.join([name_of(function.func), *given, *named])})"


def _argument(value: object) -> str:
    return name_of(value) if isinstance(value, (FunctionType, functools.partial)) else repr(value)


@functools.lru_cache(maxsize=64)
def _lambda(code: CodeType) -> str | None:
    """The text of a lambda, on one line."""
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename)))
    except SyntaxError:
        return None
    lambdas = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda) and _is_of(node.body, code)]
    return ast.unparse(lambdas[0]) if len(lambdas) == 1 else None


def _is_of(body: ast.expr, code: CodeType) -> bool:
    """Whether an expression is what ``code`` computes: then code for the whole of it is there, and for nothing more."""
    places = [place for place in code.co_positions() if None not in place and place[2] != place[3]]
    begin = min(((line, column) for line, _, column, _ in places), default=None)
    end = max(((line, column) for _, line, _, column in places), default=None)
    return (begin, end) == ((body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset))
