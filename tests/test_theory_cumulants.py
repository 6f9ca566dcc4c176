"""Binder's cumulant of small lattices and of chains, exactly: against enumeration and values computed elsewhere."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.theory import binder1981, ising1925, kramers1941, onsager1944

# An independent transfer matrix with an imaginary field, equal to enumeration at L = 4.
TABLE = Path(__file__).parent / "reference" / "ising_moments.csv"
REFERENCE = np.genfromtxt(TABLE, delimiter=",", names=True, skip_header=1)
CRITICAL = onsager1944.CRITICAL_TEMPERATURE


def chain(spins, temperature):
    """All states of a short chain with free ends, and their probabilities."""
    states = np.array(list(itertools.product([-1, 1], repeat=spins)))
    weights = np.exp((states[:, 1:] * states[:, :-1]).sum(1) / temperature)
    return states.mean(1), weights / weights.sum()


# ------------------------------------------------------------------------------------------------ square lattices


def test_cumulants_agree_with_the_table():
    for row in REFERENCE:
        assert binder1981.cumulant(int(row["L"]), row["T"]) == pytest.approx(row["U4"], abs=1e-10)
        assert binder1981.moments(int(row["L"]), row["T"]) == pytest.approx((row["m2"], row["m4"]), abs=1e-10)


@pytest.mark.parametrize("size", [2, 3, 6, 7])
@pytest.mark.parametrize("temperature", [0.5, CRITICAL, 20.0])
def test_the_blocks_of_the_matrix_add_up_to_the_whole(size, temperature):
    m, p = kramers1941.magnetisation_distribution(size, temperature)
    whole = 1 - p @ m**4 / (3 * (p @ m**2) ** 2)
    assert binder1981.cumulant(size, temperature) == pytest.approx(whole, abs=1e-10)


def test_limits_cold_and_hot():
    assert binder1981.cumulant(6, 0.05) == pytest.approx(2 / 3, abs=1e-12)
    # independent spins: <M^4> = 3 N^2 - 2 N, so that U4 = 2 / 3 N
    assert binder1981.cumulant(6, 1e9) == pytest.approx(2 / (3 * 36), abs=1e-8)


def test_even_moments_of_independent_spins():
    second, fourth = binder1981.even_moments(lambda h: np.cosh(h) ** 40, 40)
    assert second == pytest.approx(1 / 40, rel=1e-12)
    assert fourth == pytest.approx((3 * 40**2 - 2 * 40) / 40**4, rel=1e-11)


def test_crossings_come_closer_to_the_critical_point_and_fast():
    away = CRITICAL - np.array([binder1981.crossing(size) for size in (2, 3, 4, 5)])
    assert (np.diff(away) < 0).all()
    assert away[-1] == pytest.approx(0.0197332, abs=2e-6)  # found with another root finder
    local = np.diff(np.log(away)) / np.diff(np.log([2, 3, 4, 5]))
    assert (local < -2.2).all()


def test_a_crossing_is_where_the_cumulants_agree():
    place = binder1981.crossing(3)
    assert binder1981.cumulant(3, place) == pytest.approx(binder1981.cumulant(6, place), abs=1e-6)
    assert binder1981.cumulant(6, place - 0.05) > binder1981.cumulant(3, place - 0.05)


# -------------------------------------------------------------------------------------------------------- chains


@pytest.mark.parametrize("spins", [1, 2, 5, 10])
@pytest.mark.parametrize("temperature", [0.3, 1.0, 7.0])
def test_chains_agree_with_enumeration(spins, temperature):
    m, p = chain(spins, temperature)
    second, fourth = ising1925.moments(spins, temperature)
    assert second == pytest.approx(p @ m**2, rel=1e-11)
    assert fourth == pytest.approx(p @ m**4, rel=1e-10)
    assert ising1925.cumulant(spins, temperature) == pytest.approx(1 - p @ m**4 / (3 * (p @ m**2) ** 2), abs=1e-10)


def test_the_second_moment_of_a_long_chain_is_a_sum_of_correlations():
    spins, temperature = 500, 0.6
    apart = np.abs(np.subtract.outer(np.arange(spins), np.arange(spins)))
    exact = (np.tanh(1 / temperature) ** apart).mean()
    assert ising1925.moments(spins, temperature)[0] == pytest.approx(exact, rel=1e-11)


def test_a_longer_chain_has_the_same_curve_further_on():
    # U4 depends on N / xi alone, and xi = e^(2 beta) / 2: four times the length is ln(4) / 2 in beta.
    for beta in (2.5, 3.0, 3.5):
        there = ising1925.cumulant(4096, 1 / (beta + np.log(4) / 2))
        assert there == pytest.approx(ising1925.cumulant(1024, 1 / beta), abs=5e-4)
        assert ising1925.slope(4096, 1 / (beta + np.log(4) / 2)) == pytest.approx(
            ising1925.slope(1024, 1 / beta), abs=5e-4
        )


def test_the_slope_is_the_derivative_by_the_inverse_temperature():
    beta = np.linspace(0.8, 1.2, 9)
    curve = np.polynomial.Polynomial.fit(beta, [ising1925.cumulant(16, 1 / b) for b in beta], 8)
    assert ising1925.slope(16, 1.0) == pytest.approx(curve.deriv()(1.0), rel=1e-5)


@settings(deadline=None, max_examples=30)
@given(spins=st.integers(2, 3000), temperature=st.floats(0.02, 1e4))
def test_cumulants_of_chains_lie_between_the_limits(spins, temperature):
    assert -1e-6 < ising1925.cumulant(spins, temperature) < 2 / 3 + 1e-9


def test_bonds_are_satisfied_as_their_energy_says():
    m, p = chain(2, 0.7)
    assert ising1925.satisfied(0.7) == pytest.approx(p[np.abs(m) == 1].sum())
    assert 2 * ising1925.satisfied(0.7) - 1 == pytest.approx(np.tanh(1 / 0.7))


# ----------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: binder1981.cumulant(1, 2.0), "side must be"),
        (lambda: binder1981.cumulant(13, 2.0), "side must be"),
        (lambda: binder1981.cumulant(4, 0.0), "temperature must be"),
        (lambda: binder1981.crossing(7), "side must be"),
        (lambda: binder1981.even_moments(3.0, 4), "partition must be"),
        (lambda: binder1981.even_moments(np.cosh, 0), "sites must be"),
        (lambda: ising1925.cumulant(0, 1.0), "sites must be"),
        (lambda: ising1925.cumulant(4, np.nan), "temperature must be"),
        (lambda: ising1925.slope(4, -1.0), "temperature must be"),
        (lambda: ising1925.satisfied(-1.0), "temperature must be"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
