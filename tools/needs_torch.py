"""A plugin for pytest where there may be no torch: what needs it is counted and named, everything else has to pass.

`tools/try_python.py` uses it (`pytest -p needs_torch --least-passed 2200`).
"""

from __future__ import annotations

import contextlib
import importlib.util
import platform
from collections.abc import Generator
from typing import Any

import pytest

MISSING = "No module named 'torch'"
REASON = "needs torch"
HERE = importlib.util.find_spec("torch") is not None


def pytest_configure(config: pytest.Config) -> None:
    """Try the Python, not luck: hypothesis draws the same examples each time, however slow the machine is."""
    with contextlib.suppress(ImportError):
        import hypothesis

        hypothesis.settings.register_profile("another-python", derandomize=True, deadline=None, database=None)
        hypothesis.settings.load_profile("another-python")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--least-passed", type=int, default=0, help="fail if fewer tests than this have run and passed")


def _looked_at(report: Any) -> Any:
    """Turn a failure for want of torch into a skip that says so; any other failure stays one."""
    if report.failed and not HERE and MISSING in str(report.longrepr):
        report.outcome = "skipped"
        report.longrepr = (report.nodeid, None, REASON)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    return _looked_at((yield))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, Any]:
    return _looked_at((yield))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail if too little has run: then something else than torch is missing."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    least = session.config.getoption("--least-passed")
    if terminal is None or hasattr(session.config, "workerinput"):
        return
    if session.exitstatus == 0 and len(terminal.stats.get("passed", ())) < least:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name all that did not run, file by file."""
    skipped = terminalreporter.stats.get("skipped", [])
    wanting = [one for one in skipped if REASON in str(one.longrepr) or MISSING in str(one.longrepr)]
    files = sorted({one.nodeid for one in wanting if "::" not in one.nodeid})
    tests = sorted({one.nodeid for one in wanting if "::" in one.nodeid})
    passed, least = len(terminalreporter.stats.get("passed", ())), config.getoption("--least-passed")
    terminalreporter.section(f"Python {platform.python_version()}, {'with' if HERE else 'without'} torch")
    terminalreporter.write_line(f"{passed} tests ran and passed (at least {least} should).")
    if passed < least:
        terminalreporter.write_line(f"That is too few: {least - passed} are missing.", red=True)
    if wanting:
        terminalreporter.write_line(f"Not tried, for want of torch: {len(files)} files and {len(tests)} single tests:")
        for name in (*files, *tests):
            terminalreporter.write_line(f"  {name}")
    others = len(skipped) - len(wanting)
    terminalreporter.write_line(f"Skipped for reasons of their own: {others}.")
