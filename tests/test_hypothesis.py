"""Strategies for Hypothesis: schedules, programs, kernels; and the state machine for wrappers."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis.errors import NoSuchExample
from hypothesis.stateful import invariant, run_state_machine_as_test

import xous_sim as xs
from scenarios import lock_order, refcount_race, two_increments
from xous_sim import strategies as xst
from xous_sim.idioms import IDIOMS
from xous_sim.stateful import ConnectionMachine

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=200)
FEW = settings(STEADY, max_examples=30, suppress_health_check=[HealthCheck.too_slow])


def spinner(world: xs.World) -> None:
    """One thread waits for another, so that the search begins again when that is learned."""
    app, ready = world.process("app"), world.atomic_bool(name="ready")
    app.spawn(lambda: world.spin_while(lambda: ready.load() == 0), name="waits")
    app.spawn(ready.store, 1, name="tells")


def mortal(world: xs.World) -> None:
    """A server that may die, and a client that does not mind."""
    log, app = world.server("log", may_die=True), world.process("app")
    connection = app.connect(log)
    app.spawn(lambda: app.try_send(connection, xs.Scalar(1)))


def weak(world: xs.World) -> None:
    """Store buffering."""
    app, x, y = world.process("app"), world.atomic_u32(name="x"), world.atomic_u32(name="y")
    seen = [world.cell(9, name=name) for name in ("left", "right")]

    def writes(mine: xs.AtomicU32, other: xs.AtomicU32, note: xs.Cell) -> None:
        mine.store(1, "relaxed")
        note.set(other.load("relaxed"))

    app.spawn(writes, x, y, seen[0])
    app.spawn(writes, y, x, seen[1])


@pytest.mark.parametrize("scenario", [refcount_race, two_increments, spinner, mortal])
def test_every_drawn_schedule_is_legal_and_replays_to_the_same_end(scenario: Callable[[xs.World], None]) -> None:
    @FEW
    @given(xst.schedules(scenario))
    def check(drawn: xs.Replayed) -> None:
        again = xs.replay(scenario, drawn.trace.schedule)
        assert again.violation == drawn.violation
        assert again.trace.steps == drawn.trace.steps

    check()


def test_a_failing_schedule_shrinks_to_few_preemptions_and_prints_as_its_replay_line() -> None:
    drawn = find(xst.schedules(refcount_race), lambda drawn: drawn.violation is not None, settings=STEADY)
    assert drawn.trace.preemptions == 1
    assert re.fullmatch(r"xs\.replay\(refcount_race, 'x1:[0-9*.]+'\)", repr(drawn))
    replayed = eval(repr(drawn), {"xs": xs, "refcount_race": refcount_race})
    assert replayed.violation == drawn.violation


def test_schedules_of_a_weak_memory_read_old_values() -> None:
    def both_old(state: xs.StateView) -> bool:
        return not (state["left"] == 0 and state["right"] == 0)

    drawn = find(
        xst.schedules(weak, memory="c11", finally_=both_old), lambda d: d.violation is not None, settings=STEADY
    )
    assert drawn.violation is not None and drawn.violation.property == "finally"
    with pytest.raises(NoSuchExample):
        find(xst.schedules(weak, finally_=both_old), lambda drawn: drawn.violation is not None, settings=FEW)


def test_a_death_can_be_drawn() -> None:
    drawn = find(xst.schedules(mortal), lambda drawn: "!" in drawn.trace.schedule, settings=STEADY)
    assert drawn.trace.schedule.startswith("x1:!")


def test_a_schedule_is_no_longer_than_it_may_be() -> None:
    @FEW
    @given(xst.schedules(refcount_race, max_steps=3))
    def check(drawn: xs.Replayed) -> None:
        assert len(drawn.trace) <= 3

    check()


def test_a_body_that_cannot_be_traced_is_refused_while_schedules_are_drawn() -> None:
    shared: list[int] = []

    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32()

        def grows() -> None:
            shared.append(1)
            if n.load() == 0 and len(shared) % 2:
                n.store(1)

        app.spawn(grows)

    with pytest.raises(xs.NondeterminismError):
        find(xst.schedules(scenario), lambda drawn: len(drawn.trace) > 5, settings=STEADY)


@FEW
@given(xst.programs())
def test_the_repr_of_a_program_makes_it_again(program: xst.Program) -> None:
    names = {name: getattr(xst, name) for name in ("Program", "Connect", "Send", "Disconnect")}
    assert eval(repr(program), names) == program


@FEW
@given(xst.programs())
def test_the_text_of_a_program_is_a_scenario_that_explores_alike(program: xst.Program) -> None:
    names: dict[str, Callable[[xs.World], None]] = {}
    exec(str(program), {"xs": xs}, names)
    strategy = xs.Exhaustive(symmetry=False, reduction=False)
    written, drawn = xs.explore(names["scenario"], strategy), xs.explore(program, strategy)
    assert (written.verdict, written.states, written.schedule) == (drawn.verdict, drawn.states, drawn.schedule)


@FEW
@given(xst.programs(max_statements=4))
def test_programs_over_unique_cids_are_sound(program: xst.Program) -> None:
    assert xs.explore(program, connect="unique").verdict == "sound"


@settings(FEW, max_examples=15)
@given(xst.programs(max_threads=2, max_statements=3))
def test_programs_over_a_lock_are_sound(program: xst.Program) -> None:
    assert xs.explore(program.over(IDIOMS["mutex_guarded"].prepare)).verdict == "sound"


def test_programs_shrink_to_two_threads_that_connect_and_disconnect() -> None:
    found = find(xst.programs(), lambda program: xs.explore(program).verdict == "violated", settings=STEADY)
    client = (xst.Connect("a", "log"), xst.Disconnect("a"))
    assert found == xst.Program(threads=(client, client))


def test_programs_use_what_they_may_use() -> None:
    @FEW
    @given(xst.programs(servers=["one"], max_threads=1, max_statements=2))
    def check(program: xst.Program) -> None:
        assert len(program.threads) == 1
        assert program.servers == ("one",)

    check()


@FEW
@given(xst.kernels())
def test_a_configuration_makes_kernels_and_worlds(configuration: xst.Configuration) -> None:
    kernel = configuration.kernel()
    assert len(kernel.connection_map(kernel.boot_process())) == configuration.slots
    assert len(xs.World(**configuration).process("app").connection_map()) == configuration.slots
    assert eval(repr(configuration), {"Configuration": xst.Configuration}) == configuration


@FEW
@given(xst.kernels(slots=46, mode="safe"))
def test_a_setting_that_is_given_is_fixed(configuration: xst.Configuration) -> None:
    assert (configuration.slots, configuration.mode) == (46, "safe")


def test_kernels_shrink_to_the_hardware_of_today() -> None:
    assert find(xst.kernels(), lambda _: True, settings=STEADY) == xst.Configuration()


class Unique(ConnectionMachine):
    """Connections with a kernel that never gives a CID twice."""

    options = {"connect": "unique"}  # noqa: RUF012


class Counting(ConnectionMachine):
    """A connection for each server that its users count."""

    def start(self) -> None:
        self.users: dict[str, int] = {}

    def open(self, server: xs.Server) -> tuple[xs.Server, xs.Connection]:
        self.users[server.name] = self.users.get(server.name, 0) + 1
        return server, self.app.connect(server).unwrap()

    def transmit(self, handle: tuple[xs.Server, xs.Connection], message: xs.BlockingScalar) -> xs.Result:
        return self.app.send(handle[1], message)

    def close(self, handle: tuple[xs.Server, xs.Connection]) -> None:
        self.users[handle[0].name] -= 1
        if not self.users[handle[0].name]:
            self.app.disconnect(handle[1])


class Forgetful(Counting):
    """The same, but a handle that goes out of scope is not closed."""

    def forget(self, handle: tuple[xs.Server, xs.Connection]) -> None:
        pass


class TwiceClosing(Counting):
    """The same, but it disconnects once more than it should."""

    def close(self, handle: tuple[xs.Server, xs.Connection]) -> None:
        super().close(handle)
        if not self.users[handle[0].name]:
            self.app.disconnect(handle[1])


class Confusing(Counting):
    """The same, but it sends through the connection that was opened last."""

    def open(self, server: xs.Server) -> tuple[xs.Server, xs.Connection]:
        self.last = super().open(server)
        return self.last

    def transmit(self, handle: tuple[xs.Server, xs.Connection], message: xs.BlockingScalar) -> xs.Result:
        return super().transmit(self.last, message)


class Full(Counting):
    """The same in a process whose map another crate has filled."""

    def start(self) -> None:
        super().start()
        for n in range(32):
            self.app.std_connection(self.world.server(f"other {n}"))


class Finalised:
    """A handle that closes itself when nobody refers to it."""

    def __init__(self, connection: xs.Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        self.connection.close()


class Finalising(Unique):
    """Handles with a finaliser: nothing else need be done to drop one."""

    def open(self, server: xs.Server) -> Finalised:
        return Finalised(self.app.connect(server).unwrap())

    def transmit(self, handle: Finalised, message: xs.BlockingScalar) -> xs.Result:
        return self.app.send(handle.connection, message)

    def close(self, handle: Finalised) -> None:
        handle.connection.close()

    def forget(self, handle: Finalised) -> None:
        pass


MACHINE = settings(STEADY, max_examples=60, stateful_step_count=20)


@pytest.mark.parametrize("machine", [Unique, Counting, Finalising])
def test_a_wrapper_that_closes_rightly_passes(machine: type[ConnectionMachine]) -> None:
    run_state_machine_as_test(machine, settings=MACHINE)


@pytest.mark.parametrize(
    ("machine", "violated"),
    [
        (ConnectionMachine, "severed|free-slot"),
        (Forgetful, "leak"),
        (TwiceClosing, "free-slot"),
        (Confusing, "misdelivered"),
        (Full, "exhausted"),
    ],
)
def test_a_wrapper_with_a_defect_fails_with_its_property(machine: type[ConnectionMachine], violated: str) -> None:
    with pytest.raises(AssertionError, match=violated):
        run_state_machine_as_test(machine, settings=MACHINE)


def told(machine: type[ConnectionMachine]) -> list[str]:
    """The calls that a failing machine is told with."""
    with pytest.raises(AssertionError) as failed:
        run_state_machine_as_test(machine, settings=MACHINE)
    lines = "\n".join(failed.value.__notes__).split("\n")
    return [line for line in lines if "state." in line]


def test_calls_of_a_machine_name_their_handles_and_nothing_stands_between_them() -> None:
    assert told(Forgetful) == [
        "handle_0 = state.connect(server='log')",
        "state.drop(handle=handle_0)",
        "state.teardown()",
    ]


def test_invariants_that_a_machine_adds_itself_are_checked_and_told() -> None:
    class Alone(Counting):
        @invariant()
        def one_at_most(self) -> None:
            assert sum(self.users.values()) < 2

    assert told(Alone).count("state.one_at_most()") == 3


def once_each(world: xs.World, clients: int) -> None:
    """The refcount race of so many clients."""
    app, server, users = world.process("app"), world.server("log"), world.atomic_u32(0)

    def client() -> None:
        users.fetch_add(1)
        connection = app.connect(server)
        app.send(connection, xs.Scalar(1))
        if users.fetch_sub(1) == 1:
            app.disconnect(connection)

    for _ in range(clients):
        app.spawn(client)


def both_count(state: xs.StateView) -> bool:
    return state["count"] == 2


@pytest.mark.parametrize(
    ("scenario", "finally_"),
    [
        (functools.partial(once_each, clients=3), None),
        (functools.partial(once_each, clients=4), None),
        (functools.partial(once_each, clients=6), None),
        (two_increments, both_count),
        (lock_order, None),
    ],
)
def test_a_hundred_drawn_schedules_find_what_a_hundred_random_ones_find(
    scenario: Callable[[xs.World], None], finally_: Callable[[xs.StateView], bool] | None
) -> None:
    for number in range(4):
        found = False

        @seed(number)
        @settings(max_examples=100, database=None, deadline=None, phases=[Phase.generate])
        @given(xst.schedules(scenario, finally_=finally_))
        def draws(drawn: xs.Replayed) -> None:
            nonlocal found
            found = found or drawn.violation is not None

        draws()
        assert found


def wrong(value: object) -> Any:
    """An argument that a type checker would refuse."""
    return value


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: xst.schedules(wrong(3)), "a scenario is a function, not int"),
        (lambda: xst.schedules(refcount_race, max_steps=0), "max_steps must be a positive int"),
        (lambda: xst.schedules(refcount_race, slots=wrong(33)), "33 is no size of the connection map"),
        (lambda: xst.schedules(refcount_race, memory=wrong("tso")), "'tso' is no memory model"),
        (lambda: xst.programs(servers="log"), "servers must be a list of names"),
        (lambda: xst.programs(servers=[]), "servers must be a list of names"),
        (lambda: xst.programs(servers=["ticktimer-server"]), "'ticktimer-server' is no name for a variable"),
        (lambda: xst.programs(max_threads=0), "max_threads must be a positive int"),
        (lambda: xst.programs(max_statements=-1), "max_statements must be a positive int"),
        (lambda: xst.kernels(slots=wrong(7)), "7 is no size"),
        (lambda: xst.Configuration(profile=wrong("desktop")), "'desktop' is no profile"),
        (lambda: xst.Program(threads=((xst.Send("a", 1),),)), "uses none that is open"),
        (lambda: xst.Program(threads=((xst.Connect("a", "log"),),)), "ends without Disconnect"),
        (lambda: xst.Program(threads=((wrong(("connect",)),),)), "made of Connect, Send and Disconnect"),
        (lambda: xst.Program(threads=()).over(wrong(3)), "prepare is a function, not int"),
    ],
)
def test_what_has_no_meaning_is_refused_before_anything_is_drawn(make: Callable[[], object], message: str) -> None:
    with pytest.raises(xs.MisuseError, match=message):
        make()


def test_opening_twice_under_one_name_is_refused() -> None:
    opened = xst.Connect("a", "log")
    with pytest.raises(xs.MisuseError, match="opens a connection twice"):
        xst.Program(threads=((opened, opened),))
