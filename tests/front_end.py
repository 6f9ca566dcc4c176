"""A real front end for the tests: a Jupyter server of our own, and a notebook in it as a learner has it before them."""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from conftest import ROOT

from try_server import ask, free_port, wait_for

PATIENCE = 180  # seconds for what may be slow on a busy machine: a start, or all cells of a lesson
SHOTS = Path(os.environ.get("COURSE_SHOTS") or ROOT / "test-output" / "front-ends")
# Headless, as root, and without a word to the outside: this machine's network may be closed.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
QUIET = {"notification.jupyterlab-settings": {"fetchNews": "false", "checkForUpdates": False}}
MODULES = {"lab": "jupyterlab", "notebook": "notebook"}
PAGES = {"lab": "lab/workspaces/{own}/tree/{name}", "notebook": "notebooks/{name}"}
NAMES = {"lab": "JupyterLab", "notebook": "Notebook 7"}

# Cells that are out of sight may be absent from the page, so what ran, and how, is asked of the notebook's model.
CELLS = """const panel = window.jupyterapp.shell.currentWidget, notebook = panel.content;
const cells = [...notebook.model.cells], code = cells.filter(cell => cell.type === 'code');"""
LISTEN = f"""() => {{ {CELLS}
    window.course = {{begun: 0, done: []}};
    for (const cell of code) cell.stateChanged.connect((_, change) => {{
        if (change.name !== 'executionCount' && change.name !== 'executionState') return;
        window.course.begun += 1;
        if (change.name === 'executionCount' && change.newValue !== null) window.course.done.push(cell.id);
    }}); }}"""
ALL_DONE = f"() => {{ {CELLS} return code.every(cell => window.course.done.includes(cell.id)); }}"
OUTPUTS = f"() => {{ {CELLS} return Object.fromEntries(code.map(cell => [cell.id, cell.outputs.toJSON()])); }}"
PLACE = f"name => {{ {CELLS} return cells.findIndex(cell => cell.id === name); }}"
SCROLL = f"place => {{ {CELLS} return notebook.scrollToItem(place, 'start'); }}"
# Everything that is ever drawn, frame by frame: the height of the output, and the time from key to pixels.
WATCH = """image => {
    const area = image.closest('.jp-OutputArea');
    const seen = window.seen = {heights: [], delays: [], shown: 0};
    const frame = () => { seen.heights.push(area.getBoundingClientRect().height); requestAnimationFrame(frame); };
    frame();
    let pressed = null;
    area.addEventListener('keydown', () => { pressed = performance.now(); }, true);
    image.addEventListener('load', () => requestAnimationFrame(() => {
        if (pressed !== null) seen.delays.push(performance.now() - pressed);
        seen.shown += 1; pressed = null;
    }));
}"""
BYTES = "async image => [...new Uint8Array(await (await fetch(image.src)).arrayBuffer())]"


class Server:
    """JupyterLab or Notebook 7 on a port of its own, with settings, progress and a copy of the lessons of its own."""

    def __init__(self, app: str, folder: Path) -> None:
        self.app, self.home, self.lessons = app, folder / "home", folder / "lessons"
        self.token = secrets.token_hex(16)
        self._folder = folder
        self._context: Any = None
        shutil.copytree(ROOT / "lessons", self.lessons, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "source"))
        self._settings = folder / "settings"
        for name, values in QUIET.items():
            file = self._settings / "@jupyterlab" / "apputils-extension" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))

    def __enter__(self) -> "Server":
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", MODULES[self.app], "--no-browser", "--ServerApp.ip=127.0.0.1"]
        command += [f"--port={port}", "--port-retries=0", f"--IdentityProvider.token={self.token}"]
        command += [
            f"--ServerApp.root_dir={self.lessons}",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
        # the application's own objects, to ask the notebook's model; all that the tests do goes through keys and mouse
        command += ["--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        self._log = (self._folder / "server.log").open("w+")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT, env=self._surroundings())
        try:
            answered = wait_for(f"{self.address}/api/status", self.token, self._process, time.monotonic() + PATIENCE)
            assert answered, f"{NAMES[self.app]} does not answer:\n{self.log()}"
        except BaseException:
            self.__exit__()
            raise
        return self

    def context(self, browser: Any) -> Any:
        """Return the one window of this server: what it has loaded once, the next notebook does not load again."""
        if self._context is None:
            self._context = browser.new_context(viewport={"width": 1300, "height": 1000})
        return self._context

    def _surroundings(self) -> dict[str, str]:
        own = {
            f"JUPYTER{kind}_DIR": str(self._folder / f"jupyter{kind.lower()}")
            for kind in ("_CONFIG", "_DATA", "_RUNTIME", "LAB_WORKSPACES")
        }
        own |= {"JUPYTERLAB_SETTINGS_DIR": str(self._settings), "COURSE_HOME": str(self.home), "COURSE_SEED": "0"}
        own["IPYTHONDIR"] = str(self._folder / "ipython")  # kernels of two servers would share one history
        return {**os.environ, **own}

    def __exit__(self, *_: Any) -> None:
        # a terminated server ends its kernels; a killed one leaves them to find out by themselves, which they do
        for end in (self._process.terminate, self._process.kill):
            if self._process.poll() is None:
                end()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(20)
        self._log.close()

    def log(self) -> str:
        """Return the last words of the server."""
        return (self._folder / "server.log").read_text()[-3000:]

    def progress(self) -> dict[str, Any]:
        """Return what the course has kept of the learner's work."""
        return json.loads((self.home / "progress.json").read_text())

    def sessions(self, name: str) -> list[dict[str, Any]]:
        """Return the sessions of a notebook."""
        return [one for one in ask(f"{self.address}/api/sessions", self.token) or [] if one["path"] == name]

    def end_sessions(self, name: str) -> None:
        """Shut the kernels of a notebook down."""
        for one in self.sessions(name):
            request = urllib.request.Request(f"{self.address}/api/sessions/{one['id']}", method="DELETE")
            request.add_header("Authorization", f"token {self.token}")
            with contextlib.suppress(OSError):
                urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20).close()


def until(true: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Return the first value of ``true()`` that is one; fail if none comes."""
    end = time.monotonic() + patience
    while not (value := true()):
        assert time.monotonic() < end, f"waited {patience:g} s in vain: {what}"
        time.sleep(0.05)
    return value


class OpenNotebook:
    """One lesson on the screen. All that is done to it is done by keys and mouse; its state is asked of the model."""

    def __init__(self, browser: Any, server: Server, stem: str) -> None:
        self.server, self.stem, self.name = server, stem, f"{stem}.ipynb"
        self.page = server.context(browser).new_page()
        self.page.set_default_timeout(1000 * PATIENCE)
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)[:300]))
        place = PAGES[server.app].format(own=secrets.token_hex(4), name=self.name)
        self.page.goto(f"{server.address}/{place}?token={server.token}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        until(self._kernel_is_idle, f"a kernel for {self.name}, connected and idle")  # the toolbar says so too early

    def _kernel_is_idle(self) -> bool:
        kernels = [one["kernel"] for one in self.server.sessions(self.name)]
        return any(kernel["connections"] > 0 and kernel["execution_state"] == "idle" for kernel in kernels)

    def close(self) -> None:
        """Close the page and shut its kernel down."""
        with contextlib.suppress(Exception):  # a picture of the end is a help, not a duty
            self.shot("at_the_end")
        self.page.close()
        self.server.end_sessions(self.name)

    def shot(self, moment: str) -> Path:
        """Keep a picture of the screen."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        path = SHOTS / f"{self.stem[:2]}_{self.server.app}_{moment}.png"
        self.page.screenshot(path=path)
        return path

    def run_all(self) -> None:
        """Run all cells by the menu, and wait for the last; a click can be lost while the application still loads."""
        from playwright.sync_api import TimeoutError as Late

        self.page.evaluate(LISTEN)
        for attempt in range(3):
            self.page.get_by_role("menuitem", name="Run", exact=True).click()
            self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            try:
                self.page.wait_for_function("() => window.course.begun > 0", timeout=15_000)
                break
            except Late:
                self.shot(f"run_all_lost_{attempt + 1}")
                assert attempt < 2, f"Run All was clicked three times, and no cell began; {self.troubles}"
        self.page.wait_for_function(ALL_DONE)
        until(self._kernel_is_idle, "an idle kernel after Run All")

    def outputs(self) -> dict[str, list[dict[str, Any]]]:
        """Return the outputs of all code cells, by cell id."""
        return self.page.evaluate(OUTPUTS)

    def cell(self, identity: str) -> Any:
        """Scroll to a cell and return its place on the page."""
        place = self.page.evaluate(PLACE, identity)
        assert place >= 0, f"{self.name} has no cell {identity}"
        found = self.page.locator(f'.jp-Cell[data-windowed-list-index="{place}"]')
        self.page.evaluate(SCROLL, place)
        found.wait_for(state="attached")
        self.bring(found)
        return found

    def bring(self, thing: Any, block: str = "start") -> None:
        """Scroll until a thing on the page rests where it shall be; what comes in above it may push it away again."""
        places: list[Any] = []

        def rests() -> bool:
            thing.evaluate("(node, block) => node.scrollIntoView({block, behavior: 'instant'})", block)
            places.append(thing.bounding_box())
            return len(places) > 3 and places[-1] is not None and all(one == places[-1] for one in places[-4:])

        until(rests, "a page that stands still", 30)

    def picture(self, image: Any) -> str:
        """Return a fingerprint of the bytes of a picture on the page."""
        return hashlib.sha256(bytes(image.evaluate(BYTES))).hexdigest()

    def watch(self, image: Any) -> None:
        """From now on, see each redrawing of a picture, and the height of its output."""
        image.evaluate(WATCH)

    def seen(self) -> dict[str, Any]:
        """Return what was seen since `watch`: heights, delays in milliseconds, number of new pictures."""
        return self.page.evaluate("() => window.seen")

    def printed(self, identity: str) -> str:
        """Return what a cell has printed."""
        return "".join(output.get("text", "") for output in self.outputs()[identity])

    def replace_line(self, identity: str, old: str, new: str) -> None:
        """Replace a line of code, but not its indentation, by typing."""
        line = self.cell(identity).locator(".cm-line").filter(has_text=re.compile(f"^{re.escape(old)}$"))
        line.click()
        for key in ("End", "Shift+Home"):  # to the first sign of the line
            self.page.keyboard.press(key)
        self.page.keyboard.type(new)

    def tab_to(self, thing: Any, most: int = 10) -> None:
        """Press the tabulator until the focus is on a thing."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if thing.evaluate("node => node === document.activeElement"):
                return
        raise AssertionError(f"the tabulator does not come to {thing}")

    def run_cell(self, identity: str) -> None:
        """Click into a cell's code, press Ctrl + Enter and wait for the end."""
        self.cell(identity).locator(".cm-content").click()
        self.page.evaluate(LISTEN)
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function("name => window.course.done.includes(name)", arg=identity)
        until(self._kernel_is_idle, f"an idle kernel after {identity}")


@contextlib.contextmanager
def opened(browser: Any, server: Server, stem: str) -> Iterator[OpenNotebook]:
    """Open a lesson; whatever happens, close it and end its kernel."""
    notebook = OpenNotebook(browser, server, stem)
    try:
        yield notebook
    finally:
        notebook.close()
