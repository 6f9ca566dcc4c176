"""The spin glass: its energy, its list of states, and the scale of its couplings."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.models.spin_glass import SpinGlass


@given(st.integers(2, 6), st.integers(0, 1000))
def test_energies_are_the_double_sum(spins, seed):
    glass = SpinGlass.draw(spins, seed=seed)
    for state, energy in zip(glass.states(), glass.energies, strict=True):
        pairs = itertools.combinations(range(spins), 2)
        assert energy == pytest.approx(-sum(glass.couplings[i, j] * state[i] * state[j] for i, j in pairs))


def test_state_number_and_bits_agree():
    states = SpinGlass.draw(4, seed=1).states()
    assert states.shape == (16, 4)
    assert states[0].tolist() == [-1, -1, -1, -1]
    assert states[0b0101].tolist() == [1, -1, 1, -1]
    assert len({tuple(state) for state in states}) == 16


def test_flipping_all_spins_changes_nothing():
    glass = SpinGlass.draw(7, seed=2)
    assert glass.energies == pytest.approx(glass.energies[::-1])
    assert glass.ground_energy == glass.energies.min()


def test_couplings_have_variance_one_over_n():
    size = 300
    couplings = SpinGlass.draw(size, seed=3).couplings[np.triu_indices(size, 1)]
    # 44,850 couplings: the variance is known to 0.7 %, the mean to 0.0003.
    assert couplings.var() * size == pytest.approx(1, abs=4 * np.sqrt(2 / couplings.size))
    assert abs(couplings.mean()) < 4 / np.sqrt(size * couplings.size)


def test_seeds_choose_the_glass():
    assert np.array_equal(SpinGlass.draw(5, seed=1).couplings, SpinGlass.draw(5, seed=1).couplings)
    assert not np.array_equal(SpinGlass.draw(5, seed=1).couplings, SpinGlass.draw(5, seed=2).couplings)


@pytest.mark.parametrize(
    ("couplings", "words"),
    [
        ([[0, 1, 0], [1, 0, 0]], "square"),
        ([[0, 1], [2, 0]], "symmetric"),
        ([[1, 1], [1, 0]], "zeros on the diagonal"),
        ([0, 1], "2 axes"),
        ([[0, np.nan], [np.nan, 0]], "NaN"),
    ],
)
def test_bad_couplings_are_named(couplings, words):
    with pytest.raises(ValueError, match=f"couplings must be.*{words}"):
        SpinGlass(couplings)


def test_bad_spins_are_named():
    glass = SpinGlass.draw(3, seed=0)
    for spins in ([1, 1], [1, 0, 1], 1.0, [0.5, 1, 1]):
        with pytest.raises(ValueError, match="spins must hold -1 or \\+1"):
            glass.energy(spins)
    with pytest.raises(ValueError, match="at most 20"):
        SpinGlass.draw(21, seed=0).states()


@given(st.one_of(st.text(), st.none(), st.floats(), st.booleans()))
def test_a_number_of_spins_is_whole(spins):
    with pytest.raises(TypeError, match="sites must be a whole number"):
        SpinGlass.draw(spins, seed=1)
