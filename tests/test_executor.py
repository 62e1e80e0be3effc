"""An exploration on an executor gives the answer of the one in this process, whatever happens to the workers."""

from __future__ import annotations

import functools
import multiprocessing
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

import xous_sim as xs
from scenarios import lock_order, refcount_race, two_increments
from test_strategies import found
from xous_sim._merging import Total
from xous_sim._parallel import _Divided

CONTEXT = multiprocessing.get_context("spawn")
Scenario = Callable[[xs.World], object]


def adders(threads: int, rounds: int, world: xs.World) -> None:
    """Threads that each add a number of their own, so that no two are equal."""
    app, count = world.process("app"), world.atomic_u32(0, name="count")
    for thread in range(threads):
        app.spawn(count.fetch_add, 10**thread, times=rounds)


def spinners(world: xs.World) -> None:
    """Threads that wait for each other, spinning."""
    app, turn = world.process("app"), world.atomic_u32(0, name="turn")

    def body(own: int) -> None:
        for _ in range(2):
            world.spin_while(lambda: turn.load() % 3 != own)
            turn.fetch_add(1)

    for own in range(3):
        app.spawn(body, own)


def late_spinner(world: xs.World) -> None:
    """Threads that are equal until one in a rare corner yields."""
    app, n = world.process("app"), world.atomic_u32(0, name="n")

    def body() -> None:
        if n.fetch_add(1) == 6 and n.load() == 7:
            world.spin_while(lambda: n.load() < 9)

    for _ in range(3):
        app.spawn(body, times=3)


def rare_spinner(world: xs.World) -> None:
    """Threads that spin where random schedules hardly ever come."""
    app, n = world.process("app"), world.atomic_u32(0, name="n")

    def body(own: int) -> None:
        for _ in range(12):
            n.fetch_add(10**own)
        if world.choose(300) == 277:
            world.spin_while(lambda: n.load() < 1332)

    for own in range(3):
        app.spawn(body, own)


def big(world: xs.World) -> None:
    """The race with more clients and rounds."""
    app, server = world.process("app"), world.server("log")
    users = world.atomic_u32(0, name="users")

    def worker() -> None:
        users.fetch_add(1)
        connection = app.connect(server)
        if users.fetch_sub(1) == 1:
            app.disconnect(connection)

    for _ in range(3):
        app.spawn(worker, times=2)


def total_is(expected: int, state: xs.StateView) -> bool:
    """A property that can be pickled."""
    return state["count"] == expected


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=CONTEXT) as executor:
        yield executor


@pytest.fixture(scope="module")
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(3) as executor:
        yield executor


EXECUTORS = ["processes", "threads"]


@pytest.mark.parametrize("name", EXECUTORS)
@pytest.mark.parametrize("scenario", [lock_order, refcount_race, two_increments, spinners, late_spinner, big])
def test_exhaustive_on_an_executor_finds_the_same(
    name: str, scenario: Scenario, request: pytest.FixtureRequest
) -> None:
    executor: Executor = request.getfixturevalue(name)
    serial = xs.explore(scenario, stop="explored")
    for symmetry in (True, False):
        result = xs.explore(scenario, xs.Exhaustive(symmetry=symmetry, executor=executor), stop="explored")
        assert result.verdict == serial.verdict
        assert found(result) == found(serial)
        assert result.states >= serial.states
        assert [len(c.trace) for c in result.counterexamples] == [len(c.trace) for c in serial.counterexamples]


def test_states_that_were_merged_before_a_body_turned_out_to_spin_are_explored_again(
    threads: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged: list[bool] = []
    explore_tree = _Divided._explore_tree

    def watched(self: _Divided, *, merge: bool) -> Total:
        merged.append(merge)
        return explore_tree(self, merge=merge)

    monkeypatch.setattr(_Divided, "_explore_tree", watched)
    serial = xs.explore(rare_spinner)
    result = xs.explore(rare_spinner, xs.Exhaustive(executor=threads))
    assert merged == [True, False]
    assert (result.verdict, found(result)) == (serial.verdict, found(serial))


def connects_and_disconnects(world: xs.World) -> None:
    """Threads whose connection is one: the second disconnect of two that overlap finds it gone."""
    app, server = world.process("app"), world.server("log")

    def client() -> None:
        connection = app.connect(server)
        app.disconnect(connection)

    for _ in range(2):
        app.spawn(client)


@pytest.mark.parametrize("deepening", [True, False])
def test_a_bounded_search_in_parts_reports_no_schedule_beyond_its_bound(deepening: bool, threads: Executor) -> None:
    for executor in (None, threads):
        search = xs.Dfs(max_preemptions=0, deepening=deepening, executor=executor)
        result = xs.explore(connects_and_disconnects, search)
        assert (result.verdict, result.exhausted) == ("incomplete", "preemptions")


@pytest.mark.parametrize("name", EXECUTORS)
@pytest.mark.parametrize("deepening", [True, False])
@pytest.mark.parametrize("bound", [None, 0, 1, 2])
def test_dfs_on_an_executor_follows_the_same_schedules(
    name: str, deepening: bool, bound: int | None, request: pytest.FixtureRequest
) -> None:
    executor: Executor = request.getfixturevalue(name)
    for scenario in (functools.partial(adders, 3, 2), refcount_race, spinners):
        strategy = xs.Dfs(max_preemptions=bound, deepening=deepening)
        serial = xs.explore(scenario, strategy, stop="explored")
        result = xs.explore(
            scenario, xs.Dfs(max_preemptions=bound, deepening=deepening, executor=executor), stop="explored"
        )
        for field in ("verdict", "schedules", "exhausted", "covered_preemptions", "depth"):
            assert getattr(result, field) == getattr(serial, field), field
        assert found(result) == found(serial)
        fewest = [{c.violation.property: c.trace.preemptions for c in r.counterexamples} for r in (result, serial)]
        assert not deepening or fewest[0] == fewest[1]


@pytest.mark.parametrize("name", EXECUTORS)
def test_dpor_on_an_executor_finds_the_same(name: str, request: pytest.FixtureRequest) -> None:
    executor: Executor = request.getfixturevalue(name)
    for scenario in (refcount_race, lock_order, spinners, functools.partial(adders, 3, 2)):
        serial = xs.explore(scenario, xs.Dpor(), stop="explored")
        result = xs.explore(scenario, xs.Dpor(executor=executor), stop="explored")
        assert (result.verdict, found(result)) == (serial.verdict, found(serial))
        fewest = [{c.violation.property: c.trace.preemptions for c in r.counterexamples} for r in (result, serial)]
        assert fewest[0] == fewest[1]


@pytest.mark.parametrize("strategy", [xs.Random(max_schedules=500, seed=5), xs.Pct(max_schedules=500, seed=5)])
def test_random_schedules_do_not_depend_on_the_number_of_workers(
    strategy: xs.Random | xs.Pct, threads: Executor
) -> None:
    answers = []
    for workers in (1, 2):
        with ThreadPoolExecutor(workers) as executor:
            result = xs.explore(refcount_race, replace(strategy, executor=executor), stop="explored")
            answers.append((result.schedules, result.transitions, [c.schedule for c in result.counterexamples]))
    assert answers[0] == answers[1]
    assert answers[0][0] == 500
    assert result.verdict == "violated"
    sound = xs.explore(functools.partial(adders, 3, 2), replace(strategy, executor=threads))
    assert (sound.verdict, sound.schedules, sound.exhausted) == ("incomplete", 500, "schedules")


def test_properties_travel_with_the_scenario(processes: Executor) -> None:
    strategy = xs.Exhaustive(executor=processes)
    right, wrong = functools.partial(total_is, 222), functools.partial(total_is, 223)
    scenario = functools.partial(adders, 3, 2)
    assert xs.explore(scenario, strategy, finally_=right).verdict == "sound"
    result = xs.explore(scenario, strategy, finally_=wrong)
    assert result.violation is not None
    assert result.violation.property == "finally"
    assert result.schedule is not None
    assert xs.replay(scenario, result.schedule, finally_=wrong).violation == result.violation


class Shuffled(Executor):
    """Runs tasks in threads that begin late, each after a delay of its own."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._inner = ThreadPoolExecutor(4)
        self._max_workers = 4

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        delay = self._random.random() / 50

        def late() -> Any:
            time.sleep(delay)
            return function(*args, **kwargs)

        return self._inner.submit(late)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._inner.shutdown(wait, cancel_futures=cancel_futures)


@pytest.mark.parametrize("stop", ["first", "explored"])
def test_the_answer_does_not_depend_on_which_part_is_done_first(stop: Literal["first", "explored"]) -> None:
    answers = []
    for seed in range(3):
        with Shuffled(seed) as executor:
            strategies = ((big, xs.Exhaustive(executor=executor)), (refcount_race, xs.Dfs(executor=executor)))
            for scenario, strategy in strategies:
                result = xs.explore(scenario, strategy, stop=stop)
                answers.append((result.states, result.schedules, [str(c.trace) for c in result.counterexamples]))
    assert answers[:2] == answers[2:4] == answers[4:]


def dies(marker: str, pid: int, world: xs.World) -> None:
    """Kills the first worker that comes to set it up; never the process of the test."""
    if os.getpid() != pid and not os.path.exists(marker):
        with open(marker, "w", encoding="utf-8"):
            pass
        os._exit(1)
    big(world)


def test_a_worker_that_dies_loses_no_part_of_the_search(tmp_path: Path) -> None:
    serial = xs.explore(big, stop="explored")
    marker = tmp_path / "killed"
    scenario = functools.partial(dies, str(marker), os.getpid())
    with ProcessPoolExecutor(2, mp_context=CONTEXT) as executor:
        result = xs.explore(scenario, xs.Exhaustive(executor=executor), stop="explored")
        with pytest.raises(BrokenProcessPool):
            executor.submit(int).result()
    assert marker.exists()
    assert (result.verdict, found(result)) == (serial.verdict, found(serial))
    assert result.states >= serial.states


class Flaky(Executor):
    """Loses some of its tasks, now and then at once."""

    def __init__(self, loses: Callable[[int], bool], *, at_once: bool) -> None:
        self.submitted = 0
        self.threads: set[int] = set()
        self._loses = loses
        self._at_once = at_once

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.submitted += 1
        future: Future[Any] = Future()
        if not self._loses(self.submitted):
            future.set_result(function(*args, **kwargs))
        elif self._at_once:
            raise OSError("no worker is there")
        elif self.submitted % 2:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_exception(OSError("the worker is lost"))
        return future


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("loses", [lambda n: n % 3 == 0, lambda n: n % 3 > 0, lambda n: True])
def test_a_task_that_is_lost_is_submitted_again_and_then_runs_here(loses: Callable[[int], bool], at_once: bool) -> None:
    serial = xs.explore(functools.partial(adders, 3, 2), xs.Dfs())
    executor = Flaky(loses, at_once=at_once)
    result = xs.explore(functools.partial(adders, 3, 2), xs.Dfs(executor=executor))
    assert (result.verdict, result.schedules) == (serial.verdict, serial.schedules) == ("sound", 90)
    assert executor.submitted > 0


def test_a_lambda_is_refused_by_processes_with_the_way_out(processes: Executor) -> None:
    with pytest.raises(xs.MisuseError, match=r"cannot be sent to another process .*functools.partial of one; or use a"):
        xs.explore(lambda world: adders(4, 6, world), xs.Exhaustive(executor=processes))


def test_a_lambda_is_good_enough_for_threads(threads: Executor) -> None:
    result = xs.explore(lambda world: adders(4, 6, world), xs.Exhaustive(executor=threads))
    assert (result.verdict, result.states >= 7**4) == ("sound", True)


def has_an_error(world: xs.World) -> None:
    """Sets up well here, and badly elsewhere."""
    if multiprocessing.parent_process() is not None:
        raise ZeroDivisionError("in the worker")
    adders(4, 6, world)


def is_another_one_elsewhere(world: xs.World) -> None:
    """Has fewer threads elsewhere."""
    here = multiprocessing.parent_process() is None
    adders(4 if here else 1, 6, world)


def test_an_exception_of_the_scenario_comes_out_as_it_is(processes: Executor) -> None:
    with pytest.raises(ZeroDivisionError, match="in the worker"):
        xs.explore(has_an_error, xs.Exhaustive(executor=processes))


def test_a_scenario_that_is_another_one_elsewhere_is_refused(processes: Executor) -> None:
    with pytest.raises(xs.NondeterminismError, match="is another one in another process"):
        xs.explore(is_another_one_elsewhere, xs.Exhaustive(executor=processes))


def test_a_body_that_shares_a_python_object_is_found_out_on_an_executor(threads: Executor) -> None:
    def scenario(world: xs.World) -> None:
        app, count = world.process("app"), world.atomic_u32(0, name="count")
        box: list[int] = []

        def body(own: int) -> None:
            count.load()
            box.append(own)
            for _ in range(3):
                count.store(len(box))

        for own in range(3):
            app.spawn(body, own)

    with pytest.raises(xs.NondeterminismError):
        xs.explore(scenario, xs.Exhaustive(executor=threads))


def test_limits_hold_on_an_executor_and_say_so(threads: Executor) -> None:
    scenario = functools.partial(adders, 4, 9)
    for strategy, limit in (
        (xs.Exhaustive(max_states=5, executor=threads), "states"),
        (xs.Dfs(max_schedules=3, executor=threads), "schedules"),
        (xs.Dfs(max_seconds=0.2, deepening=False, executor=threads), "seconds"),
    ):
        result = xs.explore(scenario, strategy)
        assert (result.verdict, result.exhausted) == ("incomplete", limit)
        assert f"the limit of {limit} was hit" in str(result)


def test_progress_is_told_after_each_part(threads: Executor) -> None:
    seen: list[xs.Progress] = []
    result = xs.explore(functools.partial(adders, 3, 9), xs.Exhaustive(executor=threads), progress=seen.append)
    assert len(seen) > 3
    assert [now.states for now in seen] == sorted(now.states for now in seen)
    assert seen[-1].states == result.states
    assert seen[-1].estimated_total == result.states


def test_an_exploration_that_ends_early_leaves_no_thread_searching() -> None:
    def enough(now: xs.Progress) -> None:
        raise TimeoutError

    before = threading.active_count()
    with ThreadPoolExecutor(3) as executor:
        scenario = functools.partial(adders, 7, 50)
        with pytest.raises(TimeoutError):
            xs.explore(scenario, xs.Exhaustive(max_states=100_000, executor=executor), progress=enough)
    assert threading.active_count() == before


def test_a_dask_cluster_finds_the_same() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as executor,
    ):
        for scenario in (big, late_spinner, functools.partial(adders, 4, 6)):
            serial = xs.explore(scenario, stop="explored")
            result = xs.explore(scenario, xs.Exhaustive(executor=executor), stop="explored")
            assert (result.verdict, found(result)) == (serial.verdict, found(serial))
            lengths = [[len(c.trace) for c in r.counterexamples] for r in (result, serial)]
            assert lengths[0] == lengths[1]
        serial = xs.explore(functools.partial(adders, 3, 2), xs.Dfs())
        assert xs.explore(lambda world: adders(3, 2, world), xs.Dfs(executor=executor)).schedules == serial.schedules


def test_a_dask_worker_that_dies_loses_no_part_of_the_search(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    serial = xs.explore(big, stop="explored")
    marker = tmp_path / "killed"
    scenario = functools.partial(dies, str(marker), os.getpid())
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as executor,
    ):
        result = xs.explore(scenario, xs.Exhaustive(executor=executor), stop="explored")
    assert marker.exists()
    assert (result.verdict, found(result)) == (serial.verdict, found(serial))
