"""A sweep that is interrupted or killed goes on from what is on disk, with the same numbers."""

import importlib.util
import os
import signal
import subprocess
import sys
import time

import pytest
from joblib.externals.loky import get_reusable_executor
from sweep_parts import GRID, calls, counted, noisy, same

from course_utils import storage
from course_utils.sweep import sweep


def test_what_is_on_disk_is_not_computed_again(tmp_path):
    log, folder = tmp_path / "log", tmp_path / "deep" / "folder"
    function = counted(log)
    first = sweep(function, {"x": [1, 2]}, seeds=2, folder=folder)
    assert same(sweep(function, {"x": [1, 2]}, seeds=2, folder=folder), first)
    assert len(calls(log)) == 4
    larger = sweep(function, {"x": [0, 1, 2]}, seeds=3, folder=folder)
    assert len(calls(log)) == 9
    assert same(larger, sweep(function, {"x": [0, 1, 2]}, seeds=3))
    assert all(path.suffix == ".npz" for path in folder.iterdir())


def test_an_edited_function_is_computed_anew_and_says_so(tmp_path):
    def define(body):
        path = tmp_path / f"module{abs(hash(body))}.py"
        path.write_text(f"def measured(x, *, seed):\n    {body}\n")
        spec = importlib.util.spec_from_file_location("lesson", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.measured

    sweep(define("return x"), {"x": [1, 2]}, seeds=1, folder=tmp_path / "kept")
    again = sweep(define("return (x)  # the same"), {"x": [1, 2]}, seeds=1, folder=tmp_path / "kept")
    assert [r["value"] for r in again.records] == [1, 2]
    with pytest.warns(UserWarning, match="2 points .* earlier version of lesson.measured"):
        changed = sweep(define("return 2 * x"), {"x": [1, 2]}, seeds=1, folder=tmp_path / "kept")
    assert [r["value"] for r in changed.records] == [2, 4]


@pytest.mark.parametrize(
    "damage",
    [lambda file: b"", lambda file: file[:-40], lambda file: file[:200] + b"?" + file[201:], lambda file: b"no"],
)
def test_a_damaged_file_is_computed_again(tmp_path, damage):
    first = sweep(noisy, GRID, seeds=1, folder=tmp_path)
    path = next(tmp_path.glob("*.npz"))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.warns(UserWarning, match="could not be read"):
        assert same(sweep(noisy, GRID, seeds=1, folder=tmp_path), first)
    assert same(sweep(noisy, GRID, seeds=1, folder=tmp_path), first)


def test_what_a_killed_process_left_half_written_is_cleared_when_it_is_old(tmp_path):
    (tmp_path / "old.new").write_text("half")
    (tmp_path / "young.new").write_text("half")
    os.utime(tmp_path / "old.new", (0, time.time() - 2 * storage._ABANDONED_SECONDS))
    sweep(noisy, GRID, seeds=1, folder=tmp_path)
    assert [path.name for path in tmp_path.glob("*.new")] == ["young.new"]


def test_an_interrupt_returns_what_was_done_and_the_sweep_goes_on_from_there(tmp_path):
    log = tmp_path / "log"
    inner = counted(log)

    def function(x, *, seed):
        if x == 3 and not (tmp_path / "stopped").exists():
            (tmp_path / "stopped").touch()
            raise KeyboardInterrupt
        return inner(x, seed=seed)

    with pytest.warns(UserWarning, match="interrupted"):
        part = sweep(function, {"x": [1, 2, 3, 4]}, seeds=1, folder=tmp_path / "kept")
    assert [r["x"] for r in part.records] == [1, 2]
    assert [p.setting["x"] for p in part.missing] == [3, 4]
    whole = sweep(function, {"x": [1, 2, 3, 4]}, seeds=1, folder=tmp_path / "kept")
    assert same(whole, sweep(inner, {"x": [1, 2, 3, 4]}, seeds=1))
    assert len(calls(log)) == 8


SCRIPT = """
import time
import numpy as np
from course_utils.sweep import sweep

def slow(x, *, seed):
    time.sleep(0.05)
    with open({log!r}, "a") as file:
        file.write(f"{{x}} {{seed}}\\n")
    return {{"noise": np.random.default_rng(seed).standard_normal(2), "x2": x**2}}

def run(folder):
    return sweep(slow, {{"x": list(range(12))}}, seeds=2, folder=folder, backend={backend!r}, workers=2)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a signal of POSIX systems")
@pytest.mark.parametrize("backend", ["here", "cores"])
def test_a_sweep_that_is_killed_midway_goes_on_where_it_was(tmp_path, monkeypatch, backend):
    log, name = tmp_path / "log", f"killed_{backend}"
    (tmp_path / f"{name}.py").write_text(SCRIPT.format(log=str(log), backend=backend))
    monkeypatch.syspath_prepend(tmp_path)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", path)  # for the workers, which import the function by its name
    get_reusable_executor().shutdown()  # workers of an earlier sweep would not see the path
    code = f"import {name}; {name}.run({str(tmp_path / 'kept')!r})"
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while len(list((tmp_path / "kept").glob("*.npz"))) < 5 and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.005)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # the process and its workers
        process.wait()
    kept = len(list((tmp_path / "kept").glob("*.npz")))
    assert 5 <= kept < 24
    before = len(calls(log))
    assert before - kept <= (1 if backend == "here" else 3)  # what was under way, or on its way to the disk
    module = importlib.import_module(name)
    resumed = module.run(tmp_path / "kept")
    assert len(calls(log)) - before == 24 - kept
    assert same(resumed, module.run(tmp_path / "fresh"))
