"""Dropout on the inputs of a linear model: an adaptive ridge on average, and no temperature in its fluctuations."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from course_utils.dynamics import linear_dropout
from course_utils.measure.statistics import estimate
from course_utils.theory import wager2013


def samples(n=30, d=4, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, d)) * np.geomspace(1.3, 0.4, d)
    return x, x @ rng.standard_normal(d) + 0.4 * rng.standard_normal(n)


@pytest.mark.parametrize("p", [0.3, 0.7, 1.0])
def test_the_mean_minimises_the_loss_averaged_over_all_masks(p):
    x, y = samples(6, 3)
    masks = np.array(list(product((0, 1), repeat=3)))
    chances = p ** masks.sum(1) * (1 - p) ** (3 - masks.sum(1))

    def loss(w):
        return chances @ (((masks[:, None] * x / p) @ w - y) ** 2).mean(1) / 2

    best = minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-9})
    assert wager2013.mean_weights(x, y, p) == pytest.approx(best.x, abs=1e-6)
    by_hand = x.T @ x / 6 + (1 - p) / p * np.diag((x**2).mean(0))
    assert wager2013.curvature(x, p) == pytest.approx(by_hand)


def test_one_weight_by_hand():
    """w' = w - η r (w x - y p) x / p² on average; with one sample of x = 1, y = 1 the variance can be written down."""
    p, eta = 0.6, 0.3
    found = wager2013.stationary([[1.0]], [1.0], p, learning_rate=eta)
    keep = 1 - 2 * eta / p + eta**2 / p**3  # mean square of 1 - η r / p²
    shift = eta**2 * p * (1 / p**2 * p - 1 / p) ** 2  # of the kick at the mean weight p, while awake; zero
    drift = np.array([1 - eta / p**2, 1.0])
    kicks = np.array([eta / p - eta * p / p**2, 0.0])  # awake, asleep: at w = mean = p
    chances = np.array([p, 1 - p])
    assert chances @ drift**2 == pytest.approx(keep)
    assert found.mean == pytest.approx([p])
    expected = chances @ kicks**2 / (1 - keep)
    assert found.covariance[0, 0] == pytest.approx(expected, abs=1e-12)
    assert shift == pytest.approx(0)


@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_mean_and_covariance_agree_with_simulation(rate):
    x, y = samples()
    exact = wager2013.stationary(x, y, 0.7, learning_rate=rate)
    mean, second = linear_dropout.weight_fluctuations(
        x, y, 0.7, learning_rate=rate, centre=exact.mean, burn_in=400, steps=600, replicas=128, seed=2
    )
    for i in range(4):
        assert abs(estimate(mean[:, i]).z(exact.mean[i])) < 4
        for j in range(i, 4):
            found = estimate(second[:, i, j])
            assert abs(found.z(exact.covariance[i, j])) < 4
        assert estimate(second[:, i, i]).error < 0.08 * exact.covariance[i, i]


def test_small_steps_follow_the_lyapunov_equation():
    """For η → 0 the covariance is η times the solution of H C + C H = noise at the mean."""
    x, y = samples(10, 3, 4)
    small = wager2013.stationary(x, y, 0.5, learning_rate=1e-5)
    H, p = wager2013.curvature(x, 0.5), 0.5
    noise = np.zeros((3, 3))
    for row, label in zip(x, y, strict=True):
        forces = np.array([(m * row / p) * ((m * row / p) @ small.mean - label) for m in product((0, 1), repeat=3)])
        noise += np.cov(forces.T, bias=True) / len(x) ** 2
    C = small.covariance / 1e-5
    assert pytest.approx(noise, rel=1e-3, abs=1e-6) == H @ C + C @ H


def test_temperatures_belong_to_the_modes_and_a_bath_has_one():
    x, y = samples()
    exact = wager2013.stationary(x, y, 0.7, learning_rate=0.2)
    by_hand = [h * v @ exact.covariance @ v for h, v in zip(exact.curvatures, exact.modes.T, strict=True)]
    assert exact.temperatures == pytest.approx(by_hand)
    assert exact.temperatures.max() > 2 * exact.temperatures.min()
    H = wager2013.curvature(x, 0.7)
    bath = linear_dropout.heat_bath_fluctuations(H, learning_rate=0.2, replicas=128, seed=3)
    for h, v in zip(exact.curvatures, exact.modes.T, strict=True):
        found = estimate(h * np.einsum("i,rij,j->r", v, bath, v))
        assert abs(found.z(1 / (1 - 0.1 * h))) < 4
        assert found.error < 0.03


@given(st.floats(0.2, 1.0), st.integers(0, 50))
def test_less_of_an_input_means_smaller_weights(p, seed):
    x, y = samples(12, 3, seed)
    H, G = wager2013.curvature(x, p), wager2013.curvature(x, 1.0)
    w, full = wager2013.mean_weights(x, y, p), wager2013.mean_weights(x, y, 1.0)
    assert w @ H @ w <= full @ G @ full + 1e-12


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: wager2013.curvature([1.0], 0.5), "inputs must"),
        (lambda: wager2013.mean_weights([[1.0]], [1.0, 2.0], 0.5), "targets must"),
        (lambda: wager2013.mean_weights([[1.0]], [1.0], 0.0), "active must"),
        (lambda: wager2013.stationary([[1.0]], [1.0], 0.5, learning_rate=0.0), "rate must"),
        (lambda: wager2013.stationary([[1.0]], [1.0], 0.5, learning_rate=9.0), "learning_rate must be smaller"),
        (lambda: wager2013.stationary(np.ones((2, 11)), [1.0, 2.0], 0.5, learning_rate=0.1), "at most 10 columns"),
        (
            lambda: linear_dropout.weight_fluctuations([[1.0]], [1.0], 1.1, learning_rate=0.1, centre=[0.0], seed=1),
            "active must",
        ),
        (
            lambda: linear_dropout.weight_fluctuations(
                [[1.0]], [1.0], 0.5, learning_rate=0.1, centre=[0.0, 1.0], seed=1
            ),
            "centre must",
        ),
        (
            lambda: linear_dropout.weight_fluctuations(
                [[1.0]], [1.0], 0.5, learning_rate=0.1, centre=[0.0], steps=0, seed=1
            ),
            "steps must",
        ),
        (lambda: linear_dropout.heat_bath_fluctuations([[1.0, 2.0]], learning_rate=0.1, seed=1), "symmetric"),
        (lambda: linear_dropout.heat_bath_fluctuations([[1.0]], learning_rate=0.1, seed=-1), "seed must"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
