"""The hooks of the pytest plugin: options, the mark, the fixture ``world``, and who is asked when a test runs.

They import the package only for tests that are marked, or when one of the options is given. What is left out here:
everything that has to do with exploring, which is in :mod:`xous_sim._testing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from xous_sim._testing.placeholder import Placeholder

MARK = (
    "interleavings(strategy=None, *, max_preemptions=None, max_seconds=None, allow_incomplete=False, ...): "
    "explore every interleaving of the threads that the test spawns in its fixture `world`; further arguments are "
    "those of xous_sim.explore"
)

_TOLD: Final = "xous_told"
"""Where a report that goes from process to process has what an exploration tells."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("xous_sim", "interleavings (xous_sim)")
    group.addoption("--xous-replay", metavar="LINE", help="follow this schedule only; select the one test it is of")
    group.addoption("--xous-seed", metavar="N", help="seed of the searches that draw schedules")
    group.addoption(
        "--xous-budget",
        metavar="LIMIT,...",
        help="what each exploration may take at most, as in 60s or 9000states,500schedules",
    )
    group.addoption("--xous-report", metavar="DIR", help="write what explorations found, and junit.xml, to this folder")


@pytest.hookimpl(tryfirst=True)  # before pytest looks whether a JUnit file is asked for
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARK)
    if any(config.getoption(f"xous_{name}") is not None for name in ("replay", "seed", "budget", "report")):
        from xous_sim._testing.settings import prepare

        prepare(config)


@pytest.hookimpl(trylast=True)  # when others have deselected what they deselect
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("xous_replay") is not None:
        from xous_sim._testing.settings import check_selection

        check_selection(config, items)


@pytest.fixture(scope="session")  # a constant: Hypothesis minds fixtures that differ from example to example
def world() -> Placeholder:
    """The world of a test that is marked with ``@pytest.mark.interleavings()``; there is one for each exploration."""
    from xous_sim._testing.placeholder import Placeholder

    return Placeholder()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if pyfuncitem.get_closest_marker("interleavings") is None:
        return None
    from xous_sim._testing.exploring import explore_test

    return explore_test(pyfuncitem)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed and item.get_closest_marker("interleavings") is not None:
        from xous_sim._testing.failure import retell

        retell(report, call)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable(
    report: pytest.CollectReport | pytest.TestReport,
) -> Generator[None, dict[str, Any] | None, dict[str, Any] | None]:
    """Sends what a failed exploration tells so that the process with the terminal can lay it out."""
    data = yield
    sendable = getattr(report.longrepr, "sendable", None)
    if data is not None and sendable is not None:
        data[_TOLD] = sendable()
    return data


@pytest.hookimpl(wrapper=True)
def pytest_report_from_serializable(
    data: dict[str, Any],
) -> Generator[None, pytest.CollectReport | pytest.TestReport | None, pytest.CollectReport | pytest.TestReport | None]:
    sent = data.pop(_TOLD, None)
    report = yield
    if report is not None and sent is not None:
        from xous_sim._testing.failure import Told

        report.longrepr = Told.received(sent)  # type: ignore[assignment]  # pytest prints whatever prints itself
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    called = [report for report in reports if getattr(report, "when", None) == "call"]
    told = [report for report in called if "xous_verdict" in dict(report.user_properties)]
    if told:
        from xous_sim._testing.summary import summarise

        summarise(terminalreporter, told)
