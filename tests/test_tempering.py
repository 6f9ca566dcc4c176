"""Parallel tempering of glasses, against enumeration and two exact energies, within four standard errors."""

import numpy as np
import pytest

from course_utils.dynamics import lattice_tempering, tempering
from course_utils.dynamics.kernels import tempering as tempering_kernels
from course_utils.measure.statistics import blocking, estimate
from course_utils.models.edwards_anderson import EdwardsAnderson
from course_utils.models.ising import Ising
from course_utils.models.spin_glass import SpinGlass
from course_utils.theory import nishimori1981, sherrington1975
from course_utils.threads import cores

LADDER = 1.6 * (0.4 / 1.6) ** (np.arange(7) / 6)


# ------------------------------------------------------------------------------------- the fully connected glass


@pytest.mark.parametrize("law", ["gaussian", "signs"])
def test_every_temperature_agrees_with_enumeration(law):
    glasses = [SpinGlass.draw(12, law=law, seed=seed) for seed in (1, 2, 3)]
    record = tempering.temper(glasses, LADDER, sweeps=20_000, burn_in=500, record_every=2, seed=4)
    for k, glass in enumerate(glasses):
        states, energies = glass.states().astype(float), glass.energies
        assert record.lowest[k] * 12 == pytest.approx(glass.ground_energy, abs=1e-9)
        for t, temperature in enumerate(LADDER):
            weights = np.exp(-(energies - energies.min()) / temperature)
            weights /= weights.sum()
            energy = blocking(record.energies[k, t].mean(0))
            assert abs(energy.z(energies @ weights / 12)) < 4
            assert energy.error < 0.003
            square = blocking(record.overlaps[k, t] ** 2)
            assert abs(square.z((((states.T * weights) @ states) ** 2).mean())) < 4
            assert square.error < 0.01


def test_gaussian_glasses_obey_the_identity_of_energy_and_overlap():
    glasses = [SpinGlass.draw(48, seed=100 + k) for k in range(120)]
    record = tempering.temper(glasses, LADDER, sweeps=600, burn_in=400, record_every=4, seed=5)
    square = (record.overlaps**2).mean(2)
    gap = record.energies.mean((2, 3)) - sherrington1975.energy(LADDER, square)
    for t in range(len(LADDER)):
        measured = estimate(gap[:, t])
        assert abs(measured.z(0)) < 4
        assert measured.error < 0.025


def test_both_ways_to_temper_signs_agree(monkeypatch):
    glasses = [SpinGlass.draw(70, law="signs", seed=200 + k) for k in range(12)]  # 70: a word and a part of one
    options = {"sweeps": 1500, "burn_in": 500, "record_every": 5}
    bits = tempering.temper(glasses, LADDER, seed=6, **options)
    monkeypatch.setattr(tempering, "_alike", lambda _: False)
    fields = tempering.temper(glasses, LADDER, seed=7, **options)
    for t in range(len(LADDER)):
        energy = estimate((bits.energies - fields.energies)[:, t].mean((1, 2)))
        assert abs(energy.z(0)) < 4
        assert energy.error < 0.004
        square = estimate((bits.overlaps**2 - fields.overlaps**2)[:, t].mean(1))
        assert abs(square.z(0)) < 4


def test_energies_belong_to_the_spins():
    for law, kind in (("gaussian", tempering._Fields), ("signs", tempering._Bits)):
        glass = SpinGlass.draw(70, law=law, seed=8)
        run = kind(glass.couplings, LADDER, np.random.default_rng(9))
        energies, overlaps, lowest, exchanged = run.series(30, 7, 20)
        if law == "signs":
            down = np.unpackbits(run.words.T.copy().view(np.uint8), axis=1, bitorder="little")[:, :70]
            spins = 1.0 - 2 * down
        else:
            spins = run.spins
        ordered = spins[run.lane]
        assert energies[-1] == pytest.approx(glass.energy(ordered), abs=1e-3 if law == "gaussian" else 1e-9)
        assert overlaps[-1] == pytest.approx((ordered[0] * ordered[1]).mean(-1), abs=1e-6)
        assert lowest <= energies.min() + 1e-3
        assert ((exchanged > 0.1) & (exchanged < 1)).all()
        assert sorted(run.lane.ravel()) == list(range(14))
        assert np.array_equal(run.place[run.lane], np.tile(np.arange(7), (2, 1)))


def test_threads_change_nothing_and_seeds_everything():
    glasses = [SpinGlass.draw(12, seed=seed) for seed in (1, 2, 3)]
    one = tempering.temper(glasses, LADDER, sweeps=20, seed=10)
    assert np.array_equal(
        one.energies, tempering.temper(glasses, LADDER, sweeps=20, threads=min(2, cores()), seed=10).energies
    )
    assert not np.array_equal(one.energies, tempering.temper(glasses, LADDER, sweeps=20, seed=11).energies)


def test_an_interrupted_run_returns_its_glasses(monkeypatch):
    calls, real = iter(range(5)), tempering_kernels.run_fields

    def run(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(tempering_kernels, "run_fields", run)
    with pytest.warns(UserWarning, match="Tempering: interrupted"):
        record = tempering.temper([SpinGlass.draw(8, seed=k) for k in range(5)], LADDER, sweeps=20, seed=12)
    assert len(record.energies) == len(record.overlaps) == len(record.lowest) == len(record.exchanged) == 2


# ----------------------------------------------------------------------------------------------- lattice glasses


def test_small_lattices_agree_with_enumeration():
    temperatures = [3.0, 2.0, 1.4, 1.0, 0.7]
    glass = EdwardsAnderson.draw(4, samples=64, seed=1)
    record = lattice_tempering.temper_lattices(glass, temperatures, sweeps=6000, burn_in=400, record_every=2, seed=2)
    states = Ising(4).states()
    energies = np.concatenate([glass.energy(part[:, None]) for part in np.split(states, 16)])
    assert record.lowest * 16 == pytest.approx(energies.min(0))
    flat = states.reshape(-1, 16).astype(float)
    for t, temperature in enumerate(temperatures):
        weights = np.exp(-(energies - energies.min(0)) / temperature)
        weights /= weights.sum(0)
        # Draw by draw, with its own bonds: the mean and the spread of the deviations.
        gap = estimate(record.energies[:, t].mean((1, 2)) - (weights * energies).sum(0) / 16)
        assert abs(gap.z(0)) < 4
        assert gap.error < 0.001
        few = range(0, 64, 4)
        square = [(((flat.T * weights[:, k]) @ flat) ** 2).mean() for k in few]
        gap = estimate((record.overlaps[::4, t] ** 2).mean(1) - square)
        assert abs(gap.z(0)) < 4
        assert gap.error < 0.003


@pytest.mark.parametrize(("dimension", "size", "temperature"), [(2, 16, 1.0), (2, 6, 2.0), (3, 4, 1.2), (3, 6, 2.0)])
def test_the_energy_on_the_nishimori_line(dimension, size, temperature):
    share = float(nishimori1981.antiferromagnetic(temperature))
    glass = EdwardsAnderson.draw(
        size, dimension=dimension, antiferromagnetic=share, samples=512, seed=10 * dimension + size
    )
    # All spins up is what the bonds were made from: an equilibrium state to start from.
    record = lattice_tempering.temper_lattices(
        glass, [1.2 * temperature, temperature], sweeps=300, burn_in=100, start="cold", seed=3
    )
    energy = estimate(record.energies[:, -1].mean((1, 2)) / dimension)
    assert abs(energy.z(float(nishimori1981.energy_per_bond(temperature)))) < 4
    assert energy.error < 0.003


def test_draws_are_told_apart():
    # One draw of ferromagnetic bonds among antiferromagnetic ones; 70 draws fill a word and a part of the next.
    bonds = -np.ones((70, 2, 4, 4))
    bonds[66] = 1
    glass = EdwardsAnderson(bonds)
    record = lattice_tempering.temper_lattices(glass, [1.0, 0.5], sweeps=100, seed=4)
    assert record.energies.shape == (70, 2, 2, 20)
    assert record.overlaps.shape == (70, 2, 20)
    assert (record.lowest == -2).all()
    checkerboard = 1 - 2 * (np.indices((4, 4)).sum(0) % 2)
    energies = glass.energy(np.stack([np.ones((4, 4)), checkerboard])[:, None])
    assert energies[:, 66].tolist() == [-32, 32]
    assert energies[:, 0].tolist() == [32, -32]
    matrix = glass.couplings(66).toarray()
    assert np.array_equal(matrix, Ising(4).couplings.toarray())


def test_threads_change_nothing_for_lattices():
    glass = EdwardsAnderson.draw(4, samples=130, seed=5)
    runs = [
        lattice_tempering.temper_lattices(glass, [2.0, 1.0], sweeps=20, threads=threads, seed=6)
        for threads in (1, min(2, cores()))
    ]
    assert np.array_equal(runs[0].energies, runs[1].energies)


# ---------------------------------------------------------------------------------------------------- bad input


def test_bad_input_is_named():
    glass, lattice = SpinGlass.draw(4, seed=1), EdwardsAnderson.draw(4, samples=1, seed=1)
    for run, model in ((tempering.temper, glass), (lattice_tempering.temper_lattices, lattice)):
        for ladder, message in (
            ([1.0, 2.0], "fall"),
            ([1.0], "at least 2"),
            ([1.0, 0.0], "above 0"),
            ([[2.0, 1.0]], "1 axis"),
        ):
            with pytest.raises(ValueError, match=f"temperatures must.* {message}"):
                run(model, ladder, sweeps=10, seed=1)
        with pytest.raises(ValueError, match="threads must be"):
            run(model, [2.0, 1.0], sweeps=10, threads=0, seed=1)
    with pytest.raises(TypeError, match="glasses must be a SpinGlass or a list"):
        tempering.temper([], LADDER, sweeps=1, seed=1)
    with pytest.raises(ValueError, match="same number of spins; got 4, 5"):
        tempering.temper([glass, SpinGlass.draw(5, seed=1)], LADDER, sweeps=1, seed=1)
    with pytest.raises(TypeError, match="glass must be an EdwardsAnderson"):
        lattice_tempering.temper_lattices(glass, [2.0, 1.0], sweeps=10, seed=1)
    with pytest.raises(ValueError, match="law must be one of"):
        SpinGlass.draw(4, law="cauchy", seed=1)
    for bonds in (np.ones((1, 2, 3, 3)), np.ones((1, 1, 4, 4)), np.zeros((1, 2, 4, 4)), np.ones(3)):
        with pytest.raises(ValueError, match=r"bonds must hold -1 or \+1"):
            EdwardsAnderson(bonds)
    with pytest.raises(ValueError, match="spins must hold"):
        lattice.energy(np.ones((4, 4)))
    with pytest.raises(ValueError, match="sample must be"):
        lattice.couplings(1)
