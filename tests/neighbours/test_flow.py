"""Flows in time: what the rates and windows say beforehand, for any of them; bad input."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xous_sim as xs
from xous_sim.neighbours.capnp import Flow, Link, simulate

RATES = st.integers(50_000, 5_000_000)
LATENCIES = st.sampled_from([0.0, 0.001, 0.02])
LINKS = st.lists(st.builds(Link, RATES, LATENCIES), min_size=1, max_size=3).map(tuple)


@settings(max_examples=40)
@given(links=LINKS, message=st.integers(200, 5_000), window=st.integers(0, 100_000), consumer=RATES)
def test_a_window_bounds_what_waits_anywhere(links: tuple[Link, ...], message: int, window: int, consumer: int) -> None:
    flow = Flow(links=links, message=message, window=window, consumer=consumer)
    for moment in simulate(flow, 0.5, samples=20):
        assert moment.in_flight < window + 2 * message
        assert sum(moment.waiting) <= moment.in_flight


@settings(max_examples=40)
@given(links=LINKS, message=st.integers(200, 5_000), consumer=RATES)
def test_nothing_flows_faster_than_the_slowest_part(links: tuple[Link, ...], message: int, consumer: int) -> None:
    (end,) = simulate(Flow(links=links, message=message, consumer=consumer), 0.5, samples=1)
    assert end.consumed <= 0.5 * min(consumer, *(link.rate for link in links)) + message


@settings(max_examples=20)
@given(fast=st.integers(2_000_000, 5_000_000), slow=st.integers(200_000, 1_500_000))
def test_without_a_window_a_proxy_holds_the_difference_of_the_rates(fast: int, slow: int) -> None:
    (end,) = simulate(Flow(links=(Link(fast), Link(slow))), 2.0, samples=1)
    assert end.waiting[1] == pytest.approx(2.0 * (fast - slow), abs=5_000)


def test_an_adaptive_window_comes_close_to_the_rate_of_the_slow_link_and_stays_bounded() -> None:
    links = (Link(10_000_000, 0.02), Link(4_000_000, 0.02))
    last = simulate(Flow(links=links, window="adaptive"), 4.0)[-1]
    assert last.consumed > 0.9 * 4 * 4_000_000
    assert max(moment.in_flight for moment in simulate(Flow(links=links, window="adaptive"), 4.0)) < 4_000_000


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Link(0), "a rate"),
        (lambda: Link(1, -0.1), "latency"),
        (lambda: Link(1, False), "latency"),
        (lambda: Link(1, float("inf")), "latency"),
        (lambda: Link(1, float("nan")), "latency"),
        (lambda: Flow(links=()), "a link"),
        (lambda: Flow(links=(1,)), "links"),  # type: ignore[arg-type]
        (lambda: Flow(links=(Link(1),), message=0), "message"),
        (lambda: Flow(links=(Link(1),), window=-1), "window"),
        (lambda: simulate(None, 1.0), "Flow"),  # type: ignore[arg-type]
        (lambda: simulate(Flow(links=(Link(1),)), 0), "seconds"),
        (lambda: simulate(Flow(links=(Link(1),)), 1e12), "seconds"),
        (lambda: simulate(Flow(links=(Link(1),)), 1.0, samples=0), "samples"),
        (lambda: simulate(Flow(links=(Link(1 << 40),), producer=1 << 40, message=1), 1e6), "50 million"),
    ],
)
def test_what_has_no_meaning_is_refused_with_its_name(make: Any, message: str) -> None:
    with pytest.raises(xs.MisuseError, match=message):
        make()
