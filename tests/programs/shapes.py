"""Constructs of Python around the operations of a body: none of them changes what the body does.

So the same program must have the same outcome in every shape. Left out: what runs code at times of its own, as Python's
threads do.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from .syntax import Block, Statement

if TYPE_CHECKING:
    from .bodies import Run

_MAY_RAISE: Final = {"fail", "lock", "try_lock", "take", "give"}


class _AtExit:
    """Acts when a ``with`` block ends."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        self._act()


class AtDrop:
    """Acts when it is dropped, as Rust's guards do."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act

    def __del__(self) -> None:
        self._act()


class Boxes(dict[str, Any]):
    """Keeps each value in a list in a tuple."""

    def __init__(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            self[name] = value

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, ([value],))

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)[0][0]


def may_raise(block: Block) -> bool:
    """Whether an exception may leave a block: a finaliser would swallow it."""
    return any(_raises(statement) for statement in block)


def _raises(statement: Statement) -> bool:
    verb, *parts = statement
    return verb in _MAY_RAISE or (verb != "start" and any(isinstance(p, tuple) and may_raise(p) for p in parts))


def _plain(run: Run, block: Block) -> None:
    for statement in block:
        run.perform(statement)


def _in_finally(run: Run, block: Block) -> None:
    for statement in block:
        try:
            pass
        finally:
            run.perform(statement)


def _in_handler(run: Run, block: Block) -> None:
    for statement in block:
        try:
            raise LookupError
        except LookupError:
            run.perform(statement)


def _in_exit(run: Run, block: Block) -> None:
    for statement in block:
        with _AtExit(functools.partial(run.perform, statement)):
            pass


def _in_finaliser(run: Run, block: Block) -> None:
    for statement in block:
        if may_raise((statement,)):
            run.perform(statement)
        else:
            AtDrop(functools.partial(run.perform, statement))


def _in_closures(run: Run, block: Block) -> None:
    def closed_over(statement: Statement) -> Callable[[], None]:
        return lambda: run.perform(statement)

    for act in [closed_over(statement) for statement in block]:
        act()


def _in_generator(run: Run, block: Block) -> None:
    def steps() -> Iterator[None]:
        for statement in block:
            run.perform(statement)
            yield

    for _ in steps():
        pass


def _recursively(run: Run, block: Block) -> None:
    if block:
        run.perform(block[0])
        _recursively(run, block[1:])


def _in_cycle(run: Run, block: Block) -> None:
    """What the body holds is kept by itself when the body is over."""
    run.own["itself"] = run
    _plain(run, block)


def _with_exception(run: Run, block: Block) -> None:
    """An exception that was caught knows its traceback, and that all variables of the body."""
    try:
        raise LookupError
    except LookupError as error:
        run.own["error"] = kept = error
    _plain(run, block)
    del kept


def _with_class(run: Run, block: Block) -> None:
    """A class refers to itself."""

    class Local:
        body = run

    run.own["class"] = Local
    _plain(run, block)


def _collecting(run: Run, block: Block) -> None:
    for statement in block:
        run.perform(statement)
        gc.collect(0)


SHAPES: Final[dict[str, Callable[[Run, Block], None]]] = {
    "plain": _plain,
    "finally": _in_finally,
    "handler": _in_handler,
    "exit": _in_exit,
    "finaliser": _in_finaliser,
    "closures": _in_closures,
    "generator": _in_generator,
    "recursion": _recursively,
    "boxes": _plain,
    "cycle": _in_cycle,
    "exception": _with_exception,
    "class": _with_class,
    "collecting": _collecting,
}
