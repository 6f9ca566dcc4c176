"""Error bars are themselves measured: does the quoted error cover the truth as often as it says?"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.measure.statistics import Estimate, blocking, estimate, estimates, jackknife, proportion


def autoregressive(phi, shape, rng):
    """A series with memory phi and unit variance, started in its stationary state."""
    noise = rng.standard_normal(shape) * math.sqrt(1 - phi**2)
    out = np.empty(shape)
    out[..., 0] = rng.standard_normal(shape[:-1])
    for t in range(1, shape[-1]):
        out[..., t] = phi * out[..., t - 1] + noise[..., t]
    return out


def test_estimate_of_known_numbers():
    measured = estimate([1.0, 2.0, 3.0, 4.0])
    assert measured.mean == 2.5
    assert measured.error == pytest.approx(math.sqrt(5 / 3 / 4))
    assert measured.n == 4


def test_the_interval_covers_the_truth_as_often_as_it_says_even_with_four_draws():
    draws = np.random.default_rng(3).standard_normal((4000, 4))
    covered = sum(low <= 0 <= high for low, high in (estimate(d).interval(0.9) for d in draws))
    assert abs(proportion(covered, 4000).z(0.9)) < 4


def test_z_adds_errors_of_two_measurements_in_quadrature():
    assert Estimate(1.0, 0.3, 9).z(Estimate(0.5, 0.4, 9)) == pytest.approx(1.0)
    assert Estimate(1.0, 0.0, 1).z(1.0) == 0
    assert Estimate(1.0, 0.0, 1).z(0.5) == math.inf


@pytest.mark.parametrize(
    ("measured", "shown"),
    [
        (Estimate(69.034, 1.22, 10), "69.0 ± 1.2"),
        (Estimate(1234.0, 56.0, 10), "1234 ± 56"),
        (Estimate(12345.0, 670.0, 10), "12340 ± 670"),
        (Estimate(0.5, 0.0, 2), "0.5 ± 0"),
    ],
)
def test_the_printed_digits_are_those_that_the_error_allows(measured, shown):
    assert str(measured) == shown


def test_a_column_a_setting():
    samples = np.random.default_rng(0).standard_normal((50, 3))
    assert estimates(samples) == [estimate(samples[:, k]) for k in range(3)]


@pytest.mark.parametrize("phi", [0.0, 0.6, 0.95])
def test_blocking_finds_the_error_of_a_series_with_memory(phi):
    """Over 400 series: the error has no bias beyond 10 %, and the 90 % interval covers the true mean 85 to 95 times."""
    steps = 4096
    lag = np.arange(1, steps)
    exact = math.sqrt((1 + 2 * np.sum((1 - lag / steps) * phi**lag)) / steps)
    found = [blocking(s) for s in autoregressive(phi, (400, steps), np.random.default_rng(5))]
    intervals = [f.interval(0.9) for f in found]
    assert abs(np.mean([f.error for f in found]) / exact - 1) < 0.10
    assert 0.85 < np.mean([low < 0 < high for low, high in intervals]) < 0.95


def test_the_naive_error_would_be_wrong_where_blocking_is_right():
    series = autoregressive(0.95, (1, 4096), np.random.default_rng(1))[0]
    assert blocking(series).error > 4 * estimate(series).error


def test_jackknife_agrees_with_the_mean_where_both_apply():
    draws = np.random.default_rng(2).standard_normal(40)
    assert jackknife(draws, np.mean).mean == pytest.approx(draws.mean())
    assert jackknife(draws, np.mean).error == pytest.approx(estimate(draws).error)


def test_jackknife_removes_the_bias_of_a_square():
    draws = np.random.default_rng(4).standard_normal((3000, 5))
    naive = estimate(draws.mean(1) ** 2)
    mended = estimate([jackknife(d, lambda s: float(np.mean(s)) ** 2).mean for d in draws])
    assert abs(mended.z(0.0)) < 4
    assert naive.z(0.0) > 20


def test_a_fraction_of_none_is_not_certain():
    assert proportion(0, 100).error > 0
    assert proportion(100, 100).mean == 1


@given(st.one_of(st.none(), st.text(max_size=3), st.just(math.nan), st.just(math.inf), st.booleans()))
def test_an_estimate_takes_only_finite_numbers(bad):
    with pytest.raises((TypeError, ValueError), match="mean must be"):
        Estimate(bad, 0.1, 3)


@pytest.mark.parametrize("samples", [[], [1.0], [1.0, math.nan], [[1.0, 2.0]], "ab", None, [None, 1]])
def test_estimate_names_what_it_takes(samples):
    with pytest.raises((TypeError, ValueError), match="samples must be"):
        estimate(samples)


@given(st.integers(-3, 0))
def test_no_estimate_without_a_draw(n):
    with pytest.raises(ValueError, match="n must be a whole number, at least 1"):
        Estimate(0.0, 1.0, n)


def test_other_bad_input():
    with pytest.raises(ValueError, match="error must be"):
        Estimate(0.0, -1.0, 3)
    with pytest.raises(ValueError, match="successes must be"):
        proportion(5, 4)
    with pytest.raises(ValueError, match="series must be"):
        blocking(np.ones(10))
    with pytest.raises(TypeError, match="derived must be a function"):
        jackknife(np.ones(5), "mean")
    with pytest.raises(ValueError, match="at least 3 replicas"):
        jackknife(np.ones(2), np.mean)
    with pytest.raises(ValueError, match="at least 2 rows"):
        estimates(np.ones((1, 4)))
    with pytest.raises(ValueError, match="n must be at least 2"):
        Estimate(0.0, 1.0, 1).interval()
    with pytest.raises(ValueError, match="confidence must be"):
        Estimate(0.0, 1.0, 3).interval(1.0)
