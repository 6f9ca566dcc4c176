"""A front end of Colab's generation for the tests: Notebook 6 with the widgets of ipywidgets 7."""

import contextlib
import hashlib
import secrets
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from colab_world import ON_COLAB, VENV, surroundings
from front_end import BYTES, PATIENCE, SHOTS, until

from try_server import free_port, stop, wait_for

IDLE = "() => window.Jupyter && Jupyter.notebook && Jupyter.notebook.kernel && Jupyter.notebook.kernel.is_connected()"
CODE = "Jupyter.notebook.get_cells().filter(cell => cell.cell_type === 'code')"
ALL_DONE = f"() => !Jupyter.notebook.kernel_busy && {CODE}.every(cell => /^[0-9]+$/.test(cell.input_prompt_number))"
OUTPUTS = f"() => {CODE}.map(cell => cell.output_area.toJSON()).flat()"


@contextlib.contextmanager
def served(python: Path, folder: Path) -> Iterator[str]:
    """Run Notebook 6 over the folder of one lesson; the address of the folder's notebooks, up to the name."""
    port, token = free_port(), secrets.token_hex(16)
    command = [python, "-m", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--port-retries=0", f"--NotebookApp.token={token}", f"--notebook-dir={folder}"]
    places = {
        "JUPYTER_PATH": str(VENV / "share" / "jupyter"),
        "JUPYTER_CONFIG_PATH": str(VENV / "etc" / "jupyter"),
        **{f"JUPYTER_{kind}_DIR": str(folder.parent / kind) for kind in ("CONFIG", "DATA", "RUNTIME")},
        **{name: str(folder.parent / name) for name in ("COURSE_HOME", "IPYTHONDIR", "NUMBA_CACHE_DIR")},
        "COURSE_SEED": "0",
    }
    own = surroundings(**ON_COLAB, **places)
    with (folder.parent / "server.log").open("w+") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=own, start_new_session=True)
        try:
            if not wait_for(f"http://127.0.0.1:{port}/api/status", token, server, time.monotonic() + PATIENCE):
                log.seek(0)
                raise AssertionError(f"Notebook 6 does not answer:\n{log.read()[-3000:]}")
            yield f"http://127.0.0.1:{port}/notebooks/{{}}?token={token}"
        finally:
            stop(server)


@contextlib.contextmanager
def opened(browser: Any, address: str) -> Iterator[Any]:
    """Open a notebook on a page of its own, and close it whatever happens."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    try:
        page.goto(address)
        yield page
    finally:
        with contextlib.suppress(Exception):  # a picture of the end is a help, not a duty
            SHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SHOTS / f"{address.split('/')[-1][:2]}_notebook_6_at_the_end.png")
        context.close()


def run_all(page: Any) -> list[dict[str, Any]]:
    """Run all cells by the menu, wait for the last, and return all outputs."""
    page.wait_for_function(IDLE)
    page.get_by_role("link", name="Cell", exact=True).click()
    page.locator("#run_all_cells a").click()
    page.wait_for_function(ALL_DONE)
    return page.evaluate(OUTPUTS)


def picture(image: Any) -> str:
    """Return a fingerprint of the bytes of a picture on the page."""
    return hashlib.sha256(bytes(image.evaluate(BYTES))).hexdigest()


def another(image: Any, before: str, what: str) -> str:
    """Wait until the picture is another one than before, and return its fingerprint."""
    return until(lambda: (now := picture(image)) != before and now, what, 30)
