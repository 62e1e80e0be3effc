"""``repr`` never raises: of anything public, in the setup, in bodies, and when the run is over."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from enum import Enum

import pytest

import xous_sim as xs
from scenarios import refcount_race


def answering(world: xs.World, app: xs.Process) -> dict[str, xs.Connection]:
    """Connections to a server that answers at once, and to servers that answer with one, two and five numbers."""
    connections = {"at once": app.connect(world.server("at once", answer=7))}
    owner = world.process("owner")
    for numbers in (1, 2, 5):
        server = owner.create_server(f"answers {numbers}")

        def serves(server: xs.Server = server, numbers: int = numbers) -> None:
            owner.receive(server).return_scalar(*range(numbers))

        owner.spawn(serves)
        connections[server.name] = app.connect(server)
    return connections


def of_operations(world: xs.World, app: xs.Process, connections: dict[str, xs.Connection]) -> Iterator[object]:
    """What operations answer, in every shape that there is."""
    yield app.map_memory()
    for name, connection in connections.items():
        yield connection
        yield connection.cid
        if name == "at once":
            yield app.send(connection, xs.Scalar(1))
            yield app.send(connection, xs.MutableBorrow(1, int(app.map_memory())))
        result = app.send(connection, xs.BlockingScalar(1))
        yield result
        yield result.unwrap()
        yield result.unwrap_all()
    yield app.disconnect(25)
    yield app.try_connect("nobody")
    yield app.connection(3)
    yield world.choose(2)


def of_handles(world: xs.World, app: xs.Process, at_once: xs.Connection, pointer: xs.Cell) -> Iterator[object]:
    """Handles, and what they point to."""
    arc = at_once.share()
    yield from (at_once, arc, arc.get(), arc.clone())
    weak = arc.downgrade()
    pointer.set(weak)
    yield from (weak, pointer.get(), world.weak(pointer.get()), weak.upgrade())
    yield from (arc.drop(), arc)


def of_names(app: xs.Process, names: xs.XousNames) -> Iterator[object]:
    """What the name server answers."""
    yield names
    yield names.register_name("a name of more than 16 bytes")
    for name in ("limited", "unknown"):
        request = names.request_connection(name)
        yield request
        if request.is_ok():
            yield from (request.unwrap(), request.token)


def of_messages(app: xs.Process, server: xs.Server) -> Iterator[object]:
    """A message on its way."""
    yield app.send(app.connect(server), xs.Scalar(1, 2, 3, 4, 5))
    envelope = app.receive(server)
    yield from (envelope, envelope.sender, envelope.kind, envelope.arg(4))
    yield app.try_receive(server)
    yield app.destroy_server(server)


def everything(world: xs.World) -> Callable[[], Iterator[object]]:
    """Declares what is needed, and returns who makes one of everything."""
    app, pointer = world.process("app"), world.cell(0, name="pointer")
    names_server = world.names()
    world.server("limited", limit=1)
    own = app.create_server("own")
    connections = answering(world, app)
    std = app.std_connection(world.server("kept by std"))
    declared = (world, app, own, std, pointer, world.atomic_u32(), world.mutex(), world.once_lock())

    def made() -> Iterator[object]:
        yield from declared
        yield from of_operations(world, app, connections)
        at_once = app.connect("at once")
        yield from of_handles(world, app, at_once, pointer)
        yield from of_names(app, app.xous_names(app.connect(names_server)))
        yield from of_messages(app, own)

    return made


def shown(made: Iterator[object]) -> list[str]:
    """Each of them as a text, in every way that Python has to make one."""
    return [text for item in made for text in (repr(item), str(item), f"{item}")]


def test_nothing_that_acts_at_once_has_a_repr_that_raises() -> None:
    assert all(shown(everything(xs.World())()))


@pytest.mark.parametrize("strategy", [xs.Random(max_schedules=1), xs.Rerun(max_schedules=1)])
def test_nothing_in_a_body_has_a_repr_that_raises_there_or_when_the_run_is_over(
    strategy: xs.searches.Strategy,
) -> None:
    told: list[str] = []
    kept: list[object] = []

    def scenario(world: xs.World) -> None:
        made = everything(world)

        def shows() -> None:
            things = list(made())
            told.extend(shown(iter(things)))
            kept.extend(things)

        world._processes[0].spawn(shows)

    assert xs.explore(scenario, strategy).exhausted is None
    assert "Result(value=(0, 1, 2, 3, 4))" in told
    assert all(shown(iter(kept)))


def test_a_traced_result_is_out_of_reach_elsewhere_and_says_so() -> None:
    kept: list[object] = []

    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(5)

        def keeps() -> None:
            kept.append(n.load())

        app.spawn(keeps)

    xs.explore(scenario, xs.Exhaustive(max_states=1))
    assert repr(kept[0]) == "<of a traced body>"


def test_nothing_that_describes_a_run_has_a_repr_that_raises() -> None:
    found = xs.explore(refcount_race)
    assert found.trace is not None
    replayed = xs.replay(refcount_race, found.trace.schedule)
    kernel = xs.Kernel()
    page = kernel.page(kernel.boot_process())
    told = (found, *found.counterexamples, found.trace, *found.trace, found.violation, replayed)
    assert all(shown(iter((*told, kernel, page, *page))))


EXPORTED = [getattr(xs, name) for name in xs.__all__]
CLASSES = [kind for kind in EXPORTED if inspect.isclass(kind) and not issubclass(kind, (Exception, Enum))]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_public_class_has_a_repr_of_its_own(kind: type) -> None:
    assert any("__repr__" in vars(base) for base in kind.__mro__[:-1])
