"""Sixty-four magnets in a word, against exact results at finite size, within four standard errors."""

import numpy as np
import pytest

from course_utils.dynamics import multispin
from course_utils.dynamics.kernels import multispin as multispin_kernels
from course_utils.dynamics.magnet_record import MagnetRecord
from course_utils.measure import magnets
from course_utils.measure.statistics import estimate
from course_utils.models.ising import Ising
from course_utils.theory import kaufman1949, kramers1941
from course_utils.threads import cores

CRITICAL = kaufman1949.CRITICAL_TEMPERATURE


@pytest.mark.parametrize(
    ("size", "sweeps", "every", "precision"),
    [(4, 20_000, 4, 0.0016), (8, 20_000, 8, 0.0012), (10, 20_000, 10, 0.0012), (32, 12_000, 40, 0.0012)],
)
def test_energy_and_specific_heat_agree_with_kaufman(size, sweeps, every, precision):
    temperatures = [2.0, CRITICAL, 2.5, 4.0]
    burn_in = 200 + 4 * size**2
    run = multispin.simulate(size, temperatures, sweeps=sweeps, burn_in=burn_in, record_every=every, seed=size)
    heat = magnets.specific_heat(run)
    for energy, exact in zip(magnets.energy(run), kaufman1949.energy(size, temperatures), strict=True):
        assert abs(energy.z(exact)) < 4
        assert energy.error < precision
    for measured, exact in zip(heat, kaufman1949.specific_heat(size, temperatures), strict=True):
        assert abs(measured.z(exact)) < 4
        assert measured.error < 0.02 * exact


@pytest.mark.parametrize("size", [4, 8])
def test_the_whole_distribution_of_the_magnetisation_is_exact(size):
    temperatures = [2.0, CRITICAL, 3.0]
    run = multispin.simulate(size, temperatures, sweeps=30_000, burn_in=500, record_every=10, seed=100 + size)
    for k, temperature in enumerate(temperatures):
        m, p = kramers1941.magnetisation_distribution(size, temperature)
        moments = {power: p @ np.abs(m) ** power for power in (1, 2, 4)}
        order, cumulant = magnets.magnetisation(run)[k], magnets.binder(run)[k]
        assert abs(order.z(moments[1])) < 4
        assert order.error < 0.0012
        assert abs(cumulant.z(1 - moments[4] / (3 * moments[2] ** 2))) < 4
        assert cumulant.error < 0.0025
        for about_zero, exact in ((True, moments[2]), (False, moments[2] - moments[1] ** 2)):
            measured = magnets.susceptibility(run, about_zero=about_zero)[k]
            assert abs(measured.z(size**2 / temperature * exact)) < 4
            assert measured.error < 0.02 * measured.mean + 0.001


def test_every_energy_of_a_small_lattice_is_as_frequent_as_boltzmann_says():
    run = multispin.simulate(4, [2.5], sweeps=40_000, burn_in=100, record_every=20, seed=3)
    levels, index = np.unique(Ising(4).energies, return_inverse=True)
    exact = np.bincount(index, np.exp(-Ising(4).energies / 2.5))
    for level, chance in zip(levels, exact / exact.sum(), strict=True):
        if chance > 1e-3:
            measured = estimate((np.abs(run.energies[0] * 16 - level) < 1e-9).mean(1))
            assert abs(measured.z(chance)) < 4
            assert measured.error < 0.003


@pytest.mark.parametrize("temperature", [0.9, 2.0, 3.7])
def test_acceptances_are_exact_though_they_have_few_digits(temperature):
    digits, starts = multispin.acceptance(temperature)
    for row, cost in enumerate((4, 8)):
        number = sum((int(digits[row, k]) & 1) << k for k in range(multispin_kernels.DIGITS))
        chance = (number + starts[row] / 2**31) / 2**multispin_kernels.DIGITS
        assert chance == pytest.approx(np.exp(-cost / temperature), abs=1e-12)


def test_single_flips_happen_with_the_boltzmann_factor():
    # From all spins alike the black squares cost 8 each, and come first: a sweep flips e^(-8/T) of them.
    size, temperature = 64, 3.3
    black = np.add.outer(np.arange(size), np.arange(size)) % 2 == 0
    tables = multispin.acceptance(temperature)
    random = np.random.default_rng(5)
    state = random.integers(1, 2**64, size=(2, size // 2), dtype=np.uint64)
    shares = []
    for _ in range(40):
        words = np.zeros((2, size, size // 2), dtype=np.uint64)
        multispin_kernels.sweep(words[0], words[1], state, *tables)
        shares.append((multispin.unpack(words) > 0)[:, black].mean(1))
    measured = estimate(np.mean(shares, axis=0))
    assert abs(measured.z(np.exp(-8 / temperature))) < 4
    assert measured.error < 2e-4


def test_replicas_are_independent():
    run = multispin.simulate(16, [3.0], sweeps=20_000, record_every=10, burn_in=500, seed=6)
    series = run.magnetisations[0]
    correlation = np.corrcoef(series)[np.triu_indices(64, 1)] * np.sqrt(series.shape[1] / 3)
    assert np.abs(correlation).max() < 6
    # The spread between replicas is what the spread in time says: no replica shares its numbers with another.
    blocks = series.reshape(64, 20, -1).mean(2)
    assert series.mean(1).var(ddof=1) == pytest.approx(blocks.var(axis=1, ddof=1).mean() / 20, rel=0.8)


def test_words_are_lattices():
    spins = np.random.default_rng(7).choice([-1, 1], size=(3, 64, 6, 6))
    words = multispin.pack(spins)
    assert words.shape == (3, 2, 6, 3)
    assert np.array_equal(multispin.unpack(words), spins)
    # The black square in row 1 stands in column 1, the white one in column 0.
    assert (int(words[0, 0, 1, 0]) >> 5) & 1 == (spins[0, 5, 1, 1] > 0)
    assert (int(words[0, 1, 1, 0]) >> 5) & 1 == (spins[0, 5, 1, 0] > 0)


@pytest.mark.parametrize("size", [4, 10])
def test_records_belong_to_the_spins(size):
    run = multispin.simulate(size, [1.8, 2.6, 5.0], sweeps=37, burn_in=0, record_every=37, start="hot", seed=8)
    magnet = Ising(size)
    assert run.spins.shape == (3, 64, size, size)
    assert run.energies[..., -1] == pytest.approx(magnet.energy(run.spins) / magnet.sites)
    assert run.magnetisations[..., -1] == pytest.approx(magnet.magnetisation(run.spins))
    dense = magnet.couplings.toarray()
    flat = run.spins.reshape(3, 64, -1)
    assert -0.5 * ((flat @ dense) * flat).sum(-1) == pytest.approx(magnet.energy(run.spins))


def test_threads_change_nothing_and_seeds_everything():
    options = {"sweeps": 30, "record_every": 10, "burn_in": 5}
    one = multispin.simulate(8, [2.0, 2.5, 3.0], seed=9, **options)
    assert np.array_equal(
        one.energies, multispin.simulate(8, [2.0, 2.5, 3.0], seed=9, threads=min(2, cores()), **options).energies
    )
    assert not np.array_equal(one.energies, multispin.simulate(8, [2.0, 2.5, 3.0], seed=10, **options).energies)


def test_long_work_is_cut_into_pieces_without_a_difference(monkeypatch):
    options = {"sweeps": 60, "record_every": 20, "burn_in": 33, "seed": 11}
    at_once = multispin.simulate(8, [2.0, 3.0], **options)
    monkeypatch.setattr(multispin, "_WORK", 64 * 64 * 7)
    assert np.array_equal(multispin.simulate(8, [2.0, 3.0], **options).energies, at_once.energies)


def test_a_run_can_go_on_from_its_spins():
    first = multispin.simulate(8, [2.0, 3.0], sweeps=10, seed=12)
    frozen = multispin.simulate(8, [1e-3, 1e-3], sweeps=1, record_every=1, burn_in=0, start=first.spins, seed=13)
    assert (frozen.energies[..., 0] <= first.energies[..., -1] + 1e-12).all()


def test_an_interrupted_run_returns_its_records(monkeypatch):
    calls, real = iter(range(5)), multispin_kernels.run

    def run(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(multispin_kernels, "run", run)
    monkeypatch.setattr(multispin, "_WORK", 64 * 64)
    with pytest.warns(UserWarning, match="Spins: interrupted; what was computed"):
        record = multispin.simulate(8, [2.0, 3.0], sweeps=9, record_every=1, burn_in=0, seed=14)
    assert record.energies.shape == (2, 64, 2)


def test_bad_input_is_named():
    for size, message in ((3, "at least 4"), (7, "even"), (8.0, "whole number")):
        with pytest.raises((TypeError, ValueError), match=f"side must be .*{message}"):
            multispin.simulate(size, [2.0], sweeps=1, record_every=1, seed=1)
    with pytest.raises(ValueError, match=r"temperatures must be .* above 0; got 0"):
        multispin.simulate(4, [2.0, 0.0], sweeps=1, seed=1)
    with pytest.raises(ValueError, match="start must be one of 'cold', 'hot'; got 'warm'"):
        multispin.simulate(4, [2.0], sweeps=10, start="warm", seed=1)
    with pytest.raises(ValueError, match=r"start must be 'cold', 'hot' or spins of shape \(1, 64, 4, 4\)"):
        multispin.simulate(4, [2.0], sweeps=10, start=np.ones((64, 4, 4)), seed=1)
    with pytest.raises(ValueError, match="threads must be"):
        multispin.simulate(4, [2.0], sweeps=10, threads=10_000, seed=1)
    with pytest.raises(ValueError, match="spins must hold"):
        multispin.pack(np.zeros((64, 4, 4)))
    few = MagnetRecord(16, np.array([2.0]), np.zeros((1, 2, 5)), np.zeros((1, 2, 5)), np.ones((1, 2, 4, 4), np.int8))
    for reading in (
        magnets.energy,
        magnets.magnetisation,
        magnets.specific_heat,
        magnets.susceptibility,
        magnets.binder,
    ):
        with pytest.raises(ValueError, match=r"record must hold at least 3 replicas .* got 2 replicas"):
            reading(few)
    with pytest.raises(TypeError, match="record must be a MagnetRecord"):
        magnets.energy(np.zeros(3))
    with pytest.raises(ValueError, match="side must be at most 4"):
        Ising(6).states()
    with pytest.raises(ValueError, match="spins must hold"):
        Ising(4).energy(np.ones((3, 3)))
