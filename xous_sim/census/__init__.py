"""The census: which connections of a real Xous program can be cut, or lead to somebody else's server.

The inventory of what Xous libraries and std connect to is data (``data/census.toml``); a census takes some of it as
one process, explores that process, and reports for each connection what the exploration found.
"""

from .inventory import CensusError, Counter, Inventory, StdService, load, parse
from .process import BYSTANDER_SERVER, Census, Finding, census_scenario, pairs, take_census

__all__ = [
    "BYSTANDER_SERVER",
    "Census",
    "CensusError",
    "Counter",
    "Finding",
    "Inventory",
    "StdService",
    "census_scenario",
    "load",
    "pairs",
    "parse",
    "take_census",
]
