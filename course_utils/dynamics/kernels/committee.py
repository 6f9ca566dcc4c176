"""The inner loop of a student that learns from a teacher, one sample a step."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from course_utils.compiling import kernel

Array = npt.NDArray[np.float64]
_ROOT_HALF = math.sqrt(0.5)
_STEEPEST = math.sqrt(2 / math.pi)


@kernel
def learn(
    weights: Array,
    inputs: Array,
    answers: Array,
    flips: Array,
    draws: Array,
    active: Array,
    noise: Array,
    rate: Array,
    gain: Array,
) -> None:
    """Take steps of stochastic gradient descent with dropout; the weights move in place.

    Parameters
    ----------
    weights : numpy.ndarray, (S, R, K, N)
        Of the students: settings, replicas, hidden nodes, inputs.
    inputs : numpy.ndarray, (R, steps, N)
        A new sample for each step.
    answers, flips : numpy.ndarray, (R, steps)
        The teacher's answers without noise, and standard normal numbers for the noise.
    draws : numpy.ndarray, (R, steps, K)
        Uniform numbers: a node is awake if its own is below ``active``.
    active, noise, rate, gain : numpy.ndarray, (S,)
        Activation probability, label noise, learning rate, and the factor on the awake nodes.
    """
    settings, replicas, hidden, size = weights.shape
    root = math.sqrt(size)
    outputs, fields = np.empty(hidden), np.empty(hidden)
    for s in range(settings):
        for r in range(replicas):
            for step in range(answers.shape[1]):
                miss = -answers[r, step] - noise[s] * flips[r, step]
                for k in range(hidden):
                    # several sums at a time: one alone waits for each addition
                    one, two, three, four = 0.0, 0.0, 0.0, 0.0
                    for n in range(0, size - 3, 4):
                        one += weights[s, r, k, n] * inputs[r, step, n]
                        two += weights[s, r, k, n + 1] * inputs[r, step, n + 1]
                        three += weights[s, r, k, n + 2] * inputs[r, step, n + 2]
                        four += weights[s, r, k, n + 3] * inputs[r, step, n + 3]
                    for n in range(size - size % 4, size):
                        one += weights[s, r, k, n] * inputs[r, step, n]
                    fields[k] = (one + two + three + four) / root
                    outputs[k] = gain[s] if draws[r, step, k] < active[s] else 0.0
                    if outputs[k] > 0:
                        miss += outputs[k] * math.erf(fields[k] * _ROOT_HALF)
                for k in range(hidden):
                    if outputs[k] > 0:
                        slope = outputs[k] * _STEEPEST * math.exp(-fields[k] * fields[k] / 2)
                        push = -rate[s] / root * miss * slope
                        for n in range(size):
                            weights[s, r, k, n] += push * inputs[r, step, n]
