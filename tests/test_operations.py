"""Every operation that a body can perform, explored: choices, threads, spinning, shared objects, references."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import xous_sim as xs
from xous_sim.searches import Strategy


def found(result: xs.Exploration) -> set[str]:
    """The properties that are violated."""
    return {counterexample.violation.property for counterexample in result.counterexamples}


def test_choose_covers_every_number() -> None:
    def scenario(world: xs.World) -> None:
        app, chosen = world.process("app"), world.atomic_u32(99, name="chosen")
        app.spawn(lambda: chosen.store(world.choose(4)))

    final: set[int] = set()
    result = xs.explore(scenario, finally_=lambda state: final.add(int(state["chosen"])))
    assert final == {0, 1, 2, 3}
    assert result.verdict == "sound"
    assert result.body_runs == 1


def test_a_body_starts_and_joins_threads_and_passes_them_results() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log", answer=3)
        total = world.atomic_u32(20, name="total")

        def child(number: xs.Value, connection: xs.Connection) -> None:
            total.fetch_add(app.send(connection, xs.BlockingScalar(1)).unwrap())
            total.fetch_add(number)

        def parent() -> None:
            with app.connect(server) as connection:
                threads = [app.spawn(child, total.swap(100), connection) for _ in range(2)]
                for thread in threads:
                    app.join(thread)

        app.spawn(parent)

    final: set[int] = set()
    result = xs.explore(scenario, finally_=lambda state: final.add(int(state["total"])))
    assert result.verdict == "sound"
    # Whatever the first child has added when the second swap takes it away comes back with the second child.
    assert final == {226}


def test_a_passed_value_and_a_passed_connection_are_not_mixed_up() -> None:
    def scenario(world: xs.World) -> None:
        app, server, kinds = world.process("app"), world.server("log"), world.atomic_u32(0, name="kinds")

        def child(something: xs.Value | xs.Connection) -> None:
            kinds.fetch_add(1 if isinstance(something, xs.Value) else 10)

        def parent() -> None:
            app.join(app.spawn(child, kinds.load()))
            with app.connect(server) as connection:
                app.join(app.spawn(child, connection))

        app.spawn(parent)

    assert xs.explore(scenario, finally_=lambda state: state["kinds"] == 11).verdict == "sound"


def test_spinning_until_somebody_else_sets_a_flag_is_sound() -> None:
    def scenario(world: xs.World) -> None:
        app, flag = world.process("app"), world.atomic_bool(name="flag")
        app.spawn(lambda: flag.store(1))
        app.spawn(lambda: world.spin_while(lambda: flag.load() == 0))

        def yielding() -> None:
            while flag.load() == 0:
                world.yield_now()

        app.spawn(yielding)

    assert xs.explore(scenario, finally_=lambda state: state["flag"] == 1).verdict == "sound"


@pytest.mark.parametrize("setter_first", [True, False])
def test_a_change_between_two_looks_of_a_spin_condition_is_not_missed(setter_first: bool) -> None:
    def scenario(world: xs.World) -> None:
        app, a, b = world.process("app"), world.atomic_u32(0, name="a"), world.atomic_u32(0, name="b")

        def setter() -> None:
            a.store(1)

        def spinner() -> None:
            world.spin_while(lambda: a.load() == 0 and b.load() == 0)

        for body in (setter, spinner) if setter_first else (spinner, setter):
            app.spawn(body)

    assert xs.explore(scenario).verdict == "sound"


def test_spinning_for_a_flag_that_nobody_sets_is_a_deadlock() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        world.spin_while(lambda: world.choose(1) == 0)

    def scenario(world: xs.World) -> None:
        app, flag = world.process("app"), world.atomic_bool(name="flag")
        app.spawn(lambda: world.spin_while(lambda: flag.load() == 0), name="waiter")

    result = xs.explore(scenario)
    assert found(result) == {"deadlock"}
    assert "app/waiter spins" in str(result)


def test_times_repeats_a_body() -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")
        app.spawn(lambda: count.fetch_add(1), times=5)

    result = xs.explore(scenario, finally_=lambda state: state["count"] == 5)
    assert result.verdict == "sound"
    assert (result.states, result.body_runs) == (6, 1)


def test_a_once_lock_is_initialised_once_while_others_wait() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        pool, opened = world.once_lock(), world.atomic_u32(0, name="opened")

        def open_it() -> xs.Connection:
            opened.fetch_add(1)
            return app.connect(server)

        def user() -> None:
            assert app.send(pool.get_or_init(open_it), xs.Scalar(1)).is_ok()

        for _ in range(3):
            app.spawn(user)

    assert xs.explore(scenario, connect="unique", finally_=lambda state: state["opened"] == 1).verdict == "sound"


def test_a_once_lock_whose_initialiser_fails_stays_empty() -> None:
    def scenario(world: xs.World) -> None:
        app, server, pool = world.process("app"), world.server("log"), world.once_lock()

        def fail() -> xs.Connection:
            raise LookupError

        def user() -> None:
            try:
                pool.get_or_init(fail)
            except LookupError:
                pool.get_or_init(lambda: app.connect(server))

        app.spawn(user)

    assert xs.explore(scenario).verdict == "sound"


def test_an_arc_that_each_thread_drops_is_closed_by_the_last() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        arc = app.connect(server).share()

        def user(arc: xs.Arc) -> None:
            assert app.send(arc.get(), xs.Scalar(1)).is_ok()
            last = arc.drop()
            if last is not None:
                last.close().unwrap()

        app.spawn(user, arc.clone())
        app.spawn(user, arc)

    assert xs.explore(scenario).verdict == "sound"


def test_an_arc_of_the_scenario_is_held_by_it_and_one_dropped_without_closing_is_a_leak() -> None:
    def kept(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        arc = app.connect(server).share()
        app.spawn(lambda: app.send(arc.get(), xs.Scalar(1)))

    def dropped(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        arc = app.connect(server).share()
        app.spawn(lambda: arc.drop() is None)

    for strategy in (xs.Exhaustive(), xs.Rerun()):
        assert xs.explore(kept, strategy).verdict == "sound"
        result = xs.explore(dropped, strategy)
        assert found(result) == {"leak"}
        assert "CID 2 is still connected to log" in str(result)


def forgets_it(app: xs.Process, server: xs.Server) -> None:
    app.connect(server).share()


def forgets_a_clone(app: xs.Process, server: xs.Server) -> None:
    arc = app.connect(server).share()
    arc.clone()
    arc.drop()


def forgets_what_it_upgraded(app: xs.Process, server: xs.Server) -> None:
    arc = app.connect(server).share()
    weak = arc.downgrade()
    weak.upgrade()
    arc.drop()
    weak.drop()


@pytest.mark.parametrize("body", [forgets_it, forgets_a_clone, forgets_what_it_upgraded])
@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Dfs(), xs.Dpor(), xs.Rerun()])
def test_an_arc_that_a_thread_forgets_is_a_leak(
    body: Callable[[xs.Process, xs.Server], None], strategy: Strategy
) -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        app.spawn(body, app, server, times=2)

    result = xs.explore(scenario, strategy, connect="unique")
    assert result.violation is not None
    assert (result.violation.property, result.violation.subject) == ("leak", "log")
    assert result.trace is not None and "CID 3: log *" in result.trace.to_text()


def test_a_stress_run_notices_an_arc_that_a_thread_forgets() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        app.spawn(forgets_a_clone, app, server)

    assert xs.stress(scenario, seconds=60, max_runs=3).failures == {"leak": 3}


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Rerun()])
def test_a_clone_that_a_thread_forgets_is_a_leak_though_the_scenario_made_the_first_one(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        arc = app.connect(server).share()

        def user() -> None:
            arc.clone()
            last = arc.drop()
            if last is not None:
                last.close()

        app.spawn(user)

    assert found(xs.explore(scenario, strategy)) == {"leak"}


@pytest.mark.parametrize("strategy", [xs.Exhaustive(), xs.Rerun()])
def test_connections_that_only_forgotten_arcs_keep_fit_into_no_map(strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app = world.process("app")
        servers = [world.server(f"s{number}") for number in range(33)]

        def body() -> None:
            for server in servers:
                connection = app.connect(server)
                if connection.is_ok():
                    connection.share()

        app.spawn(body)

    result = xs.explore(scenario, strategy)
    assert result.violation is not None
    assert result.violation.property == "exhausted"
    assert "only 0 of them by live handles" in result.violation.message


def test_a_body_passes_an_arc_to_a_thread_that_it_starts() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")

        def user(arc: xs.Arc) -> None:
            app.send(arc.get(), xs.Scalar(1))
            last = arc.drop()
            if last is not None:
                last.close()

        def parent() -> None:
            arc = app.connect(server).share()
            app.spawn(user, arc.clone())
            user(arc)

        app.spawn(parent)

    assert xs.explore(scenario).verdict == "sound"


def test_a_weak_reference_is_upgraded_only_while_a_strong_one_is_left() -> None:
    def scenario(world: xs.World) -> None:
        app, server = world.process("app"), world.server("log")
        upgraded = world.atomic_u32(0, name="upgraded")
        strong = app.connect(server).share()
        weak = strong.downgrade()

        def drop(arc: xs.Arc) -> None:
            last = arc.drop()
            if last is not None:
                last.close().unwrap()

        def upgrade() -> None:
            arc = weak.upgrade()
            if arc is not None:
                upgraded.store(1)
                assert app.send(arc.get(), xs.Scalar(1)).is_ok()
                drop(arc)
            weak.drop()

        app.spawn(drop, strong)
        app.spawn(upgrade)

    final: set[int] = set()
    result = xs.explore(scenario, finally_=lambda state: final.add(int(state["upgraded"])))
    assert result.verdict == "sound"
    assert final == {0, 1}


def test_compare_exchange_lets_one_thread_win() -> None:
    def scenario(world: xs.World) -> None:
        app, owner, wins = world.process("app"), world.atomic_u32(0, name="owner"), world.atomic_u32(0, name="wins")

        def contend(number: int) -> None:
            won, before = owner.compare_exchange(0, number)
            if won == 1:
                wins.fetch_add(1)
            else:
                assert before != number

        for number in (1, 2, 3):
            app.spawn(contend, number)

    final: set[tuple[int, int]] = set()
    result = xs.explore(scenario, finally_=lambda state: final.add((int(state["owner"]), int(state["wins"]))))
    assert result.verdict == "sound"
    assert final == {(1, 1), (2, 1), (3, 1)}


@pytest.mark.parametrize(("mode", "error"), [("faithful", xs.KernelError.BAD_ADDRESS), ("safe", None)])
def test_a_lend_to_a_full_queue_loses_its_pages_on_bare_metal_and_waits_in_a_safe_kernel(
    mode: xs.world.Mode, error: xs.KernelError | None
) -> None:
    answers: list[xs.KernelError | None] = []

    def scenario(world: xs.World) -> None:
        service, app = world.process("service"), world.process("app")
        server = service.create_server("full")
        connection = app.std_connection(server)
        page = app.map_memory()
        for _ in range(128):
            app.try_send(connection, xs.Scalar(0)).unwrap()

        def lend() -> None:
            answers.append(app.send(connection, xs.Borrow(1, int(page))).error())

        app.spawn(lend)

    result = xs.explore(scenario, mode=mode)
    assert result.verdict == ("sound" if mode == "faithful" else "violated")
    assert set(answers) == ({error} if mode == "faithful" else set())


@pytest.mark.parametrize("values", [(7,), (7, 8), (1, 2, 3, 4, 5)])
def test_a_blocking_scalar_is_answered_with_as_many_numbers_as_the_server_returns(values: tuple[int, ...]) -> None:
    def scenario(world: xs.World) -> None:
        service, app = world.process("service"), world.process("app")
        server = service.create_server("answers")

        def serve() -> None:
            service.receive(server).return_scalar(*values).unwrap()

        def ask() -> None:
            with app.connect(server) as connection:
                answer = app.send(connection, xs.BlockingScalar(1)).unwrap_all()
                assert tuple(int(word) for word in answer) == values

        service.spawn(serve)
        app.spawn(ask)

    assert xs.explore(scenario).verdict == "sound"


def test_a_lent_page_is_out_of_reach_until_it_comes_back() -> None:
    def scenario(world: xs.World) -> None:
        service, app = world.process("service"), world.process("app")
        server = service.create_server("borrows")

        def serve() -> None:
            service.receive(server).return_memory(3, 4).unwrap()

        def lend(page: xs.Value) -> None:
            with app.connect(server) as connection:
                offset, valid = app.send(connection, xs.Borrow(1, int(page))).unwrap_all()
                assert (int(offset), int(valid)) == (3, 4)

        page = app.map_memory()
        service.spawn(serve)
        service.spawn(serve)
        app.spawn(lend, page)
        app.spawn(lend, page)

    result = xs.explore(scenario)
    assert result.violation is not None
    assert result.violation.property == "exception"
    assert "BAD_ADDRESS" in result.violation.message


@pytest.mark.parametrize("profile", ["hardware", "hosted"])
def test_an_answering_server_returns_what_it_is_lent_and_keeps_what_it_is_given(profile: xs.world.Profile) -> None:
    world = xs.World(profile=profile)
    app, server = world.process("app"), world.server("memory")
    connection, page = app.connect(server), int(app.map_memory())
    for lend in (xs.Borrow(1, page), xs.MutableBorrow(1, page), xs.Borrow(1, page)):
        assert [int(word) for word in app.send(connection, lend).unwrap_all()] == [0, 0]
    assert app.send(connection, xs.Move(1, page)).is_ok()
    gone = app.send(connection, xs.Borrow(1, page))
    assert gone.error() is (xs.KernelError.BAD_ADDRESS if profile == "hardware" else None)


@pytest.mark.parametrize("ending", ["unlock", "terminate"])
def test_a_thread_that_a_body_started_can_end_badly_too(ending: str) -> None:
    def scenario(world: xs.World) -> None:
        app, mutex = world.process("app"), world.mutex()

        def child() -> None:
            if ending == "unlock":
                mutex.unlock()
            else:
                app.terminate()

        def parent() -> None:
            app.join(app.spawn(child))

        app.spawn(parent)

    result = xs.explore(scenario, stop="explored")
    expected = {"exception"} if ending == "unlock" else set()
    assert {c.violation.property for c in result.counterexamples} == expected
