"""What an exploration means, in a sentence: it never says more than the search that was used can know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..searches import Dfs, Dpor, Exhaustive, Pct, Random, Rerun

if TYPE_CHECKING:
    from ..result import Exploration


def sentence(found: Exploration) -> str:
    """The verdict, what was covered, what it has to be read with, or the line that replays the first counterexample."""
    if found.verdict == "violated":
        replayed = f"replay with {_replay(found)}"
        return f"violated: {found.violation} ({_size(found)})\n{replayed}"
    if found.verdict == "sound":
        verdict = f"sound: no interleaving violates a property{_how(found)} ({_size(found)})"
    else:
        verdict = f"incomplete: {_incomplete(found)}"
    return "\n".join([verdict, *(f"but {caveat}" for caveat in found.caveats)])


def _replay(found: Exploration) -> str:
    if isinstance(found.strategy, Rerun):
        return f"xs.explore({found.name}, xs.Rerun(schedule={found.schedule!r}))"
    return f"{found.replay_with}({found.name}, {found.schedule!r})"


def amount(found: Exploration) -> str:
    """How much was looked at: states, or schedules."""
    return counted(found.states, "state") if found.states else counted(found.schedules, "schedule")


def _size(found: Exploration) -> str:
    redundant = f", {counted(found.redundant, 'redundant one')}" if found.redundant else ""
    steps = counted(found.transitions, "transition" if found.states else "step")
    return f"{amount(found)}{redundant}, {steps}, {found.seconds:.3f} s"


def counted(number: int, noun: str) -> str:
    """So many of something."""
    return several(f"{number:,}", noun)


def several(number: str, noun: str) -> str:
    """The same of a number that is a text already."""
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"


def _how(found: Exploration) -> str:
    """How a proof was made, where it is not by looking at all states."""
    if isinstance(found.strategy, Exhaustive):
        return ""
    if isinstance(found.strategy, Dpor):
        return ": a schedule of each kind was followed"
    return ": all schedules were followed"


def _incomplete(found: Exploration) -> str:
    if getattr(found.strategy, "schedule", None) is not None:
        return "this schedule violates no property; nothing is said about others"
    if isinstance(found.strategy, (Random, Pct)):
        drawn = "" if found.estimated_total is None else f", drawn from about {rounded(found.estimated_total)},"
        followed = f"{counted(found.schedules, 'random schedule')}{drawn}"
        return f"none of {followed} violates a property, which is no proof{_missed(found)} ({_size(found)})"
    if found.exhausted == "cycle":
        return (
            "a schedule came back to a state that it was in, where this search stops; nothing that was followed "
            f"violates a property ({_size(found)}); Exhaustive() covers cycles"
        )
    if found.exhausted == "preemptions":
        return (
            f"no schedule {_within(found)} violates a property, and those with more were not followed"
            f"{_in_all(found, 'schedule')} ({_size(found)})"
        )
    if found.exhausted == "memory":
        return f"memory ran short{_covered(found)} ({_size(found)}); nothing is said about the rest"
    return f"the limit of {found.exhausted} was hit{_covered(found)} ({_size(found)}); nothing is said about the rest"


def _missed(found: Exploration) -> str:
    if found.missed_at_most is None or not isinstance(found.strategy, Pct):
        return ""
    depth, missed = found.strategy.depth, found.missed_at_most
    return f"; a bug of depth {depth} was missed with a probability of at most {missed:.1%}"


def _covered(found: Exploration) -> str:
    """What a search had done when it hit a limit."""
    if isinstance(found.strategy, Exhaustive):
        return f" with {counted(found.frontier, 'state')} not yet expanded{_in_all(found, 'state')}"
    if isinstance(found.strategy, (Dfs, Rerun)) and found.covered_preemptions is not None:
        return f"; no schedule {_within(found)} violates a property{_in_all(found, 'schedule')}"
    return f" after {counted(found.schedules, 'schedule')}{_of_about(found)}"


def _within(found: Exploration) -> str:
    bound = found.covered_preemptions
    return f"with at most {counted(bound, 'preemption')}" if bound else "without a preemption"


def _in_all(found: Exploration, noun: str) -> str:
    total = found.estimated_total
    return "" if total is None else f", of about {several(rounded(total), noun)} in all"


def _of_about(found: Exploration) -> str:
    total = found.estimated_total
    return "" if total is None else f" of about {rounded(total)}"


def rounded(total: float) -> str:
    """A number that may be so large that only its size matters."""
    return f"{total:,.0f}" if total < 1e9 else f"{total:.1e}"
