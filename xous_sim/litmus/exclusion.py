"""Tests with plain variables: what keeps two threads from accessing one at the same time.

Message passing to a plain variable, and the mutual exclusion of Dekker and of Peterson. They fail by a ``data-race``.
Dekker's is cut down to its heart, store buffering: who finds the other's flag set gives up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from ..sync import AtomicU32, Order
from ..world import World
from .shape import Litmus


class Orders(NamedTuple):
    """What an algorithm asks for.

    Attributes:
        store: Of its stores.
        load: Of its loads.
        fence: Of a fence between its stores and its loads.
        first_fence: Of a fence between its stores.
    """

    store: Order
    load: Order
    fence: Order | None = None
    first_fence: Order | None = None


def _fence(world: World, order: Order | None) -> None:
    if order is not None:
        world.fence(order)


def message_passing(orders: Orders) -> Callable[[World], None]:
    """A plain variable is written and a flag set; who finds the flag set reads the variable."""

    def scenario(world: World) -> None:
        app, data, flag = world.process("app"), world.cell(0, name="data"), world.atomic_bool(name="FLAG")

        def writes() -> None:
            data.set(1)
            flag.store(1, orders.store)

        def reads() -> None:
            if flag.load(orders.load) == 1:
                data.get()

        app.spawn(writes)
        app.spawn(reads)

    return scenario


def dekker(orders: Orders) -> Callable[[World], None]:
    """Each raises its flag, and goes in if the other's is down."""

    def scenario(world: World) -> None:
        app, data = world.process("app"), world.cell(0, name="data")
        flags = [world.atomic_bool(name=f"WANTS{n}") for n in range(2)]

        def enters(own: AtomicU32, other: AtomicU32) -> None:
            own.store(1, orders.store)
            _fence(world, orders.fence)
            if other.load(orders.load) == 0:
                data.set(1)

        app.spawn(enters, flags[0], flags[1])
        app.spawn(enters, flags[1], flags[0])

    return scenario


def peterson(orders: Orders, *, exchange: bool = False) -> Callable[[World], None]:
    """Each raises its flag and lets the other go first; it goes in when the other does not want to or has let it.

    A seq_cst fence behind the stores is not enough: the store of who comes second to the turn may still take a place
    before the first one's.

    Args:
        orders: What is asked for.
        exchange: Whether the turn is given by an acq_rel exchange instead of a store (A. Williams, "Peterson's lock
            with C++0x atomics", 2008): then who comes second has synchronised with who came first.
    """

    def scenario(world: World) -> None:
        app, data, turn = world.process("app"), world.cell(0, name="data"), world.atomic_u32(0, name="TURN")
        flags = [world.atomic_bool(name=f"WANTS{n}") for n in range(2)]

        def enters(number: int) -> None:
            own, other, others_turn = flags[number], flags[1 - number], 1 - number
            own.store(1, "relaxed" if exchange else orders.store)
            _fence(world, orders.first_fence)
            if exchange:
                turn.swap(others_turn, "acq_rel")
            else:
                turn.store(others_turn, orders.store)
            _fence(world, orders.fence)
            world.spin_while(lambda: other.load(orders.load) == 1 and turn.load(orders.load) == others_turn)
            data.set(1)
            own.store(0, "release" if exchange else orders.store)

        app.spawn(enters, 0)
        app.spawn(enters, 1)

    return scenario


RELAXED: Final = Orders("relaxed", "relaxed")
RELEASE_ACQUIRE: Final = Orders("release", "acquire")
SEQ_CST: Final = Orders("seq_cst", "seq_cst")
FENCED: Final = Orders("release", "acquire", fence="seq_cst")
ALL_FENCED: Final = Orders("release", "acquire", fence="seq_cst", first_fence="seq_cst")
RACE: Final = "data-race"

EXCLUSION: Final = (
    Litmus("message passing to a plain variable", "relaxed", message_passing(RELAXED), RACE, True),
    Litmus("message passing to a plain variable", "release, acquire", message_passing(RELEASE_ACQUIRE), RACE, False),
    Litmus("message passing to a plain variable", "seq_cst", message_passing(SEQ_CST), RACE, False),
    Litmus("Dekker", "relaxed", dekker(RELAXED), RACE, True),
    Litmus("Dekker", "release, acquire", dekker(RELEASE_ACQUIRE), RACE, True),
    Litmus("Dekker", "seq_cst", dekker(SEQ_CST), RACE, False),
    Litmus("Dekker", "seq_cst fences", dekker(FENCED), RACE, False),
    Litmus("Peterson", "relaxed", peterson(RELAXED), RACE, True),
    Litmus("Peterson", "release, acquire", peterson(RELEASE_ACQUIRE), RACE, True),
    Litmus("Peterson", "seq_cst", peterson(SEQ_CST), RACE, False),
    Litmus("Peterson", "a seq_cst fence behind the stores", peterson(FENCED), RACE, True),
    Litmus("Peterson", "seq_cst fences between all accesses", peterson(ALL_FENCED), RACE, False),
    Litmus("Peterson", "acq_rel exchange", peterson(RELEASE_ACQUIRE, exchange=True), RACE, False),
)
"""All of them."""
