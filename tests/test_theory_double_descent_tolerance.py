"""Regression with a tolerance: tables computed elsewhere, limits, the transition, and simulation."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.dynamics import tolerance_regression
from course_utils.measure.statistics import estimate
from course_utils.models import regression
from course_utils.theory import canatar2024


def table(name):
    """Read a table; its provenance is in its first line."""
    path = Path(__file__).parent / f"reference/tolerance_regression_{name}.csv"
    return np.genfromtxt(path, delimiter=",", skip_header=2)


def test_learning_curves_agree_with_the_table():
    for sigma, eps, alpha, error, training, support in table("curves"):
        found = canatar2024.learning_curve(alpha, tolerance=eps, noise=sigma)
        assert float(found.error) == pytest.approx(error, rel=1e-7)
        assert float(found.training_error) == pytest.approx(training, abs=1e-8)
        assert float(found.support) == pytest.approx(support, abs=1e-8)


def test_critical_loads_agree_with_the_table_and_the_expansion():
    for ratio, load in table("critical"):
        assert canatar2024.critical_load(ratio, 1.0) == pytest.approx(load, rel=1e-8)
        assert canatar2024.critical_load(ratio * 0.3, 0.3) == pytest.approx(load, rel=1e-8)
    assert canatar2024.critical_load(0.01, 1.0) == pytest.approx(1 + 2 / np.pi * 1e-4, abs=1e-7)


def test_the_tuned_tolerance_agrees_with_the_table_and_never_beats_the_tuned_ridge():
    for sigma, alpha, width, error, ridge_error in table("tuned"):
        found = canatar2024.best_tolerance(alpha, sigma)
        assert found == pytest.approx((width, error), abs=2e-5)
        ridged = canatar2024.learning_curve(alpha, tolerance=0.0, noise=sigma, ridge=sigma**2)
        assert float(ridged.error) == pytest.approx(ridge_error, rel=1e-9)
        assert ridge_error < found[1]


@pytest.mark.parametrize("noise", [0.3, 1.0])
@pytest.mark.parametrize("load", [0.5, 1.0, 2.0, 4.0])
def test_with_both_allowed_the_best_tolerance_is_none(noise, load):
    widths, ridges = np.linspace(0, 1.5, 31)[:, None], noise**2 * np.geomspace(0.05, 20, 81)
    error = canatar2024.learning_curve(load, tolerance=widths, noise=noise, ridge=ridges).error
    assert np.unravel_index(error.argmin(), error.shape) == (0, 40)


def test_without_tolerance_it_is_least_squares():
    loads = np.array([0.2, 0.6, 0.95, 1.05, 2.0, 6.0])
    found = canatar2024.learning_curve(loads, tolerance=0.0, noise=0.5)
    expected = np.where(loads < 1, 0.25 / (1 - loads) + 1 - loads, 0.25 * loads / (loads - 1))
    assert found.error == pytest.approx(expected)
    assert found.training_error == pytest.approx(np.where(loads > 1, 0.25 * (1 - 1 / loads), 0))
    assert np.isinf(canatar2024.learning_curve(1.0, tolerance=0.0, noise=0.5).error)


@given(st.floats(0.02, 2), st.floats(0.1, 2))
def test_the_peak_is_at_the_critical_load_and_the_training_error_begins_there(width, noise):
    load = canatar2024.critical_load(width, noise)
    near = canatar2024.learning_curve(
        load * np.array([1 - 1e-5, 1 - 1e-9, 1 + 1e-9, 1.02]), tolerance=width, noise=noise
    )
    assert near.error[0] < near.error[1]
    assert near.error[2] > near.error[3]
    assert canatar2024.peak_error(width, noise) == pytest.approx(near.error[2], rel=2e-3)
    assert near.training_error[:2].max() < 1e-12
    assert near.training_error[3] > 0
    assert canatar2024.critical_tolerance(load, noise) == pytest.approx(width, rel=1e-6)


@pytest.mark.parametrize("ridge", [0.0, 1e-3, 0.1])
def test_the_equation_has_one_root(ridge):
    for load in (0.5, 1.1, 1.9, 5.0):
        for width in (0.1, 0.5, 1.0):
            e = np.linspace(1e-6, width / 0.5, 4001)
            error = canatar2024._state(np.full_like(e, load), e, 0.5, np.full_like(e, ridge))[0]
            assert np.count_nonzero(np.diff(np.sign(e**2 * error - width**2))) == 1


@pytest.mark.parametrize(("load", "width"), [(0.6, 0.25), (1.5, 0.25), (2.4, 0.5), (0.9, 1.0), (1.3, 0.1)])
def test_theory_agrees_with_fits(load, width):
    taught = regression.teacher_data(80, round(100 * load), 100, scale=0.1, noise=0.5, seed=31)
    weights = tolerance_regression.fit(taught.inputs, taught.targets, width, ridge=1e-4)
    exact = canatar2024.learning_curve(load, tolerance=width, noise=0.5, ridge=1e-4)
    error = estimate(taught.test_error(weights))
    assert abs(error.z(float(exact.error))) < 4
    assert error.error < 0.03 * error.mean
    support = estimate(tolerance_regression.support(taught.inputs, taught.targets, width, weights, slack=1e-3))
    assert abs(support.z(float(exact.support))) < 4
    assert support.error < 0.01
    if exact.training_error > 1e-4:
        training = estimate(tolerance_regression.training_error(taught.inputs, taught.targets, width, weights))
        assert abs(training.z(float(exact.training_error))) < 4


def test_a_ridge_of_any_size_is_in_the_theory():
    for ridge in (0.02, 0.25, 2.0):
        taught = regression.teacher_data(80, 120, 100, scale=0.1, noise=0.5, seed=32)
        error = estimate(taught.test_error(tolerance_regression.fit(taught.inputs, taught.targets, 0.25, ridge=ridge)))
        exact = canatar2024.learning_curve(1.2, tolerance=0.25, noise=0.5, ridge=ridge).error
        assert abs(error.z(float(exact))) < 4
        assert error.error < 0.02


def test_the_least_tolerance_narrows_around_theory():
    spread = {}
    for size, replicas in ((15, 300), (60, 100)):
        taught = regression.teacher_data(replicas, round(1.8 * size), size, scale=size**-0.5, noise=1.0, seed=33)
        found = tolerance_regression.least_tolerance(taught.inputs, taught.targets)
        spread[size] = found.std(ddof=1)
    assert abs(estimate(found).z(canatar2024.critical_tolerance(1.8, 1.0))) < 4  # at the larger size
    assert spread[15] / spread[60] == pytest.approx(2, abs=4 * 2 * np.sqrt(1 / 600 + 1 / 200))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: canatar2024.learning_curve(0.0, tolerance=0.1, noise=0.5), "load must be"),
        (lambda: canatar2024.learning_curve(1.0, tolerance=-0.1, noise=0.5), "tolerance must be"),
        (lambda: canatar2024.learning_curve(1.0, tolerance=0.1, noise=0.0), "noise must be"),
        (lambda: canatar2024.learning_curve(1.0, tolerance=0.1, noise=0.5, ridge=-1.0), "ridge must be"),
        (lambda: canatar2024.learning_curve([1.0, 2.0], tolerance=[0.1, 0.2, 0.3], noise=0.5), "must have shapes"),
        (lambda: canatar2024.critical_load(-1.0, 1.0), "tolerance must be"),
        (lambda: canatar2024.critical_load(21.0, 1.0), "tolerance / noise must be"),
        (lambda: canatar2024.critical_tolerance(-1.0, 1.0), "load must be"),
        (lambda: canatar2024.peak_error(0.1, np.nan), "noise must be"),
        (lambda: canatar2024.best_tolerance(0.0, 1.0), "load must be"),
        (lambda: canatar2024.support(-1.0), "e must be"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
