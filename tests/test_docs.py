"""The documentation: its links lead somewhere, its code was run, its tables and pictures are those of today.

Blocks of ``pycon`` are collected by pytest itself, as doctests. Left out: building the book, which needs mdBook and is
``nox -s book``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import page_picture
import part_one
from markdown_pages import anchors, blocks, links, pages
from xous_sim.explore import explore
from xous_sim.failure_modes import FAILURE_MODES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
CHAPTER = DOCS / "disconnect"
SUMMARY = DOCS / "SUMMARY.md"
WALKTHROUGHS = ("tutorial.md", "ci.md")
"""Pages that are followed, command by command, by test_walkthroughs.py."""
LANGUAGES = {"pycon": "doctest", "python": "run below", "rust": "compiled below", "sh": "shell", "text": "output"}
"""How a block of code is checked, or what it is."""
XOUS = ("https://github.com/betrusted-io/", "https://betrusted.io/")
SHORTER = {"seconds=10": "seconds=1"}
"""What takes long on a page, and what is run instead."""


def relative(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


BOOK = [page for page in pages(DOCS) if page != SUMMARY]
LINKING = [*pages(DOCS), ROOT / "README.md", ROOT / "tests" / "README.md", *pages(ROOT / "benches")]


def test_the_summary_names_every_page_once() -> None:
    named = sorted(links(SUMMARY.read_text("utf-8")))
    assert named == sorted(page.relative_to(DOCS).as_posix() for page in BOOK), "add the page to docs/SUMMARY.md"


def test_the_first_page_leads_to_every_page() -> None:
    named = {link.partition("#")[0] for link in links((DOCS / "index.md").read_text("utf-8"))} | {"index.md"}
    assert {page.relative_to(DOCS).as_posix() for page in BOOK} - named == set(), "add the page to docs/index.md"


@pytest.mark.parametrize("page", LINKING, ids=relative)
def test_every_link_leads_to_a_file_and_a_heading_in_it(page: Path) -> None:
    lost = [link for link in links(page.read_text("utf-8")) if not leads_somewhere(page, link)]
    assert lost == []


def leads_somewhere(page: Path, link: str) -> bool:
    if link.startswith("https://"):
        return True
    name, _, heading = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not heading or heading in anchors(target.read_text("utf-8")))


@pytest.mark.parametrize("page", BOOK, ids=relative)
def test_no_link_leads_out_of_the_book(page: Path) -> None:
    within = [link for link in links(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in within if not (page.parent / link).resolve().is_relative_to(DOCS)] == []


@pytest.mark.parametrize("page", pages(CHAPTER), ids=relative)
def test_the_chapter_on_disconnect_links_to_itself_and_to_xous_only(page: Path) -> None:
    elsewhere = [link for link in links(page.read_text("utf-8")) if not link.startswith(XOUS)]
    assert [link for link in elsewhere if "/" in link] == []


@pytest.mark.parametrize("page", BOOK, ids=relative)
def test_every_block_of_code_says_what_it_is(page: Path) -> None:
    unnamed = [block.line for block in blocks(page.read_text("utf-8")) if block.language not in LANGUAGES]
    assert unnamed == [], f"lines of blocks whose language is none of {', '.join(LANGUAGES)}"


@pytest.mark.parametrize("page", BOOK, ids=relative)
def test_every_prompt_is_in_a_block_that_runs(page: Path) -> None:
    assert [b.line for b in blocks(page.read_text("utf-8")) if b.language != "pycon" and ">>> " in b.code] == []


WITH_PYTHON = [
    page
    for page in BOOK
    if page.name not in WALKTHROUGHS and any(b.language == "python" for b in blocks(page.read_text("utf-8")))
]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=relative)
def test_the_python_of_a_page_runs_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    program = "\n".join(block.code for block in blocks(page.read_text("utf-8")) if block.language == "python")
    for long, short in SHORTER.items():
        program = program.replace(long, short)
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, timeout=60, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc is not there")
def test_the_rust_of_the_chapter_compiles(tmp_path: Path) -> None:
    modules = [
        f"mod {page.stem}_{block.line} {{\nuse crate::xous;\n{block.code}}}\n"
        for page in pages(CHAPTER)
        for block in blocks(page.read_text("utf-8"))
        if block.language == "rust"
    ]
    program = tmp_path / "chapter.rs"
    program.write_text(f"#![allow(dead_code)]\nmod xous {{\n{XOUS_API}}}\n{''.join(modules)}", "utf-8")
    compile_ = [
        "rustc",
        "--edition=2021",
        "--crate-type=lib",
        "--emit=metadata",
        "-Dwarnings",
        "--out-dir",
        str(tmp_path),
    ]
    done = subprocess.run([*compile_, str(program)], timeout=120, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert len(modules) > 3


XOUS_API = """
pub type CID = u32;
#[derive(Debug)] pub struct Error;
#[derive(Clone, Copy)] pub struct SID;
impl SID { pub fn from_bytes(_: &[u8]) -> Option<SID> { Some(SID) } }
pub fn connect(_: SID) -> Result<CID, Error> { Ok(2) }
pub unsafe fn disconnect(_: CID) -> Result<(), Error> { Ok(()) }
"""
"""What the chapter's Rust uses of the crate xous: signatures only."""


@pytest.mark.parametrize(
    ("page", "name", "table"),
    [
        ("std.md", "std connections", part_one.std_connections),
        ("std.md", "shadows", part_one.shadows),
        ("slots.md", "header fields", part_one.header_fields),
        ("when.md", "company", part_one.decisions),
        ("when.md", "alone", part_one.alone),
    ],
)
def test_tables_are_what_is_found_today(page: str, name: str, table: part_one.Table) -> None:
    assert f"<!-- {name} -->\n\n{table()}\n<!-- end of {name} -->" in (CHAPTER / page).read_text("utf-8")


@pytest.mark.slow
def test_the_verdict_table_is_what_is_found_today() -> None:
    from xous_sim.verdicts import verdicts

    assert part_one.verdict_cells(verdicts()) in (CHAPTER / "verdicts.md").read_text("utf-8")


def test_pictures_are_those_of_today() -> None:
    trace = explore(FAILURE_MODES["A"].scenario).trace
    assert trace is not None
    assert (CHAPTER / "race.svg").read_text("utf-8") == trace.to_svg()
    assert (CHAPTER / "page.svg").read_text("utf-8") == page_picture.picture()
