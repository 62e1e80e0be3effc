"""An exact model of the Xous kernel's connections, and explorers that find and rule out races in their users.

Start with :func:`explore`, which takes a scenario: a function that builds a :class:`World` and spawns threads in it.
"""

from . import traces
from .errors import (
    BodyNeverEndsError,
    ClosedConnectionError,
    DefectError,
    MisuseError,
    NondeterminismError,
    PageError,
    ProcessEndedError,
    ReplayError,
    ScenarioError,
    TraceError,
    UnwrapError,
    XousSimError,
)
from .explore import explore, replay
from .handles import Connection, StdConnection
from .hosted import HostedReport, HostedServer
from .kernel import Kernel, KernelStep
from .kernel_error import KernelError
from .messages import BlockingScalar, Borrow, Message, Move, MutableBorrow, Scalar
from .names import NamedConnection, XousNames
from .page import Page, PageField
from .process import Envelope, Process, Server
from .progress import Progress
from .result import Counterexample, Exploration, Replayed, StateView
from .searches import Dfs, Dpor, Exhaustive, Pct, Random, Replay, Rerun
from .stress import Stress, stress
from .sync import Arc, AtomicU32, Cell, Mutex, OnceLock, Weak
from .trace import Step, Trace, Violation
from .values import Result, Value
from .world import World

__all__ = [
    "Arc",
    "AtomicU32",
    "BlockingScalar",
    "BodyNeverEndsError",
    "Borrow",
    "Cell",
    "ClosedConnectionError",
    "Connection",
    "Counterexample",
    "DefectError",
    "Dfs",
    "Dpor",
    "Envelope",
    "Exhaustive",
    "Exploration",
    "HostedReport",
    "HostedServer",
    "Kernel",
    "KernelError",
    "KernelStep",
    "Message",
    "MisuseError",
    "Move",
    "MutableBorrow",
    "Mutex",
    "NamedConnection",
    "NondeterminismError",
    "OnceLock",
    "Page",
    "PageError",
    "PageField",
    "Pct",
    "Process",
    "ProcessEndedError",
    "Progress",
    "Random",
    "Replay",
    "ReplayError",
    "Replayed",
    "Rerun",
    "Result",
    "Scalar",
    "ScenarioError",
    "Server",
    "StateView",
    "StdConnection",
    "Step",
    "Stress",
    "Trace",
    "TraceError",
    "UnwrapError",
    "Value",
    "Violation",
    "Weak",
    "World",
    "XousNames",
    "XousSimError",
    "explore",
    "replay",
    "stress",
    "traces",
]
