"""The process page from Python: fields by name, both layouts, and bytes that are no page."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xous_sim as xs

Slots = Literal[32, 46]


def page_of(slots: Slots, *names: str) -> xs.Page:
    """The page of a process that is connected to servers of these names."""
    world = xs.World(slots=slots)
    app = world.process("app")
    for name in names:
        app.connect(world.server(name)).unwrap()
    return app.page()


@pytest.mark.parametrize(
    ("slots", "name", "offset", "size"),
    [
        (32, "mem_default_base", 8, 4),
        (32, "connection_map", 36, 32),
        (32, "pid", 68, 1),
        (32, "last_tid_allocated", 72, 1),
        (46, "mem_default_base", 8, 4),
        (46, "connection_map", 36, 46),
        (46, "pid", 82, 1),
        (46, "last_tid_allocated", 84, 1),
    ],
)
def test_a_field_lies_where_the_kernel_puts_it(slots: Slots, name: str, offset: int, size: int) -> None:
    field = page_of(slots)[name]
    assert (field.offset, field.size) == (offset, size)


@pytest.mark.parametrize("slots", [32, 46])
def test_every_byte_of_a_page_is_in_one_field(slots: Slots) -> None:
    reached = 0
    for field in page_of(slots):
        assert field.offset == reached
        reached += field.size
    assert reached == 4096


@pytest.mark.parametrize("slots", [32, 46])
def test_a_connection_shows_as_server_index_plus_two(slots: Slots) -> None:
    page = page_of(slots, "log", "net")
    assert page.slots == slots
    assert page["connection_map"].value == bytes([2, 3]) + bytes(slots - 2)
    assert page["pid"].value == page.render()[page["pid"].offset]


def test_the_threads_begin_behind_a_header_of_128_bytes_in_both_layouts() -> None:
    for slots in (32, 46):
        first = min(field.offset for field in page_of(slots) if field.name.startswith("threads"))
        assert first == 128


@pytest.mark.parametrize("slots", [32, 46])
def test_what_is_rendered_parses_to_the_same_page(slots: Slots) -> None:
    page = page_of(slots, "log")
    assert len(page.render()) == 4096
    assert xs.Page.parse(page.render(), slots=slots) == page


@given(data=st.binary(max_size=5000))
def test_bytes_of_another_length_are_no_page(data: bytes) -> None:
    if len(data) != 4096:
        with pytest.raises(xs.PageError, match=f"has 4096 bytes, these are {len(data)}"):
            xs.Page.parse(data)


@given(offset=st.integers(0, 4095), byte=st.integers(0, 255))
def test_a_changed_byte_gives_another_page_or_a_clear_error(offset: int, byte: int) -> None:
    data = bytearray(page_of(32, "log").render())
    data[offset] = byte
    try:
        page = xs.Page.parse(bytes(data))
    except xs.PageError as error:
        refusal = str(error)
    else:
        assert page.render() == bytes(data)
        return
    assert "offset" in refusal


@pytest.mark.parametrize(
    ("offset", "byte", "field"), [(36, 130, "connection_map"), (68, 0, "pid"), (69, 1, "reserved"), (100, 1, "padding")]
)
def test_an_impossible_value_is_refused_by_offset_and_name(offset: int, byte: int, field: str) -> None:
    data = bytearray(page_of(32).render())
    data[offset] = byte
    with pytest.raises(xs.PageError, match=rf"offset {offset} \(_?{field}\)"):
        xs.Page.parse(bytes(data))


def test_the_hex_dump_names_the_fields() -> None:
    dump = page_of(32, "log").hex_dump()
    assert "connection_map" in dump
    assert "threads[2]" in dump


@pytest.mark.parametrize("width", [0, -1, 40.0, "40"])
def test_a_dump_of_no_width_is_refused(width: int) -> None:
    with pytest.raises(xs.MisuseError, match="width must be a positive int"):
        page_of(32).hex_dump(width=width)


def test_a_field_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(xs.MisuseError, match=r"no field 'cids'; it has .*connection_map"):
        page_of(32)["cids"]


def test_a_hosted_process_has_no_page() -> None:
    with pytest.raises(xs.MisuseError, match="hosted"):
        xs.World(profile="hosted").process("app").page()
