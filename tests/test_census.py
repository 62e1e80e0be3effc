"""The census: the inventory that comes with the package, bad inventories, and what is found in real pairs."""

from __future__ import annotations

import pytest

import xous_sim as xs
from xous_sim.census import CensusError, Finding, census_scenario, load, pairs, parse, take_census

COUNTER = """
[[counter]]
name = "net"
crate = "net"
type = "NetConn"
server = "_Middleware Network Server_"
connect = "names"
unwraps = true
temporary_names = false
"""


def finding(uses: list[str], server: str) -> Finding:
    return next(f for f in take_census(uses).findings if f.server == server)


def test_the_inventory_has_thirty_counters() -> None:
    assert len(load().counters) == 30


def test_seven_counters_are_shadowed() -> None:
    assert len(pairs()) == 7


def test_every_shadow_is_cut_when_the_library_object_goes() -> None:
    for library, service in pairs():
        hit = finding([library, service], load().counters[library].server)
        assert hit.severed is not None
        assert hit.misdelivered is not None


def test_a_library_alone_is_used_by_one_thread_without_harm() -> None:
    assert take_census(["gam"]).verdict == "sound"


def test_two_threads_of_one_library_cut_each_other() -> None:
    assert finding(["gam", "gam"], "_Graphical Abstraction Manager_").severed is not None


def test_two_libraries_of_one_server_cut_each_other() -> None:
    assert finding(["usb-bao1x", "usb-device-xous"], "_Xous USB device driver_").severed is not None


def test_a_temporary_names_object_cuts_stds_lookups() -> None:
    hit = finding(["pddb", "std::names"], "xous-name-server")
    assert hit.users == ("pddb (temporarily)", "std::names")
    assert hit.severed is not None


def test_a_schedule_of_the_census_replays() -> None:
    hit = finding(["net", "std::net"], "_Middleware Network Server_")
    assert hit.misdelivered is not None
    replayed = xs.replay(census_scenario(["net", "std::net"]), hit.misdelivered.schedule)
    assert replayed.violation == hit.misdelivered.violation


def test_a_census_that_hits_its_limit_is_not_complete() -> None:
    assert not take_census(["net", "net", "dns"], max_states=100).complete


def test_an_unknown_name_gets_near_ones() -> None:
    with pytest.raises(CensusError, match=r"did you mean .*std::net"):
        take_census(["std::nett"])


def test_a_census_of_nothing_is_refused() -> None:
    with pytest.raises(xs.MisuseError, match="needs something"):
        census_scenario([])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[counter", "not TOML"),
        ("[[library]]\n", "'library'"),
        ("counter = 1", "array of tables"),
        (COUNTER.replace('crate = "net"\n', ""), "lacks the key 'crate'"),
        (COUNTER + "colour = 1", "unknown key 'colour'"),
        (COUNTER.replace('"net"', "7"), "name must be a str"),
        (COUNTER.replace('connect = "names"', 'connect = "post"'), "connect must be one of"),
        (COUNTER + COUNTER, "two entries 'net'"),
        (COUNTER + 'shadow = "std::net"', "is no"),
        (COUNTER.replace("temporary_names = false", "temporary_names = true"), "no entry 'xous-names'"),
    ],
)
def test_a_bad_inventory_is_refused_with_its_cause(text: str, message: str) -> None:
    with pytest.raises(CensusError, match=message):
        parse(text)
