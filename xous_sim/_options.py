"""The arguments that choose a kernel, checked before the native module sees them."""

from __future__ import annotations

from typing import Any, Final

from .errors import MisuseError

_WORDS: Final = {
    "profile": ("hardware", "hosted"),
    "connect": ("reuse", "unique"),
    "mode": ("faithful", "safe"),
}
_SLOTS: Final = (32, 46)


def checked(*, profile: object, slots: object, connect: object, mode: object, seed: object) -> dict[str, Any]:
    """The same arguments.

    Raises:
        MisuseError: For one that has no meaning; it names the choices.
    """
    for name, value in (("profile", profile), ("connect", connect), ("mode", mode)):
        known = _WORDS[name]
        if value not in known:
            raise MisuseError(f"{value!r} is no {name}: choose {' or '.join(map(repr, known))}")
    if isinstance(slots, bool) or slots not in _SLOTS:
        raise MisuseError(f"{slots!r} is no size of the connection map: choose 32 or 46 slots")
    whole(seed, "seed", 64)
    return {"profile": profile, "slots": slots, "connect": connect, "mode": mode, "seed": seed}


def whole(value: object, what: str, bits: int) -> int:
    """``value``, an int of so many bits.

    Raises:
        MisuseError: If it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << bits:
        raise MisuseError(f"{what} must be an int from 0 to 2**{bits} - 1, not {value!r}")
    return value
