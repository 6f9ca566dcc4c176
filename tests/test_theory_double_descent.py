"""Double descent in linear models: exact values, limits, tables computed elsewhere, and simulation."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.models import regression
from course_utils.theory import canatar2024, hastie2022, heckel2020, mei2022

# Provenance of each table is in its first line.
FEATURES = np.genfromtxt(Path(__file__).parent / "reference/random_features_risk.csv", delimiter=",", skip_header=2)


# --- Hastie, Montanari, Rosset, Tibshirani


def test_the_known_values_of_the_least_norm_risk():
    # R = σ²γ/(1−γ) and r²(1−1/γ) + σ²/(γ−1), by hand for r = 1, σ = 1/2
    assert hastie2022.risk([0.1, 0.8, 1.1, 1.5, 3, 10]) == pytest.approx(
        [0.25 / 9, 1.0, 0.1 / 1.1 + 2.5, 1 / 3 + 0.5, 2 / 3 + 0.125, 0.9 + 0.25 / 9]
    )
    assert hastie2022.risk(1.0, noise=0.0) == 0
    assert np.isinf(hastie2022.risk(1.0))


@pytest.mark.parametrize("ratio", [0.3, 0.7, 1.4, 5.0])
def test_the_finite_risk_tends_to_the_infinite_one(ratio):
    gaps = [hastie2022.finite_risk(round(ratio * n), n) - float(hastie2022.risk(ratio)) for n in (100, 1000, 10_000)]
    assert np.abs(gaps[2]) < 1.2e-3
    assert gaps[0] == pytest.approx(10 * gaps[1], rel=0.1) == pytest.approx(100 * gaps[2], rel=0.1)


@pytest.mark.parametrize(("weights", "samples"), [(9, 18), (18, 9)])
def test_the_finite_risk_is_exact_for_a_handful_of_samples(weights, samples):
    taught = regression.teacher_data(6000, samples, weights, noise=0.5, seed=6)
    risks = taught.test_error(regression.least_norm(taught.inputs, taught.targets)) - 0.25
    error = risks.std(ddof=1) / np.sqrt(6000)
    assert abs(risks.mean() - hastie2022.finite_risk(weights, samples)) < 4 * error
    assert error < 0.02 * 0.25 * 9 / 8  # the 1 in n - p - 1 would show


def test_the_mean_is_infinite_next_to_the_threshold_and_only_with_noise():
    assert [np.isinf(hastie2022.finite_risk(p, 10)) for p in (8, 9, 10, 11, 12)] == [False, True, True, True, False]
    assert hastie2022.finite_risk(10, 10, noise=0.0) == 0
    assert hastie2022.finite_risk(20, 10, noise=0.0) == 0.5


@pytest.mark.parametrize("ratio", [0.4, 0.9, 1.6, 4.0])
def test_the_ridge_risk_has_the_right_ends(ratio):
    assert hastie2022.ridge_risk(ratio, 1e-10) == pytest.approx(float(hastie2022.risk(ratio)), rel=1e-6)
    assert hastie2022.ridge_risk(ratio, 1e9, signal=1.3) == pytest.approx(1.69)  # nothing is learned


@given(st.floats(0.1, 8), st.floats(0.2, 2), st.floats(0.1, 2), st.floats(0.05, 20))
def test_no_ridge_beats_the_best(ratio, signal, noise, factor):
    best = hastie2022.best_ridge(ratio, signal=signal, noise=noise)
    least = hastie2022.ridge_risk(ratio, best, signal=signal, noise=noise)
    assert hastie2022.ridge_risk(ratio, factor * best, signal=signal, noise=noise) >= least * (1 - 1e-9)


@pytest.mark.parametrize(("weights", "ridge"), [(60, 0.05), (60, 0.5), (240, 0.3)])
def test_ridge_regression_agrees_with_its_exact_risk(weights, ridge):
    taught = regression.teacher_data(120, 120, weights, noise=0.5, seed=8)
    found = regression.least_norm(taught.inputs, taught.targets, ridge=120 * ridge)
    risks = taught.test_error(found) - 0.25
    error = risks.std(ddof=1) / np.sqrt(120)
    assert abs(risks.mean() - hastie2022.ridge_risk(weights / 120, ridge)) < 4 * error
    assert error < 0.03 * risks.mean()


def test_two_theories_of_ridge_regression_agree():
    """The replica theory at tolerance 0 and random-matrix theory: the same model in other units."""
    loads = np.array([0.3, 0.8, 1.0, 1.7, 5.0])
    for ridge in (0.01, 0.25, 3.0):
        one = canatar2024.learning_curve(loads, tolerance=0.0, noise=0.7, ridge=ridge).error
        assert one == pytest.approx(hastie2022.ridge_risk(1 / loads, ridge / loads, noise=0.7) + 0.49, rel=1e-10)


# --- Mei and Montanari


def test_random_features_agree_with_the_table():
    for ridge, wide, theory, mean, error in FEATURES:
        found = float(mei2022.risk(wide, 3.0, ridge=ridge))
        assert found == pytest.approx(theory, rel=1e-9)
        assert abs(found - mean) < 4 * error


@given(st.floats(0.1, 20), st.floats(0.1, 20), st.floats(1e-6, 10))
def test_chi_solves_the_two_equations_of_the_paper(wide, many, ridge):
    product = -mei2022.chi(wide, many, ridge)
    zeta2, scaled = 0.25 / mei2022.RELU.rest, ridge / mei2022.RELU.rest
    pull = np.sqrt(wide * many * scaled)
    h = product * (1 + zeta2 / (1 + zeta2 * product))
    first, second = (wide - h) / pull, (many - h) / pull  # from each equation by itself
    assert first * second == pytest.approx(product, rel=1e-6)
    assert min(first, second) >= 0


@pytest.mark.parametrize("ridge", [0.0, 0.01])
def test_random_features_without_samples_or_with_all(ridge):
    # almost no features: nothing is learned; many samples and features: the linear teacher is found
    assert mei2022.risk(1e-4, 3.0, ridge=ridge) == pytest.approx(1, abs=1e-3)
    assert mei2022.risk(300.0, 3000.0, ridge=1e-4) < 0.01
    assert np.isinf(mei2022.risk(3.0, 3.0))


def test_other_activations_are_gaussian_averages():
    x, weight = np.polynomial.hermite_e.hermegauss(200)
    weight = weight / weight.sum()
    relu = np.maximum(x, 0)
    linear, mean = weight @ (x * relu), weight @ relu
    assert mei2022.RELU.linear == pytest.approx(linear, abs=1e-3)
    assert mei2022.RELU.rest == pytest.approx(weight @ relu**2 - mean**2 - linear**2, abs=2e-3)


# --- Heckel and Yilmaz

TWO_SPEEDS = {"sizes": np.repeat([1.0, 0.08], [60, 20]), "weights": np.repeat([0.35, 6.0], [60, 20])}


def test_two_speeds_have_a_bump_and_a_second_valley():
    risk = heckel2020.risk(np.arange(20_000), **TWO_SPEEDS, learning_rate=0.3, noise=250**0.5, samples=4000)
    assert (risk[3], risk[14], risk[813]) == pytest.approx((7.04, 8.07, 4.73), abs=0.005)
    turns = np.flatnonzero(np.diff(np.sign(np.diff(risk[:10_000])))) + 1  # later it is flat to the last digit
    assert turns.tolist() == [3, 14, int(risk.argmin())]


def test_descent_in_time_agrees_with_gradient_descent():
    rng = np.random.default_rng(4)
    sizes, weights = np.array([1.0, 0.7, 0.2]), np.array([0.5, -1.0, 2.0])
    x = np.linalg.qr(rng.standard_normal((50, 3)))[0] * 50**0.5 * sizes
    y, w = x @ weights + 0.8 * rng.standard_normal((4000, 50)), np.zeros((4000, 3))
    for _ in range(7):
        w += 0.4 * (y - w @ x.T) @ x / 50
    risks = ((w - weights) ** 2 * sizes**2).sum(1)
    exact = heckel2020.risk(7, sizes, weights, learning_rate=0.4, noise=0.8, samples=50)
    assert abs(risks.mean() - exact) < 4 * risks.std() / 4000**0.5
    assert risks.std() / 4000**0.5 < 0.01 * exact


def test_a_clock_tells_when_a_feature_is_learned():
    (time,) = heckel2020.clocks([0.3], 0.5)
    left = heckel2020.risk(time, [0.3], [1.0], learning_rate=0.5, noise=0.0, samples=1) / 0.09
    assert left == pytest.approx(np.exp(-2))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: hastie2022.risk([0.5, 0.0]), "ratio must be"),
        (lambda: hastie2022.risk(0.5, noise=-1.0), "noise must be"),
        (lambda: hastie2022.finite_risk(1.5, 10), "features must be"),
        (lambda: hastie2022.ridge_risk(0.5, 0.0), "ridge must be"),
        (lambda: hastie2022.best_ridge(0.5, signal=0.0), "signal must be"),
        (lambda: mei2022.risk(1.0, 0.0), "samples must be"),
        (lambda: mei2022.risk(-1.0, 1.0), "features must be"),
        (lambda: mei2022.risk(1.0, 1.0, ridge=-0.1), "ridge must be"),
        (lambda: mei2022.Activation(0.0, 1.0), "linear must not be 0"),
        (lambda: mei2022.Activation(0.5, 0.0), "rest must be"),
        (lambda: heckel2020.risk(-1, [1.0], [1.0], learning_rate=0.1, noise=1.0, samples=5), "steps must be"),
        (lambda: heckel2020.risk(1, [1.0], [1.0, 2.0], learning_rate=0.1, noise=1.0, samples=5), "weights must have"),
        (lambda: heckel2020.risk(1, [2.0], [1.0], learning_rate=0.3, noise=1.0, samples=5), "learning_rate must be"),
        (lambda: heckel2020.clocks([1.0], 1.0), "learning_rate must be"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
