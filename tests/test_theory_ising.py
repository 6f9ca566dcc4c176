"""The exact results for magnets and glasses, against enumeration, derivatives, and values computed elsewhere."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad

from course_utils.theory import kaufman1949, kramers1941, nishimori1981, onsager1944, sherrington1975, yang1952

REFERENCE = Path(__file__).parent / "reference"
CRITICAL = onsager1944.CRITICAL_TEMPERATURE


def table(name):
    return np.genfromtxt(REFERENCE / name, delimiter=",", names=True, skip_header=1)


def lattice(size):
    """All states of a small lattice and their energies, written out here once more."""
    states = np.array(list(itertools.product([-1, 1], repeat=size * size))).reshape(-1, size, size)
    return states, -(states * (np.roll(states, 1, 1) + np.roll(states, 1, 2))).sum((1, 2)).astype(float)


# ------------------------------------------------------------------------------------------ the infinite lattice


def test_the_infinite_lattice_agrees_with_the_table():
    known = table("ising_infinite.csv")
    for function, column in (
        (onsager1944.free_energy, "f"),
        (onsager1944.energy, "u"),
        (onsager1944.specific_heat, "c"),
        (yang1952.magnetisation, "m"),
    ):
        assert np.abs(function(known["T"]) - known[column]).max() < 1e-10


def test_the_critical_point_is_a_limit_not_a_hole():
    assert pytest.approx(2.269185314213022, abs=1e-15) == CRITICAL
    assert onsager1944.energy(CRITICAL) == pytest.approx(-np.sqrt(2), abs=1e-15)
    assert onsager1944.energy([CRITICAL - 1e-9, CRITICAL + 1e-9]) == pytest.approx(-np.sqrt(2), abs=1e-7)
    assert onsager1944.specific_heat(CRITICAL) == np.inf
    # A logarithm: a tenth of the distance adds as much each time, (8 / pi) beta_c^2 ln 10.
    near = onsager1944.specific_heat(CRITICAL * (1 + np.array([1e-6, 1e-7, 1e-8])))
    assert np.diff(near) == pytest.approx(8 / np.pi / CRITICAL**2 * np.log(10), rel=1e-4)
    catalan = 0.9159655941772190
    assert -onsager1944.free_energy(CRITICAL) / CRITICAL == pytest.approx(
        np.log(2) / 2 + 2 * catalan / np.pi, rel=1e-14
    )
    rise = (8 * np.sqrt(2) / CRITICAL * 1e-8) ** 0.125
    assert yang1952.magnetisation([CRITICAL, CRITICAL * (1 - 1e-8)]) == pytest.approx([0, rise], rel=1e-6)


@pytest.mark.parametrize("temperature", [0.7, 1.9, 2.2690, 2.2692, 2.6, 7.0])
def test_energy_and_specific_heat_are_derivatives_of_the_free_energy(temperature):
    beta, step = 1 / temperature, 1e-4

    def minus_beta_f(b):
        k = 2 * np.sinh(2 * b) / np.cosh(2 * b) ** 2
        value, _ = quad(
            lambda x: np.log((1 + np.sqrt(max(0.0, 1 - (k * np.sin(x)) ** 2))) / 2),
            0,
            np.pi / 2,
            epsabs=1e-13,
            limit=400,
            points=[np.pi / 2 - 0.01, np.pi / 2 - 1e-4],
        )
        return np.log(2 * np.cosh(2 * b)) + value / np.pi

    assert onsager1944.free_energy(temperature) == pytest.approx(-temperature * minus_beta_f(beta), abs=1e-10)
    slope = (onsager1944.energy(1 / (beta - step)) - onsager1944.energy(1 / (beta + step))) / (2 * step)
    if abs(temperature - CRITICAL) > 0.1:
        energy = -(minus_beta_f(beta + step) - minus_beta_f(beta - step)) / (2 * step)
        assert onsager1944.energy(temperature) == pytest.approx(energy, abs=1e-6)
        assert onsager1944.specific_heat(temperature) == pytest.approx(beta**2 * slope, rel=1e-5)


def test_extreme_temperatures_keep_their_digits():
    assert onsager1944.energy([1e-3, 1e3, 1e6]) == pytest.approx([-2, -2e-3 - 10 / 3e9, -2e-6], rel=1e-9)
    assert onsager1944.specific_heat([1e-3, 1e6]) == pytest.approx([0, 2e-12], rel=1e-9, abs=1e-30)
    assert onsager1944.free_energy([1e-3, 1e6]) == pytest.approx([-2, -1e6 * np.log(2)], rel=1e-9)
    assert yang1952.magnetisation([1e-3, 1e3]).tolist() == [1, 0]
    assert kaufman1949.energy(8, [1e-4, 1e-2, 1e4]) == pytest.approx([-2, -2, -2e-4], rel=1e-5)
    assert kaufman1949.log_partition(8, 1e-4) == pytest.approx(128e4 + np.log(2), rel=1e-15)


def test_shapes_are_those_of_the_temperatures():
    grid = np.linspace(1, 4, 6).reshape(2, 3)
    for function in (onsager1944.energy, onsager1944.specific_heat, onsager1944.free_energy, yang1952.magnetisation):
        assert function(grid).shape == (2, 3)
        assert function(grid)[1, 2] == pytest.approx(float(function(4.0)), rel=1e-15)
    assert kaufman1949.energy(6, grid).shape == kaufman1949.log_partition(6, grid).shape == (2, 3)


# -------------------------------------------------------------------------------------------- the finite lattice


@pytest.mark.parametrize("size", [2, 3, 4])
def test_kaufman_is_enumeration(size):
    energies = lattice(size)[1]
    temperatures = np.array([0.8, 1.7, CRITICAL, 3.1, 20.0])
    weights = np.exp(-(energies[:, None] + 2 * size**2) / temperatures)
    total = weights.sum(0)
    mean, square = energies @ weights / total, energies**2 @ weights / total
    assert (
        np.abs(kaufman1949.log_partition(size, temperatures) - np.log(total) - 2 * size**2 / temperatures).max() < 1e-11
    )
    assert np.abs(kaufman1949.energy(size, temperatures) * size**2 - mean).max() < 1e-10
    assert (
        np.abs(kaufman1949.specific_heat(size, temperatures) * size**2 * temperatures**2 - square + mean**2).max()
        < 1e-9
    )


def test_kaufman_agrees_with_the_table():
    for row in table("ising_finite.csv"):
        size, temperature = int(row["L"]), row["T"]
        assert kaufman1949.energy(size, temperature) == pytest.approx(row["u"], abs=2e-11)
        assert kaufman1949.specific_heat(size, temperature) == pytest.approx(row["c"], abs=2e-10)
        assert kaufman1949.log_partition(size, temperature) / size**2 == pytest.approx(row["lnZ_per_spin"], abs=2e-12)


def test_large_lattices_are_infinite_away_from_the_critical_point():
    away = np.array([1.5, 2.0, 3.0])
    assert kaufman1949.energy(256, away) == pytest.approx(onsager1944.energy(away), abs=1e-11)
    assert kaufman1949.specific_heat(256, away) == pytest.approx(onsager1944.specific_heat(away), abs=1e-9)


@pytest.mark.parametrize("temperature", [1.5, 3.0])
def test_the_transfer_matrix_is_enumeration(temperature):
    states, energies = lattice(3)
    weights = np.exp(-energies / temperature)
    place, found = kramers1941.magnetisation_distribution(3, temperature)
    exact = np.bincount((states > 0).sum((1, 2)), weights, 10) / weights.sum()
    assert np.abs(found - exact).max() < 1e-13
    assert place == pytest.approx(np.arange(-9, 10, 2) / 9)


def test_the_transfer_matrix_agrees_with_the_table():
    for row in table("ising_moments.csv"):
        if row["L"] == 8 and row["T"] != 2.0:
            continue
        m, p = kramers1941.magnetisation_distribution(int(row["L"]), row["T"])
        found = [p @ np.abs(m), p @ m**2, p @ m**4, 1 - p @ m**4 / 3 / (p @ m**2) ** 2]
        assert found == pytest.approx([row["abs_m"], row["m2"], row["m4"], row["U4"]], abs=1e-10)


# ------------------------------------------------------------------------------------------------- the glasses


def test_the_nishimori_energy_is_enumeration_over_bonds_and_spins():
    # A ring of four spins: all 16 choices of the bonds, all 16 states.
    temperature, total = 1.3, 0.0
    p = float(nishimori1981.antiferromagnetic(temperature))
    assert np.exp(-2 / temperature) == pytest.approx(p / (1 - p), rel=1e-14)
    spins = np.array(list(itertools.product([-1, 1], repeat=4)))
    for bonds in itertools.product([-1, 1], repeat=4):
        energies = -(spins * np.roll(spins, 1, 1) * bonds).sum(1)
        weights = np.exp(-energies / temperature)
        chance = np.prod(np.where(np.array(bonds) < 0, p, 1 - p))
        total += chance * (energies @ weights) / weights.sum()
    assert total / 4 == pytest.approx(float(nishimori1981.energy_per_bond(temperature)), rel=1e-13)


def test_the_glass_identity_holds_for_three_spins():
    # Three couplings, each Gaussian with variance 1/3: Gauss-Hermite in three dimensions.
    temperature = 0.8
    node, weight = np.polynomial.hermite_e.hermegauss(40)
    weight = weight / weight.sum()
    spins = np.array(list(itertools.product([-1, 1], repeat=3)))
    pairs = np.stack([spins[:, 0] * spins[:, 1], spins[:, 0] * spins[:, 2], spins[:, 1] * spins[:, 2]])
    energy = square = 0.0
    for (a, wa), (b, wb), (c, wc) in itertools.product(zip(node, weight, strict=True), repeat=3):
        levels = -(np.array([a, b, c]) / np.sqrt(3)) @ pairs
        weights = np.exp(-levels / temperature)
        weights /= weights.sum()
        energy += wa * wb * wc * levels @ weights / 3
        square += wa * wb * wc * (3 + 2 * ((pairs @ weights) ** 2).sum()) / 9
    assert energy == pytest.approx(float(sherrington1975.energy(temperature, square)), abs=1e-10)


def test_bad_input_is_named():
    for function in (onsager1944.energy, yang1952.magnetisation, nishimori1981.energy_per_bond):
        with pytest.raises(ValueError, match=r"temperature must be .* above 0; got 0"):
            function([1.0, 0.0])
    with pytest.raises(ValueError, match="side must be a whole number, at least 2; got 1"):
        kaufman1949.energy(1, 2.0)
    with pytest.raises(ValueError, match=r"side must be .* at most 8; got 9"):
        kramers1941.magnetisation_distribution(9, 2.0)
    with pytest.raises(ValueError, match=r"mean_square_overlap must be between 0 and 1; got 1.5"):
        sherrington1975.energy(1.0, 1.5)
    with pytest.raises(ValueError, match="mean_square_overlap must have a shape"):
        sherrington1975.energy([1.0, 2.0], [0.1, 0.2, 0.3])
