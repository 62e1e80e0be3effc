"""Whoever watches an exploration is told how far it is, and may end it."""

from __future__ import annotations

import io
import re
import sys

import pytest
from rich.console import Console

import xous_sim as xs
from interrupting import interrupted
from scenarios import lock_order
from xous_sim._view import progress_display
from xous_sim.progress import Teller


def long(world: xs.World) -> None:
    """Billions of states, and more schedules."""
    app, count = world.process("app"), world.atomic_u32(0, name="count")
    for thread in range(7):
        app.spawn(count.fetch_add, 10**thread, times=50)


SEARCHES = [xs.Exhaustive(), xs.Dfs()]


@pytest.mark.parametrize("strategy", SEARCHES)
def test_a_long_search_tells_of_its_progress_again_and_again(strategy: xs.Exhaustive | xs.Dfs) -> None:
    seen: list[xs.Progress] = []

    def three_times(now: xs.Progress) -> None:
        seen.append(now)
        if len(seen) == 3:
            raise StopIteration

    with pytest.raises(StopIteration):
        xs.explore(long, strategy, progress=three_times)
    assert seen[0].transitions < seen[1].transitions < seen[2].transitions
    assert seen[0].seconds < seen[1].seconds < seen[2].seconds
    for now in seen:
        assert now.done == (now.states or now.schedules)
        assert now.rate == pytest.approx(now.done / now.seconds)


@pytest.mark.parametrize("strategy", [xs.Exhaustive(max_states=50_000), xs.Dfs(max_schedules=50_000)])
def test_the_last_that_is_told_is_the_result(strategy: xs.Exhaustive | xs.Dfs) -> None:
    seen: list[xs.Progress] = []
    result = xs.explore(long, strategy, progress=seen.append)
    assert (seen[-1].states, seen[-1].schedules) == (result.states, result.schedules)
    assert (seen[-1].frontier, seen[-1].transitions) == (result.frontier, result.transitions)


def test_a_search_that_is_over_at_once_tells_of_its_end() -> None:
    seen: list[xs.Progress] = []
    result = xs.explore(lock_order, progress=seen.append)
    assert [now.states for now in seen] == [result.states]


@pytest.mark.parametrize("strategy", SEARCHES)
def test_an_exception_in_the_callable_ends_the_search_and_comes_out(strategy: xs.Exhaustive | xs.Dfs) -> None:
    told: list[xs.Progress] = []

    def enough(now: xs.Progress) -> None:
        told.append(now)
        raise TimeoutError("enough")

    with pytest.raises(TimeoutError, match="enough"):
        xs.explore(long, strategy, progress=enough)
    assert len(told) == 1


def test_an_estimate_makes_a_time_that_is_left() -> None:
    seen: list[xs.Progress] = []
    tell = Teller(seen.append)
    tell(100, 5, 0, 300, 400.0)
    tell(100, 5, 0, 300, None)
    tell(500, 5, 0, 300, 400.0)
    first, unknown, over = seen
    assert first.eta_seconds == pytest.approx(300 / first.rate)
    assert (unknown.estimated_total, unknown.eta_seconds) == (None, None)
    assert over.eta_seconds == 0


def shown(monkeypatch: pytest.MonkeyPatch, *, terminal: bool, seconds: float, width: int = 100, times: int = 1) -> str:
    """What ``progress=True`` prints of a search of so many seconds and so many times the states."""
    printed = io.StringIO()

    def console(**options: object) -> Console:
        return Console(file=printed, force_terminal=terminal, width=width, color_system=None)

    monkeypatch.setattr(progress_display, "Console", console)
    now = xs.Progress(
        states=1234 * times,
        frontier=56 * times,
        schedules=0,
        transitions=7890,
        seconds=seconds,
        rate=617.0,
        estimated_total=5000.0 * times,
        eta_seconds=600.0,
    )
    with progress_display.displayed("scenario") as tell:
        tell(now)
    return printed.getvalue()


def test_a_terminal_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, terminal=True, seconds=2.0)
    assert "━" in text
    assert "1,234 states, 617 a second, 56 waiting, about 5,000 in all, 10 min left" in text


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (80, "12,340,000 states, about 50,000,000 in all, 10 min left"),
        (60, "12,340,000 states"),
        (40, "12,340,000 states"),
    ],
)
def test_a_terminal_of_few_columns_shows_what_matters_and_cuts_nothing_off(
    monkeypatch: pytest.MonkeyPatch, width: int, words: str
) -> None:
    text = shown(monkeypatch, terminal=True, seconds=2.0, width=width, times=10_000)
    (line,) = {line for line in re.split(r"[\r\n]|\x1b\[\S*[A-Za-z]", text) if "states" in line}
    assert f" {words} " in line
    assert "…" not in line
    assert len(line) <= width


def test_elsewhere_there_is_a_plain_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, terminal=False, seconds=2.0) == ""
    text = shown(monkeypatch, terminal=False, seconds=6.0)
    assert text == "scenario: 1,234 states, 617 a second, 56 waiting, about 5,000 in all, 10 min left, 6 s\n"


def test_progress_true_changes_nothing_that_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert str(xs.explore(lock_order, progress=True)).startswith("violated: deadlock")
    assert capsys.readouterr().out == ""


def test_ctrl_c_interrupts_a_depth_first_search_that_somebody_watches() -> None:
    script = """
import xous_sim as xs
def scenario(world):
    app, count = world.process("app"), world.atomic_u32(0)
    for _ in range(8):
        app.spawn(lambda: count.fetch_add(world.choose(100)), times=50)
told = []
def first(now):
    told or print("waiting", flush=True)
    told.append(now)
try:
    xs.explore(scenario, xs.Dfs(max_seconds=30), progress=first)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    done = interrupted([sys.executable, "-c", script], first_line="waiting\n", seconds=0.3)
    assert (done.stdout, done.returncode) == ("interrupted\n", 0)
