"""Streams in time: what waits where, and what arrives, over links of given rates and latencies and proxies between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, final

from ... import _native
from ..._options import positive
from ...errors import MisuseError
from .._checking import number

_NANOSECONDS: Final = 1_000_000_000
_MOST_EVENTS: Final = 50_000_000
"""Messages that a simulation may be about at most: beyond that it would take minutes."""
_MOST_BYTES: Final = 1 << 40
_MOST_SECONDS: Final = 1_000_000
"""Of a latency, or of a simulation."""


@final
@dataclass(frozen=True)
class Link:
    """A link between two vats.

    Attributes:
        rate: Bytes a second.
        latency: Seconds from one end to the other, at most a million.

    Raises:
        MisuseError: For anything else.
    """

    rate: int
    latency: float = 0.0

    def __post_init__(self) -> None:
        number(self.rate, "a rate", least=1, most=_MOST_BYTES)
        if self.latency != 0 or isinstance(self.latency, bool):
            _seconds(self.latency, "latency")


@final
@dataclass(frozen=True, kw_only=True)
class Flow:
    """A producer, links, proxies where links meet, and a consumer.

    The first link pushes back on the producer, as a socket does; every vat behind it forwards what it has read as soon
    as its link is free, and keeps the rest in memory.

    Attributes:
        links: One for each hop.
        message: Bytes of a message.
        producer: Bytes that are produced in a second.
        consumer: Bytes that are consumed in a second.
        window: Bytes without a Return, after which the producer waits; ``"adaptive"`` for the window of C++ that
            follows the throughput; ``None`` for no window.

    Raises:
        MisuseError: For rates or sizes that are not positive.
    """

    links: tuple[Link, ...]
    message: int = 1_000
    producer: int = 100_000_000
    consumer: int = 100_000_000
    window: int | Literal["adaptive"] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.links, (tuple, list)) or not self.links:
            raise MisuseError("a flow has a link at least")
        if not all(isinstance(link, Link) for link in self.links):
            raise MisuseError(f"links are a tuple of Link, not {self.links!r}")
        for name in ("message", "producer", "consumer"):
            number(getattr(self, name), name, least=1, most=_MOST_BYTES)
        if self.window is not None and self.window != "adaptive":
            number(self.window, "window", most=_MOST_BYTES)


@final
@dataclass(frozen=True)
class Moment:
    """What is seen of a flow at one time.

    Attributes:
        seconds: Since the beginning.
        waiting: Bytes that wait at each vat: at the producer, at each proxy, at the consumer.
        in_flight: Bytes without a Return.
        consumed: Bytes that were consumed so far.
        window: The window; ``None`` where there is none.
    """

    seconds: float
    waiting: tuple[int, ...]
    in_flight: int
    consumed: int
    window: int | None


def simulate(flow: Flow, seconds: float, *, samples: int = 100) -> tuple[Moment, ...]:
    """Simulates a flow from rest. Equal flows give equal results, to the byte.

    Args:
        flow: What is simulated.
        seconds: For how long, at most a million.
        samples: How often it is looked at, evenly; the last time at the end.

    Raises:
        MisuseError: For numbers out of range, and where there would be more than 50 million messages.

    Example:
        >>> from xous_sim.neighbours.capnp import Flow, Link, simulate
        >>> links = (Link(10_000_000, 0.01), Link(1_000_000, 0.01))
        >>> for window in (None, 65_536):
        ...     end = simulate(Flow(links=links, window=window), 2.0)[-1]
        ...     print(f"proxy {end.waiting[1]:>10,} bytes, in flight {end.in_flight:>10,}, consumed {end.consumed:,}")
        proxy 17,910,000 bytes, in flight 18,042,000, consumed 1,979,000
        proxy     26,000 bytes, in flight     67,000, consumed 1,979,000
    """
    if not isinstance(flow, Flow):
        raise MisuseError(f"a Flow is simulated, not {type(flow).__name__}")
    duration = _seconds(seconds, "seconds")
    fastest = min(flow.producer, flow.links[0].rate)
    if duration * fastest / flow.message > _MOST_EVENTS:
        raise MisuseError("that would be more than 50 million messages: make them larger, or the time shorter")
    seen = _native.simulate_flow(
        flow.message,
        flow.producer,
        flow.consumer,
        [(link.rate, int(link.latency * _NANOSECONDS)) for link in flow.links],
        _window(flow),
        int(duration * _NANOSECONDS),
        number(samples, "samples", least=1, most=1_000_000),
    )
    return tuple(
        Moment(at / _NANOSECONDS, tuple(waiting), in_flight, consumed, None if flow.window is None else window)
        for at, waiting, in_flight, consumed, window in seen
    )


def _seconds(value: object, what: str) -> float:
    seconds = positive(value, what)
    if seconds > _MOST_SECONDS:
        raise MisuseError(f"{what} must be at most {_MOST_SECONDS:,} seconds, not {value!r}")
    return seconds


def _window(flow: Flow) -> tuple[str, int]:
    match flow.window:
        case None:
            return ("none", 0)
        case "adaptive":
            return ("adaptive", 0)
        case words:
            return ("fixed", int(words))
