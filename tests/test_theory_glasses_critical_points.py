"""Critical points of the spherical glass: exact counts, Morse's identity, random matrices, and the large-N limit."""

import numpy as np
import pytest
from scipy.integrate import quad

from course_utils.measure.statistics import estimate
from course_utils.theory import auffinger2013

# N: all critical points of the 3-spin landscape and the standard error, from random matrices drawn once, independently
# of course_utils.
DRAWN = {
    2: (5.29103, 0.004),
    3: (10.5521, 0.013),
    4: (18.7632, 0.031),
    5: (31.5255, 0.068),
    6: (50.6083, 0.31),
    8: (126.049, 1.7),
    10: (286.235, 3.3),
}
# p: threshold, ground state, and lowest passes with one way down, with the sign of energies that are minimised.
LEVELS = {
    3: (-1.63299316, -1.65699836, -1.65287320),
    4: (-1.73205081, -1.79408503, -1.78330030),
    5: (-1.78885438, -1.88798883, -1.87057564),
    10: (-1.89736660, -2.13536380, -2.09214249),
}


@pytest.mark.parametrize("spins", DRAWN)
def test_the_number_against_drawn_matrices(spins):
    mean, error = DRAWN[spins]
    assert abs(auffinger2013.critical_points(spins).sum() - mean) < 4 * error


@pytest.mark.parametrize(("spins", "power"), [(4, 3), (3, 4)])
def test_each_index_against_drawn_matrices(spins, power):
    random, size, draws = np.random.default_rng(7), spins - 1, 100000
    matrix = random.normal(size=(draws, size, size))
    matrix = (matrix + np.swapaxes(matrix, 1, 2)) / np.sqrt(2)
    shift = power * random.normal(size=(draws, 1, 1)) * np.eye(size)
    values = np.linalg.eigvalsh(np.sqrt(power * (power - 1)) * matrix - shift)
    sphere = {3: 4 * np.pi, 4: 2 * np.pi**2}[spins] * (2 * np.pi * power) ** (-size / 2)
    exact = auffinger2013.critical_points(spins, power)
    for index in range(spins):
        found = estimate(sphere * np.abs(values.prod(1)) * ((values < 0).sum(1) == index))
        assert abs(found.z(exact[index])) < 4
        assert found.error < 0.02 * exact[index]


@pytest.mark.parametrize("power", range(2, 11))
def test_on_a_circle_it_is_the_formula_of_rice(power):
    # The slope of a process of covariance cos(angle)^p has 2 sqrt(3 p - 2) zeros on the circle.
    assert auffinger2013.critical_points(2, power).sum() == pytest.approx(2 * np.sqrt(3 * power - 2), rel=1e-11)


@pytest.mark.parametrize("spins", range(2, 13))
def test_a_quadratic_form_has_its_eigenvectors(spins):
    assert auffinger2013.critical_points(spins, 2) == pytest.approx(np.full(spins, 2.0), rel=1e-9)


@pytest.mark.parametrize(("spins", "power"), [(n, p) for n in (2, 3, 5, 8, 11, 12) for p in (3, 4, 10)])
def test_summits_minus_passes_is_the_shape_of_the_sphere(spins, power):
    counts = auffinger2013.critical_points(spins, power)
    assert counts @ (-1.0) ** np.arange(spins) == pytest.approx(2 * (spins % 2), abs=1e-9 * counts.sum())
    assert counts == pytest.approx(counts[::-1], rel=1e-8)  # the landscape upside down is as likely
    assert (counts > 0).all()


def test_more_spins_multiply_the_number_by_the_root_of_p_minus_one():
    for power in (3, 5):
        totals = [auffinger2013.critical_points(n, power).sum() for n in (4, 6, 8, 10, 12)]
        excess = np.divide(totals[1:], totals[:-1]) / (power - 1)
        assert (excess > 1).all()
        assert (np.diff(excess) < 0).all()
        assert excess[-1] < 1.2
        assert auffinger2013.complexity(0.0, power) == pytest.approx(np.log(power - 1) / 2)


@pytest.mark.parametrize("power", LEVELS)
def test_the_levels_against_the_table(power):
    threshold, ground, passes = LEVELS[power]
    assert auffinger2013.threshold_energy(power) == pytest.approx(threshold, abs=1e-8)
    assert auffinger2013.lowest_energy(power) == pytest.approx(ground, abs=1e-8)
    assert auffinger2013.lowest_energy(power, index=1) == pytest.approx(passes, abs=1e-8)


def test_the_complexity_is_the_integral_it_is_defined_by():
    for power in (3, 6):
        edge = auffinger2013.threshold_energy(power)
        for energy in (edge - 0.01, edge - 0.3):
            cost = 2 / edge**2 * quad(lambda y, e=edge: np.sqrt(max(y * y - e * e, 0)), energy, edge)[0]
            bulk = np.log(power - 1) / 2 - (power - 2) / (4 * (power - 1)) * energy**2
            for index in (0, 1, 5):
                expected = bulk - (index + 1) * cost
                assert auffinger2013.complexity(energy, power, index) == pytest.approx(expected, abs=1e-7)
            assert auffinger2013.complexity(energy, power) == pytest.approx(bulk - cost, abs=1e-7)


def test_the_complexity_never_falls_and_meets_at_the_threshold():
    energies = np.linspace(-2, 1, 301)
    for index in (None, 0, 1, 4):
        assert (np.diff(auffinger2013.complexity(energies, 3, index)) >= 0).all()
    edge = auffinger2013.threshold_energy(3)
    at_edge = [float(auffinger2013.complexity(edge, 3, index)) for index in (None, 0, 3)]
    assert at_edge == pytest.approx([np.log(2) / 2 - 1 / 3] * 3)
    lowest = [auffinger2013.lowest_energy(3, index) for index in range(6)]
    assert (np.diff([*lowest, edge]) > 0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: auffinger2013.critical_points(1), "sites must be"),
        (lambda: auffinger2013.critical_points(13), "sites must be"),
        (lambda: auffinger2013.critical_points(4, 1), "power must be"),
        (lambda: auffinger2013.critical_points(4.0), "sites must be"),
        (lambda: auffinger2013.threshold_energy(1), "power must be"),
        (lambda: auffinger2013.complexity("low"), "energies must be"),
        (lambda: auffinger2013.complexity(-1.0, 3, -1), "index must be"),
        (lambda: auffinger2013.complexity(-1.0, 2.5), "power must be"),
        (lambda: auffinger2013.lowest_energy(2), "power must be"),
        (lambda: auffinger2013.lowest_energy(3, 0.5), "index must be"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
