"""Diagrams in Mermaid itself: the library parses them, and draws every participant and every message."""

from __future__ import annotations

import html
import os
from pathlib import Path

import pytest

import traces_to_look_at as examples
import xous_sim as xs
from browser.chromium import Page

pytestmark = pytest.mark.browser

LIBRARY = os.environ.get("XOUS_SIM_MERMAID", "")
DRAW = """
const [text, done] = arguments;
mermaid.initialize({ startOnLoad: false });
mermaid.render("drawn", text).then(
  ({ svg }) => { document.body.innerHTML = svg; done(null); },
  (error) => done(String(error)),
);
"""


@pytest.mark.skipif(not LIBRARY, reason="needs Mermaid from npm: nox -s browser gets it where there is npm")
@pytest.mark.parametrize("name", examples.pages())
def test_mermaid_draws_each_diagram(browser: Page, tmp_path: Path, name: str) -> None:
    source = html.escape(Path(LIBRARY).absolute().as_uri())
    (tmp_path / "draw.html").write_text(f'<meta charset="utf-8"><script src="{source}"></script><body>', "utf-8")
    for trace in examples.pages()[name]:
        browser.open(tmp_path / "draw.html")
        assert browser.browser.execute_async_script(DRAW, trace.to_mermaid()) is None
        drawn(browser, trace)


def drawn(browser: Page, trace: xs.Trace) -> None:
    """What has to be in the drawing."""
    actors = set(browser.texts(".actor-bottom tspan, text.actor tspan, text.actor"))
    assert {step.thread for step in trace} <= actors
    text = browser.text("svg").replace("\xa0", " ")
    for step in trace:
        assert step.operation in text
    assert trace.violation is not None
    assert trace.violation.property in text
