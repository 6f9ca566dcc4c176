"""Start JupyterLab as `make lab` does, see that it answers and serves the start page, stop it (`make lab OPEN=0`)."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

PATIENCE = 120  # seconds; a first start on a slow disk takes a while
ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(address: str, token: str) -> Any:
    """What the server answers, or None if it does not (yet)."""
    request = urllib.request.Request(address, headers={"Authorization": f"token {token}"})
    try:
        # a proxy of the surroundings must not come between us and our own machine
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            body = answer.read().decode()
    except OSError:
        return None
    with contextlib.suppress(ValueError):
        return json.loads(body)
    return body


def wait_for(address: str, token: str, server: subprocess.Popen, end: float) -> Any:
    while time.monotonic() < end and server.poll() is None:
        answer = ask(address, token)
        if answer is not None:
            return answer
        time.sleep(0.3)
    return None


def stop(server: subprocess.Popen) -> None:
    """End the server and whatever it started, and nothing else."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(5)
    for ask_harder in (server.terminate, server.kill):
        if server.poll() is None:
            ask_harder()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(10)


def main(start_page: str) -> int:
    port, token = free_port(), secrets.token_hex(16)
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", "--port-retries=0"]
    command += [f"--port={port}", f"--ServerApp.root_dir={ROOT}", f"--IdentityProvider.token={token}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        started = time.monotonic()
        try:
            status = wait_for(f"{address}/api/status", token, server, started + PATIENCE)
            page = status and ask(f"{address}/api/contents/{start_page}?content=0", token)
            lab = page and ask(f"{address}/lab/tree/{start_page}", token)
        finally:
            stop(server)
        if status and page and page.get("type") == "notebook" and lab and "JupyterLab" in lab:
            print(f"JupyterLab answers after {time.monotonic() - started:.0f} s and serves {start_page}.")
            return 0
        log.seek(0)
        print(log.read()[-3000:], file=sys.stderr)
    answered = "it does not answer" if not status else f"it answers, but does not serve {start_page}"
    print(f"JupyterLab was started, but {answered}; its own words are above.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "lessons/00_start_here.ipynb"))
