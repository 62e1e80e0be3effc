"""The command line, ``xous-sim``: a file a command."""

from .app import app, main

__all__ = ["app", "main"]
