"""Fixtures for tests in a browser: Chromium, and a server of each front end.

With two workers each front end has its own: `on(app)` keeps the tests of one together (``pytest --dist loadgroup``), so
that its server and its window are started once. Ports, settings, progress, kernels and lessons are those of a server.
"""

import os
import shutil
import sys
from typing import Any

import pytest
from front_end import FLAGS, NAMES, SHOTS, Server

ONE_WORKER = {app: pytest.mark.xdist_group(app) for app in ("lab", "classic")}


def say(config: pytest.Config, *lines: str) -> None:
    """Print lines that the reader of a quiet, capturing run sees, too."""
    reporter, capture = (config.pluginmanager.get_plugin(name) for name in ("terminalreporter", "capturemanager"))
    if reporter is None or capture is None:
        return
    with capture.global_and_fixture_disabled():
        if hasattr(config, "workerinput"):  # a worker of pytest-xdist: nobody hears its reporter, but its errors
            sys.stderr.write("\n" + "\n".join(lines) + "\n")
            sys.stderr.flush()
            return
        reporter.ensure_newline()
        for line in lines:
            reporter.write_line(line)


def on(app: str, value: Any = None) -> Any:
    """A parameter, by default the name of a front end, whose tests stay on the worker that has this front end."""
    value = app if value is None else value
    return pytest.param(value, id=value if isinstance(value, str) else "-".join(value), marks=ONE_WORKER[app])


@pytest.fixture(scope="module")
def browser(request):
    """Return a running Chromium; without one, skip loudly, or fail where continuous integration promises one."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacks = "the Python package playwright"
    else:
        lacks = None if path else "Chromium (on Debian: apt-get install chromium)"
    if lacks:
        message = f"NOT TRIED: {' and '.join(NAMES.values())}. There is no {lacks} here."
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(f"{message} Continuous integration (CI=true) has to try them.")
        say(request.config, "*" * 100, f"***  {message}", "*" * 100)
        pytest.skip(message)
    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield chromium
        chromium.close()
    say(request.config, f"screenshots: {SHOTS}")


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    with Server("lab", tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="module")
def classic(browser, tmp_path_factory):
    with Server("notebook", tmp_path_factory.mktemp("notebook")) as server:
        yield server
