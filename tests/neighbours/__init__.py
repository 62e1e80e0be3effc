"""Tests of the neighbour systems."""
