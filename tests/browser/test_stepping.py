"""Every control of the page does what it says, by mouse and by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from browser.chromium import Page

pytestmark = pytest.mark.browser

STEPS = 8


def test_the_page_begins_before_the_first_step(page: Page) -> None:
    assert page.position == 0
    assert page.text("#at") == f"before 1 of {STEPS}"
    assert page.text("#title") == "race"
    assert page.text("#ending").startswith("severed: ")
    assert not page.find("#first").is_enabled()
    assert not page.find("#back").is_enabled()


def test_buttons_step_forward_and_back(page: Page) -> None:
    page.click("#forward")
    page.click("#forward")
    assert (page.position, page.text("#at")) == (2, f"2 of {STEPS}")
    page.click("#back")
    assert page.position == 1
    page.click("#first")
    assert page.position == 0


def test_a_button_jumps_to_the_violation(page: Page) -> None:
    page.click("#violation")
    assert page.position == STEPS
    assert "severed" in page.text("#now")
    assert not page.find("#forward").is_enabled()


def test_play_goes_to_the_end_and_stops_there(page: Page) -> None:
    page.find("#speed").send_keys("fast")
    page.click("#play")
    assert page.text("#play") == "Pause"
    assert page.find("#play").get_attribute("aria-pressed") == "true"
    page.wait(lambda: page.position == STEPS)
    page.wait(lambda: page.text("#play") == "Play")
    assert page.find("#play").get_attribute("aria-pressed") == "false"


def test_play_begins_anew_at_the_end(page: Page) -> None:
    page.click("#violation")
    page.click("#play")
    page.wait(lambda: 0 < page.position < STEPS)


def test_pause_and_every_step_by_hand_end_playing(page: Page) -> None:
    page.click("#play")
    page.click("#play")
    assert page.text("#play") == "Play"
    page.click("#play")
    page.click("#forward")
    assert page.text("#play") == "Play"


def test_the_slider_goes_to_any_step(page: Page) -> None:
    page.slide("#position", 5)
    assert page.position == 5
    assert "USERS.fetch_add" in page.text("#now")
    page.slide("#position", -2)
    assert page.position == 3


def test_each_step_is_a_button_in_its_threads_column(page: Page) -> None:
    assert page.texts("#lanes thead th") == ["#", "app/worker", "app/worker#2"]
    columns = page.run(
        "return [...document.querySelectorAll('#lanes tbody tr')].map("
        "row => [...row.querySelectorAll('td')].findIndex(cell => cell.querySelector('button')))"
    )
    assert columns == [0, 0, 0, 0, 1, 1, 0, 1]
    page.click("#lanes tr[data-step='4'] button")
    assert page.position == 4
    assert len(page.all("#lanes [aria-current='step']")) == 1


def test_the_step_that_is_shown_is_in_sight(browser: Page, folder: Path) -> None:
    browser.size(1000, 700)
    browser.open(folder / "long.html")
    browser.click("#violation")
    inside = """
        const box = document.getElementById("scroll").getBoundingClientRect();
        const step = document.querySelector("[aria-current='step']").getBoundingClientRect();
        const rows = step.top >= box.top && step.bottom <= box.bottom + 1;
        return rows && step.left >= box.left && step.right <= box.right + 1;
    """
    assert browser.run(inside)
    browser.click("#first")
    browser.click("#forward")
    assert browser.run(inside)


@pytest.mark.parametrize(
    ("keys", "position"),
    [
        ([Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT], 3),
        ([Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT], 1),
        ([Keys.ARROW_LEFT], 0),
        ([Keys.END], STEPS),
        ([Keys.END, Keys.ARROW_RIGHT], STEPS),
        ([Keys.END, Keys.HOME], 0),
        (["v"], STEPS),
        (["V", Keys.ARROW_LEFT], STEPS - 1),
    ],
)
def test_keys_step_jump_and_stay_in_range(page: Page, keys: list[str], position: int) -> None:
    page.press(*keys)
    assert page.position == position


def test_space_plays_and_pauses(page: Page) -> None:
    page.press(" ")
    assert page.text("#play") == "Pause"
    page.press(" ")
    assert page.text("#play") == "Play"


def test_space_on_a_button_presses_that_button_only(page: Page) -> None:
    page.find("#forward").send_keys(" ")
    assert (page.position, page.text("#play")) == (1, "Play")


def test_keys_of_a_choice_are_its_own(page: Page) -> None:
    page.find("#speed").send_keys(Keys.ARROW_DOWN)
    assert page.position == 0
    assert page.find("#speed").get_property("value") == "400"


def test_the_focus_is_kept_when_a_button_cannot_be_used_any_more(page: Page) -> None:
    page.click("#forward")
    page.find("#back").send_keys(Keys.ENTER)
    assert page.position == 0
    assert page.browser.switch_to.active_element.get_attribute("id") == "forward"


def test_a_slider_and_keys_choose_among_schedules(browser: Page, folder: Path) -> None:
    browser.open(folder / "several.html")
    assert browser.text("#chosen") == "1 of 3"
    assert browser.text("#title") == "death"
    browser.slide("#which", 1)
    assert (browser.text("#title"), browser.text("#chosen"), browser.position) == ("race", "2 of 3", 0)
    browser.press(Keys.TAB)
    browser.find("#scroll").click()
    browser.press("]")
    assert browser.text("#title") == "two_processes"
    browser.press("]")
    assert browser.text("#chosen") == "3 of 3"
    browser.press("[", "[", "[")
    assert browser.text("#title") == "death"


def test_there_is_no_slider_for_one_schedule(page: Page) -> None:
    assert not page.find("#choose").is_displayed()


def test_an_address_may_name_schedule_and_step(browser: Page, folder: Path) -> None:
    browser.open(folder / "several.html", "#schedule=2&step=7")
    assert (browser.text("#title"), browser.position) == ("race", 7)
    browser.open(folder / "several.html", "#schedule=99&step=none")
    assert (browser.text("#chosen"), browser.position) == ("3 of 3", 0)


def test_a_loop_is_played_round_and_round(browser: Page, folder: Path) -> None:
    browser.open(folder / "livelock.html")
    assert browser.texts("#lanes .loop") == ["These steps repeat for ever:"]
    browser.find("#speed").send_keys("fast")
    browser.press(Keys.END)
    browser.click("#play")
    browser.wait(lambda: browser.position == 2)
    browser.wait(lambda: browser.position == 3)
    browser.wait(lambda: browser.position == 2)
    assert browser.text("#play") == "Pause"
    browser.press(Keys.END)
    browser.run("tick()")
    assert browser.position == 2  # the first step of the loop, done once more
