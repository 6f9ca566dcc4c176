"""The pure functions behind the knobs of lessons 00 and 11, against exact answers."""

import numpy as np
import pytest

from course_utils.exercises import registry
from course_utils.knobs.lesson_00 import noisy_choices
from course_utils.knobs.lesson_11 import travellers
from course_utils.measure.statistics import Estimate, proportion
from course_utils.theory import boltzmann1868


@pytest.mark.parametrize("temperature", [0.1, 0.5, 1.0, 4.0])
def test_noisy_choices_follow_boltzmann(temperature):
    picture = noisy_choices(temperature, draws=40_000, seed=3)
    for fraction, exact in zip(picture["fraction"], picture["boltzmann"], strict=True):
        assert abs(proportion(round(fraction * 40_000), 40_000).z(exact)) < 4
    assert picture["error"].max() < 0.003
    assert picture["boltzmann"].sum() == pytest.approx(1)


def test_boltzmann_survives_energies_that_would_overflow():
    assert boltzmann1868.occupation([0.0, -1e6], 1.0).tolist() == [0.0, 1.0]
    assert boltzmann1868.occupation([5.0, 5.0], 1e-3).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(("temperature", "tilt"), [(0.6, 0.0), (0.6, -0.3), (0.9, 0.4)])
def test_travellers_end_where_boltzmann_says(temperature, tilt):
    picture = travellers(temperature, tilt, 60.0, walkers=16_384, seed=1)
    right = picture["on the right (measured)"]
    measured = Estimate(right, np.sqrt(right * (1 - right) / 16_384), 16_384)
    assert abs(measured.mean - picture["on the right in the end (Boltzmann)"]) < 4 * measured.error + 0.005  # time step


def test_travellers_in_the_cold_have_not_left():
    assert travellers(0.05, 0.0, 200.0)["on the right (measured)"] == 0.0


def test_travellers_caught_on_the_way_follow_the_escape_time():
    """In the two-state limit the share on the right is (1 - exp(-2 t / tau)) / 2; at T = 0.2 it is good to 2 %."""
    picture = travellers(0.2, 0.0, 60.0, walkers=16_384, seed=2)
    two_states = (1 - np.exp(-2 * 60.0 / picture["mean escape time (exact)"])) / 2
    assert picture["on the right (measured)"] == pytest.approx(two_states, abs=0.02)


@pytest.mark.parametrize(
    ("temperature", "said"), [(0.1, "Too cold"), (0.2, "Too cold"), (0.35, "Too hot"), (1.0, "Too hot")]
)
def test_a_temperature_that_catches_more_or_less_than_a_quarter_is_wrong(temperature, said):
    verdict = registry.find("11.5").judge(temperature)
    assert verdict.state == "tried"
    assert said in verdict.reason


@pytest.mark.parametrize("temperature", [0.245, 0.255, 0.265])
def test_a_temperature_that_catches_about_a_quarter_is_right(temperature):
    assert registry.find("11.5").judge(temperature).state == "correct"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: noisy_choices(0.0), "temperature must be"),
        (lambda: noisy_choices(1.0, draws=0), "draws must be"),
        (lambda: travellers(-1.0), "temperature must be"),
        (lambda: travellers(0.3, tilt=2.0), "tilt must be"),
        (lambda: travellers(0.3, waiting=0.0), "waiting must be"),
        (lambda: travellers(0.3, walkers=1.5), "walkers must be"),
        (lambda: boltzmann1868.occupation([1.0, np.nan], 1.0), "energies must be"),
        (lambda: boltzmann1868.occupation([1.0], 0.0), "temperature must be"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
