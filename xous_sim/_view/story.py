"""A counterexample in sentences, with the connection map after each step.

The recorded operations are reworded where a reader gains by it; any other operation stands as it was recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from ..result import Counterexample
from ..trace import Step

Connections = tuple[tuple[str, int, str | None], ...]
"""The slots in use: process, CID, server."""


def story(counterexample: Counterexample) -> Iterator[str]:
    """The lines of the story: a sentence and the connections for each step, then how it ends."""
    before: Connections = ()
    for number, step in enumerate(counterexample.trace, 1):
        thread = _short(step.thread)
        cuts_in = " cuts in and" if step.preempts else ""
        yield f"{number:>2}. {thread}{cuts_in} {sentence(step, before)}."
        yield f"    connections: {_map(step.connections)}"
        before = step.connections
    yield f"=> {counterexample.violation}"


def sentence(step: Step, before: Connections = ()) -> str:
    """What a step does, as the rest of a sentence that begins with the thread's name."""
    for pattern, tell in _TELLERS:
        match = pattern.fullmatch(step.operation)
        if match is not None:
            return tell(match, step, before)
    return f"does {step.operation}, which gives {step.result}"


def _adds(match: re.Match[str], step: Step, before: Connections) -> str:
    if not step.result.isdigit():
        return f"adds {match['by']} to {match['name']}"
    return f"counts itself as a user: {match['name']} goes from {step.result} to {int(step.result) + int(match['by'])}"


def _subtracts(match: re.Match[str], step: Step, before: Connections) -> str:
    if not step.result.isdigit():
        return f"subtracts {match['by']} from {match['name']}"
    left = int(step.result) - int(match["by"])
    meaning = "it was the last user and will disconnect" if left == 0 else "others remain, so it leaves it at that"
    return f"drops its handle: {match['name']} goes from {step.result} to {left}, so {meaning}"


def _connects(match: re.Match[str], step: Step, before: Connections) -> str:
    if not step.result.startswith("CID"):
        return f"tries to connect to {match['server']} and gets {step.result}"
    known = any(f"CID {cid}" == step.result for _, cid, _ in before)
    how = (
        f"this process is connected already, so the kernel gives the same {step.result} again"
        if known
        else f"the kernel takes the first free slot, {step.result}"
    )
    return f"connects to {match['server']}: {how}"


def _sends(match: re.Match[str], step: Step, before: Connections) -> str:
    cid, server = match["cid"], match["server"]
    behind = [name for _, number, name in before if str(number) == cid]
    if behind and behind[0] not in (None, server):
        return f"sends a message for {server} through CID {cid}, and it reaches {behind[0]}"
    if "(" in step.result:
        return f"sends a message for {server} through CID {cid} and gets {step.result}"
    return f"sends a message to {server} through CID {cid}, which arrives"


def _disconnects(match: re.Match[str], step: Step, before: Connections) -> str:
    if step.result == "Ok":
        return f"disconnects CID {match['cid']}: the slot is free, whoever else still uses this number"
    return f"disconnects CID {match['cid']} and gets {step.result}"


def _dies(match: re.Match[str], step: Step, before: Connections) -> str:
    return f"dies, which {step.result}" if step.result != "ends" else "dies"


def _starts_again(match: re.Match[str], step: Step, before: Connections) -> str:
    return "is started again in a new process: old connections do not lead to it"


Teller = Callable[[re.Match[str], Step, Connections], str]
_TELLERS: Final[tuple[tuple[re.Pattern[str], Teller], ...]] = (
    (re.compile(r"(?P<name>.+)\.fetch_add\((?P<by>\d+), \w+\)"), _adds),
    (re.compile(r"(?P<name>.+)\.fetch_sub\((?P<by>\d+), \w+\)"), _subtracts),
    (re.compile(r"connect to (?P<server>.+)"), _connects),
    (re.compile(r"send \w+ \d+ through CID (?P<cid>\d+) \((?P<server>.+)\)"), _sends),
    (re.compile("dies"), _dies),
    (re.compile("starts again"), _starts_again),
    (re.compile(r"disconnect CID (?P<cid>\d+) \(.+\)"), _disconnects),
)


def _short(thread: str) -> str:
    """The name of a thread without its process."""
    return thread.partition("/")[2] or thread


def _map(connections: Connections) -> str:
    if not connections:
        return "none, all slots are free"
    return ", ".join(f"CID {cid} is {server or 'a tombstone'}" for _, cid, server in connections)
