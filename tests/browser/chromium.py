"""Debian's Chromium, driven by Selenium: a page as its reader has it, and what it asks the network for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE: Final = 30
"""Seconds until a page that does not do what it should has failed."""
_ARGUMENTS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


def start() -> Chrome:
    """A browser without a window; everything that pages log and request is kept."""
    options = ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))


class Page:
    """A page that is shown."""

    def __init__(self, browser: Chrome) -> None:
        self.browser = browser

    def open(self, path: Path, fragment: str = "") -> None:
        """Shows a file; what was kept of other pages is forgotten."""
        self.browser.get("about:blank")
        self.messages()
        self.requests()
        self.browser.get(path.as_uri() + fragment)

    def size(self, width: int, height: int = 900) -> None:
        """Makes the window so many pixels large."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, scheme: Literal["light", "dark"]) -> None:
        """What the reader's system asks for."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def messages(self) -> list[str]:
        """What the page has written to the console since the last call: errors, above all."""
        return [str(entry["message"]) for entry in self.browser.get_log("browser")]  # type: ignore[no-untyped-call]

    def requests(self) -> list[str]:
        """The addresses that were asked for since the last call."""
        log = self.browser.get_log("performance")  # type: ignore[no-untyped-call]
        events = [json.loads(entry["message"])["message"] for entry in log]
        sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
        return [str(params["request"]["url"]) for params in sent]

    def find(self, selector: str) -> WebElement:
        """The one element that a selector means."""
        (element,) = self.all(selector)
        return element

    def all(self, selector: str) -> list[WebElement]:
        """All that a selector means."""
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """The text of an element, what only a screen reader says included."""
        return str(self.find(selector).get_property("textContent"))

    def texts(self, selector: str) -> list[str]:
        """The texts of all that a selector means."""
        script = "return [...document.querySelectorAll(arguments[0])].map((element) => element.textContent)"
        return [str(text) for text in self.run(script, selector)]

    def click(self, selector: str) -> None:
        """Presses a button."""
        self.find(selector).click()

    def press(self, *keys: str) -> None:
        """Presses keys, wherever the focus is."""
        for key in keys:
            self.browser.switch_to.active_element.send_keys(key)

    def slide(self, selector: str, steps: int) -> None:
        """Moves a slider by so many steps with its own keys."""
        slider = self.find(selector)
        slider.send_keys(*[Keys.ARROW_RIGHT if steps > 0 else Keys.ARROW_LEFT] * abs(steps))

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script in the page returns."""
        return self.browser.execute_script(script, *arguments)

    def wait(self, condition: Callable[[], object]) -> None:
        """Waits until something holds."""
        WebDriverWait(self.browser, PATIENCE, poll_frequency=0.05).until(lambda browser: condition())

    @property
    def position(self) -> int:
        """Steps that the page shows as done."""
        return int(self.find("#position").get_property("value"))  # type: ignore[arg-type]
