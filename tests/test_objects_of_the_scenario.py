"""Properties ask the state that they are given; what they ask of the scenario's own objects is refused, not guessed."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

import xous_sim as xs
from xous_sim.searches import Strategy

Ask = Callable[[xs.AtomicU32, xs.Process], object]

STRATEGIES = pytest.mark.parametrize(
    "strategy", [xs.Exhaustive(), xs.Dpor(), xs.Random(max_schedules=3), xs.Rerun()], ids=lambda s: type(s).__name__
)
ASKS = {
    r'use state\["n"\]': lambda n, app: n.load() == 0,
    r'use state\["c"\]': lambda n, app: app._world.test_cell.get() == 0,
    r'use state.connection_map\("app"\)': lambda n, app: app.connection_map()[0] == 0,
    r"syscall needs a thread of the scenario": lambda n, app: app.connect("log"),
    r"spawn needs a thread of the scenario": lambda n, app: app.spawn(print),
    r"make it in the scenario": lambda n, app: app._world.atomic_u32(0),
}


def scenario_of(world: xs.World, ask: Ask | None, where: str) -> None:
    """Two threads add; a property, or a third thread, asks something."""
    app, n = world.process("app"), world.atomic_u32(0, name="n")
    world.server("log")
    world.test_cell = world.cell(0, name="c")  # type: ignore[attr-defined]
    for _ in range(2):
        app.spawn(n.fetch_add, 1)
    if ask is None:
        return
    if where == "invariant":
        world.invariant(lambda state: bool(ask(n, app)) or True)
    elif where == "finally_":
        world.finally_(lambda state: bool(ask(n, app)) or True)
    else:
        app.spawn(lambda: ask(n, app))


@STRATEGIES
@pytest.mark.parametrize("where", ["invariant", "finally_"])
@pytest.mark.parametrize(("instead", "ask"), ASKS.items())
def test_a_property_that_asks_the_scenarios_objects_is_refused(
    instead: str, ask: Ask, where: str, strategy: Strategy
) -> None:
    with pytest.raises((xs.ScenarioError, xs.MisuseError), match=instead):
        xs.explore(functools.partial(scenario_of, ask=ask, where=where), strategy)


@STRATEGIES
@pytest.mark.parametrize("ask", [lambda n, app: app.connection_map(), lambda n, app: app.page()])
def test_a_body_cannot_look_into_the_kernel(ask: Ask, strategy: Strategy) -> None:
    with pytest.raises(xs.ScenarioError, match=r'in a property: state.connection_map\("app"\)'):
        xs.explore(functools.partial(scenario_of, ask=ask, where="a body"), strategy)


def test_properties_under_stress_ask_their_state_too() -> None:
    with pytest.raises(xs.ScenarioError, match=r'use state\["n"\]'):
        xs.stress(functools.partial(scenario_of, ask=lambda n, app: n.load(), where="finally_"), max_runs=1)


def test_when_the_exploration_is_over_its_objects_are_of_no_use() -> None:
    kept: list[tuple[xs.AtomicU32, xs.Process]] = []

    def scenario(world: xs.World) -> None:
        scenario_of(world, None, "")
        app = world.process("second")
        kept.append((world.atomic_u32(0, name="m"), app))

    assert xs.explore(scenario).verdict == "sound"
    n, app = kept[0]
    with pytest.raises(xs.ScenarioError, match=r"m belongs to a scenario that is explored"):
        n.load()
    with pytest.raises(xs.ScenarioError, match="belongs to a scenario that is explored"):
        app.connection_map()


def test_names_are_known_everywhere() -> None:
    seen: set[str] = set()

    def scenario(world: xs.World) -> None:
        app, log, n = world.process("app"), world.server("log"), world.atomic_u32(0, name="n")
        connection = app.connect(log)

        def told() -> str:
            return f"{connection} {n} {app} {log} {app.name} {app.pid} {world}"

        def body() -> None:
            seen.add(told())
            n.load()

        app.spawn(body)

        @world.finally_
        def told_too(state: xs.StateView) -> None:
            seen.add(told())

    for strategy in (xs.Exhaustive(), xs.Rerun()):
        assert xs.explore(scenario, strategy).verdict == "sound"
    assert len(seen) == 1
    assert "CID 2 to log" in seen.pop()
