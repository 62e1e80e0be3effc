"""The package's own exceptions.

The modelled system's errors (``ServerNotFound`` and its like) are *values*, parts of a result: see
:class:`xous_sim.KernelError`. What is raised is always one of the classes here, and says what went wrong and how to
put it right.
"""

from __future__ import annotations


class XousSimError(Exception):
    """Base class of everything that this package raises by itself."""


class DefectError(XousSimError):
    """Something happened that this package holds to be impossible: a defect of it.

    Please report the message and the scenario. What was being used then must not be used again.
    """


class MisuseError(XousSimError):
    """An object of this package is used in a way that has no meaning.

    A call by a thread that is blocked, a handle that belongs to another world, an argument out of range.
    """


class ScenarioError(XousSimError):
    """A scenario cannot be explored as it is written: it spawns nothing, or its setup waits for ever."""


class ClosedConnectionError(MisuseError):
    """A connection is used after it was closed."""


class BodyNeverEndsError(ScenarioError):
    """A body performs more operations than its step budget allows, or goes on without performing any."""


class NondeterminismError(ScenarioError):
    """A body depends on something outside the simulator.

    With the same results of its operations it did something else than before. Shared Python objects, time and
    randomness are the usual causes; use :meth:`World.cell`, :meth:`World.choose` and the atomics instead.
    """


class ReplayError(XousSimError):
    """A schedule line cannot be read, or does not fit the scenario."""


class TraceError(XousSimError, ValueError):
    """A text is no recorded trace, or its parts do not fit together."""


class PageError(XousSimError, ValueError):
    """Bytes are not a process page: wrong length, or an impossible value."""


class UnwrapError(XousSimError):
    """``unwrap()`` of a failed result: what is a panic in Rust.

    Attributes:
        error: The kernel's error that was unwrapped.
    """

    def __init__(self, message: str, error: object = None) -> None:
        super().__init__(message)
        self.error = error


class ProcessEndedError(XousSimError):
    """A call can never complete: its process has ended, or the kernel has panicked."""
