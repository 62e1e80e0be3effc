"""What mdBook is given: pages without scripts, an API reference that names everything, a summary that names every page.

Left out: mdBook itself, which ``nox -s book`` runs.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType

import pytest

import api_pages
import make_book
import xous_sim as xs
from markdown_pages import blocks, links, pages
from test_docs import leads_somewhere


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book") / "pages"
    make_book.lay_out(folder)
    return folder


def test_no_script_is_published(book: Path) -> None:
    assert [path.name for path in book.rglob("*.py")] == []
    assert (book / "disconnect" / "race.svg").exists()


def test_the_summary_names_every_page_of_the_reference_too(book: Path) -> None:
    named = sorted(links((book / "SUMMARY.md").read_text("utf-8")))
    assert named == sorted(page.relative_to(book).as_posix() for page in pages(book) if page.name != "SUMMARY.md")
    assert "api/explore.md" in named


def test_a_summary_without_a_line_for_the_reference_is_refused() -> None:
    with pytest.raises(ValueError, match="API reference"):
        make_book.with_reference("# Summary\n", [])


def test_every_public_name_has_its_place_in_the_reference(book: Path) -> None:
    reference = "".join(page.read_text("utf-8") for page in pages(book / "api"))
    modules = [name for name in xs.__all__ if inspect.ismodule(getattr(xs, name))]
    headings = [f"# xous_sim.{name}\n" if name in modules else f"\n## {name}\n" for name in xs.__all__]
    assert [heading for heading in headings if heading not in reference] == []


def test_every_link_of_the_reference_leads_somewhere(book: Path) -> None:
    for page in pages(book / "api"):
        assert [link for link in links(page.read_text("utf-8")) if not leads_somewhere(page, link)] == []


def test_no_rest_markup_is_left_in_the_reference(book: Path) -> None:
    for page in pages(book / "api"):
        text = page.read_text("utf-8")
        assert "``" not in text.replace("```", ""), page.name
        assert ":func:" not in text and ":class:" not in text and ":meth:" not in text, page.name


def test_examples_of_the_reference_are_the_docstrings(book: Path) -> None:
    doc = inspect.getdoc(xs.explore)
    assert doc is not None
    example = [block.code for block in blocks((book / "api" / "explore.md").read_text("utf-8")) if ">>>" in block.code]
    assert example == [inspect.cleandoc(doc.split("Example:\n")[1]) + "\n"]


def shown(function: object) -> str:
    """What the reference says of a function."""
    return api_pages.entry("example", function)


def test_a_signature_is_spelled_as_in_the_source() -> None:
    def example(first: int, *, second: str = "a", third: bool | None = None) -> None: ...

    assert "example(first: int, *, second: str = 'a', third: bool | None = None)" in shown(example)


def test_a_long_signature_has_a_line_for_each_argument() -> None:
    def example(one_argument: xs.World, another_argument: xs.World, *rest: xs.World, last_of_all: int = 0) -> None: ...

    assert "    one_argument: xs.World,\n" in shown(example)
    assert "    *rest: xs.World,\n    last_of_all: int = 0,\n)" in shown(example)


def test_arguments_become_a_list_and_roles_become_code() -> None:
    def example() -> None:
        """Does ``something``.

        Args:
            first: What :func:`~xous_sim.explore` takes,
                and more.
            second: Another.
        """

    assert "Does `something`." in shown(example)
    assert "- `first`: What `xous_sim.explore` takes,\n    and more.\n- `second`: Another." in shown(example)


def test_a_module_shows_what_it_defines_and_a_package_what_it_names() -> None:
    module = ModuleType("module")
    exec("import inspect\nfrom pathlib import Path\ndef own(): ...\ndef _hidden(): ...", module.__dict__)
    assert [name for name, _ in api_pages.public(module)] == ["own"]
    module.__dict__["__all__"] = ["Path"]
    assert [name for name, _ in api_pages.public(module)] == ["Path"]


def test_constants_with_a_docstring_are_shown() -> None:
    told = {name: (source, doc) for name, source, doc in api_pages.constants(xs.world)}
    assert told["MemoryModel"][0] == "MemoryModel = Literal['sc', 'c11']"
    assert told["MemoryModel"][1].startswith("Which executions there are")
