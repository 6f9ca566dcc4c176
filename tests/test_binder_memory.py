"""What Binder promises a session is 1 GB: JupyterLab's server and the hungriest lesson fit in together.

The lesson is run through the server, as a page in a browser does: the server starts the kernel, and every output passes
through it. Run by `make solved`; on a machine without /proc it is not tried.
"""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import nbformat
import psutil
import pytest
from conftest import ROOT

from try_server import free_port, stop, wait_for

PROMISED = 1e9  # bytes; mybinder.org guarantees 1 GB (at 2 GB it would end the kernel)
PATIENCE = 120
NOTEBOOKS = sorted(ROOT.glob("lessons/[0-9]*.ipynb"))

pytestmark = [
    pytest.mark.lesson,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="NOT TRIED: memory is read from Linux's /proc"),
]


def hungriest():
    """Return the lesson with the largest measured memory."""
    return max(NOTEBOOKS, key=lambda path: nbformat.read(path, as_version=4).metadata.course.megabytes)


class Memory(threading.Thread):
    """Watches a process and all that it starts, as Linux counts: resident sets, what several share in each of them.

    ``together`` is the largest sum that was seen, looked at four times a second. ``apart`` is the sum of the largest
    that each ever had (VmHWM, kept by Linux itself, so that no peak is missed): never less than all had at any moment.
    """

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.together, self.peaks, self.commands = process, 0, {}, {}
        self.enough = threading.Event()

    @property
    def apart(self):
        return sum(self.peaks.values())

    def run(self):
        while not self.enough.wait(0.25):
            self.look()

    def look(self):
        now = 0
        with contextlib.suppress(psutil.Error):  # the server has ended meanwhile
            server = psutil.Process(self.process.pid)
            for one in (server, *server.children(recursive=True)):
                with contextlib.suppress(OSError, KeyError, psutil.Error):  # it has ended meanwhile
                    lines = Path("/proc", str(one.pid), "status").read_text().splitlines()
                    kilobytes = {name: int(rest.split()[0]) for name, rest in map(field, lines) if name[:2] == "Vm"}
                    now += 1024 * kilobytes["VmRSS"]
                    self.peaks[one.pid] = 1024 * kilobytes["VmHWM"]
                    self.commands.setdefault(one.pid, " ".join(one.cmdline()[1:3]))
        self.together = max(self.together, now)

    def __str__(self):
        each = ", ".join(f"{peak / 1e6:.0f} MB {self.commands[pid]}" for pid, peak in self.peaks.items())
        return f"{self.together / 1e6:.0f} MB together; each at its own highest: {each}"


def field(line):
    name, _, rest = line.partition(":")
    return name, rest


class Page:
    """What a browser's page does: asks the server for a kernel, sends cells, takes what comes back."""

    def __init__(self, port, token, notebook):
        import websocket

        self.address, self.token = f"127.0.0.1:{port}", token
        about = {"path": notebook.name, "name": notebook.name, "type": "notebook", "kernel": {"name": "python3"}}
        self.kernel = self.ask("api/sessions", about)["kernel"]["id"]
        channels = f"ws://{self.address}/api/kernels/{self.kernel}/channels?token={token}"
        self.socket = websocket.create_connection(channels, timeout=PATIENCE, http_no_proxy=["127.0.0.1"])

    def ask(self, what, data):
        request = urllib.request.Request(f"http://{self.address}/{what}", data=json.dumps(data).encode())
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def run(self, source):
        """Run one cell; return the mime types and the errors of its outputs."""
        name = secrets.token_hex(8)
        header = {"msg_id": name, "msg_type": "execute_request", "session": "page", "username": "", "version": "5.3"}
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": True}
        self.socket.send(
            json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"})
        )
        kinds, errors = [], []
        while True:
            raw = self.socket.recv()
            if not isinstance(raw, str):  # buffers of a widget: the picture's bytes
                continue
            message = json.loads(raw)
            if message["parent_header"].get("msg_id") != name:
                continue
            if message["msg_type"] == "error":
                errors.append(message["content"]["evalue"])
            kinds += message["content"].get("data", {}) if message["msg_type"] == "display_data" else []
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return kinds, errors


def lab(folder, port, token):
    """Start JupyterLab as Binder does: with one thread, and nothing of the machine's own settings."""
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", f"--port={port}"]
    command += ["--port-retries=0", f"--ServerApp.root_dir={ROOT / 'lessons'}", f"--IdentityProvider.token={token}"]
    if os.geteuid() == 0:
        command.append("--allow-root")
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"COURSE_HOME": str(folder / "home"), "NUMBA_CACHE_DIR": str(folder / "numba"), "COURSE_SEED": "0"}
    with (folder / "log").open("w") as log:
        return subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **own, "OMP_NUM_THREADS": "1"},
        )


def test_the_server_and_the_hungriest_lesson_fit_into_what_binder_promises(tmp_path, capsys):
    notebook, port, token = hungriest(), free_port(), secrets.token_hex(16)
    server = lab(tmp_path, port, token)
    memory = Memory(server)
    try:
        end = time.monotonic() + PATIENCE
        assert wait_for(f"http://127.0.0.1:{port}/api/status", token, server, end), (tmp_path / "log").read_text()
        memory.start()
        page, pictures = Page(port, token, notebook), 0
        for cell in nbformat.read(notebook, as_version=4).cells:
            if cell.cell_type == "code":
                kinds, errors = page.run(cell.source)
                assert errors == [], f"{notebook.name}, cell {cell.id}: {errors}"
                pictures += kinds.count("image/png")
        memory.look()
        page.socket.close()
    finally:
        memory.enough.set()
        stop(server)
    assert pictures >= 4, "the lesson drew nothing: it did not run as it does for a learner"
    assert all(any(part in command for command in memory.commands.values()) for part in ("jupyterlab", "ipykernel"))
    told = f"{notebook.stem}: {memory}"
    with capsys.disabled():
        print(f"\n{told}")
    assert memory.apart < PROMISED, told
