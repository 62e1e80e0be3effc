"""What stands for the world of a test before its exploration begins."""

from __future__ import annotations

from typing import Final, Never, final

from ..errors import MisuseError
from ..world import World


@final
class Placeholder:
    """Refuses to be used: an exploration makes worlds of its own, one or several."""

    def __getattr__(self, name: str) -> Never:
        __tracebackhide__ = True
        if not hasattr(World, name):  # what pytest and Hypothesis ask of any object
            raise AttributeError(name)
        raise MisuseError(f"world.{name} is used where there is no world yet: {_REMEDY}")

    def __repr__(self) -> str:
        return "<World of an exploration that has not begun>"


_REMEDY: Final = (
    "mark the test that takes it with @pytest.mark.interleavings(), and use it in the test only; a fixture may give "
    "the test a function of a world, which the test calls"
)
