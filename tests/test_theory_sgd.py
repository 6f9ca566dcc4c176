"""How stochastic gradient descent settles in a bowl: fresh draws, momentum, and samples that are dealt out."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import solve_discrete_lyapunov

from course_utils.measure.statistics import estimates
from course_utils.theory import kuehn2023, liu2021

REFERENCE = Path(__file__).parent / "reference"


def table(name):
    with (REFERENCE / name).open(encoding="utf-8") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return [{key: float(value) for key, value in row.items()} for row in rows]


# ------------------------------------------------------------------------------------------------- fresh draws


@given(st.floats(0.01, 5), st.floats(0.01, 1.9), st.floats(0, 0.95), st.integers(1, 64))
def test_the_variance_is_the_fixed_point_of_its_own_step(curvature, reach, momentum, size):
    rate = reach / curvature
    step = np.array([[1 - rate * curvature, -rate * momentum], [curvature, momentum]])  # of (w, v)
    kick = np.array([[-rate], [1.0]])
    exact = solve_discrete_lyapunov(step, kick @ kick.T * 0.7 / size)[0, 0]
    found = liu2021.variance(curvature, 0.7, learning_rate=rate, batch_size=size, momentum=momentum)
    assert found == pytest.approx(exact, rel=1e-7)


def test_small_steps_look_like_a_temperature_and_large_ones_run_away():
    small = liu2021.variance([0.5, 2.0], 1.0, learning_rate=1e-6, batch_size=4)
    assert small * [0.5, 2.0] == pytest.approx(1e-6 / 8, rel=1e-5)
    ratio = liu2021.variance(1.0, 1.0, learning_rate=1.9) / (1.9 / 2)
    assert ratio == pytest.approx(2 / (2 - 1.9))


@pytest.mark.parametrize("row", table("sgd_bowl.csv"), ids=lambda row: f"lr={row['lr']:g}, B={row['B']:g}")
def test_the_table_of_simulations(row):
    h = np.logspace(-1.5, 0.5, 20)
    exact = liu2021.variance(h, h**2, learning_rate=row["lr"], batch_size=int(row["B"]))
    naive = row["lr"] * h / (2 * row["B"])
    assert abs(row["var_over_exact"] - 1) < 4 * row["sem"]
    # the table's own draw of samples has a variance that differs from 1 by a few per cent; the ratio does not know it
    assert row["var_over_naive"] / row["var_over_exact"] == pytest.approx((exact / naive).mean(), rel=2 * row["sem"])
    assert row["theory_excess_loss"] == pytest.approx((h * exact).sum() / 2, rel=0.05)


# ---------------------------------------------------------------------------------------------------- dealt out


def exact_by_matrices(curvature, rate, samples, size):
    """The covariance of an epoch's batches, written down, and carried through the steps."""
    steps = samples // size
    batches = np.full((steps, steps), -1 / (samples - 1))
    np.fill_diagonal(batches, (samples - size) / (size * (samples - 1)))
    a = 1 - rate * curvature
    found, end = [], 0.0
    powers = rate * a ** np.arange(steps)[::-1]
    end = powers @ batches @ powers / (1 - a ** (2 * steps))
    for k in range(1, steps + 1):
        found.append(a ** (2 * k) * end + powers[-k:] @ batches[:k, :k] @ powers[-k:])
    return end, np.mean(found)


@pytest.mark.parametrize(("samples", "size"), [(12, 3), (12, 1), (13, 3), (40, 7), (12, 12), (12, 7)])
@pytest.mark.parametrize("reach", [1e-3, 0.1, 0.9, 1.0, 1.7])
def test_every_mode_agrees_with_the_matrix_of_batches(samples, size, reach):
    settings = {"learning_rate": 0.4, "samples": samples, "batch_size": size}
    end, mean = exact_by_matrices(reach / 0.4, 0.4, samples, size)
    assert kuehn2023.variance(reach / 0.4, 1.0, **settings) == pytest.approx(end, rel=1e-7, abs=1e-12)
    assert kuehn2023.variance(reach / 0.4, 1.0, **settings, when="mean") == pytest.approx(mean, rel=1e-7, abs=1e-12)


def test_flat_directions_freeze_as_the_docstring_says():
    settings = {"learning_rate": 1e-3, "batch_size": 16}
    fresh = liu2021.variance(0.1, 1.0, **settings)
    reach = 1e-3 * 0.1 * 4096 / 16
    assert kuehn2023.variance(0.1, 1.0, **settings, samples=4096) / fresh == pytest.approx(reach**2 / 12, rel=0.02)
    mean = kuehn2023.variance(0.1, 1.0, **settings, samples=4096, when="mean")
    assert mean / fresh == pytest.approx(reach / 3, rel=0.02)


def test_steep_directions_and_endless_data_do_not_notice():
    settings = {"learning_rate": 0.5, "batch_size": 4}
    fresh = liu2021.variance([0.2, 2.0], 1.0, **settings)
    dealt = kuehn2023.variance([0.2, 2.0], 1.0, **settings, samples=100_000)
    assert dealt == pytest.approx(fresh, rel=2e-3)


def test_all_samples_at_once_are_gradient_descent():
    assert kuehn2023.variance([0.1, 1.0], 1.0, learning_rate=0.5, samples=8, batch_size=8).tolist() == [0.0, 0.0]
    assert kuehn2023.batch_variance(3.0, samples=8, batch_size=8) == 0.0


def test_batch_means_of_three_numbers():
    values = np.array([0.0, 1.0, 5.0])
    pairs = np.array([values[[0, 1]].mean(), values[[0, 2]].mean(), values[[1, 2]].mean()])
    assert kuehn2023.batch_variance(values.var(), samples=3, batch_size=2) == pytest.approx(pairs.var())


def test_a_simulation_with_a_data_loader():
    random, samples, size, rate = np.random.default_rng(4), 96, 8, 0.3
    h, values = np.array([0.05, 0.4, 3.0]), random.normal(size=(96, 3))
    values = np.sqrt(h) * (values - values.mean(0))
    w, squares = np.zeros((400, 3)), []
    for epoch in range(90):
        order = random.permuted(np.tile(np.arange(samples), (400, 1)), axis=1)
        for k in range(0, samples, size):
            w = w - rate * (h * w - values[order[:, k : k + size]].mean(1))
        if epoch >= 30:
            squares.append(w**2)
    exact = kuehn2023.variance(h, values.var(0), learning_rate=rate, samples=samples, batch_size=size)
    for measured, expected in zip(estimates(np.mean(squares, 0)), exact, strict=True):
        assert abs(measured.z(expected)) < 4
        assert measured.error < 0.025 * expected  # without the anticorrelation it would be 1.4 to 400 times as large


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: liu2021.variance(0.0, 1.0, learning_rate=0.1), "curvature must be"),
        (lambda: liu2021.variance(1.0, -1.0, learning_rate=0.1), "noise must be"),
        (lambda: liu2021.variance(1.0, 1.0, learning_rate=2.0), "learning_rate must be below"),
        (lambda: liu2021.variance(1.0, 1.0, learning_rate=0.1, momentum=1.0), "momentum must be"),
        (lambda: liu2021.variance(1.0, 1.0, learning_rate=0.1, batch_size=0), "batch_size must be"),
        (lambda: kuehn2023.batch_variance(1.0, samples=3, batch_size=4), "batch_size must be"),
        (lambda: kuehn2023.batch_variance(1.0, samples=1, batch_size=1), "samples must be"),
        (lambda: kuehn2023.variance(3.0, 1.0, learning_rate=0.7, samples=9, batch_size=3), "learning_rate must be"),
        (lambda: kuehn2023.variance(1.0, 1.0, learning_rate=0.7, samples=9, batch_size=3, when="now"), "when must be"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
