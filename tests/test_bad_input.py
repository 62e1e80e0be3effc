"""Bad input: an exception of the package that names the cause and the way out; never a Rust panic, never a hang."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any, cast

import pytest

import xous_sim as xs
from scenarios import lock_order, one_thread


@pytest.fixture
def world() -> xs.World:
    return xs.World()


def exploring(body: Callable[[xs.World, xs.Process], object], **options: Any) -> xs.Exploration:
    """Explores a scenario of one thread."""
    return xs.explore(one_thread(body), **options)  # type: ignore[arg-type]


def ending(result: xs.Exploration) -> str:
    """The exception that ended a thread."""
    assert result.violation is not None, result
    assert result.violation.property == "exception"
    return result.violation.message


@pytest.mark.parametrize("make", [xs.World, xs.Kernel, lambda **options: xs.explore(lock_order, **options)])
@pytest.mark.parametrize(
    ("option", "text"),
    [
        ({"profile": "desktop"}, "'desktop' is no profile: choose 'hardware' or 'hosted'"),
        ({"profile": 3}, "3 is no profile: choose"),
        ({"profile": None}, "None is no profile: choose"),
        ({"slots": 33}, "33 is no size of the connection map: choose 32 or 46 slots"),
        ({"slots": -1}, "-1 is no size"),
        ({"slots": "32"}, "'32' is no size"),
        ({"slots": True}, "True is no size"),
        ({"connect": "copy"}, "'copy' is no connect: choose 'reuse' or 'unique'"),
        ({"mode": []}, "is no mode: choose 'faithful' or 'safe'"),
        ({"seed": -1}, "seed must be an int from 0 to"),
        ({"seed": 2**64}, "seed must be an int from 0 to"),
        ({"seed": "x"}, "seed must be an int from 0 to"),
    ],
)
def test_an_unknown_kind_of_kernel_is_refused_with_the_choices(
    make: Callable[..., object], option: dict[str, Any], text: str
) -> None:
    with pytest.raises(xs.MisuseError) as caught:
        make(**option)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ({"max_operations": 0}, "max_operations must be a positive int"),
        ({"max_operations": 2.5}, "max_operations must be a positive int"),
        ({"max_operations": True}, "max_operations must be a positive int"),
        ({"max_body_seconds": 0}, "max_body_seconds must be a positive number"),
        ({"max_body_seconds": "long"}, "max_body_seconds must be a positive number"),
        ({"max_body_seconds": float("nan")}, "max_body_seconds must be a positive number"),
        ({"stop": "never"}, 'stop must be "first" or "explored"'),
        ({"invariant": 3}, "a property is a function, not int"),
        ({"finally_": "x"}, "a property is a function, not str"),
        ({"progress": 3}, "progress must be a function of a Progress, or True, not int"),
    ],
)
def test_a_search_option_without_a_meaning_is_refused(option: dict[str, Any], text: str) -> None:
    with pytest.raises(xs.MisuseError, match=text):
        xs.explore(lock_order, **option)


_EVERY_SEARCH: list[Any] = [xs.Exhaustive, xs.Dpor, xs.Dfs, xs.Pct, xs.Random]
_STATELESS: list[Any] = [xs.Dpor, xs.Dfs, xs.Pct, xs.Random]


@pytest.mark.parametrize(
    ("strategies", "option", "text"),
    [
        ([xs.Exhaustive], {"max_states": 0}, "max_states must be a positive int"),
        ([xs.Exhaustive], {"max_states": 0.5}, "max_states must be a positive int"),
        ([xs.Exhaustive], {"max_states": -5}, "max_states must be a positive"),
        ([xs.Exhaustive], {"max_states": "many"}, "max_states must be a positive"),
        ([xs.Exhaustive], {"workers": 0}, "workers must be a positive int"),
        ([xs.Exhaustive], {"symmetry": 1}, "symmetry must be True or False, not 1"),
        ([xs.Exhaustive], {"reduction": None}, "reduction must be True or False"),
        ([xs.Exhaustive], {"checkpoint": 3}, "checkpoint must be the path of a file, not 3"),
        ([xs.Exhaustive], {"checkpoint": ""}, "checkpoint must be the path of a file"),
        (_STATELESS, {"max_schedules": 0}, "max_schedules must be a positive int"),
        (_STATELESS, {"max_schedules": 1.5}, "max_schedules must be a positive int"),
        (_EVERY_SEARCH, {"max_seconds": -1}, "max_seconds must be a positive"),
        (_EVERY_SEARCH, {"max_seconds": True}, "max_seconds must be a positive"),
        (_EVERY_SEARCH, {"max_seconds": float("nan")}, "max_seconds must be a positive"),
        (_EVERY_SEARCH, {"executor": 4}, "executor must be a concurrent.futures.Executor, not int"),
        ([xs.Dfs], {"max_preemptions": -1}, "max_preemptions must be 0 or a positive int"),
        ([xs.Dfs], {"max_preemptions": 1.0}, "max_preemptions must be 0 or a positive int"),
        ([xs.Dfs], {"deepening": "yes"}, "deepening must be True or False"),
        ([xs.Pct], {"depth": 0}, "depth must be a positive int"),
        ([xs.Pct, xs.Random], {"seed": -1}, "seed must be an int from 0 to"),
        ([xs.Pct, xs.Random], {"seed": 2**64}, "seed must be an int from 0 to"),
        ([xs.Pct, xs.Random], {"max_schedules": None}, "max_schedules must be a positive int"),
        ([xs.Replay], {"schedule": 3}, "a schedule is a text such as"),
    ],
)
def test_a_strategy_refuses_a_setting_without_a_meaning(
    strategies: list[Any], option: dict[str, Any], text: str
) -> None:
    for strategy in strategies:
        with pytest.raises(xs.MisuseError, match=text):
            strategy(**option)


@pytest.mark.parametrize("strategy", [None, 3, "exhaustive", xs.Exhaustive, lock_order])
def test_what_is_no_strategy_is_refused(strategy: Any) -> None:
    with pytest.raises(xs.MisuseError, match=r"a strategy is needed, such as xs.Exhaustive\(\)"):
        xs.explore(lock_order, strategy)


@pytest.mark.parametrize("seconds", [1e300, float("inf"), 1e-300])
def test_any_positive_number_of_seconds_is_a_limit(seconds: float) -> None:
    for strategy in (xs.Exhaustive(max_seconds=seconds), xs.Dfs(max_seconds=seconds)):
        assert xs.explore(lock_order, strategy).verdict in ("violated", "incomplete")


def test_limits_beyond_what_a_machine_counts_are_no_limits() -> None:
    for strategy in (xs.Exhaustive(max_states=2**70), xs.Dfs(max_schedules=2**70, max_preemptions=2**70)):
        assert xs.explore(lock_order, strategy).verdict == "violated"


def test_a_scenario_that_spawns_nothing_is_refused() -> None:
    with pytest.raises(xs.ScenarioError, match=r"spawns no thread: call process.spawn\(body\) in it"):
        xs.explore(lambda world: None)


async def coroutine(world: xs.World) -> None:
    """No scenario."""


def generator(world: xs.World) -> Any:
    yield world


class Asynchronous:
    """Called, it does not run."""

    async def __call__(self, world: xs.World) -> None:
        """No scenario either."""


@pytest.mark.parametrize("scenario", [coroutine, generator, Asynchronous(), 3, None, "scenario", xs.World()])
def test_what_is_no_plain_function_is_no_scenario(scenario: Any) -> None:
    for use in (xs.explore, lambda s: xs.replay(s, "x1:0")):
        with pytest.raises(xs.MisuseError, match=r"a scenario is a .*function"):
            use(scenario)


@pytest.mark.parametrize("body", [coroutine, generator, Asynchronous()])
def test_what_is_no_plain_function_is_no_body(body: Any) -> None:
    def scenario(world: xs.World) -> None:
        world.process("app").spawn(body, world)

    with pytest.raises(xs.MisuseError, match="a body is a plain function: neither async nor a generator"):
        xs.explore(scenario)


@pytest.mark.parametrize("times", [0, -1, 2.0, "3", True, None, 65_536])
def test_times_must_be_a_positive_int(times: Any) -> None:
    def scenario(world: xs.World) -> None:
        world.process("app").spawn(lambda: None, times=times)

    with pytest.raises(xs.MisuseError, match="times must be an int from 1 to 65535"):
        xs.explore(scenario)
    if times != 65_536:
        with pytest.raises(xs.MisuseError, match="times must be a positive int"):
            xs.World().process("app").spawn(lambda: None, times=times)


@pytest.mark.parametrize("body", [3, None, "body"])
def test_a_body_must_be_callable(world: xs.World, body: Any) -> None:
    with pytest.raises(xs.MisuseError, match="a body is a function, not"):
        world.process("app").spawn(body)


def test_a_body_without_an_end_is_stopped_by_its_budget_of_operations() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        while True:
            world.choose(1)

    with pytest.raises(xs.BodyNeverEndsError, match=r"body \S+\.body performed 50 operations .*spin_while"):
        exploring(body, max_operations=50)


def test_a_body_that_looks_for_ever_is_stopped_too() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        value = world.choose(1)
        while value == 0:
            pass

    with pytest.raises(xs.BodyNeverEndsError, match="performed 50 operations"):
        exploring(body, max_operations=50)


def test_a_body_without_an_end_and_without_operations_is_stopped_by_the_clock() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        while True:
            pass

    started = time.monotonic()
    with pytest.raises(xs.BodyNeverEndsError, match=r"body \S+\.body ran for 0.2 seconds without ending"):
        exploring(body, max_body_seconds=0.2)
    assert time.monotonic() - started < 5


def test_a_body_that_never_ends_and_swallows_every_exception_is_stopped_all_the_same() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        while True:
            with contextlib.suppress(BaseException):
                world.choose(1)

    with pytest.raises(xs.BodyNeverEndsError):
        exploring(body, max_operations=50)


def test_a_finaliser_that_never_ends_is_stopped_too() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        try:
            assert world.choose(2) == 0
        finally:
            while True:
                world.choose(1)

    with pytest.raises(xs.BodyNeverEndsError):
        exploring(body, max_operations=50)


def test_a_scenario_that_waits_for_ever_is_refused() -> None:
    def locks_twice(world: xs.World) -> None:
        owner = world.process("owner")
        owner.receive(owner.create_server("mine"))

    def spins(world: xs.World) -> None:
        world.spin_while(lambda: True)

    with pytest.raises(xs.ScenarioError, match="the scenario itself waits for ever in syscall: let a spawned thread"):
        xs.explore(locks_twice)
    with pytest.raises(xs.ScenarioError, match="the scenario itself spins for ever"):
        xs.explore(spins)


def test_an_exception_of_the_scenario_reaches_the_caller_as_it_is() -> None:
    def scenario(world: xs.World) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        xs.explore(scenario)


def test_a_spin_condition_without_an_operation_is_refused() -> None:
    def body(world: xs.World, app: xs.Process) -> None:
        with contextlib.suppress(Exception):
            world.spin_while(lambda: True)

    with pytest.raises(xs.ScenarioError, match="performs no operation, so nothing can ever change it"):
        exploring(body)


@pytest.mark.parametrize(
    "make",
    [
        lambda world: world.process("late"),
        lambda world: world.server("late"),
        lambda world: world.atomic_u32(0),
        lambda world: world.mutex(),
        lambda world: world.cell(),
        lambda world: world.once_lock(),
    ],
)
def test_a_body_cannot_make_what_the_scenario_must_make(make: Callable[[xs.World], object]) -> None:
    text = ending(exploring(lambda world, app: make(world)))
    assert "make it in the scenario, before its threads run" in text


def test_the_connection_of_std_is_opened_by_the_scenario() -> None:
    text = ending(exploring(lambda world, app: app.std_connection("log")))
    assert "make it in the scenario, before its threads run" in text


def test_a_thread_acts_through_its_own_process_only() -> None:
    def scenario(world: xs.World) -> None:
        app, other, log = world.process("app"), world.process("other"), world.server("log")
        app.spawn(lambda: other.connect(log))

    with pytest.raises(xs.ScenarioError, match="another process than its own: use the process that it was spawned in"):
        xs.explore(scenario)


def test_a_thread_that_a_body_starts_runs_once() -> None:
    with pytest.raises(xs.ScenarioError, match="runs its body once: loop in the body"):
        exploring(lambda world, app: app.spawn(lambda: None, times=2))


def test_a_result_is_neither_true_nor_false(world: xs.World) -> None:
    app = world.process("app")
    with pytest.raises(xs.MisuseError, match=r"neither true nor false: ask it .is_ok\(\), or .unwrap\(\) it"):
        bool(app.disconnect(2))

    def body(world: xs.World, app: xs.Process) -> None:
        if app.disconnect(2):
            pass

    result = exploring(body, stop="explored")
    assert "free-slot" in {c.violation.property for c in result.counterexamples}


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (lambda world: world.process(""), "the name of a process must be a text that is not empty"),
        (lambda world: world.process(3), "the name of a process must be a text"),
        (lambda world: world.server(None), "the name of a server must be a text"),
        (lambda world: world.server("x", answer=-1), "answer must fit into 32 bits"),
        (lambda world: world.server("x", answer="7"), "answer must be an int or a value of this world, not str"),
        (lambda world: (world.server("x"), world.server("x")), "there is a server 'x' already"),
        (lambda world: world.atomic_u32(-1), "the value of an atomic must fit into 32 bits"),
        (lambda world: world.atomic_u32(2**32), "the value of an atomic must fit into 32 bits"),
        (lambda world: world.atomic_u32("1"), "the value of an atomic must be an int"),
        (lambda world: world.cell(None), "the value of a cell must be an int"),
        (lambda world: world.atomic_u32().store(-1), "an operand of an atomic must fit into 32 bits"),
        (lambda world: world.atomic_u32().store(1.5), "an operand of an atomic must be an int"),
        (
            lambda world: world.atomic_u32().load("sequential"),
            "'sequential' is not a memory order: choose one of relaxed",
        ),
        (lambda world: world.choose(0), "choose takes an int from 1 to 65535, not 0"),
        (lambda world: world.choose(-3), "choose takes an int from 1 to 65535"),
        (lambda world: world.choose("2"), "choose takes an int from 1 to 65535"),
        (lambda world: world.choose(65_536), "choose takes an int from 1 to 65535"),
        (lambda world: world.mutex().unlock(), "unlocks a mutex that it does not hold"),
    ],
)
def test_a_world_refuses_what_has_no_meaning(world: xs.World, use: Callable[[xs.World], object], text: str) -> None:
    with pytest.raises(xs.MisuseError, match=text):
        use(world)


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (lambda app: app.connect(3), "a server or the text of a SID is needed, not int"),
        (lambda app: app.connect("a name of more than 16 bytes"), "a SID has 16 at most"),
        (lambda app: app.send(-1, xs.Scalar(1)), "a connection must fit into 32 bits"),
        (lambda app: app.send("log", xs.Scalar(1)), "a connection must be an int or a value of this world, not str"),
        (lambda app: app.send(2, 5), r"a message is needed, such as Scalar\(1\), not int"),
        (lambda app: app.disconnect(None), "a connection must be an int"),
        (lambda app: app.connection(-2), "a CID must fit into 32 bits"),
        (lambda app: app.get_common_connection("nobody"), r"there is no server 'nobody': make it with world.server\("),
        (lambda app: app.create_server("a name of more than 16 bytes"), "a SID has 16 at most"),
        (lambda app: app.create_server(""), "the name of a server must be a text"),
        (lambda app: app.map_memory(0), "pages must be an int from 1 to 65535"),
        (lambda app: app.map_memory(-1), "pages must be an int from 1 to 65535"),
        (lambda app: app.join(None), "a thread must be an int or a value of this world"),
        (lambda app: app.join(-1), "a thread must fit into 32 bits"),
        (lambda app: xs.Scalar(-1), "opcode must fit into 32 bits"),
        (lambda app: xs.Scalar(1, 2**32), "arg1 must fit into 32 bits"),
        (lambda app: xs.BlockingScalar(cast(Any, "1")), "opcode must be an int, not str"),
    ],
)
def test_a_process_refuses_what_has_no_meaning(world: xs.World, use: Callable[[xs.Process], object], text: str) -> None:
    with pytest.raises(xs.MisuseError, match=text):
        use(world.process("app"))


def test_an_answer_has_one_two_or_five_numbers(world: xs.World) -> None:
    app = world.process("app")
    server = app.create_server("mine")
    app.send(app.connect(server), xs.Scalar(1))
    envelope = app.receive(server)
    with pytest.raises(xs.MisuseError, match="answered with 1, 2 or 5 numbers, not 3"):
        envelope.return_scalar(1, 2, 3)
    with pytest.raises(xs.MisuseError, match="a message has the arguments 1 to 4, not 5"):
        envelope.arg(5)


def test_too_many_processes_are_refused(world: xs.World) -> None:
    with pytest.raises(xs.MisuseError, match="no room for another process"):
        for number in range(65):
            world.process(f"process {number}")


def test_too_many_servers_are_refused(world: xs.World) -> None:
    with pytest.raises(xs.MisuseError, match="cannot be made"):
        for number in range(129):
            world.server(f"server {number}")


def test_too_many_threads_are_refused() -> None:
    def scenario(world: xs.World) -> None:
        app = world.process("app")
        for _ in range(29):
            app.spawn(lambda: None)

    with pytest.raises(xs.MisuseError, match="no room for another thread"):
        xs.explore(scenario)


def test_a_state_view_names_what_it_knows() -> None:
    def unknown(state: xs.StateView) -> object:
        return state["count"]

    def wrong_type(state: xs.StateView) -> object:
        return state[3]  # type: ignore[index]

    def wrong_process(state: xs.StateView) -> object:
        return state.connection_map("nobody")

    with pytest.raises(xs.MisuseError, match='there is no atomic, cell or mutex "count"; there are a, b'):
        xs.explore(lock_order, invariant=unknown)
    with pytest.raises(xs.MisuseError, match="asked by an object or its name, not by int"):
        xs.explore(lock_order, invariant=wrong_type)
    with pytest.raises(xs.MisuseError, match='there is no process "nobody"'):
        xs.explore(lock_order, invariant=wrong_process)


@pytest.mark.parametrize(
    "line",
    ["", "x1", "x1:", "x2:0", "0.1", "x1:a", "x1:0*", "x1:0*0", "x1:-1", "x1:0..1", "x1:99999999", "x1:0*99999999999"],
)
def test_a_line_that_is_no_schedule_is_refused(line: str) -> None:
    with contextlib.suppress(xs.ReplayError):
        replayed = xs.replay(lock_order, line)
        assert len(replayed.trace) == 0, "only an empty schedule fits every scenario"
        assert line == "x1:"


@pytest.mark.parametrize("line", [None, 3, b"x1:0", ["x1:0"]])
def test_a_schedule_is_a_text(line: Any) -> None:
    with pytest.raises(xs.MisuseError, match="a schedule is a text such as"):
        xs.replay(lock_order, line)


@pytest.mark.parametrize(
    "call",
    [
        lambda kernel: kernel.syscall(-1, 2, 14),
        lambda kernel: kernel.syscall(2, 256, 14),
        lambda kernel: kernel.syscall(2, 2, -14),
        lambda kernel: kernel.syscall(2, 2, 2**64),
        lambda kernel: kernel.syscall(2, 2, 14, -1),
        lambda kernel: kernel.syscall(2, 2, 14, "sid"),
        lambda kernel: kernel.syscall(2, 2, 14, *range(8)),
        lambda kernel: kernel.syscall(3, 2, 14),
        lambda kernel: kernel.syscall(2, 3, 14),
        lambda kernel: kernel.syscall(0, 2, 14),
        lambda kernel: kernel.start_process(9),
        lambda kernel: kernel.exit_thread(2, 9),
        lambda kernel: kernel.crash_process(9),
        lambda kernel: kernel.connection_map(9),
        lambda kernel: kernel.connection_map("app"),
        lambda kernel: kernel.threads(-1),
        lambda kernel: kernel.read_memory(2, 0, 2**64 - 1),
        lambda kernel: kernel.read_memory(2, -1, 1),
        lambda kernel: kernel.write_memory(2, 0x1000, "text"),
        lambda kernel: kernel.write_memory(2, 0x1000, b"not mapped"),
    ],
)
def test_the_bare_kernel_refuses_callers_and_words_that_there_are_not(call: Callable[[xs.Kernel], object]) -> None:
    kernel = xs.Kernel()
    kernel.boot_process()
    with pytest.raises(xs.MisuseError):
        call(kernel)


@pytest.mark.parametrize("nonsense", [None, -1, 1 << 40, "x", b"x", 1.5, [], {}, object(), xs.Scalar(1)])
def test_nonsense_is_refused_by_whatever_takes_one_argument(nonsense: object) -> None:
    world, kernel = xs.World(), xs.Kernel()
    app, cell, atomic = world.process("app"), world.cell(), world.atomic_u32()
    takers: list[Callable[[Any], object]] = [
        world.arc,
        world.weak,
        world.choose,
        app.disconnect,
        app.connection,
        app.map_memory,
        app.get_common_connection,
        atomic.fetch_add,
        cell.set,
        kernel.page,
        kernel.connection_map,
        kernel.crash_process,
        xs.Page.parse,
        xs.explore,
    ]
    for taker in takers:
        with pytest.raises(xs.XousSimError):
            taker(nonsense)
