"""Where walkers are found: Gibbs' law, Landauer's, and the chain with its time step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from course_utils.theory import gibbs1902, landauer1975, maruyama1955

temperature = st.floats(0.05, 5)


def well(x):
    return (x**2 - 1) ** 2


def well_force(x):
    return -4 * x * (x**2 - 1)


def square(x):
    return x**2


@given(temperature, st.floats(0.1, 20), st.floats(-3, 3))
def test_the_trap_is_a_gaussian(heat, stiffness, centre):
    def energy(x):
        return stiffness * (x - centre) ** 2 / 2

    assert gibbs1902.average(energy, lambda x: x, temperature=heat) == pytest.approx(centre, abs=1e-8)
    variance = gibbs1902.average(energy, lambda x: (x - centre) ** 2, temperature=heat)
    assert variance == pytest.approx(heat / stiffness, rel=1e-8)
    assert gibbs1902.density(energy, centre, temperature=heat) == pytest.approx(
        np.sqrt(stiffness / (2 * np.pi * heat)), rel=1e-8
    )
    partition = np.sqrt(2 * np.pi * heat / stiffness)
    assert gibbs1902.free_energy(energy, temperature=heat) == pytest.approx(-heat * np.log(partition), abs=1e-8)


def test_the_double_well_has_its_published_moment():
    assert gibbs1902.average(well, square, temperature=0.5) == pytest.approx(0.85214, abs=5e-6)


@pytest.mark.parametrize("heat", [0.01, 0.1, 1.0, 10.0])
def test_densities_agree_with_adaptive_integration(heat):
    def weight(x):
        return np.exp(-well(x) / heat)

    total = 2 * quad(weight, 0, 6, points=[1.0], epsabs=0, epsrel=1e-12)[0]
    places = np.array([-1.2, 0.0, 0.7, 1.0])
    assert gibbs1902.density(well, places, temperature=heat) == pytest.approx(weight(places) / total, rel=1e-9)
    right = quad(weight, 0.3, 6, points=[1.0], epsabs=0, epsrel=1e-12)[0] / total
    assert gibbs1902.population(well, 0.3, np.inf, temperature=heat) == pytest.approx(right, rel=1e-9)
    whole = gibbs1902.population(well, -np.inf, np.inf, temperature=heat)
    assert whole == pytest.approx(1, abs=1e-12)


@given(temperature, st.floats(-1, 1))
def test_one_temperature_everywhere_makes_landauer_gibbs(heat, tilt):
    places = np.linspace(-1.5, 1.5, 7)
    reach = 2 + heat
    found = landauer1975.density(
        lambda x: well_force(x) - tilt, places, temperature=lambda x: np.full(x.shape, heat), low=-reach, high=reach
    )
    exact = gibbs1902.density(lambda x: well(x) + tilt * x, places, temperature=heat)
    # The table of 20,001 points is read between its points by straight lines.
    assert found == pytest.approx(exact, abs=1e-5)


def test_without_a_force_walkers_gather_where_it_is_cold():
    def heat(x):
        return np.where(x > 0, 2.0, 1.0)

    # Walls far out, nothing else: the density is proportional to 1/T (Itô).
    def force(x):
        return -100 * np.sign(x) * np.maximum(np.abs(x) - 3, 0)

    left, right = landauer1975.density(force, [-1.0, 1.0], temperature=heat, low=-6, high=6)
    assert left / right == pytest.approx(2, rel=1e-6)


@given(st.floats(0.05, 2), st.floats(0.2, 4), st.floats(0.05, 0.9))
def test_the_chain_in_a_trap_has_its_closed_form(heat, stiffness, fraction):
    step = fraction / stiffness
    exact = maruyama1955.trap_mean_square(stiffness=stiffness, temperature=heat, time_step=step)
    reach = 9 * np.sqrt(exact)
    found = maruyama1955.stationary_average(
        lambda x: -stiffness * x, square, temperature=heat, time_step=step, low=-reach, high=reach
    )
    assert found == pytest.approx(exact, rel=1e-7)


def test_short_steps_lead_to_continuous_time():
    exact = gibbs1902.average(well, square, temperature=0.5)
    errors = [
        maruyama1955.stationary_average(well_force, square, temperature=0.5, time_step=step) - exact
        for step in (0.004, 0.002, 0.001)
    ]
    # The error is of first order in the step, and negative: the chain sits closer to the middle.
    assert errors[0] == pytest.approx(2 * errors[1], rel=0.02)
    assert errors[1] == pytest.approx(2 * errors[2], rel=0.02)
    assert errors[2] == pytest.approx(-0.00051, abs=2e-5)


def test_the_chain_on_a_hot_flank_leads_to_landauer():
    def heat(x):
        return 0.35 + 0.15 * np.tanh(x / 0.1)

    def right(x):
        return (x > 0) * 1.0

    found = maruyama1955.stationary_average(well_force, right, temperature=heat, time_step=0.0005)
    assert found == pytest.approx(landauer1975.population(well_force, 0.0, temperature=heat), abs=5e-4)


BAD = {
    "temperature": [0.0, -1.0, float("nan"), "hot", None, True, [1.0]],
    "time_step": [0.0, -1.0, float("inf"), "short", None],
    "energy": [1.0, None, lambda x: x[:1], lambda x: x * np.nan, lambda x: -(x**2), lambda x: 0 * x],
    "force": [1.0, None, lambda x: x[:1], lambda x: x * np.nan],
    "observable": [1.0, lambda x: x[:1], lambda x: x / 0 if np.isscalar(x) else x * np.inf],
    "position": [[], [np.nan], "here", None],
    "low": [float("nan"), "left", None],
    "high": [-9.0, float("nan"), "right"],
    "above": [float("nan"), 9.0, None],
    "stiffness": [0.0, -1.0, "soft"],
}
GOOD = {
    gibbs1902.density: {"energy": well, "position": [0.0], "temperature": 0.5},
    gibbs1902.average: {"energy": well, "observable": square, "temperature": 0.5},
    gibbs1902.population: {"energy": well, "low": -1.0, "high": 1.0, "temperature": 0.5},
    gibbs1902.free_energy: {"energy": well, "temperature": 0.5},
    landauer1975.density: {
        "force": well_force, "temperature": lambda x: 1 + 0 * x, "position": [0.0], "low": -4.0, "high": 4.0,
    },
    landauer1975.population: {"force": well_force, "temperature": lambda x: 1 + 0 * x, "above": 0.0},
    maruyama1955.stationary_average: {"force": well_force, "observable": square, "temperature": 0.5, "time_step": 0.01},
    maruyama1955.trap_mean_square: {"stiffness": 1.0, "temperature": 0.5, "time_step": 0.01},
}  # fmt: skip
CASES = [
    pytest.param(function, name, value, id=f"{function.__module__.split('.')[-1]}.{function.__name__}-{name}-{number}")
    for function, good in GOOD.items()
    for name in good
    for number, value in enumerate(BAD[name])
]


@pytest.mark.parametrize(("function", "name", "value"), CASES)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_bad_input_is_named(function, name, value):
    with pytest.raises((ValueError, TypeError), match=rf"{name}\b"):
        function(**(GOOD[function] | {name: value}))


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.text(), st.none(), st.booleans(), st.floats(max_value=0), st.lists(st.floats(), max_size=2)))
def test_no_strange_temperature_passes(value):
    with pytest.raises((ValueError, TypeError), match="temperature must be"):
        gibbs1902.density(well, [0.0], temperature=value)


def test_an_interval_must_hold_the_walker():
    with pytest.raises(ValueError, match="low and high must hold all"):
        maruyama1955.stationary_average(well_force, square, temperature=0.5, time_step=0.01, low=-1.0, high=1.0)
    with pytest.raises(ValueError, match="low and high must hold all"):
        landauer1975.density(well_force, [0.0], temperature=lambda x: 1 + 0 * x, low=-1.0, high=1.0)
    with pytest.raises(ValueError, match="time_step must be larger"):
        maruyama1955.stationary_average(well_force, square, temperature=0.5, time_step=1e-8)
    with pytest.raises(ValueError, match=r"time_step must be .* below 2"):
        maruyama1955.trap_mean_square(stiffness=1.0, temperature=1.0, time_step=2.0)
