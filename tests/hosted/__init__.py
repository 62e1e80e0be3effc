"""Tests of hosted mode."""
