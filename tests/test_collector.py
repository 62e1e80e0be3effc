"""What the cyclic garbage collector does, and when, changes nothing of what bodies do."""

from __future__ import annotations

import copy
import dataclasses
import functools
import gc
import pickle
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import xous_sim as xs
from xous_sim.searches import Strategy

EVERYWHERE = pytest.mark.parametrize(
    "strategy", [xs.Exhaustive(), xs.Dpor(), xs.Rerun()], ids=lambda s: type(s).__name__
)


@pytest.fixture(autouse=True)
def _thresholds() -> Iterator[None]:
    before, enabled = gc.get_threshold(), gc.isenabled()
    gc.collect()
    gc.freeze()  # so that collecting takes no time
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    (gc.enable if enabled else gc.disable)()


class Cycle:
    """Only itself refers to it; its finaliser performs operations."""

    def __init__(self, n: xs.AtomicU32, seen: xs.Value | int) -> None:
        self.me, self.n, self.seen = self, n, seen

    def __del__(self) -> None:
        self.n.store(self.seen)
        if self.n.fetch_add(1) == 7:
            self.n.store(100)


def cycles(world: xs.World, *, collects: bool = False) -> None:
    """Threads leave cycles behind, and go on."""
    n, log = world.atomic_u32(0, name="n"), world.server("log")

    def body(app: xs.Process) -> None:
        for _ in range(2):
            Cycle(n, n.fetch_add(1))
            if collects:
                gc.collect()
        app.disconnect(app.connect(log))

    for name in ("one", "two"):
        app = world.process(name)
        app.spawn(body, app)


def found(scenario: Callable[[xs.World], None], strategy: Strategy) -> tuple[object, ...]:
    """What an exploration finds."""
    finals: set[int] = set()
    result = xs.explore(scenario, strategy, stop="explored", finally_=lambda state: finals.add(int(state["n"])))
    kinds = {c.violation.property for c in result.counterexamples}
    return result.verdict, kinds, finals, result.states, result.schedules, result.transitions


@EVERYWHERE
@pytest.mark.parametrize("collects", [False, True], ids=["by itself", "by the body"])
def test_it_does_not_matter_when_garbage_is_collected(strategy: Strategy, collects: bool) -> None:
    scenario = functools.partial(cycles, collects=collects)
    seen = []
    for threshold in (1, 7, 0):  # 0 is never
        gc.set_threshold(threshold)
        seen.append(found(scenario, strategy))
    gc.disable()
    seen.append(found(scenario, strategy))
    assert seen[0][:3] == ("sound", set(), {4})
    assert all(other == seen[0] for other in seen)


def test_finalisers_of_cycles_touch_nothing_wherever_they_run(recwarn: pytest.WarningsRecorder) -> None:
    gc.set_threshold(1)
    with ThreadPoolExecutor(2) as executor:
        for strategy in (xs.Exhaustive(), xs.Dpor(executor=executor), xs.Random(max_schedules=20)):
            assert found(cycles, strategy)[1:3] == (set(), {4})
    xs.stress(cycles, max_runs=5)
    gc.collect()
    assert not recwarn.list


def test_an_automatic_collection_does_not_start_in_a_body() -> None:
    started: list[bool] = []
    here: list[bool] = [False]

    def note(phase: str, info: dict[str, Any]) -> None:
        if here[0] and phase == "start":
            started.append(True)

    def scenario(world: xs.World) -> None:
        n = world.atomic_u32(0)

        def body() -> None:
            here[0] = True
            kept = [[i] for i in range(2_000)]
            n.fetch_add(len(kept))
            here[0] = False

        world.process("app").spawn(body)

    gc.callbacks.append(note)
    gc.set_threshold(10)
    try:
        for strategy in (xs.Exhaustive(), xs.Rerun()):
            assert xs.explore(scenario, strategy).verdict == "sound"
    finally:
        gc.callbacks.remove(note)
    assert not started


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_afterwards_as_it_was(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    for strategy in (xs.Exhaustive(), xs.Rerun()):
        xs.explore(cycles, strategy)
        assert gc.isenabled() == enabled
        with pytest.raises(ZeroDivisionError):
            xs.explore(lambda world: 1 / 0, strategy)
        assert gc.isenabled() == enabled


@EVERYWHERE
def test_no_garbage_of_bodies_is_left_when_the_exploration_is_over(strategy: Strategy) -> None:
    alive: weakref.WeakSet[Cycle] = weakref.WeakSet()

    def scenario(world: xs.World) -> None:
        n = world.atomic_u32(0)

        def body() -> None:
            alive.add(Cycle(n, n.load()))
            n.load()

        world.process("app").spawn(body)

    gc.disable()
    assert xs.explore(scenario, strategy).verdict == "sound"
    assert not alive


def test_a_result_that_a_finaliser_brings_back_is_refused() -> None:
    kept: list[Cycle] = []

    class Returns(Cycle):
        def __del__(self) -> None:
            kept.append(self)

    def scenario(world: xs.World) -> None:
        n = world.atomic_u32(0)

        def body() -> None:
            kept.clear()
            Returns(n, n.load())
            gc.collect()
            n.load()
            for returned in kept:
                n.store(returned.seen)

        world.process("app").spawn(body)

    try:
        with pytest.raises(xs.ScenarioError, match="garbage collector"):
            xs.explore(scenario)
    finally:
        kept.clear()


def test_finalisers_without_an_explorer_run_as_ever() -> None:
    n = xs.World().atomic_u32(0)
    Cycle(n, 20)
    gc.collect()
    assert n.load() == 21


@dataclasses.dataclass
class Record:
    """Holds a result."""

    seen: xs.Value
    more: list[object]


COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "deepcopy in a list": lambda v: copy.deepcopy([v])[0],
    "asdict": lambda v: dataclasses.asdict(Record(v, [v]))["more"][0],
    "astuple": lambda v: dataclasses.astuple(Record(v, [v]))[0],
    "replace": lambda v: dataclasses.replace(Record(v, []), more=[v]).more[0],
    "pickle": lambda v: pickle.loads(pickle.dumps(v)),
}


@EVERYWHERE
@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_a_copy_of_a_result_is_the_result(duplicate: Callable[[Any], Any], strategy: Strategy) -> None:
    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(3, name="n")

        def body() -> None:
            seen = duplicate(n.fetch_add(1))
            n.fetch_add(seen)
            assert 3 <= seen <= 11

        app.spawn(body)
        app.spawn(body)

    assert found(scenario, strategy)[0] == "sound"


def test_copies_of_other_results_are_the_same_or_refused() -> None:
    def scenario(world: xs.World) -> None:
        app, n, log = world.process("app"), world.atomic_u32(0, name="n"), world.server("log")
        statics = [world.cell(0), world.mutex(), world.once_lock(), n, app, log, world]

        def body() -> None:
            changed, before = copy.deepcopy(n.compare_exchange(0, 1))
            answer = copy.deepcopy(app.disconnect(9))
            assert not answer.is_ok()
            with pytest.raises(xs.MisuseError, match="a Result is not pickled"):
                pickle.dumps(answer)
            assert [copy.deepcopy(static) is static for static in statics] == [True] * len(statics)
            arc = app.connect(log).share()
            for handle in (arc, arc.downgrade()):
                for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
                    with pytest.raises(xs.MisuseError, match="cannot be copied"):
                        duplicate(handle)
            assert int(before) in (0, 1) and changed == (before == 0)

        app.spawn(body)

    result = xs.explore(scenario, stop="explored")
    assert {c.violation.property for c in result.counterexamples} <= {"leak", "free-slot"}, result


def test_threads_that_trace_at_the_same_time_leave_the_collector_alone_together() -> None:
    ready, done = threading.Barrier(2), threading.Barrier(2)

    def scenario(world: xs.World, first: bool) -> None:
        def body() -> None:
            if not first:
                return
            assert not gc.isenabled()

        world.process("app").spawn(body)

    def explores(first: bool) -> None:
        ready.wait()
        for _ in range(50):
            assert xs.explore(functools.partial(scenario, first=first)).verdict == "sound"
        done.wait()

    threads = [threading.Thread(target=explores, args=(first,)) for first in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gc.isenabled()
