"""Attempts that draw random numbers where a formula is asked for are told so, however the numbers come out."""

import numpy as np
import pytest

from course_utils.exercises import lesson_11, lesson_12


def judged(lesson, identity, attempt):
    return next(exercise for exercise in lesson.EXERCISES if exercise.id == identity).judge(attempt)


@pytest.mark.parametrize("seed", range(5))
def test_a_drawn_decision_is_not_a_probability(seed):
    rng = np.random.default_rng(seed)
    verdict = judged(lesson_11, "11.2", lambda change, t: rng.random(change.shape) < np.exp(-change / t))
    assert verdict.state == "tried"
    assert "You draw whether the step is taken" in verdict.reason


@pytest.mark.parametrize("seed", range(5))
def test_a_simulated_variance_comes_near_but_is_no_formula(seed):
    rng = np.random.default_rng(seed)

    def simulated(values, size):
        return np.var([rng.choice(values, size, replace=False).mean() for _ in range(4000)])

    verdict = judged(lesson_12, "12.2", simulated)
    assert verdict.state == "tried"
    assert "a simulation scatters" in verdict.reason


def test_a_wrong_formula_is_not_taken_for_a_simulation():
    verdict = judged(lesson_12, "12.2", lambda values, size: 1.2 * lesson_12.batch_variance(values, size))
    assert "simulation" not in verdict.reason
