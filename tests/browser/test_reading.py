"""The page for everybody: screen readers, dark rooms, narrow screens, notebooks, browsers without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from selenium.webdriver.common.by import By

import traces_to_look_at as examples
from browser.chromium import Page

pytestmark = pytest.mark.browser

SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]

CONTRASTS = """
const parse = (text) => text.match(/[0-9.]+/g).map(Number);
const luminance = (rgb) => {
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = rgb.slice(0, 3).map((v) => linear(v / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const color = parse(getComputedStyle(at).backgroundColor);
    if (color.length === 3 || color[3] > 0) { return color; }
  }
  return [255, 255, 255];
};
const weak = [];
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const unseen = element.closest(".unseen, .skip, :disabled, .todo, script, noscript");
  if (!own || unseen || !element.checkVisibility()) { continue; }
  const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(behind(element))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) { weak.push(`${element.tagName}.${element.className}: ${ratio.toFixed(2)}`); }
}
return [...new Set(weak)];
"""


def nodes(page: Page) -> Iterator[dict[str, Any]]:
    """What a screen reader gets."""
    page.browser.execute_cdp_cmd("Accessibility.enable", {})
    tree = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})
    return (node for node in tree["nodes"] if not node.get("ignored"))


def role(node: dict[str, Any]) -> str:
    return str(node.get("role", {}).get("value"))


def name(node: dict[str, Any]) -> str:
    return str(node.get("name", {}).get("value", ""))


def test_a_screen_reader_hears_each_step(page: Page) -> None:
    said = page.find("#said")
    assert (said.get_attribute("role"), said.get_attribute("aria-live")) == ("status", "polite")
    page.run("go(7)")
    assert page.text("#said") == (
        "Step 7 of 8: app/worker preempts. disconnect CID 3 (ticktimer-server), result Ok. "
        "CID 3 free, stale handle: app/worker#2"
    )
    page.run("go(8)")
    assert "Violation, severed" in page.text("#said")


def test_everything_that_can_be_used_has_a_name(page: Page) -> None:
    used = {"button", "slider", "combobox", "checkbox", "region", "toolbar", "list", "table"}
    found = [node for node in nodes(page) if role(node) in used]
    assert {role(node) for node in found} >= {"button", "slider", "combobox", "checkbox", "region", "toolbar", "list"}
    assert [role(node) for node in found if not name(node) and role(node) != "table"] == []


def test_headings_lead_through_the_page(page: Page) -> None:
    headings = [name(node) for node in nodes(page) if role(node) == "heading"]
    assert headings[0] == "race"
    assert {"Steps", "This step", "Atomics, locks and values", "Process page"} <= set(headings)


def test_a_screen_reader_gets_the_state_of_each_slot(page: Page) -> None:
    page.run("go(7)")
    items = [node for node in nodes(page) if role(node) == "listitem"]
    assert len(items) == 32


def test_all_controls_are_reached_by_tab(page: Page) -> None:
    page.run("go(3)")
    reached = []
    for _ in range(12):
        page.press("\ue004")
        reached.append(page.browser.switch_to.active_element.get_attribute("id"))
    wanted = ["first", "back", "play", "forward", "violation", "speed", "position"]
    assert [name for name in reached if name in wanted] == wanted


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["race", "several", "lock"])
def test_text_stands_out_in_light_and_dark(
    browser: Page, folder: Path, scheme: Literal["light", "dark"], name: str
) -> None:
    browser.size(1400)
    browser.scheme(scheme)
    browser.open(folder / f"{name}.html")
    for step in range(len(examples.pages()[name][0])):
        browser.run("go(arguments[0])", step + 1)
        assert browser.run(CONTRASTS) == []


def test_dark_and_light_differ(browser: Page, folder: Path) -> None:
    colors = set()
    for scheme in SCHEMES:
        browser.scheme(scheme)
        for suffix in ("html", "svg"):
            browser.open(folder / f"race.{suffix}")
            style = "getComputedStyle(document.querySelector('body, .paper'))"
            colors.add(browser.run(f"return [{style}.backgroundColor, {style}.fill].join()"))
    assert len(colors) == 4


@pytest.mark.parametrize("width", [320, 768, 1400])
@pytest.mark.parametrize("name", ["race", "long", "lock", "several"])
def test_no_page_is_wider_than_its_window(browser: Page, folder: Path, width: int, name: str) -> None:
    browser.size(width)
    browser.open(folder / f"{name}.html", "#step=2")
    assert browser.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["race", "lock", "livelock", "long", "mean"])
def test_no_text_of_the_picture_leaves_it_or_its_box(browser: Page, folder: Path, name: str) -> None:
    browser.open(folder / f"{name}.svg")
    outside = browser.run("""
        const [, , width, height] = document.documentElement.getAttribute("viewBox").split(" ").map(Number);
        const boxes = [...document.querySelectorAll(".step")].map((box) => box.getBBox());
        const leaves = (text, x, y, right, bottom) => {
          const b = text.getBBox();
          return b.x < x || b.y < y - 1 || b.x + b.width > right || b.y + b.height > bottom + 1;
        };
        const texts = [...document.querySelectorAll("text")];
        const between = (low, at, length) => at >= low && at < low + length;
        const inside = (b, box) => between(box.x, b.x, box.width) && between(box.y, b.y + 8, box.height);
        return texts.filter((text) => {
          const box = boxes.find((one) => inside(text.getBBox(), one));
          return leaves(text, 0, 0, width, height)
            || (box && leaves(text, box.x, box.y, box.x + box.width, box.y + box.height));
        }).map((text) => text.textContent);
    """)
    assert outside == []


def test_without_scripts_the_text_is_there(browser: Page, folder: Path) -> None:
    browser.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(folder / "race.html")
        text = browser.browser.find_element(By.CSS_SELECTOR, "noscript pre").text
    finally:
        browser.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "USERS.fetch_add(1, seq_cst) -> 0" in text
    assert "=> severed" in text


def test_a_notebook_shows_the_page_in_a_frame_of_its_own(browser: Page, tmp_path: Path) -> None:
    notebook = tmp_path / "notebook.html"
    notebook.write_text(examples.found(examples.race)._repr_html_(), encoding="utf-8")
    browser.open(notebook)
    browser.browser.switch_to.frame(0)
    browser.click("#forward")
    assert browser.position == 1
    browser.browser.switch_to.default_content()
    assert browser.messages() == []


def test_the_page_asks_for_nothing_but_itself(page: Page, folder: Path) -> None:
    page.open(folder / "race.html")
    page.click("#play")
    page.click("#page-all")
    page.press("v", "[", "]")
    assert {url for url in page.requests() if not url.startswith("data:,")} == {(folder / "race.html").as_uri()}


def test_a_request_could_not_leave_the_page_if_something_made_one(browser: Page, folder: Path) -> None:
    browser.open(folder / "race.html")
    script = """
        const done = arguments[0];
        document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective), { once: true });
        fetch("http://192.0.2.1/").catch(() => setTimeout(() => done("asked for"), 1000));
    """
    assert browser.browser.execute_async_script(script) == "connect-src"
    assert browser.messages() != []  # the browser says so, too
