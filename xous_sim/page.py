"""The process page: the 4,096 bytes in which a process's whole state lives, connection map included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, final

from . import _native
from ._options import positive_int
from ._view.notebook import preformatted
from .errors import MisuseError


@final
@dataclass(frozen=True)
class PageField:
    """A named part of the page.

    Attributes:
        name: Its name in the kernel's source (``kernel/src/arch/riscv/process.rs:62-86``).
        offset: Its first byte, 0 to 4,095.
        size: Its length in bytes.
        raw: Its bytes.
    """

    name: str
    offset: int
    size: int
    raw: bytes

    @property
    def value(self) -> int | bytes:
        """The number that it is (little endian), or its bytes where it has more than four."""
        return int.from_bytes(self.raw, "little") if self.size <= 4 else self.raw


@final
class Page:
    r"""A process page, for 32 connections as today or for the 46 that issue 482 proposes.

    It is made by :meth:`Page.parse`, :meth:`Process.page` or :meth:`Kernel.page`.

    Example:
        >>> import xous_sim as xs
        >>> world = xs.World()
        >>> app = world.process("app")
        >>> _ = app.connect(world.server("log"))
        >>> page = app.page()
        >>> page["connection_map"].offset, page["connection_map"].size
        (36, 32)
        >>> page["connection_map"].value[:3]
        b'\x02\x00\x00'
        >>> xs.Page.parse(page.render()) == page
        True
    """

    __slots__ = ("_fields", "_native")

    def __init__(self, native: _native.Page) -> None:
        self._native = native
        self._fields = tuple(PageField(*field) for field in native.fields())

    @classmethod
    def parse(cls, data: bytes, *, slots: Literal[32, 46] = 32) -> Page:
        """Reads a page.

        Args:
            data: 4,096 bytes.
            slots: Which layout they have: 32 connections or 46.

        Raises:
            PageError: If the length is wrong or a value impossible; it names the offset.
        """
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise MisuseError(f"a page is parsed from bytes, not from {type(data).__name__}")
        return cls(_native.Page.parse(bytes(data), slots))

    def render(self) -> bytes:
        """The 4,096 bytes."""
        return self._native.render()

    @property
    def slots(self) -> int:
        """Connections that the layout has room for."""
        return self._native.slots()

    def __getitem__(self, name: str) -> PageField:
        """A field by name; of several ``(padding)`` the first.

        Raises:
            MisuseError: If there is no such field.
        """
        for field in self._fields:
            if field.name == name:
                return field
        known = dict.fromkeys(field.name for field in self._fields)
        raise MisuseError(f"a page has no field {name!r}; it has {', '.join(known)}")

    def __iter__(self) -> Iterator[PageField]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Page):
            return NotImplemented
        return self.slots == other.slots and self.render() == other.render()

    def __hash__(self) -> int:
        return hash(self.render())

    def hex_dump(self, *, width: int | None = None) -> str:
        """The page in hexadecimal, 16 bytes a line, with the names of the fields that begin or go on there.

        Lines that are equal are shown once; ``*`` stands for the others.

        Args:
            width: Characters of a line at most; ``None`` is as many as it takes. Where there are few, names stand below
                their bytes; where there are fewer than 57, lines have 8 bytes, which takes 33.

        Raises:
            MisuseError: If the width is no positive number.

        Example:
            >>> import xous_sim as xs
            >>> app = xs.World().process("app")
            >>> print(app.page().hex_dump(width=40)[:67])
            00000000: 00 00 00 00 03 00 00 00
                      scratch hardware_thread
        """
        return self._native.hex_dump(None if width is None else positive_int(width, "width"))

    def _repr_html_(self) -> str:
        return preformatted(self.hex_dump())

    def __repr__(self) -> str:
        return f"<Page of PID {self['pid'].value!r}, {self.slots} connections>"
