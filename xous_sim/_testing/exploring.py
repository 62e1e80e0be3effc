"""Explores a marked test: its function is the scenario, its fixtures are set up once.

A test that Hypothesis drives is explored for every example. The test's own exceptions come out as they are; what the
package has to say about the test as a whole comes out as a message without our own frames.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Never, TextIO, final

import pytest

from ..errors import MisuseError, XousSimError
from ..explore import explore
from ..result import Exploration
from ..world import World
from .asked import Asked
from .failure import Found, InterleavingFailed
from .placeholder import Placeholder
from .progress import shown
from .rehearsal import Rehearsal, Sink
from .report import note


def explore_test(item: pytest.Function) -> bool | None:
    """Explores a test in place of a call of it; ``None`` if it is none that can be explored, marked by its class."""
    __tracebackhide__ = True
    test = item.obj
    arguments = {name: item.funcargs[name] for name in inspect.signature(test).parameters if name in item.funcargs}
    if not isinstance(arguments.get("world"), Placeholder):
        if any(mark.name == "interleavings" for mark in item.own_markers):
            pytest.fail("a test that is marked with interleavings takes the fixture `world`", pytrace=False)
        return None
    driven = getattr(test, "hypothesis", None)
    if driven is None:
        _Test(item, test).explore(**arguments)
    else:
        with _exploring(item, driven):
            test(**arguments)
    return True


@contextmanager
def _exploring(item: pytest.Function, driven: Any) -> Iterator[None]:
    """Has Hypothesis explore the test where it would call it."""
    inner = driven.inner_test
    test = _Test(item, inner)

    @functools.wraps(inner)
    def explored(*args: object, **arguments: object) -> None:
        test.explore(*args, **arguments)

    driven.inner_test = explored
    try:
        yield
    finally:
        driven.inner_test = inner


@final
class _Test:
    """A test function that is explored."""

    def __init__(self, item: pytest.Function, function: Callable[..., object]) -> None:
        self._item = item
        self._function = function

    def explore(self, *args: object, **arguments: Any) -> None:
        """Explores the function with its arguments, all but the world.

        Raises:
            InterleavingFailed: If a property is violated, or not everything was covered and that is not allowed.
        """
        __tracebackhide__ = True
        sink = Sink()
        try:
            asked = Asked.by(self._item)
            scenario = self._scenario(args, arguments)
            with contextlib.redirect_stdout(sink):
                found = explore(scenario, asked.strategy, progress=shown(self._item), **asked.options)
        except XousSimError as error:
            if self._comes_from_test(error):
                raise
            raise pytest.fail.Exception(f"{type(error).__name__}: {error}", pytrace=False) from None
        note(self._item, found)
        self._judge(found, asked, scenario, printed=sink.used)

    def _scenario(self, args: tuple[object, ...], arguments: dict[str, Any]) -> Callable[[World], object]:
        function = self._function
        if inspect.iscoroutinefunction(function):
            raise MisuseError("a test that is explored is a plain function, not async: its threads are explored")

        stdout: TextIO | None = sys.stdout

        def scenario(world: World) -> None:
            nonlocal stdout
            first, stdout = stdout, None
            with contextlib.nullcontext() if first is None else contextlib.redirect_stdout(first):
                function(*args, **{**arguments, "world": world})

        scenario.__name__ = self._item.name
        return scenario

    def _comes_from_test(self, error: XousSimError) -> bool:
        """Whether an exception comes from the test, whose lines a reader wants to see; ours are cut off below them."""
        code = getattr(inspect.unwrap(self._function), "__code__", None)
        frames = list(_frames(error.__traceback__))
        if all(frame.tb_frame.f_code is not code for frame in frames):
            return False
        theirs = [frame for frame in frames if not frame.tb_frame.f_code.co_filename.startswith(_PACKAGE)]
        theirs[-1].tb_next = None
        return True

    def _judge(self, found: Exploration, asked: Asked, scenario: Callable[[World], object], *, printed: bool) -> None:
        __tracebackhide__ = True
        if found.verdict == "violated":
            self._fail(found, Rehearsal(asked.case(scenario), str(found.schedule)), printed=printed)
        if found.verdict == "incomplete":
            if self._item.config.option.xous_replay is not None:
                pytest.skip("the schedule violates no property; nothing is said about others")
            if not asked.allow_incomplete:
                raise InterleavingFailed(Found.of(self._item, found))

    def _fail(self, found: Exploration, rehearsal: Rehearsal, *, printed: bool) -> Never:
        """Tells the counterexample; a debugger then stands where its last step happens."""
        __tracebackhide__ = True
        lines = []
        with contextlib.suppress(XousSimError):  # real bodies alone cannot follow every schedule of a weak machine
            lines = rehearsal.printed() if printed else []
        failed = InterleavingFailed(Found.of(self._item, found, lines))
        if self._item.config.option.usepdb:
            stop = contextlib.ExitStack()
            self._item.addfinalizer(stop.close)
            raises = found.violation is not None and found.violation.property == "exception"
            with contextlib.suppress(XousSimError):
                failed = failed.with_traceback(stop.enter_context(rehearsal.stopped(raises=raises)))
        raise failed


_PACKAGE: Final = str(Path(__file__).parents[1])


def _frames(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next
