"""The litmus tests: what C11 forbids is never found, what it allows is found, and the known limits are known."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

import xous_sim as xs
from xous_sim.litmus import LITMUS, Litmus, table
from xous_sim.litmus.program import program
from xous_sim.searches import Dfs, Dpor, Exhaustive, Strategy

FORBIDDEN = [test for test in LITMUS.values() if not test.allowed]
LIMITS = [test for test in LITMUS.values() if test.limit]
ALLOWED = [test for test in LITMUS.values() if test.allowed and not test.limit]
WEAK = [test for test in ALLOWED if test.name not in ("CoWR, overwritten", "a store between read-modify-writes")]


def title(test: Litmus) -> str:
    return f"{test.name}, {test.orders}"


@pytest.mark.parametrize("test", FORBIDDEN, ids=title)
def test_what_c11_forbids_is_not_found(test: Litmus) -> None:
    assert test.outcome not in test.outcomes()


@pytest.mark.parametrize("test", ALLOWED, ids=title)
def test_what_c11_allows_is_found(test: Litmus) -> None:
    assert test.outcome in test.outcomes()


@pytest.mark.parametrize("test", LIMITS, ids=title)
@pytest.mark.xfail(reason="known limits of the memory model: docs/memory.md")
def test_what_c11_allows_is_found_in_spite_of_the_limits(test: Litmus) -> None:
    assert test.outcome in test.outcomes()


@pytest.mark.parametrize("test", WEAK, ids=title)
def test_a_strong_machine_does_not_come_to_a_weak_outcome(test: Litmus) -> None:
    assert test.outcome not in test.outcomes(memory="sc")


@pytest.mark.parametrize("test", LITMUS.values(), ids=title)
def test_a_weak_machine_can_do_whatever_a_strong_one_can(test: Litmus) -> None:
    assert test.outcomes(memory="sc") <= test.outcomes()


def test_every_test_has_a_row() -> None:
    assert [(row.name, row.orders) for row in table()] == [(test.name, test.orders) for test in LITMUS.values()]


def test_a_litmus_program_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="no statement"):
        program("x==1")


@pytest.mark.parametrize("test", LIMITS, ids=title)
def test_a_verdict_that_a_limit_concerns_names_it(test: Litmus) -> None:
    result = xs.explore(test.scenario, memory="c11")
    assert result.verdict == "sound" and result.caveats
    assert all(f"but {caveat}" in str(result).splitlines() for caveat in result.caveats)


@pytest.mark.parametrize("test", [test for test in LITMUS.values() if not test.limit], ids=title)
def test_a_caveat_is_told_of_a_classic_only_if_it_has_seq_cst_fences(test: Litmus) -> None:
    fenced = "seq_cst fences" in test.orders
    assert bool(xs.explore(test.scenario, memory="c11").caveats) == fenced
    assert xs.explore(test.scenario).caveats == ()


def test_load_buffering_is_told_of_where_it_takes_a_second_round_or_a_started_thread() -> None:
    def scenario(how: str) -> Callable[[xs.World], None]:
        def set_up(world: xs.World) -> None:
            app, x, y = world.process("app"), world.atomic_u32(0, name="x"), world.atomic_u32(0, name="y")

            def copies(load: xs.AtomicU32, store: xs.AtomicU32) -> None:
                load.load("relaxed")
                store.store(1, "relaxed")

            def the_other_way_round() -> None:
                x.store(1, "relaxed")
                y.load("relaxed")

            def starts() -> None:
                y.load("relaxed")
                app.spawn(lambda: x.store(1, "relaxed"))

            app.spawn(copies, x, y)
            if how == "started":
                app.spawn(starts)
            else:
                app.spawn(the_other_way_round, times=2 if how == "rounds" else 1)

        return set_up

    told = {how: bool(xs.explore(scenario(how), memory="c11").caveats) for how in ("once", "rounds", "started")}
    assert told == {"once": False, "rounds": True, "started": True}


def test_a_store_that_depends_on_the_load_before_it_makes_no_value_out_of_thin_air() -> None:
    def scenario(depends: bool) -> Callable[[xs.World], None]:
        def set_up(world: xs.World) -> None:
            app, x, y = world.process("app"), world.atomic_u32(0, name="x"), world.atomic_u32(0, name="y")

            def copies(load: xs.AtomicU32, store: xs.AtomicU32) -> None:
                value = load.load("relaxed")
                if not depends or value == 1:
                    store.store(1, "relaxed")

            app.spawn(copies, x, y)
            app.spawn(copies, y, x)

        return set_up

    assert xs.explore(scenario(False), memory="c11").caveats
    assert xs.explore(scenario(True), memory="c11").caveats == ()


def test_an_exploration_in_parts_has_the_caveats_of_a_whole_one() -> None:
    for test in LIMITS:
        whole = xs.explore(test.scenario, memory="c11")
        with ThreadPoolExecutor(2) as pool:
            parts = xs.explore(test.scenario, Exhaustive(executor=pool), memory="c11")
        assert parts.caveats == whole.caveats


def test_a_violation_has_no_caveats_and_an_incomplete_search_has() -> None:
    mixed = program("x=1 release; r0=x seq_cst; r1=y seq_cst", "y=1 release; r2=y seq_cst; r3=x seq_cst")
    assert xs.explore(mixed, memory="c11", finally_=lambda state: state["r0"] == 2).caveats == ()
    assert xs.explore(mixed, Dfs(max_preemptions=0), memory="c11").caveats


STORE_BUFFERING = program("x=1; r0=y", "y=1; r1=x")


@pytest.mark.parametrize(
    "strategy", [Exhaustive(reduction=False), Exhaustive(), Dfs(), Dpor()], ids=lambda strategy: repr(strategy)
)
def test_all_searches_find_the_same_weak_outcomes(strategy: Strategy) -> None:
    seen = set()

    def look(state: xs.StateView) -> None:
        seen.add((int(state["r0"]), int(state["r1"])))

    xs.explore(STORE_BUFFERING, strategy, memory="c11", finally_=look, stop="explored")
    assert seen == {(0, 0), (0, 1), (1, 0), (1, 1)}


def not_both_old(state: xs.StateView) -> bool:
    return (state["r0"] == 0 and state["r1"] == 0) is False


def test_a_weak_counterexample_says_what_was_old_and_replays_with_the_real_bodies() -> None:
    result = xs.explore(STORE_BUFFERING, memory="c11", finally_=not_both_old)
    assert result.trace is not None and result.schedule is not None
    assert "0 (an older store)" in [step.result for step in result.trace]
    assert "=1" in result.schedule
    replayed = xs.replay(STORE_BUFFERING, result.schedule, memory="c11", finally_=not_both_old)
    assert replayed.violation == result.violation
    with pytest.raises(xs.ReplayError, match="departs"):
        xs.replay(STORE_BUFFERING, result.schedule, finally_=not_both_old)


def test_a_store_may_take_a_place_before_a_newer_one() -> None:
    two_plus_two = program("x=1; y=2", "y=1; x=2")
    result = xs.explore(two_plus_two, memory="c11", finally_=lambda state: not (state["x"] == 1 and state["y"] == 1))
    assert result.trace is not None
    assert "Ok (before a newer store)" in [step.result for step in result.trace]


def test_who_spins_sees_a_store_in_the_end() -> None:
    def scenario(world: xs.World) -> None:
        app, flag = world.process("app"), world.atomic_bool(name="FLAG")
        app.spawn(lambda: flag.store(1, "relaxed"), name="sets")
        app.spawn(lambda: world.spin_while(lambda: flag.load("relaxed") == 0), name="spins")

    def yields(world: xs.World) -> None:
        app, flag, other = world.process("app"), world.atomic_bool(name="FLAG"), world.atomic_bool(name="OTHER")

        def waits() -> None:
            while flag.load("relaxed") == 0 or other.load("relaxed") == 0:
                world.yield_now()

        def sets() -> None:
            flag.store(1, "relaxed")
            other.store(1, "relaxed")

        app.spawn(sets)
        app.spawn(waits)

    assert xs.explore(scenario, memory="c11").verdict == "sound"
    assert xs.explore(yields, memory="c11").verdict == "sound"


def test_what_a_spinning_thread_has_seen_does_not_order_plain_accesses() -> None:
    def scenario(order: xs.sync.Order) -> xs.Exploration:
        def set_up(world: xs.World) -> None:
            app, data, flag = world.process("app"), world.cell(0, name="data"), world.atomic_bool(name="FLAG")

            def writes() -> None:
                data.set(1)
                flag.store(1, "release")

            def reads() -> None:
                world.spin_while(lambda: flag.load(order) == 0)
                data.get()

            app.spawn(writes)
            app.spawn(reads)

        return xs.explore(set_up, memory="c11")

    assert scenario("acquire").verdict == "sound"
    relaxed = scenario("relaxed")
    assert relaxed.violation is not None
    assert (relaxed.violation.property, relaxed.violation.subject) == ("data-race", "data")
    assert "app/writes writes data, and app/reads reads it" in relaxed.violation.message


def test_nobody_waits_for_ever_for_a_spin_lock_on_a_weak_machine() -> None:
    def scenario(world: xs.World) -> None:
        app, data, held = world.process("app"), world.cell(0, name="data"), world.atomic_bool(name="HELD")

        def adds() -> None:
            world.spin_while(lambda: held.swap(1, "acquire") == 1)
            data.set(data.get() + 1)
            held.store(0, "release")

        for _ in range(3):
            app.spawn(adds)

    def all_added(state: xs.StateView) -> bool:
        return state["data"] == 3

    assert xs.explore(scenario, memory="c11", finally_=all_added).verdict == "sound"


@pytest.mark.parametrize("orders", [("release", "relaxed"), ("relaxed", "relaxed")])
def test_a_spin_lock_whose_orders_are_too_weak_is_caught(orders: tuple[xs.sync.Order, xs.sync.Order]) -> None:
    def scenario(world: xs.World) -> None:
        app, data, held = world.process("app"), world.cell(0, name="data"), world.atomic_bool(name="HELD")

        def adds() -> None:
            world.spin_while(lambda: held.swap(1, orders[1]) == 1)
            data.set(data.get() + 1)
            held.store(0, orders[0])

        app.spawn(adds)
        app.spawn(adds)

    result = xs.explore(scenario, memory="c11")
    assert result.violation is not None and result.violation.property == "data-race"


@pytest.mark.parametrize("how", ["mutex", "join", "message", "once"])
def test_what_synchronises_orders_plain_accesses(how: str) -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        data, lock, pool = world.cell(0, name="data"), world.mutex(), world.once_lock()

        def child() -> None:
            data.set(1)

        def parent() -> None:
            app.join(app.spawn(child))
            data.get()

        def locked() -> None:
            with lock:
                data.set(data.get() + 1)

        def pooled() -> None:
            def init() -> xs.Connection:
                data.set(1)
                return app.connect(server)

            pool.get_or_init(init)
            data.get()

        bodies = {"mutex": (locked, locked), "join": (parent,), "once": (pooled, pooled), "message": (locked, parent)}
        for body in bodies[how]:
            app.spawn(body)

    expected = "violated" if how == "message" else "sound"
    assert xs.explore(scenario, memory="c11").verdict == expected


def test_plain_accesses_race_only_where_the_memory_model_is_asked_for() -> None:
    def scenario(world: xs.World) -> None:
        app, data = world.process("app"), world.cell(0, name="data")
        app.spawn(lambda: data.set(1), name="one")
        app.spawn(lambda: data.get(), name="two")

    assert xs.explore(scenario).verdict == "sound"
    assert xs.explore(scenario, memory="c11").verdict == "violated"


def test_an_unknown_memory_model_is_refused() -> None:
    with pytest.raises(xs.MisuseError, match="'tso' is no memory model: choose 'sc' or 'c11'"):
        xs.explore(STORE_BUFFERING, memory="tso")  # type: ignore[arg-type]
    with pytest.raises(xs.MisuseError, match="memory model"):
        xs.replay(STORE_BUFFERING, "x1:0", memory=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("order", ["release", "acq_rel"])
def test_a_load_cannot_release(order: xs.sync.Order) -> None:
    with pytest.raises(xs.MisuseError, match="load cannot be"):
        xs.World().atomic_u32(0).load(order)


@pytest.mark.parametrize("order", ["acquire", "acq_rel"])
def test_a_store_cannot_acquire(order: xs.sync.Order) -> None:
    with pytest.raises(xs.MisuseError, match="store cannot be"):
        xs.World().atomic_u32(0).store(1, order)


def test_there_is_no_relaxed_fence_and_others_do_nothing_without_an_explorer() -> None:
    world = xs.World()
    world.fence("release")
    with pytest.raises(xs.MisuseError, match="fence cannot be relaxed"):
        world.fence("relaxed")
    with pytest.raises(xs.MisuseError, match="not a memory order"):
        world.fence("consume")  # type: ignore[arg-type]
