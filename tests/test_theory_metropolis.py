"""The master equation of Metropolis against what it must keep: probability, balance, and the answer by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.models.spin_glass import SpinGlass
from course_utils.theory import metropolis1953

GLASS = SpinGlass.draw(10, seed=4)


def test_the_reference_of_the_ten_spin_glass():
    # 200,000 independent runs of another program reached the ground state in 0.9337(6) of all cases; exact 0.9328.
    assert metropolis1953.ground_probability(GLASS.energies, np.linspace(0, 6, 400)) == pytest.approx(0.9328, abs=5e-5)


@given(st.integers(1, 6), st.integers(0, 100), st.lists(st.floats(0, 20), min_size=1, max_size=10))
def test_probability_is_kept(spins, seed, betas):
    energies = np.random.default_rng(seed).normal(size=2**spins)
    probability = metropolis1953.anneal(energies, betas)
    assert probability.sum() == pytest.approx(1)
    assert (probability >= 0).all()
    assert len(metropolis1953.mean_energies(energies, betas)) == len(betas)
    assert metropolis1953.mean_energies(energies, betas)[-1] == pytest.approx(probability @ energies)


@pytest.mark.parametrize("beta", [0.0, 0.5, 2.0])
def test_held_long_enough_it_is_gibbs(beta):
    energies = SpinGlass.draw(5, seed=1).energies
    weight = np.exp(-beta * energies)
    assert metropolis1953.anneal(energies, np.full(5000, beta)) == pytest.approx(weight / weight.sum(), rel=1e-6)


def test_one_step_by_hand():
    # One spin, up costs 1: from one half each, half of the down-spins try to climb and e^-1 of them succeed.
    down, up = metropolis1953.anneal([0.0, 1.0], [1.0])
    assert up == pytest.approx(0.5 * np.exp(-1))
    assert down == pytest.approx(1 - 0.5 * np.exp(-1))


def test_slow_cooling_is_better():
    found = [metropolis1953.ground_probability(GLASS.energies, np.linspace(0, 6, steps)) for steps in (50, 100, 200)]
    assert found == sorted(found)
    assert metropolis1953.lowest(GLASS.energies).sum() == 2


@pytest.mark.parametrize(
    ("energies", "betas", "words"),
    [
        ([1.0, 2.0, 3.0], [1.0], "energies must hold one entry for each of 2"),
        ([], [1.0], "energies must be"),
        ([[1.0, 2.0]], [1.0], "energies must be"),
        ([1.0, np.nan], [1.0], "energies must be"),
        ([1.0, 2.0], [], "betas must be"),
        ([1.0, 2.0], [-1.0], "betas must be"),
        ([1.0, 2.0], 1.0, "betas must be"),
        ([1.0, 2.0], ["cold"], "betas must be"),
    ],
)
def test_bad_input_is_named(energies, betas, words):
    for function in (metropolis1953.anneal, metropolis1953.mean_energies, metropolis1953.ground_probability):
        with pytest.raises((ValueError, TypeError), match=words):
            function(energies, betas)
