"""Free energies along a path of temperatures: a small magnet by enumeration, and bad input to all of them."""

import math

import numpy as np
import pytest

from course_utils.measure.free_energy import bennett, gauss_legendre, jarzynski, thermodynamic_integration
from course_utils.measure.importance_weights import (
    annealing_weights,
    effective_sample_size,
    log_mean_weight,
    reweighted,
)
from course_utils.measure.statistics import Estimate, estimate
from course_utils.theory import bennett1976, jarzynski1997

SIZE, COLD = 4, 0.4


def energies(spins):
    return -(spins * np.roll(spins, 1, -1)).sum((-2, -1)) - (spins * np.roll(spins, 1, -2)).sum((-2, -1))


@pytest.fixture(scope="module")
def levels():
    """All 65,536 states of a 4 × 4 magnet with periodic edges: the energy of each, and its squared magnetisation."""
    states = 1.0 - 2.0 * ((np.arange(2**16)[:, None] >> np.arange(16)) & 1).reshape(-1, SIZE, SIZE)
    return energies(states), states.mean((-2, -1)) ** 2


def log_partition(energy, beta):
    return float(np.logaddexp.reduce(-beta * energy))


def test_integrating_the_exact_energy_shows_what_the_nodes_miss(levels):
    energy, _ = levels
    exact = log_partition(energy, COLD) - 16 * math.log(2)
    for nodes, missing in ((4, 1e-2), (10, 1e-7)):
        places, weights = gauss_legendre(0.0, COLD, nodes=nodes)
        mean = [Estimate(float(np.average(energy, weights=np.exp(-b * (energy + 32)))), 0.0, 1) for b in places]
        assert -thermodynamic_integration(mean, weights).mean == pytest.approx(exact, abs=missing)


def test_thermodynamic_integration_with_errors(levels):
    energy, _ = levels
    rng = np.random.default_rng(12)
    places, weights = gauss_legendre(0.0, COLD, nodes=8)
    draws = np.stack(
        [rng.choice(energy, 4000, p=np.exp(-b * energy - log_partition(energy, b))) for b in places], axis=1
    )
    apart = thermodynamic_integration([estimate(column) for column in draws.T], weights)
    together = thermodynamic_integration(draws, weights)
    exact = 16 * math.log(2) - log_partition(energy, COLD)
    for found in (apart, together):
        assert abs(found.z(exact)) < 4
        assert found.error < 0.02
        assert found.n == 4000
    assert apart.mean == pytest.approx(together.mean)
    assert apart.error == pytest.approx(together.error, rel=0.1)


def test_replicas_that_go_along_the_path_are_integrated_as_wholes():
    """Each replica has an offset of its own at all nodes: errors in quadrature would be too small by sqrt(8)."""
    offset = np.random.default_rng(13).standard_normal(500)
    _, weights = gauss_legendre(1.0, 3.0, nodes=8)
    together = thermodynamic_integration(np.repeat(offset[:, None], 8, axis=1), weights)
    assert together.error == pytest.approx(2 * estimate(offset).error)


def annealed(steps, runs, rng):
    """Heat-bath annealing of many 4 × 4 magnets from infinite temperature: energies before each step, last states."""
    betas = np.linspace(0.0, COLD, steps + 1)
    spins = rng.choice([-1.0, 1.0], (runs, SIZE, SIZE))
    black = np.indices((SIZE, SIZE)).sum(0) % 2 == 0
    before = np.empty((runs, steps))
    for k in range(steps):
        before[:, k] = energies(spins)
        for colour in (black, ~black):
            field = sum(np.roll(spins, by, axis) for by in (1, -1) for axis in (1, 2))
            drawn = np.where(rng.random(spins.shape) < 1 / (1 + np.exp(-2 * betas[k + 1] * field)), 1.0, -1.0)
            spins = np.where(colour, drawn, spins)
    return before, betas, spins


@pytest.mark.parametrize(("steps", "tight"), [(5, 0.08), (40, 0.03)])
def test_annealed_importance_sampling_of_a_magnet(levels, steps, tight):
    energy, order = levels
    before, betas, spins = annealed(steps, 3000, np.random.default_rng(14))
    logs = annealing_weights(before, betas)
    found = log_mean_weight(logs)
    assert abs(found.z(log_partition(energy, COLD) - 16 * math.log(2))) < 4
    assert found.error < tight
    assert 30 < effective_sample_size(logs) < 3000
    measured = reweighted(spins.mean((1, 2)) ** 2, logs)
    assert abs(measured.z(float(np.average(order, weights=np.exp(-COLD * (energy + 32)))))) < 4
    assert measured.error < 0.05


def test_slower_annealing_makes_more_runs_count():
    sizes = [
        effective_sample_size(annealing_weights(*annealed(n, 500, np.random.default_rng(15))[:2])) for n in (3, 40)
    ]
    assert sizes[1] > 3 * sizes[0]


def test_unweighted_runs_of_a_fast_annealing_are_wrong_and_weights_mend_them(levels):
    """At fixed draws: E at the end, from runs that had no time for equilibrium."""
    energy, _ = levels
    before, betas, spins = annealed(5, 4000, np.random.default_rng(16))
    exact = float(np.average(energy, weights=np.exp(-COLD * (energy + 32))))
    assert estimate(energies(spins)).z(exact) > 8
    assert abs(reweighted(energies(spins), annealing_weights(before, betas)).z(exact)) < 4


def test_nodes_and_weights():
    places, weights = gauss_legendre(3.0, 1.0, nodes=3)
    assert places @ weights == pytest.approx(-4.0)
    assert places**5 @ weights == pytest.approx((1 - 3**6) / 6)


# ---------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: jarzynski([1.0, 2.0]), "works must be"),
        (lambda: jarzynski([1.0, 2.0, math.nan]), "works must be"),
        (lambda: jarzynski([1.0, 2.0, 3.0], temperature=0.0), "temperature must be"),
        (lambda: jarzynski("works"), "works must be"),
        (lambda: bennett([1.0, 2.0, 3.0], []), "backward must be"),
        (lambda: bennett([[1.0, 2.0, 3.0]], [1.0, 2.0, 3.0]), "forward must be"),
        (lambda: bennett([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], temperature=-1.0), "temperature must be"),
        (lambda: gauss_legendre(1.0, 1.0), "end must be"),
        (lambda: gauss_legendre(0.0, math.inf), "end must be"),
        (lambda: gauss_legendre(0.0, 1.0, nodes=0), "nodes must be"),
        (lambda: thermodynamic_integration([Estimate(1.0, 0.1, 3)], [0.5, 0.5]), "derivatives must be"),
        (lambda: thermodynamic_integration([[1.0, 2.0]], [0.5, 0.5]), "at least 2 replicas"),
        (lambda: thermodynamic_integration([[1.0], [2.0]], [0.5, 0.5]), "derivatives must be"),
        (lambda: thermodynamic_integration([], [0.5]), "derivatives must be"),
        (lambda: annealing_weights([[1.0, 2.0]], [0.0, 0.5]), "energies must have shape"),
        (lambda: annealing_weights([[1.0]], [0.5]), "betas must be"),
        (lambda: effective_sample_size([]), "log_weights must be"),
        (lambda: log_mean_weight([0.0, -math.inf, 1.0]), "log_weights must be"),
        (lambda: reweighted([1.0, 2.0], [0.0, 0.0, 0.0]), "values must be"),
        (lambda: jarzynski1997.trap_free_energy(0.0, 1.0), "start must be"),
        (lambda: jarzynski1997.dragging_work(1.0, 1.0, 1.0, steps=0), "steps must be"),
        (lambda: jarzynski1997.stiffening_work(1.0, -1.0, 1.0, steps=3), "end must be"),
        (lambda: jarzynski1997.effective_fraction(-0.1), "dissipated must be"),
        (lambda: bennett1976.least_error(0.0, 10, 10), "dissipated must be"),
        (lambda: bennett1976.least_error(1.0, 0, 10), "forward must be"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises((TypeError, ValueError), match=named):
        call()
