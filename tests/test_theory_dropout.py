"""Online learning with dropout: Gaussian averages, and overlaps against tables computed elsewhere.

The tables are in tests/reference/dropout_*.csv; the first line of each says what it holds and how it was made.
"""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf

from course_utils.theory import mori2025, saad1995


def table(name):
    return np.genfromtxt(Path(__file__).parent / f"reference/dropout_{name}.csv", delimiter=",", skip_header=2)


def gaussian(function, covariance, nodes=24):
    """Average a function of Gaussian fields by the product rule of Gauss and Hermite."""
    x, weight = np.polynomial.hermite_e.hermegauss(nodes)
    size = len(covariance)
    grid = np.stack(np.meshgrid(*[x] * size, indexing="ij")).reshape(size, -1)
    weights = np.stack(np.meshgrid(*[weight / weight.sum()] * size, indexing="ij")).reshape(size, -1).prod(0)
    return float(function(*np.linalg.cholesky(covariance) @ grid) @ weights)


def g(u):
    return erf(u / np.sqrt(2))


def slope(u):
    return np.sqrt(2 / np.pi) * np.exp(-u * u / 2)


@pytest.fixture(scope="module")
def covariance():
    """Covariances of four fields without any symmetry."""
    mix = np.random.default_rng(7).normal(size=(4, 4)) * 0.45
    return mix @ mix.T


def test_gaussian_averages_agree_with_quadrature(covariance):
    c = covariance
    pair = c[0, 0], c[0, 1], c[1, 1]
    assert saad1995.output_product(*pair) == pytest.approx(gaussian(lambda x, y: g(x) * g(y), c[:2, :2]), abs=1e-9)
    assert saad1995.slope_product(*pair) == pytest.approx(
        gaussian(lambda x, y: slope(x) * slope(y), c[:2, :2]), abs=1e-9
    )
    three = saad1995.slope_field_output(c[0, 0], c[0, 1], c[0, 2], c[1, 2], c[2, 2])
    assert three == pytest.approx(gaussian(lambda x, y, z: slope(x) * y * g(z), c[:3, :3]), abs=1e-9)
    four = gaussian(lambda x, y, z, v: slope(x) * slope(y) * g(z) * g(v), c)
    assert saad1995.slopes_outputs(c) == pytest.approx(four, abs=1e-7)
    swapped = c[np.ix_([1, 0, 3, 2], [1, 0, 3, 2])]
    assert saad1995.slopes_outputs(swapped) == pytest.approx(float(saad1995.slopes_outputs(c)))


def test_overlaps_agree_with_the_table():
    rows = table("overlaps")
    for hidden in (2, 3, 4):
        of = rows[rows[:, 0] == hidden]
        start = np.zeros((hidden, hidden)), np.zeros((hidden, 1))
        found = mori2025.learning([5.0], active=of[:, 2], noise=of[:, 1], start=start)
        q, r = found.student[0], found.cross[0]
        scale = saad1995.best_scale(q, r)
        assert np.abs(found.error[0] - of[:, 3]).max() < 5e-8
        assert np.abs(saad1995.error(q, r, scale) - of[:, 4]).max() < 1e-8
        assert np.abs(scale - of[:, 5]).max() < 1e-8
        assert np.abs(np.stack([q[:, 0, 0], q[:, 0, 1], r[:, 0, 0]], -1) - of[:, 6:9]).max() < 5e-8
        assert np.abs(saad1995.noise_correlation(q, r)[:, 0, 1] - of[:, 9]).max() < 2e-7


def test_a_state_that_the_authors_print():
    # Q and R at α = 0.1 in the notebook dropout.ipynb of github.com/francescomori/optimal_learning
    found = mori2025.learning([0.1], active=0.1, noise=0.2)
    printed = 0.00237012, 0.000252981, 0.00448323
    assert (*found.student[0, 0], found.cross[0, 0, 0]) == pytest.approx(printed, rel=5e-5)


def test_best_activation_agrees_with_the_table():
    rows = table("best")
    for hidden in (2, 3, 4):
        of = rows[rows[:, 0] == hidden]
        start = np.zeros((hidden, hidden)), np.zeros((hidden, 1))
        best, error = mori2025.best_active(of[:, 1], start=start)
        assert best == pytest.approx(of[:, 2])
        assert error == pytest.approx(of[:, 3], abs=1e-8)
        without = mori2025.learning([5.0], noise=of[:, 1], start=start).error[0]
        assert without == pytest.approx(of[:, 4], abs=1e-8)
    assert mori2025.best_active([0, 0.1, 0.2, 0.3, 0.5, 1])[0] == pytest.approx([1, 0.9, 0.76, 0.68, 0.58, 0.42])


def test_best_activation_against_time_agrees_with_the_table():
    grid = np.linspace(0.3, 1, 36)
    rows = table("times")
    times, noises = np.unique(rows[:, 1]), np.unique(rows[:, 0])
    found = mori2025.learning(times, active=grid, noise=noises[:, None])
    correlation = saad1995.noise_correlation(found.student, found.cross)[..., 0, 1]
    for noise, time, best, error, without, alike in rows:
        at = np.searchsorted(times, time), np.searchsorted(noises, noise)
        n = found.error[at].argmin()
        assert grid[n] == pytest.approx(best)
        assert (found.error[at][n], found.error[at][-1]) == pytest.approx((error, without), abs=1e-8)
        assert correlation[at][n] == pytest.approx(alike, abs=2e-7)


def test_a_lower_rate_can_beat_dropout_as_in_the_table():
    rows = table("rates")
    grid = np.array([*np.arange(0.3, 0.9, 0.05), 0.9, 0.94, 0.97, 0.99, 1])
    times, noises, rates = (np.unique(rows[:, n]) for n in (2, 1, 0))
    start = np.diag([0.05, 0.05]), np.array([[0.03], [-0.02]])
    errors = mori2025.learning(
        times, active=grid, noise=noises[:, None], learning_rate=rates[:, None, None], start=start
    ).error
    for rate, noise, time, best, error, without in rows:
        of = errors[np.searchsorted(times, time), np.searchsorted(rates, rate), np.searchsorted(noises, noise)]
        assert grid[of.argmin()] == pytest.approx(best)
        assert (of.min(), of[-1]) == pytest.approx((error, without), abs=2e-7)
    slow, fast = (errors[-1, n, np.searchsorted(noises, 0.3)] for n in (0, 1))
    assert slow[-1] < 0.32 * fast.min()  # 0.0080 without dropout at rate 0.3, 0.0257 with the best at rate 1


def test_without_dropout_equal_nodes_stay_equal():
    found = mori2025.learning([1.0, 5.0], noise=0.3)
    assert saad1995.noise_correlation(found.student, found.cross) == pytest.approx(np.ones((2, 2, 2)))
    less = mori2025.learning([5.0], active=[0.9, 0.8, 0.68], noise=0.3)
    alike = saad1995.noise_correlation(less.student, less.cross)[0, :, 0, 1]
    assert alike.round(2) == pytest.approx([0.27, 0.11, 0.06])


def test_both_forms_agree_without_dropout_and_the_inverted_one_scales_its_drift():
    one = (np.array([[0.1]]), np.array([[0.05]]))
    forms = [mori2025.learning([3.0], active=1.0, noise=0.2, start=one, inverted=i).error for i in (False, True)]
    assert forms[0] == pytest.approx(forms[1])
    p, rate = 0.6, 0.7
    found = mori2025.learning([1e-4], active=p, learning_rate=rate, start=one, inverted=True)
    drift = (found.cross[0, 0, 0] - 0.05) / 1e-4
    pull = saad1995.slope_field_output(0.1, 0.05, 0.1, 0.05, 0.1) / p - saad1995.slope_field_output(
        0.1, 0.05, 0.05, 1, 1
    )
    assert drift == pytest.approx(-rate * pull, rel=1e-3)


def test_tighter_tolerances_change_nothing(monkeypatch):
    start = 0.1 * np.eye(2), 0.01 * np.eye(2)
    loose = mori2025.learning([300.0], active=[0.86, 1.0], noise=[0.0, 0.3], learning_rate=0.5, start=start)
    monkeypatch.setattr(mori2025, "_RELATIVE", 1e-11)
    monkeypatch.setattr(mori2025, "_ABSOLUTE", 1e-13)
    tight = mori2025.learning([300.0], active=[0.86, 1.0], noise=[0.0, 0.3], learning_rate=0.5, start=start)
    assert loose.cross == pytest.approx(tight.cross, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.2, 1), st.floats(0, 1), st.floats(0.1, 1.5), st.booleans(), st.integers(1, 3), st.integers(1, 3))
def test_overlaps_stay_those_of_weights_and_nodes_can_be_renamed(p, noise, rate, inverted, hidden, teachers):
    weights = np.random.default_rng(hidden + 10 * teachers).normal(size=(hidden + teachers, 8))
    weights[hidden:] = np.linalg.qr(weights[hidden:].T)[0].T
    weights[:hidden] *= 0.2
    q, r = weights[:hidden] @ weights[:hidden].T, weights[:hidden] @ weights[hidden:].T
    both = np.stack([q, q[::-1, ::-1]]), np.stack([r, r[::-1, ::-1]])
    found = mori2025.learning([0, 2.0], active=p, noise=noise, learning_rate=rate, start=both, inverted=inverted)
    assert found.student[0, 0] == pytest.approx(q)
    rest = found.student - found.cross @ found.cross.swapaxes(-1, -2)
    assert np.linalg.eigvalsh(rest).min() > -1e-7
    assert found.student[1, 0] == pytest.approx(found.student[1, 1, ::-1, ::-1], abs=1e-7)
    assert found.cross[1, 0] == pytest.approx(found.cross[1, 1, ::-1, ::-1], abs=1e-7)
    assert (found.error > -1e-9).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"times": [2.0, 1.0]}, r"times must increase and end above 0; got \[2.0, 1.0\]"),
        ({"times": [0.0]}, "times must increase and end above 0"),
        ({"active": 1.1}, "active must be probabilities, above 0 and at most 1; got 1.1"),
        ({"active": 0.0}, "active must be .* above 0; got 0"),
        ({"noise": -0.1}, "noise must be .* at least 0; got -0.1"),
        ({"learning_rate": [0.0, 1.0]}, "learning_rate must be"),
        ({"start": np.eye(2)}, "start must be a pair"),
        ({"start": (np.eye(2), np.eye(3))}, "cross must be"),
        ({"start": (np.eye(2), 2 * np.eye(2))}, "start must be overlaps that weights can have"),
        ({"start": (np.eye(2), np.eye(2)), "target": np.eye(3)}, "target must be"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        mori2025.learning(**{"times": [1.0], **arguments})


def test_overlaps_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"student must be an array \(..., K, K\); got shape \(2, 3\)"):
        saad1995.error(np.ones((2, 3)), np.ones((2, 1)))
    with pytest.raises(ValueError, match=r"noise must be .* 1 axis"):
        mori2025.best_active(0.3)
    with pytest.raises(ValueError, match="time must be"):
        mori2025.best_active([0.3], time=0.0)
