"""Where dropout destroys specialisation: tables computed elsewhere, the square-root law, and slow learning."""

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize

from course_utils.theory import mori2025, mori2025_specialisation, saad1995


def table(name):
    """Read a table; its first line says what it holds and how it was made."""
    return np.genfromtxt(Path(__file__).parent / f"reference/dropout_{name}.csv", delimiter=",", skip_header=2)


def loss(r, p, v):
    """Loss averaged over inputs and dropout, of weights in the span of two orthonormal ones of the teacher."""
    r = np.reshape(r, (2, 2))
    q = r @ r.T
    width = np.diag(q)
    together = np.where(np.eye(2, dtype=bool), p, p * p)
    own = (together * saad1995.output_product(width[:, None], q, width)).sum()
    return v * v * own / 2 - p * v * saad1995.output_product(width[:, None], r, np.ones(2)).sum() + 1 / 3


@pytest.mark.parametrize("inverted", [False, True])
def test_states_agree_with_the_table(inverted):
    rows = table("vanishing_rate")
    rows = rows[rows[:, 0] == inverted]
    found = mori2025_specialisation.state(rows[:, 1], inverted)
    assert found.loss == pytest.approx(rows[:, 5], abs=1e-10)
    assert found.error == pytest.approx(rows[:, 3], abs=1e-8)
    assert found.student[:, 0, 1] / found.student[:, 0, 0] == pytest.approx(rows[:, 4], abs=1e-6)
    # a minimum in four directions, found without its gradient, is known to the root of the loss's digits
    assert found.specialisation == pytest.approx(rows[:, 2], abs=1e-5)


@pytest.mark.parametrize(("inverted", "critical"), [(False, 0.856594), (True, 0.888601)])
def test_the_critical_activation_has_the_curvature_vanish(inverted, critical):
    p = mori2025_specialisation.critical_active(inverted)
    assert p == pytest.approx(critical, abs=6e-7)
    for q, sign in ((p - 0.01, 1), (p + 0.01, -1)):
        v = 1 / q if inverted else 1.0
        plateau = minimize(lambda a, q=q, v=v: loss(np.full(4, a[0]), q, v), [0.5], tol=1e-12).x[0]
        across = np.array([1, -1, -1, 1]) * 0.01
        bend = loss(plateau + across, q, v) + loss(plateau - across, q, v) - 2 * loss(np.full(4, plateau), q, v)
        assert np.sign(bend) == sign


@pytest.mark.parametrize("inverted", [False, True])
def test_states_are_minima_in_all_four_directions(inverted):
    for p, r in zip(grid := np.linspace(0.5, 1, 11), mori2025_specialisation.state(grid, inverted).cross, strict=True):
        v = 1 / p if inverted else 1.0
        assert np.abs(approx_fprime(r.ravel(), loss, 1e-7, p, v)).max() < 2e-6
        around = r.ravel() + 0.02 * np.random.default_rng(1).standard_normal((200, 4))
        assert min(loss(near, p, v) for near in around) > loss(r, p, v) - 1e-12


@pytest.mark.parametrize("inverted", [False, True])
def test_the_square_root_law(inverted):
    critical, size = (f(inverted) for f in (mori2025_specialisation.critical_active, mori2025_specialisation.amplitude))
    above = np.array([1e-6, 1e-5, 1e-4])
    found = mori2025_specialisation.state(critical + above, inverted).specialisation
    assert found / np.sqrt(above) == pytest.approx(np.full(3, size), rel=3e-3)
    assert found[0] / 1e-3 == pytest.approx(size, rel=5e-5)
    assert mori2025_specialisation.state(critical - above, inverted).specialisation == pytest.approx(np.zeros(3))


def test_the_order_of_the_probabilities_plays_no_part():
    grid = np.array([0.87, 1.0, 0.4, 0.95, 0.87])
    found = mori2025_specialisation.state(grid).specialisation
    assert found == pytest.approx([float(mori2025_specialisation.state([p]).specialisation[0]) for p in grid])
    assert found[1] == 1


@pytest.mark.parametrize("inverted", [False, True])
def test_slow_learning_agrees_with_the_table(inverted):
    rows = table("slow")
    rows = rows[rows[:, 0] == inverted]
    start = 0.1 * np.eye(2), 0.01 * np.eye(2)
    found = mori2025.learning(
        [12000.0], active=rows[:, 2], noise=rows[:, 1], learning_rate=0.2, start=start, inverted=inverted
    )
    assert found.error[0] == pytest.approx(rows[:, 4], abs=1e-7)
    # the table was integrated with 1e-6, and next to p_c the slow growth magnifies that; 1e-8 and 1e-10 agree here
    assert saad1995.specialisation(found.student, found.cross)[0] == pytest.approx(rows[:, 3], abs=2e-5)


def test_dropout_delays_specialisation_as_in_the_table():
    rows = table("plateau")
    times = np.geomspace(0.1, 1500, 1500)
    start = 0.01 * np.eye(2), 0.001 * np.eye(2)
    found = mori2025.learning(times, active=rows[:, 2], noise=rows[:, 1], learning_rate=rows[:, 0], start=start)
    special = saad1995.specialisation(found.student, found.cross)
    reached = special > 0.5
    first = np.where(reached.any(0), times[reached.argmax(0)], np.inf)
    assert first == pytest.approx(rows[:, 3])
    assert found.error[-1] == pytest.approx(rows[:, 4], abs=3e-7)
    assert special[-1] == pytest.approx(rows[:, 5], abs=3e-5)


def test_a_lower_rate_comes_closer_to_the_vanishing_one():
    start = 0.1 * np.eye(2), 0.05 * np.eye(2)
    found = mori2025.learning([3000.0], active=0.92, learning_rate=[0.4, 0.2, 0.1], start=start)
    off = saad1995.specialisation(found.student, found.cross)[0] - mori2025_specialisation.state([0.92]).specialisation
    assert (np.abs(off[1:] / off[:-1]) < 0.62).all()  # linear in the rate


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"active must be probabilities, above 0 and at most 1; got 1\.2"):
        mori2025_specialisation.state([1.2])
    with pytest.raises(ValueError, match=r"active must be .* above 0; got 0"):
        mori2025_specialisation.state([0.0])
