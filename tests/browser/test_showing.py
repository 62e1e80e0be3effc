"""What the page shows of a state: connection maps, process pages, objects, source lines."""

from __future__ import annotations

from pathlib import Path

import pytest

import traces_to_look_at as examples
import xous_sim as xs
from browser.chromium import Page

pytestmark = pytest.mark.browser


def cell(page: Page, cid: int) -> tuple[set[str], str]:
    """Classes and text of a slot."""
    selector = f".cells [data-cid='{cid}']"
    return set(str(page.find(selector).get_attribute("class")).split()), page.text(selector)


def go(page: Page, step: int) -> None:
    page.run("go(arguments[0])", step)


def test_a_map_has_a_cell_for_each_slot_with_owner_and_state(page: Page) -> None:
    assert len(page.all(".cells li")) == 32
    assert page.text("#maps h2") == "Connection map of app (PID 3): 1 of 32 in use"
    assert cell(page, 2) == ({"server", "persistent"}, "CID 2 logpersistent")
    go(page, 2)
    assert cell(page, 3) == ({"server", "changed"}, "CID 3 ticktimer-serverheld by app/worker, changed by this step")
    assert cell(page, 33) == ({"free"}, "CID 33 free")


def test_a_handle_that_was_cut_is_shown_as_stale(page: Page) -> None:
    go(page, 6)
    assert "held by app/workerheld by app/worker#2" in cell(page, 3)[1]
    go(page, 7)
    assert cell(page, 3) == ({"free", "stale", "changed"}, "CID 3 freestale handle: app/worker#2, changed by this step")
    go(page, 8)
    assert "changed" not in cell(page, 3)[0]


def test_a_table_of_46_slots_has_46_cells(browser: Page, folder: Path) -> None:
    browser.open(folder / "lock.html")
    assert len(browser.all(".cells li")) == 46
    assert "connection_map" in browser.text("#page tr:nth-child(6) .names")  # offset 80: its last two bytes


def test_a_death_is_a_fault_and_leaves_a_tombstone(browser: Page, folder: Path) -> None:
    browser.open(folder / "several.html")
    (fault,) = [number for number, text in enumerate(browser.texts("#lanes tbody tr"), 1) if "fault" in text]
    go(browser, fault)
    assert "nobody decided this step" in browser.text("#now")
    assert "tombstone" in cell(browser, 2)[0]
    assert "tombstone" in cell(browser, 2)[1]


def test_every_process_has_its_map_and_its_page(browser: Page, folder: Path) -> None:
    browser.open(folder / "several.html", "#schedule=3&step=2")
    assert [title.split(" (")[0] for title in browser.texts("#maps h2")] == [
        "Connection map of server",
        "Connection map of app",
    ]
    assert browser.texts("#places h3") == ["queue of queue"]
    assert browser.texts("#places .changed") == ["1 queued"]
    go(browser, 1)
    assert "connection_map (changed)" not in browser.text("#page")
    browser.find("#page-process").send_keys("app")
    assert browser.text("#page [data-offset='36']").startswith("02")
    assert "connection_map (changed)" in browser.text("#page")


@pytest.mark.parametrize("step", [0, 2, 7])
def test_the_page_shows_the_bytes_that_the_kernel_renders(page: Page, step: int) -> None:
    go(page, step)
    page.click("#page-all")
    rows = page.texts("#page tbody tr:nth-child(3) td:not(.names)")
    shown = bytes(int(text[:2], 16) for text in page.texts("#page td[data-offset]"))
    page.click("#page-all")
    world = xs.World()
    server, other, app = world.server("ticktimer-server"), world.server("log"), world.process("app")
    app.std_connection(other)
    if step == 2:
        app.connect(server)
    assert (len(rows), len(shown)) == (16, 4096)
    header = xs.Page.parse(shown)["connection_map"].raw
    assert header == app.connection_map()


def test_changed_bytes_are_marked_and_their_field_is_named(page: Page) -> None:
    go(page, 2)
    assert page.texts("#page td.changed") == ["02changed"]
    assert page.find("#page td.changed").get_attribute("title") == "connection_map + 1"
    assert page.find("#page td.changed").get_attribute("data-offset") == "37"
    assert "connection_map (changed)" in page.text("#page")
    go(page, 3)
    assert page.texts("#page td.changed") == []


def test_rows_of_zeros_are_left_out_until_all_are_asked_for(page: Page) -> None:
    few = len(page.all("#page tbody tr"))
    page.click("#page-all")
    assert len(page.all("#page tbody tr")) == 4096 // 16
    page.click("#page-all")
    assert len(page.all("#page tbody tr")) == few < 64


def test_registers_of_threads_are_named(page: Page) -> None:
    page.click("#page-all")
    assert page.find("#page [data-offset='508']").get_attribute("title") == "threads[2].sepc + 0"
    page.click("#page-all")


def test_objects_show_who_holds_a_lock_and_what_has_changed(browser: Page, folder: Path) -> None:
    browser.open(folder / "lock.html")
    go(browser, 1)
    assert browser.texts("#objects tr.changed") == ["LOCKmutexheld by app/holder (changed)"]
    go(browser, 3)
    assert browser.texts("#objects tr.changed") == ["Arc 0arcCID 2; 1 strong, 0 weak (changed)"]
    go(browser, 5)
    assert browser.texts("#objects tr.changed") == ["CELLcell1 (changed)"]


def test_each_step_shows_its_source_line(page: Page) -> None:
    go(page, 7)
    source = Path(examples.__file__).read_text("utf-8").splitlines()
    line = next(number for number, text in enumerate(source, 1) if "app.disconnect(connection)" in text)
    assert f"{examples.__file__}:{line}" in page.text("#now")
    assert "app.disconnect(connection)" in page.text("#now")
    assert f"traces_to_look_at.py:{line} app.disconnect(connection)" in page.text("#lanes tr[data-step='7']")


def test_a_preemption_is_marked(page: Page) -> None:
    marked = [number for number, text in enumerate(page.texts("#lanes tbody tr"), 1) if "preempts" in text]
    assert marked == [5, 7]


def test_names_are_never_taken_for_markup(browser: Page, folder: Path) -> None:
    browser.open(folder / "mean.html", "#step=2")
    assert browser.all("main img, main b:not(.cells b, .changed-key), main script") == []
    assert "<script>alert(1)</script>" in browser.text("#lanes")
    assert [url for url in browser.requests() if "192.0.2.1" in url] == []
    assert browser.messages() == []
