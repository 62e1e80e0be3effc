"""A long search that is interrupted loses nothing, and goes on where it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

import xous_sim as xs
from scenarios import race


def plain(**settings: object) -> xs.Exhaustive:
    return xs.Exhaustive(symmetry=False, reduction=False, **settings)  # type: ignore[arg-type]


def test_a_search_that_hits_a_limit_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "race.checkpoint"
    whole = xs.explore(race(4), plain(), stop="explored")
    limit, parts = 0, 0
    while True:
        limit += whole.states // 3
        result = xs.explore(race(4), plain(max_states=limit, checkpoint=file), stop="explored")
        parts += 1
        if result.exhausted is None:
            break
        assert file.exists()
    assert parts > 2
    assert (result.states, result.verdict) == (whole.states, whole.verdict)
    assert [c.schedule for c in result.counterexamples] == [c.schedule for c in whole.counterexamples]
    assert not file.exists()


def test_an_interrupt_leaves_a_checkpoint_from_which_the_search_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "race.checkpoint"

    def interrupt(progress: xs.Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        xs.explore(race(6), plain(checkpoint=file), stop="explored", progress=interrupt)
    kept = file.stat().st_size
    result = xs.explore(race(6), plain(checkpoint=file, max_states=kept // 8 + 10_000), stop="explored")
    assert result.exhausted == "states"
    assert file.stat().st_size > kept


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "race.checkpoint"
    xs.explore(race(4), plain(max_states=1_000, checkpoint=file), stop="explored")
    with pytest.raises(xs.MisuseError, match="a checkpoint of another scenario"):
        xs.explore(race(2), plain(checkpoint=file), stop="explored")
    file.write_bytes(b"nonsense")
    with pytest.raises(xs.MisuseError, match="no checkpoint: remove it"):
        xs.explore(race(4), plain(checkpoint=file))


OTHER_SETTINGS: list[dict[str, Any]] = [
    {"memory": "c11"},
    {"slots": 46},
    {"connect": "unique"},
    {"invariant": lambda state: True},
    {"strategy": {"symmetry": True}},
    {"strategy": {"reduction": True}},
]


def limited(file: Path, states: int, *, strategy: dict[str, bool] | None = None, **settings: Any) -> xs.Exploration:
    """A search without reductions but for those that are asked for."""
    reductions: dict[str, Any] = {"symmetry": False, "reduction": False, **(strategy or {})}
    search = xs.Exhaustive(max_states=states, checkpoint=file, **reductions)
    return xs.explore(race(4), search, stop="explored", **settings)


@pytest.mark.parametrize("other", OTHER_SETTINGS, ids=lambda other: "-".join(other))
@pytest.mark.parametrize("is_first", [True, False])
def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path, other: dict[str, Any], is_first: bool) -> None:
    file = tmp_path / "race.checkpoint"
    kept, asked = (other, {}) if is_first else ({}, other)
    limited(file, 1_000, **kept)
    with pytest.raises(xs.MisuseError, match="or of other settings"):
        limited(file, 1_500, **asked)
    assert limited(file, 1_500, **kept).exhausted == "states"


@pytest.mark.parametrize("word", ["invariant", "finally_"])
@pytest.mark.parametrize("stop", ["first", "explored"])
def test_what_was_allowed_when_the_search_was_kept_may_be_forbidden_since(
    tmp_path: Path, word: str, stop: Literal["first", "explored"]
) -> None:
    def scenario(world: xs.World) -> None:
        turns = world.atomic_u32(0, name="turns")

        def turn() -> None:
            for _ in range(1 if world.choose(300) == 7 else 3):
                turns.fetch_add(1)

        world.process("app").spawn(turn)

    def explore(states: int, allowed: bool) -> xs.Exploration:
        search = plain(max_states=states, checkpoint=tmp_path / "kept")
        watched: Any = {word: lambda state: allowed or state["turns"] != 1}
        return xs.explore(scenario, search, stop=stop, **watched)

    whole = explore(10_000, allowed=True)
    assert whole.verdict == "sound"
    assert explore(whole.states - 1, allowed=True).exhausted == "states"
    assert explore(10_000, allowed=False).verdict == "violated"


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        xs.explore(race(4), plain(max_states=1_000, checkpoint=tmp_path / "nowhere" / "file"), stop="explored")


@pytest.mark.parametrize("workers", [2, 3])
def test_several_workers_find_what_one_finds(workers: int) -> None:
    one = xs.explore(race(5), plain(), stop="explored")
    several = xs.explore(race(5), plain(workers=workers), stop="explored")
    assert (several.states, several.transitions, several.depth) == (one.states, one.transitions, one.depth)
    assert [c.schedule for c in several.counterexamples] == [c.schedule for c in one.counterexamples]
