"""Every mutant still is one: the text that it replaces is in the source. ``nox -s mutants`` builds and hunts them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutants.mutations import MUTATIONS, Mutation

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_what_a_mutant_replaces_stands_in_the_source_once(mutation: Mutation) -> None:
    source = (ROOT / mutation.path).read_text("utf-8")
    assert mutation.applied_to(source) != source


def test_a_mutation_of_what_is_gone_is_refused() -> None:
    with pytest.raises(LookupError, match="0 times, not once"):
        MUTATIONS[0].applied_to("")


def test_no_two_mutants_have_one_name() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)
