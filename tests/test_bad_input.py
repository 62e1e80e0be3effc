"""Bad arguments: an exception of the package that names the cause and the way out; never a Rust panic, never a hang."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, cast

import pytest

import xous_sim as xs
from scenarios import exploring, lock_order


@pytest.fixture
def world() -> xs.World:
    return xs.World()


def test_a_result_is_neither_true_nor_false(world: xs.World) -> None:
    app = world.process("app")
    with pytest.raises(xs.MisuseError, match=r"neither true nor false: ask it .is_ok\(\), or .unwrap\(\) it"):
        bool(app.disconnect(2))

    def body(world: xs.World, app: xs.Process) -> None:
        if app.disconnect(2):
            pass

    with pytest.raises(xs.MisuseError, match="neither true nor false"):
        exploring(body, stop="explored")


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
