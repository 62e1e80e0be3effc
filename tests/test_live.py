"""A world without an explorer, from real threads: everything blocks and wakes as on a machine."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

import pytest

import xous_sim as xs
from interrupting import interrupted


def run_all(*bodies: Callable[[], object]) -> None:
    """Runs bodies in threads of their own and raises what they raise."""
    raised: list[BaseException] = []

    def guarded(body: Callable[[], object]) -> None:
        try:
            body()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(body,), daemon=True) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive(), "a thread waits for ever"
    if raised:
        raise raised[0]


def test_a_server_thread_answers_a_client_thread_while_both_block() -> None:
    world = xs.World()
    app, owner = world.process("app"), world.process("owner")
    server = owner.create_server("adder")
    answers: list[int] = []

    def serve() -> None:
        for _ in range(50):
            envelope = owner.receive(server)
            envelope.return_scalar(int(envelope.arg(1)) + 1)

    def client() -> None:
        with app.connect(server) as connection:
            answers.extend(int(app.send(connection, xs.BlockingScalar(1, n)).unwrap()) for n in range(50))

    run_all(serve, client)
    assert answers == list(range(1, 51))


def test_a_blocked_call_does_not_hold_the_interpreter_lock() -> None:
    world = xs.World()
    owner = world.process("owner")
    server = owner.create_server("quiet")
    received: list[int] = []
    waiting = threading.Thread(target=lambda: received.append(int(owner.receive(server).opcode)), daemon=True)
    waiting.start()
    progress = sum(1 for _ in range(200_000))  # would never end if the blocked thread kept the lock
    assert (progress, received) == (200_000, [])
    app = world.process("app")
    assert app.send(app.connect(server), xs.Scalar(42)).is_ok()
    waiting.join(20)
    assert received == [42]


def test_a_mutex_excludes_real_threads() -> None:
    world = xs.World()
    mutex, cell = world.mutex(), world.cell(0)

    def add() -> None:
        for _ in range(100):
            with mutex:
                cell.set(int(cell.get()) + 1)

    run_all(*[add] * 4)
    assert cell.get() == 400
    assert mutex.try_lock() == 1


def test_atomics_from_eight_threads_give_exact_totals() -> None:
    world = xs.World()
    count, wins = world.atomic_u32(0), world.atomic_u32(0)

    def add() -> None:
        for _ in range(500):
            count.fetch_add(1, "relaxed")
        won, _ = wins.compare_exchange(0, 1)
        if won == 1:
            count.fetch_add(1_000_000)

    run_all(*[add] * 8)
    assert count.load() == 8 * 500 + 1_000_000


def test_a_once_lock_is_initialised_by_one_of_many_threads() -> None:
    world = xs.World()
    app, server, pool = world.process("app"), world.server("log"), world.once_lock()
    opened: list[int] = []
    cids: list[int] = []

    def open_it() -> xs.Connection:
        opened.append(1)
        time.sleep(0.01)
        return app.connect(server)

    run_all(*[lambda: cids.append(int(pool.get_or_init(open_it).cid))] * 8)
    assert (len(opened), cids) == (1, [2] * 8)


def test_the_pool_of_common_connections_serves_all_threads() -> None:
    world = xs.World(connect="unique")
    app, _ = world.process("app"), world.server("log")
    cids: list[int] = []
    run_all(*[lambda: cids.append(int(app.get_common_connection("log").cid))] * 8)
    assert cids == [2] * 8


def test_tids_are_given_back_when_threads_end() -> None:
    world = xs.World()
    app, server = world.process("app"), world.server("log")
    for _ in range(100):
        run_all(*[lambda: app.connect(server)] * 10)
    assert app.connection_map()[:2] == b"\x02\0"


def test_the_thirtieth_thread_of_a_process_is_refused() -> None:
    world = xs.World()
    app, server = world.process("app"), world.server("log")
    app.connect(server)  # the main thread is one of the 29
    ready = threading.Barrier(29)
    refused: list[str] = []

    def act() -> None:
        try:
            app.connect(server)
        except xs.MisuseError as error:
            refused.append(str(error))
        ready.wait(20)

    run_all(*[act] * 29)
    assert len(refused) == 1
    assert "no room for another thread" in refused[0]
    assert "let some of its threads end" in refused[0]


def test_the_end_of_a_process_wakes_its_waiting_threads() -> None:
    world = xs.World()
    owner = world.process("owner")
    server = owner.create_server("quiet")
    errors: list[type[BaseException]] = []
    parked = threading.Barrier(3)

    def receive() -> None:
        parked.wait(20)
        with pytest.raises(xs.ProcessEndedError, match="ended") as caught:
            owner.receive(server)
        errors.append(caught.type)

    def end() -> None:
        parked.wait(20)
        time.sleep(0.05)
        with pytest.raises(xs.ProcessEndedError):
            owner.terminate()

    run_all(receive, receive, end)
    assert errors == [xs.ProcessEndedError] * 2


def test_a_process_that_ended_cannot_act_and_its_successor_can() -> None:
    world = xs.World()
    server = world.server("log")
    first = world.process("first")

    def use_and_end() -> None:
        first.connect(server)
        with pytest.raises(xs.ProcessEndedError):
            first.terminate()
        with pytest.raises(xs.ProcessEndedError):
            first.connect(server)
        with pytest.raises(xs.ProcessEndedError):
            first.connection_map()
        second = world.process("second")
        assert second.pid == first.pid
        assert second.connect(server).is_ok()
        with pytest.raises(xs.ProcessEndedError, match="use the new process"):
            first.connect(server)

    run_all(use_and_end)


def test_spawn_starts_a_real_thread_that_runs_its_body_times_times() -> None:
    world = xs.World()
    app, count = world.process("app"), world.atomic_u32(0)
    thread = app.spawn(count.fetch_add, 2, times=5, name="adder")
    assert isinstance(thread, threading.Thread)
    assert thread.name == "adder"
    app.join(thread)
    assert count.load() == 10


def test_spinning_threads_see_what_others_do() -> None:
    world = xs.World()
    flag, seen = world.atomic_bool(), world.atomic_u32(0)

    def wait() -> None:
        world.spin_while(lambda: flag.load() == 0)
        while seen.load() == 0:
            world.yield_now()

    def release() -> None:
        flag.store(1)
        seen.store(1)

    run_all(wait, wait, release)


def test_a_full_queue_holds_the_sender_until_there_is_room() -> None:
    world = xs.World(profile="hosted")
    app, owner = world.process("app"), world.process("owner")
    server = owner.create_server("slow")
    received: list[int] = []

    def send() -> None:
        connection = app.connect(server)
        for n in range(80):
            app.send(connection, xs.Scalar(n)).unwrap()

    def receive() -> None:
        time.sleep(0.05)
        received.extend(int(owner.receive(server).opcode) for _ in range(80))

    run_all(send, receive)
    assert received == list(range(80))


_WAITS_FOR_EVER = """
import xous_sim as xs
world = xs.World()
owner = world.process("owner")
server = owner.create_server("quiet")
mutex = world.mutex()
mutex.lock()
print("waiting", flush=True)
try:
    {call}
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize(
    "call", ["owner.receive(server)", "owner.send(owner.connect(server), xs.BlockingScalar(1))", "spin()"]
)
def test_ctrl_c_interrupts_a_call_that_waits(call: str) -> None:
    script = _WAITS_FOR_EVER.format(call=call.replace("spin()", "world.spin_while(lambda: True)"))
    done = interrupted([sys.executable, "-c", script], first_line="waiting\n", seconds=0.1)
    assert (done.stdout, done.returncode) == ("interrupted\n", 0)


def test_ctrl_c_interrupts_an_exploration() -> None:
    script = """
import xous_sim as xs
def scenario(world):
    app, count = world.process("app"), world.atomic_u32(0)
    for _ in range(8):
        app.spawn(lambda: count.fetch_add(world.choose(100)), times=50)
print("waiting", flush=True)
try:
    xs.explore(scenario, xs.Exhaustive(max_seconds=30))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    done = interrupted([sys.executable, "-c", script], first_line="waiting\n", seconds=0.3)
    assert (done.stdout, done.returncode) == ("interrupted\n", 0)


def test_calls_that_are_refused_never_block_threads_that_look() -> None:
    world = xs.World()
    app, other = world.process("app"), world.process("other")
    connection = app.connect(app.create_server("log"))
    all_act, all_ended = threading.Barrier(3), threading.Event()

    def refused() -> None:
        app.connect("log")
        all_act.wait()
        assert all_ended.wait(20)
        for _ in range(3000):
            with pytest.raises(xs.ProcessEndedError):
                app.send(connection, xs.Scalar(1))

    callers = [threading.Thread(target=refused, daemon=True) for _ in range(2)]
    for caller in callers:
        caller.start()

    def looks() -> None:
        all_act.wait()
        with pytest.raises(xs.ProcessEndedError):
            app.terminate()
        all_ended.set()
        while any(caller.is_alive() for caller in callers):
            other.connection_map()

    run_all(looks)
