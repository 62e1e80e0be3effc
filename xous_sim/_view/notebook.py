"""What notebooks show: a page in a frame of its own, so that neither disturbs the other."""

from __future__ import annotations

import html
from typing import Final

_HEIGHT: Final = 720
"""Pixels of the frame."""


def framed(page: str, title: str) -> str:
    """A whole page as part of another; its scripts run in a sandbox."""
    return (
        f'<iframe title="{html.escape(title)}" sandbox="allow-scripts" srcdoc="{html.escape(page)}" '
        f'style="width: 100%; height: {_HEIGHT}px; border: 1px solid #8888"></iframe>'
    )


def preformatted(text: str) -> str:
    """Text as it stands."""
    return f"<pre>{html.escape(text)}</pre>"
