"""A sweep that is interrupted, killed, or loses a worker gives what one gives that was left alone."""

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils import storage
from course_utils.measure.statistics import estimate
from course_utils.results import Point, SweepError, packed
from course_utils.sweep import sweep

GRID = {"temperature": [0.5, 1.0, 2.0], "size": [4, 8]}


def noisy(temperature, size, *, seed):
    rng = np.random.default_rng(seed)
    return {
        "energy": -size / temperature + rng.standard_normal(),
        "spins": rng.integers(0, 2, size),
        "name": f"T={temperature}",
    }


def same(one, other):
    """Whether two results agree to the last bit."""
    assert len(one.records) == len(other.records)
    for a, b in zip(one.records, other.records, strict=True):
        assert list(a) == list(b)
        for name in a:
            np.testing.assert_array_equal(a[name], b[name])
            assert type(a[name]) is type(b[name])
    return True


# ---------------------------------------------------------------------------------------------- what comes out


def test_records_come_in_the_order_of_the_grid():
    result = sweep(noisy, GRID, seeds=[5, 3])
    assert [(r["temperature"], r["size"], r["seed"]) for r in result.records] == [
        (t, n, s) for t in (0.5, 1.0, 2.0) for n in (4, 8) for s in (5, 3)
    ]
    assert result.shape == (3, 2)
    assert result.missing == ()
    assert [r["spins"].shape for r in result.records[:4]] == [(4,), (4,), (8,), (8,)]
    assert isinstance(result.records[0]["energy"], float)


def test_estimates_are_means_over_the_seeds_of_each_setting():
    result = sweep(noisy, GRID, seeds=20)
    for setting, found in zip(result.settings, result.estimates("energy"), strict=True):
        chosen = [r["energy"] for r in result.records if {name: r[name] for name in GRID} == setting]
        assert found == estimate(chosen)
        assert abs(found.z(-setting["size"] / setting["temperature"])) < 4
        assert found.error < 0.5


def test_a_lone_number_is_called_value_and_columns_make_a_table():
    result = sweep(lambda x, seed: x**2, [{"x": 2}, {"x": 1}], seeds=2)
    assert result.columns()["value"].tolist() == [4, 4, 1, 1]
    assert [e.mean for e in result.estimates("value")] == [4.0, 1.0]


def test_estimates_say_what_they_need():
    result = sweep(noisy, GRID, seeds=1)
    with pytest.raises(ValueError, match=r"at least 2 seeds; at \{'temperature': 0.5, 'size': 4\}"):
        result.estimates("energy")
    with pytest.raises(ValueError, match=r"name must be one of .*'energy'"):
        result.estimates("magnetisation")
    with pytest.raises(ValueError, match="one finite number"):
        sweep(noisy, GRID, seeds=2).estimates("spins")
    with pytest.raises(ValueError, match="one finite number"):
        sweep(lambda x, seed: np.nan, {"x": [1]}, seeds=2).estimates("value")


# ---------------------------------------------------------------------------------------------- seeds


def test_the_seed_of_a_point_does_not_depend_on_what_else_is_in_the_sweep():
    def stream(temperature, size, *, seed):
        return seed

    full = {(r["temperature"], r["size"], r["seed"]): r["value"] for r in sweep(stream, GRID, seeds=[1, 2, 3]).records}
    assert len(set(full.values())) == len(full)
    turned = {"size": np.array([8]), "temperature": (2.0, np.float64(0.5))}
    for record in sweep(stream, turned, seeds=[3, 1]).records:
        assert record["value"] == full[record["temperature"], record["size"], record["seed"]]


def test_the_seed_of_a_point_is_the_same_in_every_version_of_the_course():
    """Written down once: a change would silently compute every kept sweep anew."""
    assert Point({"b": 0.5, "a": (1, "x")}, 7).stream == 3822620530758667098


def test_the_course_seed_shifts_the_seeds_of_a_sweep(monkeypatch):
    before = [r["seed"] for r in sweep(noisy, GRID, seeds=2).records]
    monkeypatch.setenv("COURSE_SEED", "1")
    assert not set(before) & {r["seed"] for r in sweep(noisy, GRID, seeds=2).records}


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,4}", fullmatch=True),
        st.integers() | st.floats(allow_nan=False) | st.text(max_size=3) | st.booleans(),
        min_size=1,
        max_size=3,
    ),
    st.integers(0, 2**40),
)
def test_points_are_told_apart_by_content_alone(setting, number):
    point = Point(setting, number)
    assert point.digest() == Point(dict(reversed(setting.items())), number).digest()
    assert point.digest() != Point(setting, number + 1).digest()
    assert point.digest("f") != point.digest("g")
    assert 0 <= point.stream < 2**63


# ---------------------------------------------------------------------------------------------- kept on disk


def counted(log):
    """A function that writes down each of its calls."""

    def point(x, *, seed):
        with open(log, "a") as file:
            file.write(f"{x} {seed}\n")
        return {"noise": np.random.default_rng(seed).standard_normal(3), "flag": x > 1}

    return point


def calls(log):
    return log.read_text().split("\n")[:-1] if log.exists() else []


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


# ---------------------------------------------------------------------------------------------- failures


@pytest.mark.parametrize("backend", ["here", "cores"])
def test_a_function_that_raises_names_the_setting_and_keeps_the_rest(tmp_path, backend):
    def fragile(x, y, *, seed):
        if x == 2 and not (tmp_path / "mended").exists():
            raise ZeroDivisionError("no such temperature")
        return x * y

    arguments = dict(grid={"x": [1, 2, 3], "y": [5.0]}, seeds=[7], folder=tmp_path / "kept", backend=backend)
    with pytest.raises(
        SweepError, match=r"1 of 3 points failed.*\nx=2, y=5.0, seed=7: ZeroDivisionError: no such"
    ) as told:
        sweep(fragile, **arguments)
    assert [r["value"] for r in told.value.result.records] == [5.0, 15.0]
    assert [p.setting["x"] for p in told.value.failures] == [2]
    (tmp_path / "mended").touch()
    assert [r["value"] for r in sweep(fragile, **arguments).records] == [5.0, 10.0, 15.0]


@pytest.mark.parametrize("returned", [None, object(), {"a": [object()]}, {1: 2.0}, {"x": 1.0}, {"seed": 3}])
def test_what_cannot_be_kept_is_named(returned):
    with pytest.raises(SweepError, match=r"x=1, seed=0: .*(must return|name of a setting)"):
        sweep(lambda x, seed: returned, {"x": [1]}, seeds=[0])


def test_tensors_come_back_as_arrays():
    torch = pytest.importorskip("torch")
    assert packed(torch.arange(3.0, requires_grad=True))["value"].tolist() == [0, 1, 2]


# ---------------------------------------------------------------------------------------------- workers


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


# ---------------------------------------------------------------------------------------------- bad input


def takes_x(x, *, seed):
    return x


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"function": 3}, "function must be a function"),
        ({"function": lambda y, seed: y}, "function must take x, seed by name"),
        ({"function": lambda x: x}, "function must take x, seed by name"),
        ({"function": lambda x, seed: x, "folder": "kept"}, "function must be defined with def"),
        ({"grid": {}}, "grid must be"),
        ({"grid": []}, "grid must be"),
        ({"grid": 5}, "grid must be"),
        ({"grid": {"x": []}}, "at least one value for x"),
        ({"grid": {"x": "abc"}}, "list of values for x"),
        ({"grid": {"x": 1.0}}, "list of values for x"),
        ({"grid": {"x": [object()]}}, "the setting x must be"),
        ({"grid": {"x": [float("nan")]}}, "the setting x must not be NaN"),
        ({"grid": {"x": [1, 1]}}, "same setting twice"),
        ({"grid": [{"x": 1}, {"y": 1}]}, "grid must be"),
        ({"grid": {"seed": [1]}}, "other than seed"),
        ({"grid": {3: [1]}}, "grid must"),
        ({"seeds": 0}, "seeds must be"),
        ({"seeds": []}, "seeds must be"),
        ({"seeds": [1, 1]}, "nor the same seed"),
        ({"seeds": [-1]}, "seeds must be"),
        ({"seeds": 1.5}, "seeds must be"),
        ({"seeds": "12"}, "seeds must be"),
        ({"backend": "ray"}, "backend must be one of 'here', 'cores', 'dask'"),
        ({"workers": 0}, "workers must be"),
        ({"workers": 1.0}, "workers must be"),
        ({"folder": 3}, "folder must be"),
    ],
)
def test_bad_input_is_named_before_any_work(change, named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = {"function": takes_x, "grid": {"x": [1]}, "seeds": 1, **change}
    with pytest.raises((TypeError, ValueError), match=named):
        sweep(**arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="folder must be a folder"):
        sweep(takes_x, {"x": [1]}, seeds=1, folder=tmp_path / "file")


def test_a_function_that_cannot_travel_is_named(tmp_path):
    with open(tmp_path / "open", "w") as handle:

        def holding(x, *, seed):
            return handle.name

        with pytest.raises(TypeError, match="can be sent to another process"):
            sweep(holding, {"x": [1]}, seeds=1, backend="cores")
