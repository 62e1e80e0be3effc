"""Tracing: what splits states and what does not, which bodies share a trace, and what a body must not depend on."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator

import pytest

import xous_sim as xs


def finals(scenario: Callable[[xs.World], None], name: str) -> set[int]:
    """All final values of an object, in a scenario that violates nothing."""
    seen: set[int] = set()
    result = xs.explore(scenario, finally_=lambda state: seen.add(int(state[name])))
    assert result.verdict == "sound", result
    return seen


def chooser(look: Callable[[xs.Value], object]) -> Callable[[xs.World], None]:
    """One thread that draws a number below 10, looks at it somehow, and performs one more operation."""

    def scenario(world: xs.World) -> None:
        app = world.process("app")

        def body() -> None:
            drawn = world.choose(10)
            look(drawn)
            world.choose(1)
            del drawn

        app.spawn(body)

    return scenario


# What a look costs: the initial state, one state for each way to stand before the last operation, the end.
@pytest.mark.parametrize(
    ("look", "states", "runs"),
    [
        pytest.param(lambda drawn: drawn == 3, 1 + 10 + 1, 3, id="comparison"),
        pytest.param(lambda drawn: 3 <= drawn < 6, 1 + 10 + 1, 5, id="two comparisons"),
        pytest.param(int, 1 + 10 + 1, 11, id="int"),
        pytest.param(hash, 1 + 10 + 1, 11, id="hash"),
        pytest.param(lambda drawn: drawn + 1, 1 + 10 + 1, 11, id="arithmetic"),
        pytest.param(lambda drawn: f"{drawn}", 1 + 10 + 1, 11, id="printing"),
        pytest.param(lambda drawn: None, 1 + 10 + 1, 1, id="nothing"),
    ],
)
def test_a_look_costs_one_run_for_each_answer(look: Callable[[xs.Value], object], states: int, runs: int) -> None:
    result = xs.explore(chooser(look))
    assert result.verdict == "sound"
    assert result.body_runs == runs
    assert result.states == states


def test_a_result_that_nobody_looks_at_does_not_split_states() -> None:
    def scenario(world: xs.World, *, keep: bool) -> None:
        app = world.process("app")

        def body() -> None:
            kept = world.choose(50)
            if not keep:
                del kept
            world.choose(1)
            world.choose(1)

        app.spawn(body)

    assert xs.explore(functools.partial(scenario, keep=False)).states == 4
    # A register that the body holds to its end lives as long, once for each of its values.
    assert xs.explore(functools.partial(scenario, keep=True)).states == 1 + 50 + 50 + 1


def test_a_comparison_has_two_continuations_and_int_one_for_each_number() -> None:
    def scenario(world: xs.World, look: Callable[[xs.Value], object]) -> None:
        app = world.process("app")

        def body() -> None:
            look(world.choose(50))
            world.choose(1)

        app.spawn(body)

    assert xs.explore(functools.partial(scenario, look=lambda v: v < 7)).states == 1 + 2 + 1
    assert xs.explore(functools.partial(scenario, look=lambda v: v == 7)).states == 1 + 2 + 1
    assert xs.explore(functools.partial(scenario, look=int)).states == 1 + 50 + 1


def test_comparing_with_what_no_value_can_be_looks_at_nothing() -> None:
    def scenario(world: xs.World) -> None:
        app = world.process("app")

        def body() -> None:
            value = world.choose(50)
            assert value != -1
            assert value > -1
            assert not value <= -1
            assert value < 2**64
            assert not value >= 2**70
            assert value != "text"
            assert value is not None

        app.spawn(body)

    assert xs.explore(scenario).body_runs == 1


def test_passing_a_result_on_does_not_look_at_it() -> None:
    def scenario(world: xs.World) -> None:
        app, target = world.process("app"), world.atomic_u32(0, name="target")

        def body() -> None:
            target.store(world.choose(9))

        app.spawn(body)

    seen: set[int] = set()
    result = xs.explore(scenario, finally_=lambda state: seen.add(int(state["target"])))
    assert result.body_runs == 1
    assert seen == set(range(9))


@pytest.mark.parametrize(("threads", "rounds"), [(1, 1), (2, 1), (3, 2), (4, 3)])
def test_body_runs_grow_neither_with_threads_nor_with_rounds(threads: int, rounds: int) -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        users = world.atomic_u32(0)

        def worker() -> None:
            users.fetch_add(1)
            connection = app.connect(server)
            if users.fetch_sub(1) == 1:
                app.disconnect(connection)

        for _ in range(threads):
            app.spawn(worker, times=rounds)

    assert xs.explore(scenario, stop="explored").body_runs == (3 if threads == rounds == 1 else 4)


@pytest.mark.parametrize("again", [lambda body: body, functools.partial, lambda body: lambda: body()])
def test_equal_bodies_share_a_trace_and_unequal_ones_do_not(again: Callable[[Callable[[], None]], object]) -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")

        def body() -> None:
            count.fetch_add(1)

        for _ in range(3):
            app.spawn(again(body))  # type: ignore[arg-type]

    result = xs.explore(scenario, finally_=lambda state: state["count"] == 3)
    assert (result.verdict, result.body_runs) == ("sound", 1)


def test_arguments_tell_bodies_apart() -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")

        def body(amount: int, *more: int) -> None:
            for number in (amount, *more):
                count.fetch_add(number)

        app.spawn(body, 1)
        app.spawn(body, 10)
        app.spawn(body, 100, 1000)
        app.spawn(functools.partial(body, 10_000))
        app.spawn(functools.partial(body, 20_000))

    assert finals(scenario, "count") == {31_111}


def test_methods_of_different_objects_are_different_bodies() -> None:
    class Worker:
        def __init__(self, count: xs.AtomicU32, amount: int) -> None:
            self.count = count
            self.amount = amount

        def run(self) -> None:
            self.count.fetch_add(self.amount)

        def __call__(self) -> None:
            self.run()

    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")
        for amount in (1, 10):
            app.spawn(Worker(count, amount).run)
            app.spawn(Worker(count, amount * 100))

    assert finals(scenario, "count") == {1111}


def drop_on_del(world: xs.World) -> None:
    """A Rust-like guard whose ``Drop`` performs operations."""
    app, live = world.process("app"), world.atomic_u32(0, name="live")

    class Guard:
        def __init__(self) -> None:
            live.fetch_add(1)

        def __del__(self) -> None:
            live.fetch_sub(1)

    def nested(depth: int) -> None:
        guard = Guard()
        if depth:
            nested(depth - 1)
        if world.choose(2) == 1:
            raise LookupError
        del guard

    def body() -> None:
        with contextlib.suppress(LookupError):
            nested(2)

    app.spawn(body)
    app.spawn(body)


def test_del_is_rusts_drop() -> None:
    assert finals(drop_on_del, "live") == {0}


def test_an_exception_that_ends_a_thread_drops_what_its_frames_hold_first() -> None:
    def scenario(world: xs.World) -> None:
        app, live = world.process("app"), world.atomic_u32(0, name="live")

        class Guard:
            def __del__(self) -> None:
                live.fetch_sub(1)

        def body() -> None:
            live.fetch_add(1)
            guard = Guard()
            if world.choose(2) == 1:
                raise LookupError("ends the thread")
            del guard

        app.spawn(body)

    seen: set[int] = set()
    result = xs.explore(scenario, finally_=lambda state: seen.add(int(state["live"])), stop="explored")
    assert [c.violation.property for c in result.counterexamples] == ["exception"]
    assert seen == {0}


def test_finalisers_of_a_suspended_body_touch_nothing() -> None:
    touched: list[str] = []

    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")

        def body() -> None:
            try:
                if world.choose(3) == 1:
                    count.fetch_add(1)
            finally:
                touched.append("finally")
                count.fetch_add(10)

        app.spawn(body)

    assert finals(scenario, "count") == {10, 11}
    assert len(touched) > 2, "a run that was suspended has run its finaliser too"


def test_a_body_that_swallows_every_exception_is_traced_all_the_same() -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")

        def body() -> None:
            for _ in range(3):
                try:
                    if world.choose(2) == 1:
                        count.fetch_add(1)
                except BaseException:
                    count.store(99)

        app.spawn(body)

    assert finals(scenario, "count") == {0, 1, 2, 3}


def test_generators_context_managers_closures_and_recursion_just_work() -> None:
    def scenario(world: xs.World) -> None:
        app, count, mutex = world.process("app"), world.atomic_u32(0, name="count"), world.mutex()

        @contextlib.contextmanager
        def held() -> Iterator[int]:
            mutex.lock()
            try:
                yield 2
            finally:
                mutex.unlock()

        def numbers(n: int) -> Iterator[int]:
            for i in range(n):
                with held() as two:
                    yield i * two

        def total(items: list[int]) -> int:
            return items[0] + total(items[1:]) if items else 0

        def body() -> None:
            amount = total([*numbers(3)])

            def inner() -> None:
                nonlocal amount
                amount += 1
                count.fetch_add(amount)

            inner()
            inner()

        app.spawn(body)
        app.spawn(body)

    assert finals(scenario, "count") == {30}


def test_local_functions_that_a_body_makes_may_be_spawned_in_every_run_of_it() -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")

        def parent() -> None:
            def helper(n: int) -> None:
                count.fetch_add(n)
                if n > 1:
                    helper(n - 1)

            def child() -> None:
                helper(2)

            app.join(app.spawn(child))
            if count.load() == 3:
                app.join(app.spawn(child))

        app.spawn(parent)

    assert finals(scenario, "count") == {6}


def test_a_connection_in_a_register_is_a_live_handle_until_its_last_reference_dies() -> None:
    def scenario(world: xs.World, *, forget: bool) -> None:
        app, servers = world.process("app"), [world.server(f"server {i}") for i in range(33)]

        def body() -> None:
            kept = [app.connect(server) for server in servers[:32]]
            if forget:
                kept.pop()
            kept.append(app.connect(servers[32]))
            for connection in kept:
                if connection.is_ok():
                    connection.close()

        app.spawn(body)

    # 32 live handles fill the map: no wonder that the next one does not fit. With 31 it is a violation.
    assert xs.explore(functools.partial(scenario, forget=False)).verdict == "sound"
    result = xs.explore(functools.partial(scenario, forget=True))
    assert result.violation is not None
    assert result.violation.property == "exhausted"
    assert "all 32 slots are taken, but only 31 of them by live handles" in result.violation.message
    assert xs.explore(functools.partial(scenario, forget=False), slots=46).violation is None
