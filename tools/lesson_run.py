"""Run a notebook in a fresh kernel, as a learner's Run All would, and measure what it costs."""

import ast
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from house import LessonError

CELL_TIMEOUT = 120
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
STRAY_METADATA = ("execution", "trusted", "collapsed", "scrolled")

# What the kernel is asked when the last cell is done. Workers of a process pool count, alive or not.
METER = """
def _course_meter():
    import resource, sys
    own, gone = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = own.ru_utime + own.ru_stime + gone.ru_utime + gone.ru_stime
    try:
        import psutil
        for child in psutil.Process().children(recursive=True):
            used = child.cpu_times()
            seconds += used.user + used.system
    except Exception:
        pass
    try:
        with open("/proc/self/status") as status:
            peak = next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        peak = own.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"processor_seconds": round(seconds, 1), "megabytes": round(peak / 1e6)}
"""


class LessonFailedError(LessonError):
    """A lesson did not come through; `notebook` holds what there is of it, for looking at."""

    def __init__(self, message: str, notebook: nbformat.NotebookNode) -> None:
        super().__init__(message)
        self.notebook = notebook


class SafeClient(NotebookClient):
    """nbclient without its stall: widget messages sent while a reply is awaited can leave it waiting for ever.

    Waiting in slices of half a second lets the pending message through (nbclient issue 312).
    """

    async def async_start_new_kernel_client(self) -> Any:
        client = await super().async_start_new_kernel_client()
        original = client.shell_channel.get_msg

        async def get_msg(timeout: float | None = None) -> Any:
            end = None if timeout is None else time.monotonic() + timeout
            while True:
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    raise Empty
                try:
                    return await original(timeout=0.5 if left is None else min(0.5, left))
                except Empty:
                    continue

        client.shell_channel.get_msg = get_msg
        return client

    start_new_kernel_client = run_sync(async_start_new_kernel_client)

    async def async_whisper(self, code: str) -> None:
        """Run code that is no cell and leaves no output; it must not fail."""
        reply = await self.async_wait_for_reply(self.kc.execute(code, silent=True, store_history=False))
        if reply["content"]["status"] != "ok":
            raise LessonError(f"the prologue failed: {reply['content'].get('evalue')}")

    whisper = run_sync(async_whisper)

    async def async_meter(self) -> dict[str, Any]:
        """Ask the kernel for its processor seconds and peak memory; the request is no cell and leaves no output."""
        message = self.kc.execute(METER, silent=True, store_history=False, user_expressions={"cost": "_course_meter()"})
        reply = await self.async_wait_for_reply(message)
        return ast.literal_eval(reply["content"]["user_expressions"]["cost"]["data"]["text/plain"])

    meter = run_sync(async_meter)


@contextmanager
def learner_environment(course_seed: int) -> Iterator[tuple[dict[str, str], Path]]:
    """The environment of a learner who opens the course for the first time: no progress, nothing compiled yet."""
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as folder:
        fresh = {name: str(Path(folder, name)) for name in ("COURSE_HOME", "NUMBA_CACHE_DIR", "IPYTHONDIR")}
        for place in fresh.values():
            os.mkdir(place)
        environment = {
            **os.environ,
            **fresh,
            "COURSE_SEED": str(course_seed),
            "OMP_NUM_THREADS": "1",
            "TQDM_DISABLE": "1",  # a bar draws widgets or writes its speed to stderr
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
        for leaking in ("PYTHONWARNINGS", "COLAB_RELEASE_TAG"):
            environment.pop(leaking, None)
        yield environment, Path(folder)


class OnePython(KernelSpecManager):
    """Knows one kernel: that of the Python it was made for."""

    python: Path

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        command = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")


def kernel_manager(python: Path | None = None) -> AsyncKernelManager:
    """The kernel of *this* Python (or of another), whatever kernels the user has installed under the name python3."""
    specs = KernelSpecManager(kernel_dirs=[])
    if python is not None:
        specs = OnePython(kernel_dirs=[])
        specs.python = python
    return AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)


def run(
    notebook: nbformat.NotebookNode,
    folder: Path,
    *,
    course_seed: int = 0,
    look: Callable[[Path], Any] | None = None,
    prologue: str = "",
    python: Path | None = None,
    surroundings: Mapping[str, str] | None = None,
    longest: int = CELL_TIMEOUT,
) -> dict[str, Any]:
    """Execute a notebook in place, in `folder`, and return what it cost.

    `prologue` is code that the kernel runs before the first cell, in silence (for tests that listen in).

    `look` is called with the learner's home folder of this run when all cells are done (for tests that want to see the
    progress file); what it returns stands in the record as "seen". `python` runs the kernel (this one, if none is
    named), and `surroundings` are added to its environment. A cell may take `longest` seconds.
    """
    with learner_environment(course_seed) as (environment, home):
        client = SafeClient(
            notebook,
            km=kernel_manager(python),
            timeout=longest,
            store_widget_state=False,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(folder)}},
        )
        client.reset_execution_trackers()
        start = time.monotonic()
        with (
            open(home / "kernel.log", "w+", encoding="utf-8") as log,
            client.setup_kernel(env={**environment, **(surroundings or {})}, cleanup_kc=True, stderr=log),
        ):
            if prologue:
                client.whisper(prologue)
            for index, cell in enumerate(notebook.cells):
                execute(client, cell, index)
            wall = time.monotonic() - start
            record = {**client.meter(), "wall_seconds": round(wall, 1), "seed": course_seed}
        if look is not None:
            record["seen"] = look(home / "COURSE_HOME")
        clean(notebook)
        faults = [fault for cell in notebook.cells for fault in output_faults(cell, [str(home)])]
    if faults:
        raise LessonFailedError("\n".join(faults), notebook)
    return record


def execute(client: SafeClient, cell: nbformat.NotebookNode, index: int) -> None:
    """Run one cell; a failure is told with the cell's id and the kernel's own words."""
    try:
        client.execute_cell(cell, index, execution_count=client.code_cells_executed + 1)
    except CellExecutionError as problem:
        said = re.sub(r"\x1b\[[0-9;]*m", "", problem.traceback)
    except CellTimeoutError:
        said = f"took longer than {client.timeout} s"
    except DeadKernelError:
        said = "the kernel died (out of memory?)"
    else:
        return
    raise LessonFailedError(f"cell {cell.id}: {said}", client.nb)


def clean(notebook: nbformat.NotebookNode) -> None:
    """Drop what differs from run to run, and widget views, which say "model not found" until the first run."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for name in STRAY_METADATA:
            cell.metadata.pop(name, None)
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            if "data" in output:
                output.data.pop(WIDGET_VIEW, None)
        cell.outputs = [output for output in cell.outputs if output.get("data", True)]


def machine_paths(extra: list[str]) -> list[str]:
    """Folders that are this machine's alone and have no place in a lesson."""
    root = Path(__file__).resolve().parents[1]
    places = {str(root), str(Path.home()), tempfile.gettempdir(), os.path.realpath(tempfile.gettempdir()), *extra}
    return sorted((place for place in places if len(place) > 1), key=len, reverse=True)


def output_faults(cell: nbformat.NotebookNode, private: list[str] | None = None) -> list[str]:
    """What must not stand in a committed output: errors, warnings, this machine's folders, evidence that fails."""
    faults = []
    for output in cell.get("outputs", ()):
        if output.output_type == "error":
            faults.append(f"cell {cell.id}: {output.ename}: {output.evalue}")
        if output.output_type == "stream" and output.name == "stderr":
            faults.append(f"cell {cell.id} writes to stderr: {output.text.strip()[:300]}")
        for row in output.get("data", {}).get("application/vnd.course-evidence+json", ()):
            if not row["holds"]:
                faults.append(f"cell {cell.id}: evidence does not hold: {row['claim']} (deviation {row['z']:+.3g} σ)")
        words = str(output.get("text", "")) + "".join(
            str(value) for mime, value in output.get("data", {}).items() if not mime.startswith("image/")
        )
        for place in machine_paths(private or []):
            at = words.find(place + os.sep)
            if at >= 0 and not words[max(at - 1, 0) : at].replace("/", "x").isalnum():
                faults.append(f"cell {cell.id} shows a folder of this machine: {words[at : at + 80]!r}")
                break
    return faults
