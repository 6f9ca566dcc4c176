"""A sweep runs a function over a grid of settings and seeds, and says what it cannot do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweep_parts import GRID, noisy

from course_utils.measure.statistics import estimate
from course_utils.results import Point, SweepError, packed
from course_utils.sweep import sweep

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
