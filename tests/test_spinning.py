"""What a yield means: a round that did nothing and would do the same again is a wait; every other one is a step."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import xous_sim as xs
from xous_sim.searches import Strategy

Body = Callable[[], object]
STATELESS: list[Strategy] = [
    xs.Dfs(deepening=False),
    xs.Dfs(),
    xs.Dpor(),
    xs.Random(max_schedules=200),
    xs.Pct(max_schedules=200),
    xs.Rerun(),
]
"""All searches that go round no cycle."""


def property_of(result: xs.Exploration) -> str | None:
    return result.violation and result.violation.property


def counts_its_retries(world: xs.World) -> None:
    app, tries, done = world.process("app"), world.atomic_u32(name="tries"), world.atomic_bool(name="done")
    app.spawn(lambda: world.spin_while(lambda: tries.fetch_add(1) < 3 and done.load() == 0))
    app.spawn(lambda: done.store(1))


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), *STATELESS], ids=str)
def test_a_busy_loop_may_go_round_while_nothing_changes_but_what_it_writes_itself(strategy: Strategy) -> None:
    result = xs.explore(counts_its_retries, strategy, finally_=lambda state: state["tries"] <= 1)
    assert property_of(result) == "finally"


def test_how_often_a_busy_loop_may_go_round_is_what_every_search_finds() -> None:
    strategies: list[Strategy] = [xs.Exhaustive(), xs.Dfs(deepening=False), xs.Dpor(), xs.Rerun()]
    for strategy in strategies:
        tries: set[int] = set()

        def look(state: xs.StateView, tries: set[int] = tries) -> None:
            tries.add(int(state["tries"]))

        result = xs.explore(counts_its_retries, strategy, finally_=look)
        assert (result.verdict, tries) == ("sound", {1, 2, 3, 4}), strategy


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), *STATELESS], ids=str)
def test_another_thread_sees_all_that_a_busy_loop_writes(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app, n, done = world.process("app"), world.atomic_u32(name="n"), world.atomic_bool()

        def must_not_see_two() -> None:
            assert n.load() != 2

        app.spawn(lambda: world.spin_while(lambda: n.fetch_add(1) < 2 and done.load() == 0))
        app.spawn(must_not_see_two)

    assert property_of(xs.explore(scenario, strategy)) == "exception"


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), *STATELESS], ids=str)
def test_a_loop_that_ends_by_what_it_writes_is_no_deadlock(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        n = world.atomic_u32()
        world.process("app").spawn(lambda: world.spin_while(lambda: n.fetch_add(1) < 3))

    assert xs.explore(scenario, strategy).violation is None


def test_a_wait_with_a_time_out_ends() -> None:
    def scenario(world: xs.World) -> None:
        flag = world.atomic_bool()
        world.process("app").spawn(lambda: world.spin_while(lambda: flag.load() == 0 and world.choose(2) == 0))

    assert xs.explore(scenario).verdict == "sound"
    for strategy in STATELESS:
        assert xs.explore(scenario, strategy).verdict == "incomplete"


def test_a_polite_loop_that_is_always_met_half_way_may_go_on_for_ever() -> None:
    """Each lowers its flag only to raise it again; that nobody is ever alone is a schedule, and a fair one."""

    def scenario(world: xs.World) -> None:
        app, first, second = world.process("app"), world.atomic_bool(), world.atomic_bool()

        def give_way(mine: xs.AtomicU32, other: xs.AtomicU32) -> None:
            def met() -> bool:
                mine.store(1)
                if other.load() == 0:
                    return False
                mine.store(0)
                return True

            world.spin_while(met)
            mine.store(0)

        app.spawn(give_way, first, second)
        app.spawn(give_way, second, first)

    result = xs.explore(scenario)
    assert property_of(result) == "livelock"
    assert result.counterexamples[0].loop
    for strategy in (xs.Dfs(deepening=False), xs.Dpor(), xs.Rerun()):
        assert xs.explore(scenario, strategy).exhausted in ("cycle", "preemptions"), strategy


def test_who_goes_round_alone_and_writes_is_in_a_livelock_and_in_no_deadlock() -> None:
    def scenario(world: xs.World) -> None:
        flag, never = world.atomic_bool(), world.atomic_bool()

        def knocks() -> bool:
            flag.store(1)
            flag.store(0)
            return never.load() == 0

        world.process("app").spawn(lambda: world.spin_while(knocks))

    assert property_of(xs.explore(scenario)) == "livelock"


def test_a_swap_that_finds_its_own_value_writes_nothing() -> None:
    """Else every spin lock would go round for ever, and no search without stored states could prove any."""

    def scenario(world: xs.World) -> None:
        app, held, n = world.process("app"), world.atomic_bool(), world.cell(name="n")

        def adds() -> None:
            world.spin_while(lambda: held.swap(1, "acquire") == 1)
            n.set(n.get() + 1)
            held.store(0, "release")

        app.spawn(adds)
        app.spawn(adds)

    for strategy in (xs.Exhaustive(), xs.Dpor(), xs.Rerun()):
        assert xs.explore(scenario, strategy, finally_=lambda state: state["n"] == 2).verdict == "sound"
    assert xs.explore(scenario, memory="c11", finally_=lambda state: state["n"] == 2).verdict == "sound"


def test_a_loop_in_a_loop_does_not_forget_what_changed_before_its_last_round() -> None:
    def scenario(world: xs.World) -> None:
        app, a, b, c = world.process("app"), world.atomic_u32(), world.atomic_u32(), world.atomic_u32()

        def waits() -> None:
            def both() -> bool:
                seen = a.load() == 1
                world.spin_while(lambda: b.load() == 0)
                return not seen or c.load() == 0

            world.spin_while(both)

        def sets() -> None:
            c.store(1)
            a.store(1)
            b.store(1)

        app.spawn(waits)
        app.spawn(sets)

    for strategy in (xs.Exhaustive(), xs.Dfs(deepening=False), xs.Dpor()):
        assert xs.explore(scenario, strategy).verdict == "sound", strategy


# yield_now


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), *STATELESS], ids=str)
def test_a_yield_by_itself_waits_for_nothing(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app, ready = world.process("app"), world.atomic_bool()

        def polls_twice() -> None:
            for _ in range(2):
                if ready.load() == 1:
                    return
                world.yield_now()
            raise TimeoutError

        app.spawn(polls_twice)
        app.spawn(lambda: ready.store(1))

    assert property_of(xs.explore(scenario, strategy)) == "exception"


def waits_by_a_loop(world: xs.World, flag: xs.AtomicU32) -> None:
    while flag.load() == 0:
        world.yield_now()


def waits_with_what_it_saw(world: xs.World, flag: xs.AtomicU32) -> None:
    seen = flag.load()
    while seen == 0:
        world.yield_now()
        seen = flag.load()


def waits_for_two_equal_looks(world: xs.World, flag: xs.AtomicU32) -> None:
    before = flag.load()
    while True:
        now = flag.load()
        if before == now and now != 0:
            return
        before = now
        world.yield_now()


def waits_in_an_object(world: xs.World, flag: xs.AtomicU32) -> None:
    class Waiter:
        def __init__(self) -> None:
            self.options = {"pauses": [1, 2.5, "x"]}

        def pause(self) -> None:
            world.yield_now()

        def wait(self) -> None:
            while flag.load() == 0:
                self.pause()

    waiter = Waiter()
    for _ in range(2):
        waiter.wait()


WAITS = [waits_by_a_loop, waits_with_what_it_saw, waits_for_two_equal_looks, waits_in_an_object]


@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Dfs(deepening=False), xs.Dpor(), xs.Rerun()], ids=str)
def test_a_loop_that_yields_is_one_that_waits(wait: Callable[..., None], strategy: Strategy) -> None:
    def scenario(world: xs.World, *, sets: bool) -> None:
        app, flag = world.process("app"), world.atomic_bool()
        app.spawn(wait, world, flag)
        if sets:
            app.spawn(lambda: flag.store(1))

    assert xs.explore(lambda world: scenario(world, sets=True), strategy).verdict == "sound"
    assert property_of(xs.explore(lambda world: scenario(world, sets=False), strategy)) == "deadlock"


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), *STATELESS], ids=str)
def test_a_loop_that_yields_and_counts_in_python_is_followed_until_it_gives_up(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app, flag = world.process("app"), world.atomic_bool()

        def waits_a_while() -> None:
            tries = 0
            while flag.load() == 0:
                tries += 1
                if tries == 4:
                    raise TimeoutError
                world.yield_now()

        app.spawn(waits_a_while)
        app.spawn(lambda: flag.store(1))

    assert property_of(xs.explore(scenario, strategy)) == "exception"


@pytest.mark.parametrize("hides", ["iterator", "generator", "operand", "list", "attribute"])
def test_what_a_loop_hides_is_not_overlooked(hides: str) -> None:
    """Its third round is another one, and only because of what no variable shows."""

    def scenario(world: xs.World) -> None:
        app, flag = world.process("app"), world.atomic_bool()

        def iterates() -> None:
            for _same in [1, 1, 1]:
                flag.load()
                world.yield_now()
            raise TimeoutError

        def generates() -> None:
            rounds = (x for x in [1, 1, 1])
            while next(rounds, None):
                flag.load()
                world.yield_now()
            raise TimeoutError

        def adds() -> None:
            def one(n: int) -> int:
                flag.load()
                world.yield_now()
                return n and 1 + one(n - 1)

            assert 0 + one(3) != 3

        def appends() -> None:
            rounds: list[int] = []
            while len(rounds) < 3:
                rounds.append(1)
                flag.load()
                world.yield_now()
            raise TimeoutError

        def sets_an_attribute() -> None:
            def again() -> bool:
                again.n = getattr(again, "n", 0) + 1  # type: ignore[attr-defined]
                return again.n < 4  # type: ignore[attr-defined, no-any-return]

            while again():
                flag.load()
                world.yield_now()
            raise TimeoutError

        bodies = {
            "iterator": iterates,
            "generator": generates,
            "operand": adds,
            "list": appends,
            "attribute": sets_an_attribute,
        }
        app.spawn(bodies[hides])

    assert property_of(xs.explore(scenario)) == "exception"


def test_a_condition_that_counts_in_python_is_refused() -> None:
    def scenario(world: xs.World) -> None:
        app, flag = world.process("app"), world.atomic_bool()

        def waits() -> None:
            tries = 0

            def again() -> bool:
                nonlocal tries
                tries += 1
                return flag.load() == 0 and tries < 3

            world.spin_while(again)

        app.spawn(waits)

    with pytest.raises(xs.ScenarioError, match=r"test_spinning.py:\d+ changes Python variables.*world.yield_now"):
        xs.explore(scenario)


def test_yielding_without_an_operation_is_refused() -> None:
    def scenario(world: xs.World) -> None:
        def body() -> None:
            while True:
                world.yield_now()

        world.process("app").spawn(body)

    with pytest.raises(xs.ScenarioError, match=r"test_spinning.py:\d+ again and again and performs no operation"):
        xs.explore(scenario)


# Loops that poll


def polls(world: xs.World) -> None:
    app, ready = world.process("app"), world.atomic_bool()

    def waits() -> None:
        while ready.load() == 0:
            pass

    app.spawn(waits)
    app.spawn(lambda: ready.store(1))


def serves_by_polling(world: xs.World) -> None:
    owner, app = world.process("owner"), world.process("app")
    log = owner.create_server("log")
    connection = app.connect(log)

    def serves() -> None:
        while True:
            message = owner.try_receive(log)
            if message is not None:
                message.return_scalar(1)

    owner.spawn(serves)
    app.spawn(lambda: app.send(connection, xs.BlockingScalar(0)))


def exchanges_for_ever(world: xs.World) -> None:
    app, held = world.process("app"), world.atomic_bool()

    def locks() -> None:
        while held.compare_exchange(0, 1)[0] == 0:
            pass

    for _ in range(2):
        app.spawn(locks)


@pytest.mark.parametrize("scenario", [polls, serves_by_polling, exchanges_for_ever])
@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Dpor(), xs.Random()], ids=str)
def test_a_loop_that_polls_is_refused_after_a_few_rounds_with_its_line(
    scenario: Callable[[xs.World], None], strategy: Strategy
) -> None:
    with pytest.raises(xs.BodyNeverEndsError, match=r"polls for ever at \S+test_spinning.py:\d+: .*world.spin_while"):
        xs.explore(scenario, strategy)


@pytest.mark.parametrize("loop", ["straight", "looks", "writes", "python"])
def test_long_loops_that_end_are_not_taken_for_polling(loop: str) -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32()

        def straight() -> None:
            for _ in range(1_000):
                n.fetch_add(1)

        def looks() -> None:
            for _ in range(100):
                assert n.load() == 0

        def writes() -> None:
            while n.fetch_add(1) < 100:
                pass

        def python() -> None:
            rounds = [0]
            while n.load() == 0 and rounds[0] < 100:
                rounds[0] += 1

        app.spawn({"straight": straight, "looks": looks, "writes": writes, "python": python}[loop])

    assert xs.explore(scenario).verdict == "sound"


# Weak memory


def increments_by_exchange(world: xs.World) -> None:
    app, n = world.process("app"), world.atomic_u32(name="n")

    def increments() -> None:
        def failed() -> bool:
            old = n.load("relaxed")
            return n.compare_exchange(old, int(old) + 1, "acq_rel")[0] == 0

        world.spin_while(failed)

    app.spawn(increments)
    app.spawn(increments)


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Dfs(deepening=False), xs.Dpor()], ids=str)
def test_who_has_read_an_old_store_in_a_round_can_still_read_the_newer_one(strategy: Strategy) -> None:
    result = xs.explore(increments_by_exchange, strategy, memory="c11", finally_=lambda state: state["n"] == 2)
    assert result.verdict == "sound"


def test_a_plain_loop_of_exchanges_ends_on_a_weak_machine() -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(name="n")

        def increments() -> None:
            while True:
                old = n.load("relaxed")
                if n.compare_exchange(old, int(old) + 1, "acq_rel")[0] == 1:
                    return
                world.yield_now()

        for _ in range(2):
            app.spawn(increments)

    assert xs.explore(scenario, memory="c11", finally_=lambda state: state["n"] == 2).verdict == "sound"


def test_a_round_that_writes_shows_its_thread_no_store_of_others() -> None:
    """What it writes is in every execution, so it may not have to pay for the next round with its ignorance."""

    def scenario(world: xs.World) -> None:
        app, data, n, seen = (
            world.process("app"),
            world.atomic_u32(name="data"),
            world.atomic_u32(name="n"),
            world.atomic_u32(7, name="seen"),
        )

        def goes_round() -> None:
            world.spin_while(lambda: n.fetch_add(1, "relaxed") % 10 < 2)
            seen.store(int(data.load("relaxed")) * 100 + int(n.load("relaxed")), "relaxed")

        def writes() -> None:
            data.store(1, "relaxed")
            if n.compare_exchange(1, 11, "relaxed")[0] == 0:
                n.store(50, "relaxed")

        app.spawn(goes_round)
        app.spawn(writes)

    seen: set[int] = set()
    result = xs.explore(scenario, memory="c11", finally_=lambda state: seen.add(int(state["seen"])), stop="explored")
    assert result.violation is None
    assert 13 in seen


def test_what_only_goes_round_while_it_reads_old_stores_is_no_livelock() -> None:
    def scenario(world: xs.World) -> None:
        app, flag, rounds = world.process("app"), world.atomic_bool(), world.atomic_bool()

        def waits() -> bool:
            rounds.store(1, "relaxed")
            rounds.store(0, "relaxed")
            return flag.load("relaxed") == 0

        app.spawn(lambda: world.spin_while(waits))
        app.spawn(lambda: flag.store(1, "relaxed"))

    assert xs.explore(scenario, xs.Exhaustive(max_states=20_000), memory="c11").violation is None


tries_of_all = 0


def one_more() -> int:
    global tries_of_all
    tries_of_all += 1
    return tries_of_all


@pytest.mark.parametrize("counts", [lambda: one_more(), one_more], ids=["lambda", "function"])
def test_a_loop_that_counts_in_a_global_variable_is_never_back_where_it_was(counts: Callable[[], int]) -> None:
    def scenario(world: xs.World) -> None:
        app, flag = world.process("app"), world.atomic_bool(name="flag")

        def polls() -> None:
            global tries_of_all
            tries_of_all = 0
            while flag.load() == 0:
                if counts() == 3:
                    raise ValueError("three times")
                world.yield_now()

        app.spawn(polls)
        app.spawn(lambda: flag.store(1))

    for strategy in (xs.Exhaustive(), xs.Dfs(), xs.Dpor()):
        assert property_of(xs.explore(scenario, strategy)) == "exception", strategy


def test_a_condition_that_counts_in_a_global_variable_is_refused() -> None:
    def scenario(world: xs.World) -> None:
        flag = world.atomic_bool()
        world.process("app").spawn(lambda: world.spin_while(lambda: flag.load() == 0 and one_more() > 0))

    with pytest.raises(xs.ScenarioError, match="changes Python variables"):
        xs.explore(scenario)


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Dfs(), xs.Dpor(), xs.Rerun()], ids=str)
def test_what_an_inner_loop_did_counts_for_the_round_around_it(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        n = world.atomic_u32(0)

        def was_new() -> bool:
            new = n.load() == 0
            world.spin_while(lambda: n.compare_exchange(0, 1)[0] == 1)
            return new

        world.process("app").spawn(lambda: world.spin_while(was_new))

    assert xs.explore(scenario, strategy).verdict == "sound"
