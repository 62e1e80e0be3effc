"""Schedules of a scenario, drawn choice by choice: Hypothesis finds one that fails, and shrinks it.

Each choice is drawn from what is possible where it is made, so every draw is a legal schedule. The first possibility is
to go on with the thread of the step before; so what Hypothesis shrinks to has few preemptions. It is also likelier:
most races need two or three preemptions at the right places, and runs of some length between them, which schedules
hardly have that are drawn evenly step by step. How long the runs are is drawn too. Deaths come last. Left out: proofs.
Hypothesis tries a hundred schedules, and :func:`xous_sim.explore` tries them all.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from hypothesis import strategies as st

from .._options import checked, positive_int
from .._session import Case, Property, Scenario, Session, with_session
from ..result import Replayed
from ..world import ConnectMode, MemoryModel, Mode, Profile

_STEPS_IN_A_ROW: Final = (5, 2, 10)
"""How many steps a thread takes in a row, on average, if nothing else stops it."""


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
    calm = draw(st.sampled_from(_STEPS_IN_A_ROW))

    def below(limit: int, goes_on: bool) -> int:
        if goes_on and draw(st.integers(1, calm)) < calm:
            return 0
        return draw(st.integers(int(goes_on), limit - 1))

    def use(session: Session) -> Replayed:
        execution: Any = session.search().drawn(below, max_steps)
        session.rerun(execution)
        return Replayed.of_execution(execution, case.name)

    return with_session(case, use)
