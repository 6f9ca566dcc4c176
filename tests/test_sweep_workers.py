"""A sweep that loses a worker gives what one gives that was left alone: cores and a Dask cluster."""

import contextlib
import importlib.util
import os
import signal
import sys
import time

import numpy as np
import pytest
from sweep_parts import GRID, calls, noisy, same

from course_utils.results import Point, SweepError
from course_utils.sweep import sweep


def dies_once(tmp_path, log):
    """A function whose process is killed at x = 5, the first time."""

    def mortal(x, *, seed):
        with open(log, "a") as file:
            file.write(f"{x} {seed}\n")
        time.sleep(0.02)
        if x == 5:
            with contextlib.suppress(FileExistsError), open(tmp_path / "died", "x"):
                time.sleep(0.3)  # what was finished before has time to arrive
                os.kill(os.getpid(), signal.SIGKILL)
        return np.random.default_rng(seed).standard_normal(2)

    return mortal


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a signal of POSIX systems")
def test_a_worker_that_is_killed_loses_its_current_point_only(tmp_path):
    log = tmp_path / "log"
    mortal = dies_once(tmp_path, log)
    grid = {"x": list(range(12))}
    with pytest.warns(UserWarning, match="a worker process died"):
        result = sweep(mortal, grid, seeds=[1], folder=tmp_path / "kept", backend="cores", workers=2)
    assert (tmp_path / "died").exists()
    assert 13 <= len(calls(log)) <= 15  # two at a time, and perhaps one that was finished in the same instant
    assert same(result, sweep(mortal, grid, seeds=[1]))


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a signal of POSIX systems")
def test_a_point_that_kills_every_worker_is_named_and_the_rest_is_kept():
    def deadly(x, *, seed):
        if x == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return x

    with (
        pytest.warns(UserWarning, match="a worker process died"),
        pytest.raises(SweepError, match=r"x=2, seed=1: its worker process died again and again") as told,
    ):
        sweep(deadly, {"x": [1, 2, 3, 4]}, seeds=[1], backend="cores", workers=2)
    assert [r["value"] for r in told.value.result.records] == [1, 3, 4]


def test_workers_have_one_thread_each_and_give_the_same_numbers():
    def inside(x, *, seed):
        import torch

        return {"threads": torch.get_num_threads(), "noise": np.random.default_rng(seed).random()}

    result = sweep(inside, {"x": [1, 2]}, seeds=2, backend="cores", workers=64)
    assert result.columns()["threads"].tolist() == [1] * 4
    assert same(result, sweep(inside, {"x": [1, 2]}, seeds=2))


def test_dask_is_optional_and_its_absence_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModuleNotFoundError, match=r"physics-lens-on-deep-learning\[dask\]"):
        sweep(noisy, GRID, seeds=1, backend="dask")


@pytest.fixture
def two_dask_workers(request):
    """Two worker processes on this machine, closed without a trace."""
    if importlib.util.find_spec("distributed") is None:
        pytest.skip("NOT TESTED: sweeps on a Dask cluster, because the package distributed is not installed")
    import dask
    import distributed

    with (
        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": getattr(request, "param", 3),
                "distributed.logging.distributed": "critical",
            }
        ),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=60) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a signal of POSIX systems")
@pytest.mark.filterwarnings("default")  # of other people's packages
def test_two_dask_workers_one_of_them_killed_midway(tmp_path, two_dask_workers):
    log = tmp_path / "log"
    mortal = dies_once(tmp_path, log)
    grid = {"x": list(range(16))}
    result = sweep(mortal, grid, seeds=[1], folder=tmp_path / "kept", backend="dask")
    assert (tmp_path / "died").exists()
    streams = [f"{x} {Point({'x': x}, 1).stream}" for x in grid["x"]]
    assert set(calls(log)) == set(streams)
    assert calls(log).count(streams[5]) == 2
    assert len(calls(log)) <= 18  # the point that was lost; on a busy machine a result still on its way to us, too
    assert len(list((tmp_path / "kept").glob("*.npz"))) == 16
    assert same(result, sweep(mortal, grid, seeds=[1]))


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a signal of POSIX systems")
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("two_dask_workers", [0], indirect=True)  # deaths that Dask puts up with before it tells
def test_a_point_that_kills_every_dask_worker_is_named_and_the_rest_is_kept(two_dask_workers):
    def deadly(x, *, seed):
        if x == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return x

    with (
        pytest.warns(UserWarning, match="a worker process died"),
        pytest.raises(SweepError, match=r"x=2, seed=1: its worker process died again and again") as told,
    ):
        sweep(deadly, {"x": [1, 2, 3, 4]}, seeds=[1], backend="dask", workers=1)
    assert [r["value"] for r in told.value.result.records] == [1, 3, 4]


def test_a_dask_cluster_without_workers_is_named(monkeypatch):
    distributed = pytest.importorskip("distributed")

    class Empty:
        def wait_for_workers(self, number, timeout):
            raise distributed.TimeoutError

    monkeypatch.setattr(distributed, "default_client", Empty)
    with pytest.raises(RuntimeError, match="the Dask cluster has no worker after 60 seconds"):
        sweep(noisy, GRID, seeds=1, backend="dask")
