"""Kernels: every profile, table size, way to connect and mode, for tests that should hold in all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal, final

from hypothesis import strategies as st

from .._options import checked
from ..kernel import Kernel
from ..world import ConnectMode, Mode, Profile

_SEED_BITS = 64


@final
@dataclass(frozen=True, kw_only=True)
class Configuration:
    """How a kernel is configured; ``**`` passes it on to whatever makes one.

    Attributes:
        profile: As for :class:`xous_sim.World`, and so are all others.
        slots: The size of connection maps.
        connect: Whether ``connect`` gives a CID again.
        mode: Whether defects are modelled.
        seed: Seeds the SIDs that the kernel draws.

    Raises:
        MisuseError: For an argument that has no meaning.

    Example:
        >>> import xous_sim as xs
        >>> from xous_sim.strategies import Configuration
        >>> hosted = Configuration(profile="hosted")
        >>> xs.World(**hosted).process("app")
        <Process app, PID 2>
    """

    profile: Profile = "hardware"
    slots: Literal[32, 46] = 32
    connect: ConnectMode = "reuse"
    mode: Mode = "faithful"
    seed: int = 0

    def __post_init__(self) -> None:
        checked(**self)

    def keys(self) -> Iterator[str]:
        """The names of the settings."""
        return (field.name for field in fields(self))

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def kernel(self) -> Kernel:
        """A new kernel."""
        return Kernel(**self)


def kernels(
    *,
    profile: Profile | None = None,
    slots: Literal[32, 46] | None = None,
    connect: ConnectMode | None = None,
    mode: Mode | None = None,
) -> st.SearchStrategy[Configuration]:
    """Configurations of the kernel; Hypothesis shrinks them towards today's hardware.

    Args:
        profile: The only profile; ``None`` is any, and so it is for the others.
        slots: The only size of connection maps.
        connect: The only way to connect.
        mode: The only mode.

    Raises:
        MisuseError: For an argument that has no meaning.

    Example:
        >>> import xous_sim as xs
        >>> from hypothesis import given
        >>> from xous_sim.strategies import kernels
        >>> @given(kernels(mode="safe"))
        ... def test_processes_start_with_an_empty_map(configuration: Configuration) -> None:
        ...     kernel = configuration.kernel()
        ...     assert not any(kernel.connection_map(kernel.boot_process()))
        >>> test_processes_start_with_an_empty_map()
    """
    given = {"profile": profile, "slots": slots, "connect": connect, "mode": mode}
    fixed = {name: value for name, value in given.items() if value is not None}
    Configuration(**fixed)  # type: ignore[arg-type]  # checked when it is made
    choices: dict[str, tuple[Any, ...]] = {
        "profile": ("hardware", "hosted"),
        "slots": (32, 46),
        "connect": ("reuse", "unique"),
        "mode": ("faithful", "safe"),
    }
    drawn = {name: st.just(fixed[name]) if name in fixed else st.sampled_from(choices[name]) for name in choices}
    return st.builds(Configuration, seed=st.integers(0, (1 << _SEED_BITS) - 1), **drawn)
