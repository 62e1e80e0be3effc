"""What ``copy`` makes of the package's objects: nothing new, because a copy would be known to nobody."""

from __future__ import annotations

from typing import ClassVar, Never, Self

from .errors import MisuseError


class CopiedAsItself:
    """A value, or a name of something in a world: as good as its copy, in a deep copy of what holds it too."""

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


class NotCopied:
    """A handle that its world counts, or that somebody must close: copies of it would not be counted."""

    __slots__ = ()
    _how_to_copy: ClassVar[str]

    def _refuse(self) -> Never:
        raise MisuseError(self._how_to_copy)

    def __copy__(self) -> Never:
        self._refuse()

    def __deepcopy__(self, memo: object) -> Never:
        self._refuse()

    def __reduce_ex__(self, protocol: object) -> Never:
        self._refuse()
