"""A browser for all tests here; ``nox -s browser`` runs them, and installs it where that can be done."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import traces_to_look_at as examples
import xous_sim as xs

if TYPE_CHECKING:
    from browser.chromium import Page

_SELENIUM: Final = importlib.util.find_spec("selenium") is not None
collect_ignore_glob = [] if _SELENIUM else ["test_*.py", "chromium.py"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Page]:
    """The browser."""
    from browser import chromium

    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        pytest.skip("there is no Chromium: apt-get install chromium chromium-driver")
    driver = chromium.start()
    try:
        yield chromium.Page(driver)
    finally:
        driver.quit()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages are that are looked at: each is written once."""
    folder = tmp_path_factory.mktemp("pages")
    for name, traces in examples.pages().items():
        xs.traces.to_html(traces, folder / f"{name}.html")
        traces[0].to_svg(folder / f"{name}.svg")
    return folder


@pytest.fixture
def page(browser: Page, folder: Path) -> Iterator[Page]:
    """The race, wide and light; whatever a test does with it, nothing is logged and nothing else is asked for."""
    browser.size(1400)
    browser.scheme("light")
    browser.open(folder / "race.html")
    yield browser
    assert browser.messages() == []
    assert [url for url in browser.requests() if not url.startswith(("file://", "about:", "data:,"))] == []
