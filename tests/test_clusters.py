"""Wolff's clusters, against Kaufman and the transfer matrix, within four standard errors."""

import numpy as np
import pytest

from course_utils.dynamics import clusters
from course_utils.dynamics.kernels import flips as flip_kernels
from course_utils.measure import magnets
from course_utils.models.ising import Ising
from course_utils.theory import kaufman1949, kramers1941

CRITICAL = kaufman1949.CRITICAL_TEMPERATURE


@pytest.mark.parametrize(("size", "records"), [(3, 2000), (8, 2000), (16, 1200)])
def test_energy_and_specific_heat_agree_with_kaufman(size, records):
    temperatures = [2.0, CRITICAL, 3.0]
    record = clusters.wolff(Ising(size), temperatures, replicas=32, records=records, clusters=3, seed=size)
    for energy, exact in zip(magnets.energy(record), kaufman1949.energy(size, temperatures), strict=True):
        assert abs(energy.z(exact)) < 4
        assert energy.error < 0.004
    for heat, exact in zip(magnets.specific_heat(record), kaufman1949.specific_heat(size, temperatures), strict=True):
        assert abs(heat.z(exact)) < 4
        assert heat.error < 0.03 * exact


def test_the_magnetisation_agrees_with_the_transfer_matrix():
    record = clusters.wolff(Ising(6), [CRITICAL, 3.0], replicas=32, records=3000, clusters=4, seed=1)
    for k, temperature in enumerate(record.temperatures):
        m, p = kramers1941.magnetisation_distribution(6, float(temperature))
        order, cumulant = magnets.magnetisation(record)[k], magnets.binder(record)[k]
        assert abs(order.z(p @ np.abs(m))) < 4
        assert order.error < 0.002
        assert abs(cumulant.z(1 - p @ m**4 / (3 * (p @ m**2) ** 2))) < 4
        assert cumulant.error < 0.004


def test_a_large_critical_lattice_forgets_its_start():
    # 64 x 64 at the critical point: hundreds of clusters, where single flips would need 64^2.17 = 8,000 sweeps.
    # From spins at random the first clusters are small, and more of them are needed.
    for start, burn_in in (("cold", 300), ("hot", 3000)):
        record = clusters.wolff(
            Ising(64), [CRITICAL], replicas=12, records=150, clusters=5, burn_in=burn_in, start=start, seed=2
        )
        energy = magnets.energy(record)[0]
        assert abs(energy.z(float(kaufman1949.energy(64, CRITICAL)))) < 4
        assert energy.error < 0.004


def test_records_belong_to_the_spins():
    magnet = Ising(6)
    record = clusters.wolff(magnet, [1.5, 2.5, 9.0], replicas=5, records=7, clusters=2, start="hot", seed=3)
    assert record.spins.shape == (3, 5, 6, 6)
    assert record.energies.shape == (3, 5, 7)
    assert record.energies[..., -1] == pytest.approx(magnet.energy(record.spins) / 36)
    assert record.magnetisations[..., -1] == pytest.approx(magnet.magnetisation(record.spins))
    again = clusters.wolff(magnet, [1.5, 2.5, 9.0], replicas=5, records=7, clusters=2, start="hot", seed=3)
    assert np.array_equal(again.energies, record.energies)


def test_at_zero_temperature_everything_turns_at_once():
    record = clusters.wolff(Ising(4), [0.01], replicas=3, records=4, clusters=1, burn_in=0, seed=4)
    assert record.magnetisations[0].tolist() == [[-1, 1, -1, 1]] * 3


def test_an_interrupted_run_returns_its_replicas(monkeypatch):
    calls, real = iter(range(7)), flip_kernels.wolff_run

    def run(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(flip_kernels, "wolff_run", run)
    with pytest.warns(UserWarning, match="Clusters: interrupted"):
        record = clusters.wolff(Ising(4), [2.0, 3.0], replicas=9, records=10, seed=5)
    assert record.energies.shape == (2, 3, 10)


def test_bad_input_is_named():
    with pytest.raises(TypeError, match="model must be an Ising; got 16"):
        clusters.wolff(16, [2.0], replicas=3, records=1, seed=1)
    with pytest.raises(ValueError, match="temperatures must be"):
        clusters.wolff(Ising(4), [-1.0], replicas=3, records=1, seed=1)
    with pytest.raises(ValueError, match="replicas must be"):
        clusters.wolff(Ising(4), [1.0], replicas=0, records=1, seed=1)
    with pytest.raises(ValueError, match="start must be one of"):
        clusters.wolff(Ising(4), [1.0], replicas=1, records=1, start="warm", seed=1)
