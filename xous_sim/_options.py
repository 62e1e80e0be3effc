"""The arguments of the package's functions, checked before the native module sees them."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Sequence
from typing import Any, Final, TypeGuard

from .errors import MisuseError, ScenarioError

_WORDS: Final = {
    "profile": ("hardware", "hosted"),
    "connect": ("reuse", "unique"),
    "mode": ("faithful", "safe"),
    "queue_quota": ("none", "half", "per-user", "quasilinear"),
}
_MEMORIES: Final = ("sc", "c11")
_SLOTS: Final = (32, 46)


def checked(
    *, profile: object, slots: object, connect: object, mode: object, seed: object, queue_quota: object = "none"
) -> dict[str, Any]:
    """The same arguments.

    Raises:
        MisuseError: For one that has no meaning; it names the choices.
    """
    words = {"profile": profile, "connect": connect, "mode": mode, "queue_quota": queue_quota}
    for name, value in words.items():
        known = _WORDS[name]
        if value not in known:
            raise MisuseError(f"{value!r} is no {name}: choose {' or '.join(map(repr, known))}")
    if isinstance(slots, bool) or slots not in _SLOTS:
        raise MisuseError(f"{slots!r} is no size of the connection map: choose 32 or 46 slots")
    whole(seed, "seed", 64)
    return {**words, "slots": slots, "seed": seed}


def is_int(value: object) -> TypeGuard[int]:
    """Whether it is a real int: neither a bool, nor a result of an operation, which only passes for one."""
    return issubclass(type(value), int) and not isinstance(value, bool)


def memory_model(value: object) -> str:
    """``value``, the name of a memory model.

    Raises:
        MisuseError: If it is none.
    """
    if not isinstance(value, str) or value not in _MEMORIES:
        raise MisuseError(f"{value!r} is no memory model: choose {' or '.join(map(repr, _MEMORIES))}")
    return value


def whole(value: object, what: str, bits: int) -> int:
    """``value``, an int of so many bits.

    Raises:
        MisuseError: If it is none.
    """
    if not is_int(value) or not 0 <= value < 1 << bits:
        raise MisuseError(f"{what} must be an int from 0 to 2**{bits} - 1, not {value!r}")
    return value


def flag(value: object, what: str) -> bool:
    """``value``, a bool.

    Raises:
        MisuseError: If it is none.
    """
    if not isinstance(value, bool):
        raise MisuseError(f"{what} must be True or False, not {value!r}")
    return value


def positive(value: object, what: str) -> float:
    """``value``, a positive number.

    Raises:
        MisuseError: If it is none.
    """
    if not (is_int(value) or isinstance(value, float)) or not value > 0:
        raise MisuseError(f"{what} must be a positive number, not {value!r}")
    return float(value)


def positive_int(value: object, what: str) -> int:
    """``value``, a positive int; one that no machine could count to is as good as the largest.

    Raises:
        MisuseError: If it is none.
    """
    if not is_int(value) or value < 1:
        raise MisuseError(f"{what} must be a positive int, not {value!r}")
    return min(value, (1 << 63) - 1)


def truth(value: object, what: str) -> bool:
    """``value``, a bool.

    Raises:
        MisuseError: If it is none.
    """
    if not isinstance(value, bool):
        raise MisuseError(f"{what} must be True or False, not {value!r}")
    return value


def check_plain_function(function: object, what: str) -> None:
    """Refuses what does not run when it is called.

    Raises:
        MisuseError: For what is not callable, a coroutine function or a generator function.
    """
    if not callable(function):
        raise MisuseError(f"{what} is a function, not {type(function).__name__}")
    for called in (function, type(function).__call__):
        if any(is_deferred(called) for is_deferred in _DEFERRED):
            raise MisuseError(f"{what} is a plain function: neither async nor a generator; {_INSTEAD}")


def check_has_run(returned: object, what: str) -> None:
    """Refuses what a function returned if that is code that has yet to run.

    Raises:
        ScenarioError: In that case.
    """
    if isinstance(returned, _YET_TO_RUN):
        if isinstance(returned, Coroutine):
            returned.close()  # nobody will await it
        raise ScenarioError(f"{what} returned a {type(returned).__name__}, whose code has not run: {_INSTEAD}")


def check_takes(function: Callable[..., object], what: str, needed: str, arguments: Sequence[object]) -> None:
    """Refuses a function that cannot be called with these arguments; ``needed`` says what they are.

    Raises:
        MisuseError: In that case. Functions whose parameters Python does not know are called all the same.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        name = getattr(function, "__name__", type(function).__name__)
        parameters = signature.replace(return_annotation=signature.empty)
        raise MisuseError(f"{what} takes {needed}, and {name}{parameters} does not: {error}") from None


def check_property(function: Callable[..., object]) -> None:
    """Refuses what cannot look at a state.

    Raises:
        MisuseError: In that case.
    """
    check_plain_function(function, "a property")
    check_takes(function, "a property", "the state that it looks at: holds(state)", [None])


_DEFERRED: Final = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
_YET_TO_RUN: Final = (Awaitable, Generator, AsyncGenerator, map, filter)
"""Left out: other iterators, which may well be over."""
_INSTEAD: Final = "write a def without await and yield that performs its operations itself"


def text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise MisuseError(f"{what} must be a text that is not empty, not {value!r}")
    return value
