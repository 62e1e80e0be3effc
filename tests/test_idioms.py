"""The idioms, explored: what the explorer must find in each, and what every idiom keeps."""

from __future__ import annotations

import importlib

import pytest

import xous_sim as xs
from xous_sim.idioms import IDIOMS, Idiom
from xous_sim.verdicts import SERVER, verdict_scenario
from xous_sim.world import ConnectMode


def explored(name: str, *, connect: ConnectMode, clients: int = 2, std_shadow: bool = False) -> xs.Exploration:
    return xs.explore(verdict_scenario(IDIOMS[name], clients, std_shadow=std_shadow), connect=connect)


def found(result: xs.Exploration) -> str:
    return result.verdict if result.violation is None else result.violation.property


def test_there_are_eleven_idioms() -> None:
    assert len(IDIOMS) == 11


@pytest.mark.parametrize("idiom", IDIOMS.values(), ids=lambda idiom: idiom.name)
def test_an_idiom_has_the_name_of_its_module(idiom: Idiom) -> None:
    assert importlib.import_module(f"xous_sim.idioms.{idiom.name}").IDIOM is idiom


@pytest.mark.parametrize("idiom", IDIOMS.values(), ids=lambda idiom: idiom.name)
def test_an_idiom_works_for_a_single_thread_on_a_kernel_without_an_explorer(idiom: Idiom) -> None:
    world = xs.World()
    app, server = world.process("app"), world.server(SERVER, answer=7)
    open_ = idiom.prepare(world, app, server)
    for _ in range(3):
        with open_() as connection:
            assert app.send(connection, xs.BlockingScalar(0)).unwrap() == 7


@pytest.mark.parametrize(
    ("name", "connect", "expected"),
    [
        ("refcounted_drop", "reuse", "severed"),
        ("refcounted_drop", "unique", "leak"),
        ("two_crates", "reuse", "severed"),
        ("disconnect_locked", "reuse", "severed"),
        ("disconnect_locked_checked", "reuse", "severed"),
        ("disconnect_locked_held", "reuse", "sound"),
        ("mutex_guarded", "reuse", "sound"),
        ("mutex_guarded", "unique", "leak"),
        ("unique_cid", "reuse", "severed"),
        ("unique_cid", "unique", "sound"),
        ("arc_pool_strong", "reuse", "sound"),
        ("arc_pool_strong", "unique", "sound"),
        ("arc_pool_weak", "reuse", "severed"),
        ("arc_pool_weak", "unique", "sound"),
        ("persistent_std", "reuse", "sound"),
        ("persistent_std", "unique", "leak"),
        ("refcounted_std_shadow", "reuse", "severed"),
    ],
)
def test_two_clients_of_an_idiom_come_to(name: str, connect: ConnectMode, expected: str) -> None:
    assert found(explored(name, connect=connect)) == expected


def test_std_is_cut_by_whoever_disconnects_while_connect_reuses_cids() -> None:
    for name in ("refcounted_drop", "disconnect_locked_held", "mutex_guarded", "unique_cid", "arc_pool_weak"):
        assert found(explored(name, connect="reuse", std_shadow=True)) == "severed", name


def test_std_is_safe_beside_those_who_never_disconnect() -> None:
    for name in ("arc_pool_strong", "persistent_std"):
        assert found(explored(name, connect="reuse", std_shadow=True)) == "sound", name


def test_the_race_of_the_refcounted_drop_takes_eight_steps() -> None:
    trace = explored("refcounted_drop", connect="reuse").trace
    assert trace is not None
    assert len(trace) == 8


def test_two_crates_with_one_client_each_share_no_count_to_race_for_once_cids_are_unique() -> None:
    assert found(explored("two_crates", connect="unique", clients=2)) == "sound"
    assert found(explored("two_crates", connect="unique", clients=3)) == "leak"


@pytest.mark.parametrize("name", ["refcounted_drop", "disconnect_locked_checked", "arc_pool_weak"])
def test_a_counterexample_replays_to_the_same_violation(name: str) -> None:
    result = explored(name, connect="reuse")
    assert result.schedule is not None
    replayed = xs.replay(verdict_scenario(IDIOMS[name], 2), result.schedule)
    assert replayed.violation == result.violation
