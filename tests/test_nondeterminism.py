"""Bodies that depend on something outside the simulator are found out, and the message says which and where."""

from __future__ import annotations

import contextlib
import itertools
import random
import time
from collections.abc import Callable

import pytest

import xous_sim as xs


def clock(world: xs.World, count: xs.AtomicU32) -> None:
    count.store(time.perf_counter_ns() % 2**32)


def dice(world: xs.World, count: xs.AtomicU32) -> None:
    count.store(random.SystemRandom().randrange(2**32))


_items: list[int] = []


def shared_list(world: xs.World, count: xs.AtomicU32) -> None:
    _items.append(1)
    count.fetch_add(len(_items))


_counter = itertools.count()


def global_counter(world: xs.World, count: xs.AtomicU32) -> None:
    if next(_counter) % 2:
        world.choose(1)
    if count.fetch_add(1) == 0:
        count.store(7)


def fails_once(world: xs.World, count: xs.AtomicU32) -> None:
    count.fetch_add(1)
    if next(_counter) % 2 == 0:
        raise LookupError


@pytest.mark.parametrize("body", [clock, dice, shared_list, global_counter, fails_once])
def test_a_body_that_depends_on_something_outside_is_found_out(
    body: Callable[[xs.World, xs.AtomicU32], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "_counter", itertools.count())

    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")
        app.spawn(body, world, count)

    with pytest.raises(xs.NondeterminismError) as caught:
        xs.explore(scenario)
    text = str(caught.value)
    assert f"app/{body.__name__}" in text, "the thread"
    assert "outside the simulator" in text
    assert "world.cell(), world.choose() and the atomics" in text, "the way out"
    if body is not fails_once:
        assert "test_nondeterminism.py:" in text, "the source line"
        assert "store" in text.lower() or "fetch" in text.lower() or "choose" in text.lower(), "the operation"


def test_nondeterminism_is_found_while_tracing_too() -> None:
    runs = itertools.count()

    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")

        def fickle() -> None:
            if next(runs) % 2:
                count.store(5)
            if count.load() == 0:
                count.store(1)

        app.spawn(fickle, name="me")

    with pytest.raises(xs.NondeterminismError, match=r"fickle of app/me .*Load.*ism.py:\d+ in one run became"):
        xs.explore(scenario)


def test_threads_that_share_a_python_object_are_found_out() -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")
        box: list[int] = []

        def body() -> None:
            count.load()
            box.append(1)
            count.store(len(box))

        app.spawn(body)
        app.spawn(body)

    with pytest.raises(xs.NondeterminismError, match="app/body"):
        xs.explore(scenario)


def test_a_result_of_one_body_is_refused_in_another_whatever_that_one_catches() -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")
        box: list[xs.Value] = []

        def giver() -> None:
            box.append(count.load())

        def taker() -> None:
            count.load()
            if box:
                with contextlib.suppress(Exception):
                    count.store(box[0])

        app.spawn(giver)
        app.spawn(taker)

    with pytest.raises(xs.ScenarioError, match=r"result of one body is used in another: .* pass it through"):
        xs.explore(scenario)
