"""Deaths of processes: where they happen, how often, what they leave behind, and that they can be replayed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import pytest

import xous_sim as xs
from scenarios import Scenario
from xous_sim._view.story import story
from xous_sim.faults import hanging_sender, tombstone_leak, tombstones_freed

TOMBSTONE = 1


def violations(result: xs.Exploration) -> dict[str, xs.Counterexample]:
    """A counterexample for each property that is violated."""
    return {counterexample.violation.property: counterexample for counterexample in result.counterexamples}


def explore_all(
    scenario: Callable[[xs.World], object], strategy: xs.Exhaustive | None = None, **options: Any
) -> xs.Exploration:
    return xs.explore(scenario, strategy or xs.Exhaustive(), stop="explored", **options)


def counts_to(steps: int, *, servers: int = 0, deaths: int = 1, dies: bool = False) -> Scenario:
    """A thread of some steps, beside servers that may die."""

    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(0, name="n")
        if dies:
            app.may_die()
        for server in range(servers):
            world.server(f"server {server}", may_die=True)
        world.deaths(at_most=deaths)
        app.spawn(n.fetch_add, 1, times=steps)

    return scenario


@pytest.mark.parametrize("deaths", [0, 1, 2, 3])
@pytest.mark.parametrize("servers", [1, 3])
@pytest.mark.parametrize("steps", [1, 4])
def test_each_server_dies_at_each_point_and_no_more_than_allowed(steps: int, servers: int, deaths: int) -> None:
    dead = [group for size in range(deaths + 1) for group in combinations(range(servers), size)]
    assert explore_all(counts_to(steps, servers=servers, deaths=deaths)).states == (steps + 1) * len(dead)


def test_a_process_dies_before_and_after_each_of_its_operations() -> None:
    seen: set[tuple[int, int]] = set()

    def look(state: xs.StateView) -> None:
        seen.add((int(state["n"]), len(state.connection_map("app"))))

    result = explore_all(counts_to(3, dies=True), invariant=look)
    assert seen == {(n, slots) for n in range(4) for slots in (0, 32)}
    assert (result.verdict, result.states) == ("sound", 8)


def test_without_deaths_nothing_dies() -> None:
    for scenario in (tombstone_leak, tombstones_freed):
        assert explore_all(partial(scenario, deaths=0)).verdict == "sound"


@pytest.mark.parametrize("deaths", [1, 2, 5])
def test_every_death_of_a_server_that_restarts_leaves_a_tombstone_in_a_careless_client(deaths: int) -> None:
    left: set[int] = set()

    def count(state: xs.StateView) -> None:
        left.add(state.connection_map("app").count(TOMBSTONE))

    assert explore_all(partial(tombstone_leak, deaths=deaths), invariant=count).verdict == "violated"
    assert left == set(range(deaths + 1))
    left.clear()
    assert explore_all(partial(tombstones_freed, deaths=deaths), invariant=count).verdict == "sound"
    assert left == {0, 1}


@pytest.mark.parametrize("profile", ["hardware", "hosted"])
def test_the_shortest_tombstone_leak_is_found(profile: Any) -> None:
    result = xs.explore(tombstone_leak, profile=profile)
    assert result.violation is not None and result.trace is not None
    assert (result.violation.property, result.violation.subject) == ("leak", "a server whose process died")
    operations = [step.operation.partition(" ")[0] for step in result.trace]
    assert operations[:2] == ["connect", "dies"]
    assert sorted(operations[2:]) == ["connect", "disconnect", "send", "send", "starts"]
    assert result.trace.steps[-1].connections == (("app", 2, None),)
    assert result.preemptions in (0, 1)  # the server may come back before or after the send that fails


@pytest.mark.parametrize("slots", [32, 46])
def test_as_many_restarts_as_there_are_slots_fill_the_map_of_a_client(slots: Any) -> None:
    result = explore_all(partial(tombstone_leak, deaths=slots), slots=slots)
    full = violations(result)["exhausted"]
    # For each slot: connect, die, send, start again; the last connect does not even wait for the server's return.
    assert len(full.trace) == 4 * slots
    assert [step.operation for step in full.trace].count("dies") == slots
    assert full.trace.steps[-1].result == "OutOfMemory (3)"
    assert full.trace.steps[-1].connections == tuple(("app", cid, None) for cid in range(2, slots + 2))
    assert "exhausted" not in violations(explore_all(partial(tombstone_leak, deaths=slots - 1), slots=slots))


@pytest.mark.parametrize("profile", ["hardware", "hosted"])
def test_a_sender_hangs_whose_server_dies(profile: Any) -> None:
    result = explore_all(hanging_sender, profile=profile)
    assert set(violations(result)) == {"deadlock"}
    assert result.violation is not None and result.trace is not None
    assert result.violation.message == (
        "no thread can go on: app/client waits for a reply of log, whose process is dead: nobody will wake it"
    )
    assert [step.operation for step in result.trace][1:] == ["dies"]
    assert result.preemptions == 0


@pytest.mark.parametrize("message", [xs.BlockingScalar(0), xs.MutableBorrow(0, 0x60000000), xs.Borrow(0, 0x60000000)])
@pytest.mark.parametrize("received", [False, True])
def test_senders_hang_whatever_they_send_and_however_far_the_server_came(message: xs.Message, received: bool) -> None:
    def scenario(world: xs.World) -> None:
        owner, app = world.process("owner"), world.process("app")
        server = owner.create_server("log")
        connection, came = app.connect(server), world.atomic_bool(name="received")
        owner.may_die()
        app.map_memory()

        def serve() -> None:
            envelope = owner.receive(server)
            came.store(1)
            if envelope.kind == 4:
                envelope.return_scalar(0)
            else:
                envelope.return_memory()

        owner.spawn(serve)
        app.spawn(lambda: app.send(connection, message), name="client")

    result = explore_all(scenario)
    assert set(violations(result)) == {"deadlock"}
    schedule = "x1:0.1.0.!2" if received else "x1:1.!2"
    replayed = xs.replay(scenario, schedule)
    assert replayed.violation is not None
    assert "app/client waits for a reply of log, whose process is dead" in replayed.violation.message


def test_a_mutex_stays_locked_whose_holder_has_died() -> None:
    def scenario(world: xs.World) -> None:
        mortal, app, lock = world.process("mortal"), world.process("app"), world.mutex(name="lock")
        mortal.may_die()

        def hold() -> None:
            with lock:
                pass

        mortal.spawn(hold)
        app.spawn(hold, name="waits")

    result = xs.explore(scenario)
    assert result.violation is not None
    assert "app/waits waits in lock.lock(), held by mortal/hold, which is dead" in result.violation.message


@pytest.mark.parametrize("scenario", [tombstone_leak, hanging_sender])
def test_a_replay_of_deaths_reproduces_them(scenario: Scenario) -> None:
    result = xs.explore(scenario)
    assert result.schedule is not None and "!" in result.schedule
    replayed = xs.replay(scenario, result.schedule)
    assert replayed.violation == result.violation
    assert str(replayed.trace) == str(result.trace)


def test_a_schedule_with_a_death_too_many_is_refused_at_its_step() -> None:
    with pytest.raises(
        xs.ReplayError,
        match=r"at step 4: it chooses !1, but log cannot die; what can be chosen there is 0 \(app/client: ",
    ):
        xs.replay(tombstone_leak, "x1:0.!1.1.!1")
    assert xs.replay(partial(tombstone_leak, deaths=2), "x1:0.!1.1.!1").violation is None


def finaliser_touches(n: xs.AtomicU32) -> None:
    try:
        n.fetch_add(1)
        n.fetch_add(1)
    finally:
        n.store(99)


def test_a_thread_that_dies_runs_no_finaliser_in_the_rerun_either() -> None:
    def scenario(world: xs.World) -> None:
        mortal, app, n = world.process("mortal"), world.process("app"), world.atomic_u32(name="n")
        mortal.may_die()
        mortal.spawn(finaliser_touches, n)

        def look() -> None:
            if n.load() == 1:
                world.choose(1)

        app.spawn(look)

    replayed = xs.replay(scenario, "x1:0.!2.1*2")
    assert [step.operation for step in replayed.trace][1:] == ["dies", "n.load(seq_cst)", "choose(1)"]
    # Had the real body stored 99, it would not have come to the choice: a NondeterminismError.


def test_started_threads_die_with_their_process_and_keep_their_numbers() -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(name="n")
        app.may_die()

        def parent() -> None:
            app.spawn(n.fetch_add, 1)
            app.spawn(n.fetch_add, 10)

        app.spawn(parent)

    replayed = xs.replay(scenario, "x1:0*2.3.!1")
    assert [step.thread for step in replayed.trace] == ["app/parent", "app/parent", "app/thread 5", "app"]
    assert replayed.trace.steps[-1].result == "ends app/thread 4"
    totals: set[int] = set()
    assert explore_all(scenario, finally_=lambda state: totals.add(int(state["n"]))).verdict == "sound"
    assert totals == {0, 1, 10, 11}


@pytest.mark.parametrize("restarts", [True, False])
def test_who_spins_until_the_server_is_back_notices_its_return(restarts: bool) -> None:
    def scenario(world: xs.World) -> None:
        log, app = world.server("log", may_die=True, restarts=restarts), world.process("app")
        app.spawn(lambda: world.spin_while(lambda: not app.try_connect(log).is_ok()), name="client")

    found = violations(explore_all(scenario))
    assert set(found) == ({"leak"} if restarts else {"leak", "deadlock"})


def test_started_threads_that_go_round_for_ever_are_named_although_a_server_may_die() -> None:
    def scenario(world: xs.World) -> None:
        world.server("log", may_die=True)
        app, flag = world.process("app"), world.atomic_u32(0, name="flag")

        def restless() -> bool:
            flag.store(1)
            flag.store(0)
            return True

        def parent() -> None:
            app.spawn(world.spin_while, restless)
            world.spin_while(restless)

        app.spawn(parent, name="parent")

    livelock = violations(explore_all(scenario))["livelock"]
    assert "app/thread" in livelock.violation.message


def test_a_server_that_came_back_is_the_same_server_to_whoever_still_uses_its_cid() -> None:
    def scenario(world: xs.World) -> None:
        log, app = world.server("log", answer=7, may_die=True, restarts=True), world.process("app")

        def client() -> None:
            connection = app.connect(log)
            cid = int(connection.cid)
            app.disconnect(connection)
            app.connect(log)
            app.send(connection, xs.BlockingScalar(0))
            app.disconnect(cid)

        app.spawn(client)

    replayed = xs.replay(scenario, "x1:0.!1.1.0*4")
    assert replayed.trace.steps[-2].result == "7"
    assert replayed.violation is None


def test_whoever_gets_the_pid_of_a_dead_process_is_not_taken_for_it() -> None:
    def scenario(world: xs.World) -> None:
        app, other = world.process("app"), world.process("other")
        log = world.server("log", may_die=True, restarts=True)
        app.may_die()
        world.deaths(at_most=2)
        app.connect(log)
        other.spawn(lambda: other.connect(log))

    maps: set[tuple[int, int]] = set()

    def look(state: xs.StateView) -> None:
        maps.add((len(state.connection_map("app")), len(state.connection_map("other"))))

    explore_all(scenario, invariant=look)
    assert maps == {(32, 32), (0, 32)}


@pytest.mark.parametrize("terminates", [False, True])
def test_a_dead_process_leaks_nothing_and_nobody_cuts_its_connections(terminates: bool) -> None:
    def scenario(world: xs.World) -> None:
        log, app = world.server("log"), world.process("app")
        app.std_connection(log)
        if not terminates:
            app.may_die()

        def body() -> None:
            connection = app.connect(log)
            if terminates:
                app.terminate()
            app.send(connection, xs.Scalar(0))

        app.spawn(body)

    assert xs.explore(scenario).verdict == "sound"


def test_whoever_dies_while_waiting_for_the_name_server_is_forgotten_by_it() -> None:
    def scenario(world: xs.World) -> None:
        names, app = world.names(), world.process("app")
        client = app.xous_names(app.std_connection(names).connection)
        app.may_die()
        app.spawn(lambda: client.request_connection_blocking("nobody"))

    result = explore_all(scenario)
    assert [c.schedule for c in result.counterexamples] == ["x1:0"]
    assert xs.replay(scenario, "x1:!1").violation is None


def test_a_process_that_ended_itself_does_not_die_again() -> None:
    def scenario(world: xs.World) -> None:
        app = world.process("app")
        app.may_die()
        app.spawn(app.terminate)

    result = explore_all(scenario)
    assert (result.verdict, result.depth) == ("sound", 1)


@pytest.mark.parametrize("deaths", [1, 2])
def test_equal_threads_may_be_interchanged_where_processes_die(deaths: int) -> None:
    def scenario(world: xs.World) -> None:
        log, app = world.server("log", may_die=True, restarts=True), world.process("app")
        app.may_die()
        world.deaths(at_most=deaths)

        def client() -> None:
            connection = app.connect(log)
            if not app.send(connection, xs.BlockingScalar(0)).is_ok():
                app.connect(log)

        for _ in range(3):
            app.spawn(client)

    reduced, full = (explore_all(scenario, xs.Exhaustive(symmetry=symmetry)) for symmetry in (True, False))
    assert reduced.states < full.states
    lengths = [{name: len(c.trace) for name, c in violations(result).items()} for result in (reduced, full)]
    assert lengths[0] == lengths[1]
    assert set(lengths[0]) == {"leak"}


def test_a_death_reads_well() -> None:
    for scenario, sentence in (
        (tombstone_leak, "is started again in a new process: old connections do not lead to it."),
        (hanging_sender, "owner dies, which ends owner/serve."),
    ):
        counterexample = xs.explore(scenario).counterexamples[0]
        assert any(line.endswith(sentence) for line in story(counterexample))


def test_without_an_explorer_nobody_dies() -> None:
    world = xs.World()
    log, app = world.server("log", answer=7, may_die=True, restarts=True), world.process("app")
    app.may_die()
    world.deaths(at_most=3)
    assert app.send(app.connect(log), xs.BlockingScalar(0)).unwrap() == 7


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (lambda world: world.deaths(at_most=-1), "at_most must be an int from 0 to"),
        (lambda world: world.deaths(at_most=True), "at_most must be an int from 0 to"),
        (lambda world: world.deaths(at_most=1.0), "at_most must be an int from 0 to"),
        (lambda world: world.deaths(at_most=1 << 16), "at_most must be an int from 0 to"),
        (lambda world: world.server("log", restarts=True), "add may_die=True"),
        (lambda world: world.server("log", may_die=1), "may_die must be True or False, not 1"),
        (lambda world: world.server("log", may_die=True, restarts="yes"), "restarts must be True or False, not 'yes'"),
        (lambda world: world.server("x" * 17, may_die=True), "its name must be its SID, of 16 bytes at most"),
        (lambda world: (world.names(), world.server("log", may_die=True, limit=1)), "has no limit"),
    ],
)
def test_what_cannot_die_is_refused(use: Callable[[xs.World], object], text: str) -> None:
    with pytest.raises(xs.MisuseError, match=text):
        use(xs.World())


def test_a_body_cannot_say_who_may_die() -> None:
    for use in (lambda world, app: app.may_die(), lambda world, app: world.deaths(at_most=1)):

        def scenario(world: xs.World, use: Callable[[xs.World, xs.Process], None] = use) -> None:
            app = world.process("app")
            app.spawn(use, world, app)

        with pytest.raises(xs.MisuseError, match="make it in the scenario, before its threads run"):
            xs.explore(scenario)


def test_a_process_that_has_ended_cannot_be_made_mortal() -> None:
    world = xs.World()
    app = world.process("app")
    with pytest.raises(xs.ProcessEndedError):
        app.terminate()
    with pytest.raises(xs.ProcessEndedError, match="ended already"):
        app.may_die()
    world.process("next")
    with pytest.raises(xs.ProcessEndedError, match="another one's"):
        app.may_die()
