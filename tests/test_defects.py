"""A defect of the package itself ends in an exception like any other, never in a Rust panic."""

from __future__ import annotations

from typing import Any

import pytest

import xous_sim as xs
from xous_sim._session import Session


def test_a_panic_of_the_native_code_is_an_exception_of_ours_that_says_where_it_was(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def scenario(world: xs.World) -> None:
        world.process("app").spawn(world.atomic_u32(0).load)

    def of_an_object_that_there_is_not(session: Session, number: int, seen: Any) -> list[tuple[Any, ...]]:
        return [("op", ("atomic", 99, "load", "seq_cst", []), 0, [], "?"), ("end",)]

    monkeypatch.setattr(Session, "run_body", of_an_object_that_there_is_not)
    with pytest.raises(xs.DefectError, match=r"defect of xous_sim, please report it: panicked at .*\.rs:\d+:\d+"):
        xs.explore(scenario)
    assert capfd.readouterr().err == ""
