"""Students that learn online with dropout: against the equations, and piece by piece against plain numpy."""

import numpy as np
import pytest
from scipy.special import erf

from course_utils.dynamics import soft_committee
from course_utils.dynamics.kernels.committee import learn
from course_utils.measure.statistics import estimate
from course_utils.theory import mori2025, saad1995


@pytest.mark.parametrize("inverted", [False, True])
def test_learning_agrees_with_the_equations(inverted):
    active, noise = np.array([0.4, 0.7, 0.9, 1.0]), np.array([0.0, 0.3, 0.5])[:, None]
    seen = soft_committee.learn_online([1.0, 5.0], active=active, noise=noise, inverted=inverted, seed=1)
    theory = mori2025.learning([1.0, 5.0], active=active, noise=noise, inverted=inverted)
    scale = 1.0 if inverted else active[:, None]
    error = saad1995.error(seen.student, seen.cross, scale)
    readings = [(error, theory.error)]
    readings += [(seen.student[..., 0, 0], theory.student[..., 0, 0]), (seen.cross[..., 1, 0], theory.cross[..., 1, 0])]
    readings += [(seen.student[..., 0, 1], theory.student[..., 0, 1])]
    for found, expected in readings:
        for index in np.ndindex(expected.shape):
            assert abs(estimate(found[index]).z(expected[index])) < 4, index


def test_matched_students_agree_with_the_equations():
    active = np.array([0.8, 1.0])
    seen = soft_committee.learn_online(
        [0, 5.0, 20.0], active=active, noise=0.3, learning_rate=0.5, teachers=2, spread=0.3, seed=2
    )
    start = seen.student[0], seen.cross[0]
    theory = mori2025.learning([5.0, 20.0], active=active[:, None], noise=0.3, learning_rate=0.5, start=start)
    error = saad1995.error(seen.student[1:], seen.cross[1:], active[:, None])
    for index in np.ndindex(2, 2):
        assert abs(estimate(error[index] - theory.error[index]).z(0)) < 4, index


def test_simulated_best_activation_falls_with_the_noise():
    active, noise = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 1.0]), np.array([0.0, 0.1, 0.3, 0.5])[:, None]
    seen = soft_committee.learn_online([5.0], active=active, noise=noise, replicas=48, seed=4)
    error = saad1995.error(seen.student, seen.cross, active[:, None])[0].mean(-1)
    assert active[error.argmin(-1)] == pytest.approx([1, 0.9, 0.7, 0.6])


def test_the_error_from_overlaps_is_the_error_on_new_samples():
    seen = soft_committee.learn_online(
        [2.0], active=0.7, noise=0.3, inputs=60, hidden=3, teachers=2, replicas=1, seed=5
    )
    x = np.random.default_rng(6).standard_normal((100_000, 60)) / np.sqrt(120)
    answers = 0.7 * erf(x @ seen.weights[0].T).sum(1) - erf(x @ seen.teacher[0].T).sum(1)
    expected = saad1995.error(seen.student[0], seen.cross[0], 0.7)
    assert abs(estimate(answers**2 / 2).z(float(expected[0]))) < 4


@pytest.mark.parametrize("size", [1, 7, 8])
def test_steps_are_those_of_plain_numpy(size):
    random = np.random.default_rng(7)
    weights, x = random.standard_normal((3, 2, 4, size)), random.standard_normal((2, 5, size))
    answers, flips, draws = random.random((2, 5)), random.random((2, 5)), random.random((2, 5, 4))
    active, noise, rate = np.array([0.3, 0.6, 1.0]), np.array([0.0, 0.4, 0.2]), np.array([0.5, 1.0, 0.1])
    gain, expected = 1 / active, weights.copy()
    for step in range(5):
        fields = np.einsum("srkn,rn->srk", expected, x[:, step]) / np.sqrt(size)
        awake = (draws[:, step] < active[:, None, None]) * gain[:, None, None]
        miss = (awake * erf(fields / np.sqrt(2))).sum(-1) - answers[:, step] - noise[:, None] * flips[:, step]
        pull = miss[..., None] * awake * np.sqrt(2 / np.pi) * np.exp(-(fields**2) / 2)
        expected -= (rate[:, None, None] * pull)[..., None] * x[:, step, None] / np.sqrt(size)
    learn(weights, x, answers, flips, draws, active, noise, rate, gain)
    assert weights == pytest.approx(expected)


def test_shapes_seeds_and_teachers():
    seen, again, other = (
        soft_committee.learn_online(
            [0, 1.0], active=[[0.5], [1.0]], noise=[0, 0.1, 1], inputs=20, teachers=3, replicas=5, seed=seed
        )
        for seed in (1, 1, 2)
    )
    assert seen.student.shape == (2, 2, 3, 5, 2, 2)
    assert seen.cross.shape == (2, 2, 3, 5, 2, 3)
    assert seen.weights.shape == (2, 3, 5, 2, 20)
    assert (seen.weights == again.weights).all()
    assert (seen.weights != other.weights).all()
    assert seen.teacher @ seen.teacher.swapaxes(1, 2) / 20 == pytest.approx(np.tile(np.eye(3), (5, 1, 1)))
    assert seen.cross[1] == pytest.approx(seen.weights @ seen.teacher.swapaxes(1, 2) / 20)
    assert not seen.student[0].any()


def test_pieces_of_the_random_numbers_make_no_seam(monkeypatch):
    monkeypatch.setattr(soft_committee, "_PIECE", 700)
    seen = soft_committee.learn_online([2.0], active=0.8, noise=0.3, inputs=100, replicas=24, seed=3)
    theory = mori2025.learning([2.0], active=0.8, noise=0.3)
    found = saad1995.error(seen.student, seen.cross, 0.8)[0]
    assert abs(estimate(found).z(float(theory.error[0]))) < 4


def test_an_interrupt_keeps_what_was_recorded(monkeypatch):
    calls, advance = [], soft_committee._advance

    def stop(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        advance(*arguments)

    monkeypatch.setattr(soft_committee, "_advance", stop)
    with pytest.warns(UserWarning, match="interrupted"):
        seen = soft_committee.learn_online([1.0, 2.0, 3.0], inputs=20, replicas=2, seed=1)
    assert seen.times == pytest.approx([1, 2])
    assert len(seen.student) == len(seen.cross) == 2
    calls[:] = [1, 1]
    with pytest.warns(UserWarning, match="interrupted"):
        nothing = soft_committee.learn_online([1.0], inputs=20, replicas=2, seed=1)
    assert nothing.times.size == 0
    assert nothing.student.shape == (0, 2, 2, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"times": [1.0, 1.0]}, "times must increase; got"),
        ({"times": [-1.0]}, "times must be .* at least 0"),
        ({"active": 1.5}, "active must be probabilities, above 0 and at most 1; got 1.5"),
        ({"noise": -1}, "noise must be"),
        ({"learning_rate": 0.0}, "learning_rate must be"),
        ({"inputs": 0}, "inputs must be a whole number"),
        ({"inputs": 3, "teachers": 4}, "teachers must be a whole number, at least 1 and at most 3; got 4"),
        ({"hidden": 2.0}, "hidden must be a whole number"),
        ({"spread": -0.1}, "spread must be"),
        ({"replicas": 0}, "replicas must be"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        soft_committee.learn_online(**{"times": [1.0], "seed": 1, **arguments})
