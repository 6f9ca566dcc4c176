"""Lesson 41's pieces: volumes and learning coefficients, the heat bath, weight noise, the knob and its drawing."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gamma

from course_utils import plots
from course_utils.dynamics import gibbs_sampling
from course_utils.knobs import lesson_41 as knob
from course_utils.measure import damage
from course_utils.measure import learning_coefficient as lc
from course_utils.measure.curvature import Curvature
from course_utils.measure.damage_tolerance import disturbed
from course_utils.measure.edge_of_stability import descend, gradient_shares
from course_utils.measure.noisy_weights import loss_trace_and_rise, noisy_losses, quadratic_rises
from course_utils.measure.statistics import Estimate, estimate
from course_utils.models import Population, reduced_rank
from course_utils.theory import aoyagi2005, watanabe2009

REFERENCE = Path(__file__).parent / "reference"

# --- theory


def test_reduced_rank_regression_has_the_tabulated_coefficients():
    """Source of the table: Aoyagi and Watanabe (2005), 4 inputs, 4 hidden units, 4 outputs."""
    for rank, exact in np.loadtxt(REFERENCE / "learning_coefficients.csv", delimiter=",", skiprows=1):
        assert aoyagi2005.coefficient(int(rank), rows=4, columns=4, hidden=4)[0] == exact


@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 7), st.data())
def test_a_coefficient_is_symmetric_grows_with_the_rank_and_is_never_above_half_the_weights(
    rows, columns, hidden, data
):
    rank = data.draw(st.integers(0, min(rows, columns, hidden)))
    here, many = aoyagi2005.coefficient(rank, rows=rows, columns=columns, hidden=hidden)
    assert (here, many) == aoyagi2005.coefficient(rank, rows=columns, columns=rows, hidden=hidden)
    assert 0 < here <= min(hidden * (rows + columns), rows * columns) / 2
    if rank:
        assert here >= aoyagi2005.coefficient(rank - 1, rows=rows, columns=columns, hidden=hidden)[0]


def test_limits_of_the_coefficient():
    assert aoyagi2005.coefficient(0, rows=1, columns=1, hidden=1) == watanabe2009.monomial([2, 2])  # (ab)²
    assert aoyagi2005.coefficient(3, rows=3, columns=3, hidden=3) == (4.5, 1)  # every entry of the product is stiff
    assert aoyagi2005.coefficient(0, rows=2, columns=2, hidden=9) == (2.0, 1)  # so many units that only these four are


def test_volumes_against_integrals():
    for level in (0.3, 0.01):
        s = np.sqrt(level)
        assert watanabe2009.cross_volume(level) == pytest.approx(s + quad(lambda w, s=s: s / w, s, 1)[0], rel=1e-9)
        area = quad(lambda w, e=level: (e - w**4) ** 0.25, 0, level**0.25)[0]
        assert watanabe2009.quartic_volume(level) == pytest.approx(area, rel=1e-6)
        assert watanabe2009.bowl_volume(level) == pytest.approx(np.pi * level / 4)
    assert watanabe2009.quartic_volume(1.0) == pytest.approx(gamma(1.25) ** 2 / gamma(1.5))


@pytest.mark.parametrize("multiplicity", [1, 2, 3])
def test_the_mean_energy_is_the_slope_of_the_free_energy(multiplicity):
    free = lambda t: 0.75 * t - (multiplicity - 1) * np.log(t + 2.0)  # noqa: E731
    slope = (free(10.001) - free(9.999)) / 0.002
    assert watanabe2009.mean_energy(np.exp(10.0), 0.75, multiplicity, 2.0) == pytest.approx(slope, rel=1e-6)


# --- the heat bath


@pytest.mark.parametrize("rank", [0, 2, 4])
def test_the_heat_bath_holds_what_aoyagi_and_watanabe_say(rank):
    cold = np.array([1e7, 1e9])
    bath = gibbs_sampling.sample(
        reduced_rank.target(rank), cold, hidden=4, chains=32, sweeps=500, burn_in=300, seed=rank + 5
    )
    found = lc.limit(lc.from_energies(bath.energies, cold), cold, multiplicity=1)
    assert abs(found.z(aoyagi2005.coefficient(rank, rows=4, columns=4, hidden=4)[0])) < 4
    assert found.error < 0.03


@pytest.mark.parametrize(("rows", "columns", "hidden", "rank"), [(1, 4, 2, 0), (5, 2, 2, 1)])
def test_unequal_sizes_hold_what_they_should(rows, columns, hidden, rank):
    aim, cold = reduced_rank.target(rank, rows=rows, columns=columns), np.array([1e7, 1e9])
    bath = gibbs_sampling.sample(aim, cold, hidden=hidden, chains=32, sweeps=400, seed=6)
    found = lc.limit(lc.from_energies(bath.energies, cold), cold, multiplicity=1)
    assert abs(found.z(aoyagi2005.coefficient(rank, rows=rows, columns=columns, hidden=hidden)[0])) < 4


def test_a_double_root_needs_its_logarithm():
    cold = np.array([1e5, 1e7, 1e9, 1e11])
    bath = gibbs_sampling.sample(reduced_rank.target(1), cold, hidden=4, chains=32, sweeps=500, burn_in=300, seed=8)
    found = lc.from_energies(bath.energies, cold)
    assert abs(lc.limit(found, cold, multiplicity=2).z(7.0)) < 4
    assert abs(lc.limit(found, cold, multiplicity=1).z(7.0)) > 6


def test_one_weight_each_side_agrees_with_quadrature():
    """(ab)² of two Gaussian weights: the integral over b is done by hand, that over a by quadrature."""
    beta = 200.0
    weight = lambda a: np.exp(-a * a / 2) * (1 + beta * a * a) ** -0.5  # noqa: E731
    heat = lambda a: weight(a) * 0.5 * beta * a * a / (1 + beta * a * a)  # noqa: E731
    exact = quad(heat, 0, 12, points=[0.1], limit=200)[0] / quad(weight, 0, 12, points=[0.1], limit=200)[0]
    bath = gibbs_sampling.sample([[0.0]], [beta], hidden=1, chains=200, sweeps=800, burn_in=200, seed=3)
    found = estimate(beta * bath.energies[0])
    assert abs(found.z(exact)) < 4
    assert found.error < 0.01
    assert abs(estimate(beta * (bath.halves[0] - bath.halves[1])[0]).z(0)) < 4


def test_extreme_cold_breaks_nothing():
    bath = gibbs_sampling.sample(reduced_rank.target(3), [1e14], hidden=4, chains=8, sweeps=400, seed=2)
    assert 1e14 * bath.energies.mean() == pytest.approx(8, abs=0.4)


def test_the_loss_of_a_product_by_hand():
    first, second = np.array([[1.0, 2.0]]), np.array([[3.0], [0.0], [1.0]])
    assert reduced_rank.loss(first, second, np.zeros((3, 2))) == pytest.approx(0.5 * (9 + 36 + 1 + 4))
    assert np.linalg.matrix_rank(reduced_rank.target(2, rows=3, columns=5)) == 2


# --- weight noise


def test_weight_noise_costs_half_its_square_times_the_trace():
    nets = Population((5, 4, 3), 6, activation="tanh", seeds=1)
    x, y = torch.randn(5, 40, generator=torch.Generator().manual_seed(2)), torch.arange(40) % 3
    curvature = Curvature(nets, x, y)
    rise = noisy_losses(nets, x, y, noise=0.01, pairs=1500, seed=4) - curvature.losses[:, None]
    law = 0.5 * 0.01**2 * curvature.spectrum().sum(1)
    for own, expected in zip(rise, law, strict=True):
        assert abs(estimate(own).z(expected)) < 4
        assert estimate(own).error < 0.03 * expected


def test_weight_noise_leaves_the_networks_alone_and_zero_noise_does_nothing():
    nets = Population((3, 2), 2, seeds=1)
    before = nets.flat().clone()
    x, y = torch.ones(3, 4), torch.tensor([0, 1, 0, 1])
    losses = noisy_losses(nets, x, y, noise=0.0, pairs=2, seed=1)
    assert (nets.flat() == before).all()
    assert losses == pytest.approx(np.repeat(nets.losses(x, y).detach().numpy()[:, None], 2, axis=1))


def test_quadratic_rises_are_those_of_the_same_draws():
    nets = Population((5, 4, 3), 3, activation="tanh", seeds=1)
    x, y = torch.randn(5, 40, generator=torch.Generator().manual_seed(2)), torch.arange(40) % 3
    curvature = Curvature(nets, x, y)
    measured = noisy_losses(nets, x, y, noise=0.02, pairs=8, seed=4) - curvature.losses[:, None]
    assert measured / 0.02**2 == pytest.approx(quadratic_rises(curvature, pairs=8, seed=4), rel=0.02, abs=2e-3)
    table = loss_trace_and_rise(nets, x, y, noise=0.02, products=60, pairs=200, seed=5)
    assert table[:, 0] == pytest.approx(curvature.losses)
    assert table[:, 1] == pytest.approx(curvature.spectrum().sum(1), rel=0.1)
    assert table[:, 2] == pytest.approx(0.5 * 0.02**2 * table[:, 1], rel=0.2)


def test_darts_and_energies_by_hand():
    assert [e.mean for e in lc.shares_below([3.0, 1.0, 2.0, 4.0], [0.5, 2.5])] == [0.0, 0.5]
    assert lc.from_energies([[1.0, 3.0], [0.1, 0.3]], [2.0, 10.0])[1].mean == pytest.approx(2.0)
    both = lc.limit([Estimate(1.0, 0.1, 5), Estimate(2.0, 0.2, 5)], [1e3, 1e4], multiplicity=1)
    assert both.mean == pytest.approx((100 + 50) / 125)
    assert both.error == pytest.approx(125**-0.5)


X, Y = torch.zeros(3, 4), torch.tensor([0, 1, 0, 1])
NETS = Population((3, 2), 2, seeds=1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: aoyagi2005.coefficient(3, rows=2, columns=4, hidden=4), "rank must be"),
        (lambda: aoyagi2005.coefficient(0, rows=0, columns=4, hidden=4), "rows must be"),
        (lambda: watanabe2009.monomial([]), "powers must be"),
        (lambda: watanabe2009.monomial([2, 3]), "powers must be even"),
        (lambda: watanabe2009.monomial("22"), "powers must be"),
        (lambda: watanabe2009.bowl_volume(0.0), "level must lie"),
        (lambda: watanabe2009.cross_volume([0.5, 2.0]), "level must lie"),
        (lambda: watanabe2009.mean_energy(1.0, 0.5, 2, 0.0), "beta must be"),
        (lambda: watanabe2009.mean_energy(100.0, 0.5, 0, 0.0), "multiplicity must be"),
        (lambda: reduced_rank.target(3, rows=2), "rank must be"),
        (lambda: reduced_rank.loss(np.eye(2), np.eye(3), np.eye(2)), "must fit"),
        (lambda: gibbs_sampling.sample(np.eye(2), [-1.0], hidden=2, seed=1), "betas must be"),
        (lambda: gibbs_sampling.sample(np.eye(2), [1.0], hidden=0, seed=1), "hidden must be"),
        (lambda: gibbs_sampling.sample(np.eye(2), [1.0], hidden=1, sweeps=1, seed=1), "sweeps must be"),
        (lambda: lc.from_energies([[1.0, 2.0]], [1.0, 2.0]), "betas must be"),
        (lambda: lc.limit([Estimate(1.0, 0.1, 2)], [1.0, 2.0], multiplicity=1), "measured must hold"),
        (lambda: lc.limit([Estimate(1.0, 0.1, 2)] * 2, [10.0, 20.0], multiplicity=2), "betas must be"),
        (lambda: noisy_losses(NETS, X, Y, noise=-0.1, seed=1), "noise must be"),
        (lambda: noisy_losses(NETS, X, Y, noise=0.1, pairs=0, seed=1), "pairs must be"),
        (lambda: noisy_losses(NETS, X[:2], Y, noise=0.1, seed=1), "inputs must"),
        (lambda: disturbed(NETS, "fitted quantisation", 0, seed=1), "strength must be"),
        (lambda: descend(NETS, X, Y, learning_rate=0.0, steps=3), "learning_rate must be"),
        (lambda: gradient_shares(Curvature(NETS, X, Y), count=4, products=2), "products must be"),
        (lambda: damage.costs(NETS, {}, X, Y, [1.0]), "traces must have"),
        (lambda: plots.damages({}, {}, title="t"), "ratios must have"),
        (lambda: knob.edge(0.2), "learning_rate must be"),
        (lambda: knob.edge(0.5, 0.0), "noise must be"),
        (lambda: knob.at_the_end(2.0), "learning_rate must be"),
        (lambda: knob.runs(steps=10), "steps must be"),
        (lambda: plots.spectrum([1.0, 2.0], [1.0], [0.5, 0.5], title="t"), "weights must have"),
        (lambda: plots.costs([0.1], {"a": [0.1]}, {"a": [1.0]}), "must be"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


# --- the knob and the drawings


@pytest.fixture(scope="module")
def settled():
    return knob.edge(0.8, 0.03)


def test_the_knob_shows_a_network_at_its_edge(settled):
    assert settled["limit"][0] == pytest.approx(2.5)
    assert settled["sharpness"][0] < 2.0  # the start lies below the limit
    assert 0.98 < settled["the same times learning rate / 2"] < 1.05
    assert settled["ratios"][:6] == pytest.approx(np.ones(6), abs=0.03)
    assert 1.05 < settled["ratios"][-1] < 1.5
    assert settled["now"][1] == pytest.approx(1.0, abs=0.03)


def test_a_slow_network_has_not_reached_its_limit_and_rates_are_rounded_to_those_that_were_trained():
    assert knob.edge(0.3)["sharpness"].max() < 0.7 * 2 / 0.3
    assert (knob.edge(0.81)["sharpness"] == knob.edge(0.8)["sharpness"]).all()


def test_the_panel_is_moved_and_not_drawn_again(settled):
    figure = plots.figure()
    first = plots.edge(figure, knob.edge(1.0, 0.2), None)
    assert plots.edge(figure, settled, first) is first
    assert first["limit"].get_ydata() == pytest.approx([2.5, 2.5])
    assert first["now"].get_xdata() == [0.03]
    assert len(figure.axes) == 2


@settings(deadline=None, max_examples=5)
@given(st.integers(5, 60))
def test_figures_hold_what_they_are_given(size):
    values = np.linspace(-0.1, 3.0, size)
    figure = plots.spectrum(values, values[::2], np.full(values[::2].size, 1 / values[::2].size), title="spectrum")
    assert figure.axes[1].lines[0].get_ydata()[-1] == pytest.approx(1.0)
    sharp = {0.5: np.full((3, size), 4.0), 1.0: np.full((3, size), 2.0)}
    left, right = plots.sharpness_paths(np.arange(size), sharp, title="edge").axes
    assert left.containers[0].lines[0].get_ydata() == pytest.approx(np.full(size, 4.0))
    assert right.containers[0].lines[0].get_ydata() == pytest.approx(np.ones(size))
    late = plots.sharpness_paths(np.arange(1, size + 1), {1.0: sharp[1.0]}, title="edge", log=True).axes[0]
    assert late.get_xscale() == "log"
    marks = [(axes.containers[k].lines[0].get_color(), axes.containers[k].lines[0].get_marker())
             for axes, k in ((right, 1), (late, 0))]  # fmt: skip
    assert marks[0] == marks[1]  # a learning rate keeps its own
    worlds = plots.network_and_bowl(
        np.ones(size), np.full(size, np.inf), np.arange(size), np.ones((size, 4)), np.ones(size)
    )
    assert worlds.axes[0].get_yscale() == "log"
    assert len(worlds.axes[1].lines) == 6


def test_costs_are_divided_by_their_own_traces():
    noises = np.array([0.01, 0.1])
    rises = {"a": 0.5 * noises[:, None] ** 2 * np.array([[2.0, 4.0, 6.0]])}
    _, right = plots.costs(noises, rises, {"a": [2.0, 4.0, 6.0]}).axes
    assert right.containers[0].lines[0].get_ydata() == pytest.approx([1.0, 1.0])
