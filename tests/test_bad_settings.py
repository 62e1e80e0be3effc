"""Settings that make no sense: an exception of the package that names the cause and the way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import xous_sim as xs
from scenarios import lock_order


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
