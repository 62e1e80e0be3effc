"""Two crates, one server: each counts its own users of what is the same connection.

Several HAL APIs of the Baochip code shared one server but counted separately, so one API's last drop cut the others;
xous-core pull request 800 removed the counters there.
"""

from __future__ import annotations

from . import refcounted_drop
from .idiom import Idiom

IDIOM = Idiom(
    name="two_crates",
    title="two crates, one server",
    source="xous-core before pull request 800: bao1x-api's iox.rs and keyboard.rs, and their like",
    prepare=refcounted_drop.prepare,
    crates=2,
)
