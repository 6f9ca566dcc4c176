"""Single flips with any couplings, against enumeration, within four standard errors."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from course_utils.dynamics import metropolis
from course_utils.dynamics.kernels import flips as flip_kernels
from course_utils.measure import magnets
from course_utils.measure.statistics import estimate
from course_utils.models.edwards_anderson import EdwardsAnderson
from course_utils.models.ising import Ising
from course_utils.models.spin_glass import SpinGlass
from course_utils.theory import kaufman1949

BOTH = [metropolis.metropolis, metropolis.heat_bath]
GLASS = SpinGlass.draw(10, seed=3)
FIELD = np.random.default_rng(5).normal(size=10) * 0.3


@pytest.mark.parametrize("flip", BOTH)
def test_a_glass_in_a_field_agrees_with_enumeration(flip):
    temperatures = np.array([0.5, 1.0, 5.0])
    record = flip(GLASS, temperatures, replicas=256, sweeps=4000, burn_in=2000, record_every=4, field=FIELD, seed=1)
    states = GLASS.states().astype(float)
    energies = GLASS.energies - states @ FIELD
    weights = np.exp(-(energies - energies.min())[:, None] / temperatures)
    weights /= weights.sum(0)
    mean, square = energies @ weights / 10, energies**2 @ weights / 100
    heat = 10 * (square - mean**2) / temperatures**2
    for k in range(3):
        assert abs(magnets.energy(record)[k].z(mean[k])) < 4
        assert magnets.energy(record)[k].error < 0.0015
        assert abs(magnets.magnetisation(record)[k].z(np.abs(states.mean(1)) @ weights[:, k])) < 4
        assert abs(magnets.specific_heat(record)[k].z(heat[k])) < 4
        assert magnets.specific_heat(record)[k].error < 0.02 * heat[k]
        # The sign of the field and of the spins: m itself, not its size.
        signed = estimate(record.magnetisations[k].mean(1))
        assert abs(signed.z(states.mean(1) @ weights[:, k])) < 4
        assert signed.error < 0.002


@pytest.mark.parametrize("flip", BOTH)
def test_one_sweep_is_the_exact_chain(flip):
    # Three spins, all the same start: the distribution after one sweep, transition by transition.
    couplings = np.array([[0, 0.7, -0.4], [0.7, 0, 0.9], [-0.4, 0.9, 0]])
    field, temperature, runs = np.array([0.2, -0.5, 0.1]), 1.1, 200_000
    record = flip(couplings, [temperature], replicas=runs, sweeps=1, burn_in=0, field=field, start="cold", seed=2)
    chance = np.zeros(8)
    chance[7] = 1.0
    for site in range(3):
        after = np.zeros(8)
        for number in range(8):
            spins = np.array([(number >> k & 1) * 2 - 1 for k in range(3)])
            cost = 2 * spins[site] * (couplings[site] @ spins + field[site])
            boltzmann = np.exp(-cost / temperature)
            flips = min(1.0, boltzmann) if flip is metropolis.metropolis else boltzmann / (1 + boltzmann)
            after[number ^ (1 << site)] += chance[number] * flips
            after[number] += chance[number] * (1 - flips)
        chance = after
    found = np.bincount(((record.spins[0] > 0) << np.arange(3)).sum(1), minlength=8) / runs
    error = np.sqrt(chance * (1 - chance) / runs)
    assert (np.abs(found - chance) < 4 * error + 1e-12).all()
    assert error.max() < 0.0012


@pytest.mark.parametrize("flip", BOTH)
def test_a_magnet_agrees_with_kaufman(flip):
    record = flip(Ising(6), [2.0, 2.6], replicas=128, sweeps=3000, burn_in=500, record_every=3, seed=3)
    for energy, exact in zip(magnets.energy(record), kaufman1949.energy(6, [2.0, 2.6]), strict=True):
        assert abs(energy.z(exact)) < 4
        assert energy.error < 0.002


def test_a_lattice_glass_in_space_agrees_between_two_engines():
    glass = EdwardsAnderson.draw(4, dimension=3, samples=3, seed=4)
    from course_utils.dynamics.lattice_tempering import temper_lattices

    temperatures = [4.0, 2.5]
    tempered = temper_lattices(glass, temperatures, sweeps=20_000, burn_in=500, seed=5)
    for sample in range(3):
        record = metropolis.heat_bath(
            glass.couplings(sample), temperatures, replicas=64, sweeps=2000, burn_in=300, record_every=5, seed=6
        )
        for k in range(2):
            blocks = estimate(tempered.energies[sample, k].reshape(2 * 20, -1).mean(1))
            assert abs(magnets.energy(record)[k].z(blocks)) < 4
            assert blocks.error < 0.004


def test_records_belong_to_the_spins():
    record = metropolis.heat_bath(GLASS, [0.5, 2.0], replicas=3, sweeps=9, record_every=2, field=FIELD, seed=7)
    assert record.energies.shape == record.magnetisations.shape == (2, 3, 4)
    assert record.spins.shape == (2, 3, 10)
    assert record.energies[..., -1] * 10 == pytest.approx(GLASS.energy(record.spins) - record.spins @ FIELD)
    sparse = metropolis.heat_bath(
        csr_array(GLASS.couplings), [0.5, 2.0], replicas=3, sweeps=9, record_every=2, field=FIELD, seed=7
    )
    assert np.array_equal(sparse.energies, record.energies)


def test_cold_spins_stay_in_a_ground_state():
    record = metropolis.metropolis(Ising(8), [0.05], replicas=200, sweeps=500, start="cold", seed=8)
    assert (record.energies == -2).all()


def test_an_interrupted_run_returns_its_records(monkeypatch):
    calls, real = iter(range(6)), flip_kernels.heat_bath

    def flip(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(flip_kernels, "heat_bath", flip)
    with pytest.warns(UserWarning, match="Spins: interrupted"):
        record = metropolis.heat_bath(GLASS, [1.0], replicas=3, sweeps=100, burn_in=1, seed=9)
    assert record.energies.shape == (1, 3, 5)


def test_bad_input_is_named():
    def run(model=GLASS, temperatures=(1.0,), **more):
        return metropolis.metropolis(model, temperatures, **({"replicas": 3, "sweeps": 4, "seed": 1} | more))

    for model, message in (
        (np.ones((2, 3)), r"square matrix of couplings; got shape \(2, 3\)"),
        ([[0, 1], [2, 0]], "symmetric couplings"),
        ([[1, 0], [0, 1]], "zeros on the diagonal"),
        ([[0, np.nan], [np.nan, 0]], "NaN"),
        (csr_array([[0, np.inf], [np.inf, 0]]), "finite couplings"),
    ):
        with pytest.raises(ValueError, match=f"model must .*{message}"):
            run(model)
    with pytest.raises(TypeError, match="model must be"):
        run("glass")
    with pytest.raises(ValueError, match=r"temperatures must be .* above 0"):
        run(temperatures=[0.0])
    with pytest.raises(ValueError, match=r"field must be a number or have shape \(10,\)"):
        run(field=[1.0, 2.0])
    with pytest.raises(ValueError, match=r"record_every must be .* at most 4"):
        run(record_every=5)
