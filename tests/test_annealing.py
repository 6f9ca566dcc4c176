"""Cooling a glass, against the exact master equation, within four standard errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.dynamics import annealing
from course_utils.dynamics.kernels import walkers as kernels
from course_utils.measure.statistics import Estimate, estimate
from course_utils.models.spin_glass import SpinGlass
from course_utils.theory import metropolis1953

GLASS = SpinGlass.draw(10, seed=4)


def in_ground_state(cooled):
    hits = cooled.energies[:, -1] < GLASS.ground_energy + 1e-9
    return Estimate(hits.mean(), hits.std(ddof=1) / len(hits) ** 0.5, len(hits))


@pytest.mark.parametrize("steps", [50, 400])
def test_the_ground_state_is_reached_as_often_as_the_master_equation_says(steps):
    betas = np.linspace(0, 6, steps)
    measured = in_ground_state(annealing.anneal(GLASS, betas, replicas=50_000, seed=1))
    assert abs(measured.z(metropolis1953.ground_probability(GLASS.energies, betas))) < 4
    assert measured.error < 0.0025


def test_the_energy_falls_as_the_master_equation_says():
    betas = np.linspace(0, 4, 300)
    cooled = annealing.anneal(GLASS, betas, replicas=40_000, record_every=50, seed=2)
    exact = metropolis1953.mean_energies(GLASS.energies, betas)
    assert cooled.recorded.tolist() == [50, 100, 150, 200, 250, 300]
    for column, step in enumerate(cooled.recorded):
        measured = estimate(cooled.energies[:, column])
        assert abs(measured.z(exact[step - 1])) < 4
        assert measured.error < 0.012


def test_at_infinite_temperature_all_states_are_alike():
    cooled = annealing.anneal(GLASS, np.zeros(3), replicas=50_000, seed=3)
    number = ((cooled.spins > 0) << np.arange(10)).sum(1)
    counts = np.bincount(number, minlength=1024)
    # Chi-square with 1023 degrees of freedom: mean 1023, deviation 45. A glass started from one state would be far off.
    assert ((counts - 50_000 / 1024) ** 2 / (50_000 / 1024)).sum() == pytest.approx(1023, abs=4 * 45.3)


def test_at_zero_temperature_only_falls():
    cooled = annealing.anneal(GLASS, np.full(200, 1e9), replicas=200, record_every=1, seed=4)
    assert (np.diff(cooled.energies, axis=1) < 1e-12).all()


def test_energies_belong_to_the_spins():
    cooled = annealing.anneal(GLASS, np.linspace(0, 2, 97), replicas=50, record_every=10, seed=5)
    assert set(np.unique(cooled.spins)) == {-1, 1}
    assert cooled.energies.shape == (50, 9)
    last = annealing.anneal(GLASS, np.linspace(0, 2, 97), replicas=50, seed=5)
    assert np.array_equal(last.spins, cooled.spins)
    assert last.energies[:, -1] == pytest.approx(GLASS.energy(cooled.spins))


def test_an_interrupt_keeps_the_finished_runs(monkeypatch):
    calls = iter(range(2))
    kernel = kernels.anneal

    def run(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        kernel(*arguments)

    monkeypatch.setattr(kernels, "anneal", run)
    monkeypatch.setattr(annealing, "_WORK", 1000)
    with pytest.warns(UserWarning, match="interrupted"):
        cooled = annealing.anneal(GLASS, np.ones(100), replicas=50, seed=6)
    assert cooled.energies.shape == (20, 1)
    assert cooled.spins.shape == (20, 10)


GOOD = {"betas": [0.0, 1.0], "replicas": 3, "record_every": 1, "seed": 1}


@pytest.mark.parametrize("name", GOOD)
@settings(max_examples=30, deadline=None)
@given(
    value=st.one_of(
        st.sampled_from([-1, [-1.0], [], "cold", True, [np.nan], [[1.0]], 2.5, {}, b"", 1j]),
        st.floats(),
        st.text(),
    )
)
def test_bad_input_is_named(name, value):
    with pytest.raises((ValueError, TypeError), match=name):
        annealing.anneal(GLASS, **(GOOD | {name: value}))


def test_a_glass_is_a_glass():
    with pytest.raises(TypeError, match="glass must be a SpinGlass"):
        annealing.anneal([[0, 1], [1, 0]], **GOOD)
