"""Ways to look for a solution of the binary perceptron."""

import numpy as np
import pytest

from course_utils.dynamics.binary_learning import descend, hidden_states
from course_utils.models.binary_perceptron import BinaryPerceptron


@pytest.mark.parametrize("seed", range(5))
def test_going_down_never_ends_above_a_random_start(seed):
    task = BinaryPerceptron.draw(51, load=0.6, seed=seed)
    energies = [task.energies(descend(task, sweeps=sweeps, seed=seed)) for sweeps in (1, 5, 40)]
    assert energies == sorted(energies, reverse=True)
    assert energies[-1] < 0.3 * 31  # a random setting has half of them wrong


def test_a_walk_downhill_is_the_one_that_can_be_written_out():
    task = BinaryPerceptron.draw(21, load=0.9, seed=3)
    found = descend(task, sweeps=3, seed=4)
    random = np.random.default_rng(4)
    weights = 2 * random.integers(0, 2, 21) - 1
    for k in random.integers(0, 21, 63):
        flipped = weights * np.where(np.arange(21) == k, -1, 1)
        if task.energies(weights) > 0 and task.energies(flipped) <= task.energies(weights):
            weights = flipped
    assert np.array_equal(found, weights)


def test_hidden_states_find_solutions_where_a_walk_downhill_gets_stuck():
    stuck = solved = 0
    for seed in range(10):
        task = BinaryPerceptron.draw(201, load=0.5, seed=seed)
        stuck += int(task.energies(descend(task, sweeps=30, seed=seed)) > 0)
        weights, passes = hidden_states(task, seed=seed)
        solved += int(passes is not None and task.energies(weights) == 0)
    assert solved == 10
    assert stuck >= 9


def test_an_impossible_task_is_given_up():
    task = BinaryPerceptron(np.array([[1, 1, 1], [-1, -1, -1]]))
    weights, passes = hidden_states(task, most=5, seed=1)
    assert passes is None
    assert set(weights.tolist()) <= {-1, 1}


def test_seeds_choose_the_run_and_bad_settings_are_named():
    task = BinaryPerceptron.draw(51, load=0.5, seed=1)
    assert np.array_equal(hidden_states(task, seed=3)[0], hidden_states(task, seed=3)[0])
    assert np.array_equal(descend(task, seed=3), descend(task, seed=3))
    with pytest.raises(ValueError, match="most must be"):
        hidden_states(task, most=0, seed=1)
    with pytest.raises(ValueError, match="reinforce must be"):
        hidden_states(task, reinforce=1.5, seed=1)
