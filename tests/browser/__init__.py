"""Tests of the pages that traces are rendered as, in a real browser."""
