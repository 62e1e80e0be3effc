"""Bodies are taken for one only if nothing that their code can look at tells them apart."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

import xous_sim as xs
from xous_sim.searches import Strategy

Adds = Callable[[xs.AtomicU32], tuple[Callable[..., object], tuple[object, ...]]]
"""Makes a body with its arguments, anew for each world; it adds something to the atomic."""


class Add(NamedTuple):
    """Equal to a ``Sub`` of the same number, as tuples go."""

    n: int


class Sub(NamedTuple):
    """Equal to an ``Add`` of the same number."""

    n: int


class Equal:
    """Equal to all its like."""

    def __init__(self, amount: int) -> None:
        self.amount = amount

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Equal)

    def __hash__(self) -> int:
        return 0


class Marked(int):
    """An integer with an attribute."""

    amount = 0


class Adder:
    """Its method adds an amount that may change."""

    def __init__(self, n: xs.AtomicU32, amount: int) -> None:
        self.n, self.amount = n, amount

    def run(self) -> None:
        self.n.fetch_add(self.amount)

    def __call__(self) -> None:
        self.run()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Adder)

    def __hash__(self) -> int:
        return 0


def given(look: Callable[[Any], int], one: object, other: object) -> tuple[Adds, Adds]:
    """Two bodies of one function with different arguments."""

    def adding(arg: object) -> Adds:
        return lambda n: (_adds, (n, look, arg))

    return adding(one), adding(other)


def _adds(n: xs.AtomicU32, look: Callable[[Any], int], arg: object) -> None:
    n.fetch_add(look(arg))


def _marked(amount: int) -> Marked:
    marked = Marked(3)
    marked.amount = amount
    return marked


def _with_an_attribute(amount: int) -> Adds:
    def make(n: xs.AtomicU32) -> tuple[Callable[..., object], tuple[object, ...]]:
        def body() -> None:
            n.fetch_add(body.amount)  # type: ignore[attr-defined]

        body.amount = amount  # type: ignore[attr-defined]
        return body, ()

    return make


_amounts: dict[object, int] = {}


def _in_a_table(amount: int) -> Adds:
    def make(n: xs.AtomicU32) -> tuple[Callable[..., object], tuple[object, ...]]:
        def body() -> None:
            n.fetch_add(_amounts[body])

        _amounts[body] = amount
        return body, ()

    return make


def _by_default(amount: object) -> Adds:
    def make(n: xs.AtomicU32) -> tuple[Callable[..., object], tuple[object, ...]]:
        def body(given: object = amount, *, also: object = amount) -> None:
            n.fetch_add(1 if isinstance(given, bool) and isinstance(also, bool) else 10)

        return body, ()

    return make


def _method(amount: int) -> Adds:
    return lambda n: (Adder(n, amount).run, ())


def _callable(amount: int) -> Adds:
    return lambda n: (Adder(n, amount), ())


def _partial(*args: object) -> Adds:
    return lambda n: (functools.partial(_adds, n, type_of, *args), ())


def _keywords(**keywords: int) -> Adds:
    def first(n: xs.AtomicU32, **named: int) -> None:
        n.fetch_add(next(iter(named.values())))

    return lambda n: (functools.partial(first, n, **keywords), ())


def type_of(arg: object) -> int:
    """A number for each type."""
    return {int: 1, bool: 10, float: 10, Decimal: 10, Sub: 10}.get(type(arg), 1)


PAIRS = {
    "named tuples of two types": given(type_of, Add(1), Sub(1)),
    "tuples of equal numbers": given(lambda pair: type_of(pair[0]), (1,), (True,)),
    "a tuple and a named one": given(type_of, (1,), Sub(1)),
    "an int and a bool": given(type_of, 1, True),
    "an int and a float": given(type_of, 1, 1.0),
    "an int and a decimal": given(type_of, 1, Decimal(1)),
    "the two zeros": given(lambda zero: 1 if str(zero) == "0.0" else 10, 0.0, -0.0),
    "decimals of one value": given(lambda number: 1 if str(number) == "1" else 10, Decimal("1"), Decimal("1.0")),
    "objects that call themselves equal": given(lambda one: one.amount, Equal(1), Equal(10)),
    "integers with attributes": given(lambda one: one.amount, _marked(1), _marked(10)),
    "frozen sets in another order": given(lambda one: next(iter(one)) % 7, frozenset([8, 0]), frozenset([0, 8])),
    "attributes of functions": (_with_an_attribute(1), _with_an_attribute(10)),
    "functions as keys": (_in_a_table(1), _in_a_table(10)),
    "defaults": (_by_default(True), _by_default(1)),
    "bound methods of equal objects": (_method(1), _method(10)),
    "callables that are equal": (_callable(1), _callable(10)),
    "arguments of partials": (_partial(1), _partial(True)),
    "the order of keywords": (_keywords(a=1, b=10), _keywords(b=10, a=1)),
}


@pytest.fixture(autouse=True)
def _no_amounts() -> Iterator[None]:
    _amounts.clear()
    yield
    _amounts.clear()


def scenario_of(*adds: Adds, started: bool = False) -> Callable[[xs.World], None]:
    """A thread for each body; ``started`` has one thread that starts them all."""

    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(0, name="n")
        bodies = [make(n) for make in adds]

        def parent() -> None:
            for body, args in bodies:
                app.spawn(body, *args)

        if started:
            app.spawn(parent)
        else:
            parent()

    return scenario


def totals(scenario: Callable[[xs.World], None], strategy: Strategy) -> set[int]:
    """All final values of the atomic."""
    seen: set[int] = set()
    result = xs.explore(scenario, strategy, finally_=lambda state: seen.add(int(state["n"])))
    assert result.verdict == "sound", result
    return seen


@pytest.mark.parametrize("started", [False, True], ids=["by the scenario", "by a body"])
@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Dpor(), xs.Dfs(), xs.Rerun()], ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("pair", [pytest.param(pair, id=name) for name, pair in PAIRS.items()])
def test_bodies_that_differ_are_told_apart(pair: tuple[Adds, Adds], strategy: Strategy, started: bool) -> None:
    alone = [totals(scenario_of(one, started=started), xs.Rerun()) for one in pair]
    both = totals(scenario_of(*pair, started=started), strategy)
    assert both == {sum(amount for (amount,) in map(tuple, alone))}


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Dpor(), xs.Rerun()], ids=lambda s: type(s).__name__)
def test_a_captured_variable_counts_as_it_is_when_the_threads_run(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(0, name="n")

        def adder() -> tuple[Callable[[], object], Callable[[int], None]]:
            amount = 1

            def change(to: int) -> None:
                nonlocal amount
                amount = to

            return lambda: n.fetch_add(amount), change

        (first, _), (second, change) = adder(), adder()
        app.spawn(first)
        app.spawn(second)
        change(10)

    assert totals(scenario, strategy) == {11}


def test_closures_bind_late_as_everywhere_in_python() -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(0, name="n")
        for i in (1, 10):
            app.spawn(lambda: n.fetch_add(i))  # noqa: B023

    assert totals(scenario, xs.Exhaustive()) == {20}


def test_an_object_that_has_died_is_not_taken_for_one_that_takes_its_place() -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(0, name="n")

        def parent() -> None:
            for amount in (1, 10, 100):
                app.join(app.spawn(lambda box: n.fetch_add(box[0]), [amount]))

        app.spawn(parent)

    assert totals(scenario, xs.Exhaustive()) == {111}


def test_a_body_may_start_threads_with_objects_that_it_has_just_made() -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(0, name="n")

        def parent() -> None:
            amounts = {"one": 1}
            first = app.spawn(lambda: n.fetch_add(amounts["one"]))
            if n.load() == 1:
                n.fetch_add(10)
            app.join(first)
            app.join(app.spawn(lambda box: n.fetch_add(box[0]), [int(n.load()) * 100]))

        app.spawn(parent)

    assert totals(scenario, xs.Exhaustive()) == totals(scenario, xs.Rerun()) == {101, 1111}


def test_a_wrong_sharing_would_be_noticed_because_each_thread_runs_its_own_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("xous_sim._drivers.sharing._key", lambda item: "one for all")
    for started in (False, True):
        with pytest.raises(xs.NondeterminismError):
            totals(scenario_of(*PAIRS["an int and a bool"], started=started), xs.Exhaustive())
