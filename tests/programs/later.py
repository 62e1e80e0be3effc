"""What is not drawn or compared yet, because it is known to go wrong."""

from __future__ import annotations

from typing import Final

LATER: Final = frozenset({"leaks of cycles in real bodies"})
