"""Schedules of a scenario, drawn choice by choice: Hypothesis finds one that fails, and shrinks it.

Each choice is drawn from what is possible where it is made, so every draw is a legal schedule. The first possibility is
to go on with the thread of the step before; so what Hypothesis shrinks to has few preemptions. It is also likelier:
most races need two or three preemptions at the right places, and runs of some length between them, which schedules
hardly have that are drawn evenly step by step. So the runs are drawn: who runs, and for how many steps. Deaths come
last. Left out: proofs. Hypothesis tries a hundred schedules, and :func:`xous_sim.explore` tries them all.
"""

from __future__ import annotations

from typing import Any, Final, Literal, final

from hypothesis import strategies as st

from .._options import checked, positive_int
from .._session import Case, Property, Scenario, Session, with_session
from ..result import Replayed
from ..world import ConnectMode, MemoryModel, Mode, Profile

_LONGEST_RUNS: Final = (8, 4, 16)
"""After how many steps threads are preempted at the latest, if they are."""


def schedules(
    scenario: Scenario,
    *,
    max_steps: int = 1000,
    profile: Profile = "hardware",
    slots: Literal[32, 46] = 32,
    connect: ConnectMode = "reuse",
    mode: Mode = "faithful",
    seed: int = 0,
    memory: MemoryModel = "sc",
    invariant: Property | None = None,
    finally_: Property | None = None,
) -> st.SearchStrategy[Replayed]:
    """Schedules of a scenario, each followed up to its first violation or its end.

    Args:
        scenario: As for :func:`xous_sim.explore`.
        max_steps: A schedule ends after so many steps, if it has not ended before.
        profile: As for :class:`World`.
        slots: As for :class:`World`.
        connect: As for :class:`World`.
        mode: As for :class:`World`.
        seed: As for :class:`World`.
        memory: As for :func:`xous_sim.explore`.
        invariant: As for :func:`xous_sim.explore`.
        finally_: As for :func:`xous_sim.explore`.

    Returns:
        A strategy of what :func:`xous_sim.replay` returns: a trace, and the violation that it ends in. Its ``repr`` is
        the line that replays it.

    Raises:
        MisuseError: For an argument that has no meaning.

    Example:
        >>> import xous_sim as xs
        >>> from hypothesis import find
        >>> from xous_sim.strategies import schedules
        >>> def scenario(world: xs.World) -> None:
        ...     app, n = world.process("app"), world.atomic_u32(0, name="n")
        ...     for _ in range(2):
        ...         app.spawn(lambda: n.store(int(n.load()) + 1))
        ...
        ...     @world.finally_
        ...     def no_update_is_lost(state: xs.StateView) -> bool:
        ...         return state[n] == 2
        >>> find(schedules(scenario), lambda schedule: schedule.violation is not None)
        xs.replay(scenario, 'x1:0.1*2.0')
    """
    options = checked(profile=profile, slots=slots, connect=connect, mode=mode, seed=seed)
    case = Case(scenario=scenario, options=options, invariant=invariant, finally_=finally_, memory=memory)
    return _schedules(case, positive_int(max_steps, "max_steps"))


@st.composite
def _schedules(draw: st.DrawFn, case: Case, max_steps: int) -> Replayed:
    def use(session: Session) -> Replayed:
        execution: Any = session.search().drawn(_Runs(draw), max_steps)
        session.rerun(execution)
        return Replayed.of_execution(execution, case.name)

    return with_session(case, use)


@final
class _Runs:
    """Draws who runs, and for how many steps at which somebody else could; 0 is for as long as it can."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._longest: int | None = None  # drawn where there is somebody to choose from
        self._left: int | None = None

    def agent(self, limit: int, goes_on: bool) -> int:
        """Whose step it is, of so many; if ``goes_on``, 0 is the one that runs."""
        if goes_on and self._left != 0:
            self._left = None if self._left is None else self._left - 1
            return 0
        if self._longest is None:
            self._longest = self._draw(st.sampled_from(_LONGEST_RUNS))
        run = self._draw(st.integers(0, self._longest))
        self._left = run - 1 if run else None
        return self.pick(limit - goes_on) + goes_on

    def pick(self, limit: int) -> int:
        """A number below ``limit``."""
        return self._draw(st.integers(0, limit - 1)) if limit > 1 else 0
