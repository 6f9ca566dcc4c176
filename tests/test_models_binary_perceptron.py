"""The binary perceptron: its energy, its list of solutions, and exact means over random tasks."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.models.binary_perceptron import BinaryPerceptron
from course_utils.theory import krauth1989

SIZES = st.integers(1, 4).map(lambda half: 2 * half + 1)


def every_setting(spins):
    return np.array(list(itertools.product([-1, 1], repeat=spins)))


@given(SIZES, st.integers(1, 9), st.integers(0, 1000))
def test_energies_count_the_patterns_on_the_wrong_side(spins, patterns, seed):
    task = BinaryPerceptron.draw(spins, patterns=patterns, seed=seed)
    states = every_setting(spins)
    expected = [sum(int(row @ state) < 0 for row in task.patterns.astype(int)) for state in states]
    assert task.energies(states).tolist() == expected
    assert task.energies(states.reshape(2, -1, spins)).ravel().tolist() == expected


@given(st.sampled_from([3, 11, 13, 15]), st.integers(1, 9), st.integers(0, 1000))
def test_solutions_are_the_settings_without_energy_in_order(spins, patterns, seed):
    task = BinaryPerceptron.draw(spins, patterns=patterns, seed=seed)
    states = every_setting(spins)
    assert np.array_equal(task.solutions(), states[task.energies(states) == 0])


@given(SIZES, st.integers(1, 9), st.integers(0, 1000))
def test_a_flip_costs_what_the_flipped_weights_cost(spins, patterns, seed):
    task = BinaryPerceptron.draw(spins, patterns=patterns, seed=seed)
    state = np.random.default_rng(seed).choice([-1, 1], spins)
    flipped = state * (1 - 2 * np.eye(spins, dtype=int))
    assert np.array_equal(task.energies_after_a_flip(state), task.energies(flipped))


def test_wide_fields_do_not_overflow():
    task = BinaryPerceptron(np.ones((1, 1001)))
    assert task.fields(np.ones(1001)).tolist() == [1001]
    assert task.energies_after_a_flip(-np.ones(1001)).tolist() == [1] * 1001


def test_a_planted_teacher_solves_its_task():
    teacher = np.random.default_rng(1).choice([-1, 1], 101)
    task = BinaryPerceptron.draw(101, load=2.0, planted=teacher, seed=2)
    assert (task.patterns.shape, task.load) == ((202, 101), 2.0)
    assert task.energies(teacher) == 0
    assert task.energies(-teacher) == 202


def test_the_mean_number_of_solutions_is_a_power_of_two():
    counts = np.array([len(BinaryPerceptron.draw(15, patterns=9, seed=k).solutions()) for k in range(200)])
    error = counts.std(ddof=1) / np.sqrt(len(counts))
    assert abs(counts.mean() - krauth1989.mean_solutions(15, 9)) < 4 * error


@pytest.mark.parametrize(("spins", "distance"), [(3, 1), (5, 2), (7, 3), (9, 9), (11, 4)])
def test_the_chance_for_two_settings_is_a_count(spins, distance):
    patterns = every_setting(spins)
    second = np.ones(spins)
    second[:distance] = -1
    both = (patterns.sum(1) > 0) & (patterns @ second > 0)
    assert krauth1989.both_right(spins, distance) == pytest.approx(both.mean(), abs=1e-13)


def test_the_chance_for_two_settings_tends_to_an_angle():
    # The first correction is of order N^(-3/2) at fixed d/N: 1e-3 here is generous, a wrong factor is 0.1 and more.
    for spins, tolerance in ((101, 1e-2), (1001, 3e-3), (10001, 1e-3)):
        distance = spins // 4
        expected = 0.5 - np.arccos(1 - 2 * distance / spins) / (2 * np.pi)
        assert krauth1989.both_right(spins, distance) == pytest.approx(expected, abs=tolerance)


def test_neighbours_of_a_planted_solution():
    spins, patterns = 13, 8
    expected = krauth1989.mean_neighbours(spins, patterns)
    counts = []
    for k in range(300):
        teacher = np.random.default_rng([7, k]).choice([-1, 1], spins)
        found = BinaryPerceptron.draw(spins, patterns=patterns, planted=teacher, seed=k).solutions()
        counts.append(np.bincount((found != teacher).sum(1), minlength=spins + 1))
    mean, error = np.mean(counts, 0), np.std(counts, 0, ddof=1) / np.sqrt(len(counts))
    assert mean[0] == expected[0] == 1
    assert mean[-1] == expected[-1] == 0
    inner = expected > 0.3  # rarer distances were met too seldom for an error bar
    inner[0] = False
    assert np.abs((mean - expected)[inner] / error[inner]).max() < 4


def test_pairs_add_up_to_the_second_moment():
    # Without patterns all 2^N settings are solutions.
    assert krauth1989.mean_neighbours(9, 0).sum() == pytest.approx(2**9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"inputs": 4, "load": 1.0}, "inputs must be odd.*4"),
        ({"inputs": 5}, "one of load and patterns"),
        ({"inputs": 5, "load": 1.0, "patterns": 3}, "one of load and patterns"),
        ({"inputs": 5, "load": -1.0}, "load must be.*-1"),
        ({"inputs": 5, "patterns": 3, "planted": [1, 1, 1]}, "planted must hold.*shape"),
        ({"inputs": 5, "patterns": 3, "planted": [1, 1, 1, 0, 1]}, "planted must hold -1 or"),
    ],
)
def test_bad_draws_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        BinaryPerceptron.draw(**arguments, seed=1)


def test_bad_patterns_and_weights_are_named():
    with pytest.raises(ValueError, match=r"patterns must hold.*N odd.*\(2, 2\)"):
        BinaryPerceptron([[1, 1], [1, -1]])
    task = BinaryPerceptron.draw(5, patterns=2, seed=1)
    with pytest.raises(ValueError, match=r"weights must hold.*\(\.\.\., 5\).*\(3,\)"):
        task.energies([1, 1, 1])
    with pytest.raises(ValueError, match=r"weights must hold.*\(5,\)"):
        task.energies_after_a_flip(np.ones((2, 5)))
    with pytest.raises(ValueError, match=r"at most 25.*27"):
        BinaryPerceptron.draw(27, patterns=20, seed=1).solutions()
    with pytest.raises(ValueError, match="too many solutions"):
        BinaryPerceptron.draw(25, patterns=2, seed=1).solutions()
    with pytest.raises(ValueError, match=r"distance must be.*at most 5.*6"):
        krauth1989.both_right(5, 6)
