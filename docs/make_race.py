"""Makes the pictures of the README's race; ``nox -s pictures`` runs it.

``race.svg`` is the time line, ``race.png`` the page in Chromium at the step that cuts the connection.
"""

from __future__ import annotations

import doctest
import linecache
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import xous_sim as xs

DOCS = Path(__file__).parent
STEP = 7
SIZE = (1400, 1180)


def race() -> xs.Trace:
    """The shortest counterexample of the README's example."""
    examples = doctest.DocTestParser().get_examples((DOCS.parent / "README.md").read_text("utf-8"))
    source = "".join(example.source for example in examples[:2])
    linecache.cache["race.py"] = (len(source), None, source.splitlines(keepends=True), "race.py")
    names: dict[str, Any] = {}
    exec(compile(source, "race.py", "exec"), names)
    trace = xs.explore(names["scenario"]).trace
    if trace is None:
        raise ValueError("the README's example violates nothing any more")
    return trace


def main() -> None:
    """Writes the pictures beside this file."""
    trace = race()
    trace.to_svg(DOCS / "race.svg")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "race.html")
        trace.to_html(page)
        window = f"--window-size={SIZE[0]},{SIZE[1]}"
        picture = f"--screenshot={DOCS / 'race.png'}"
        browser = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        address = f"{page.as_uri()}#step={STEP}"
        subprocess.run([*browser, "--disable-background-networking", window, picture, address], check=True)


if __name__ == "__main__":
    main()
