"""A long search that is interrupted loses nothing, and goes on where it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


@pytest.mark.parametrize(("kept", "asked"), [("sc", "c11"), ("c11", "sc")])
def test_a_checkpoint_of_the_other_memory_model_is_refused(tmp_path: Path, kept: Any, asked: Any) -> None:
    file = tmp_path / "race.checkpoint"
    xs.explore(race(4), plain(max_states=1_000, checkpoint=file), stop="explored", memory=kept)
    with pytest.raises(xs.MisuseError, match="or of other settings"):
        xs.explore(race(4), plain(max_states=2_000, checkpoint=file), stop="explored", memory=asked)
    result = xs.explore(race(4), plain(max_states=2_000, checkpoint=file), stop="explored", memory=kept)
    assert result.exhausted == "states"


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        xs.explore(race(4), plain(max_states=1_000, checkpoint=tmp_path / "nowhere" / "file"), stop="explored")


@pytest.mark.parametrize("workers", [2, 3])
def test_several_workers_find_what_one_finds(workers: int) -> None:
    one = xs.explore(race(5), plain(), stop="explored")
    several = xs.explore(race(5), plain(workers=workers), stop="explored")
    assert (several.states, several.transitions, several.depth) == (one.states, one.transitions, one.depth)
    assert [c.schedule for c in several.counterexamples] == [c.schedule for c in one.counterexamples]
