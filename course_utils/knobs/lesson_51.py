"""The picture behind lesson 51's knob: a student with dropout in training, dropout in the test, and noisy labels."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.theory import mori2025, saad1995
from course_utils.validation import finite_array, real

Array = npt.NDArray[np.float64]
TIMES = np.array([0.0, 0.15, 0.3, 0.5, 0.75, 1.0, 1.4, 1.8, 2.3, 2.8, 3.4, 4.0, 4.5, 5.0])
RATES = np.linspace(0.0, 0.7, 15)
"""Training dropout of the students that are compared."""
NOISES = np.linspace(0.0, 1.0, 21)
"""Label noise that is solved for in advance, so that the knob answers at once."""


def silenced_error(student: npt.ArrayLike, cross: npt.ArrayLike, active: npt.ArrayLike, silent: float) -> Array:
    r"""Return the test error of a student whose hidden nodes are silenced in the test, too.

    Each is silent with probability q; the others speak up by 1/(1-q), so that the mean answer stays the same. The
    answer's variance is added to the error:

    .. math::
        \epsilon = \epsilon_g + \frac{p^2}2 \frac q{1-q} \sum_i I_2(Q_{ii}, Q_{ii}, Q_{ii})

    Parameters
    ----------
    student, cross : array_like, (..., K, K) and (..., K, M)
        Overlaps :math:`Q, R`; see `course_utils.theory.saad1995`.
    active : array_like
        Activation probability p in training, which scales the test's answer.
    silent : float
        q, at least 0 and below 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> student, cross = np.full((2, 2), 0.5), np.full((2, 1), 0.6)
    >>> silenced_error(student, cross, 0.7, 0.0).round(4), silenced_error(student, cross, 0.7, 0.5).round(4)
    (np.float64(0.0634), np.float64(0.1694))
    """
    p, q = finite_array("active", active, above=0), real("silent", silent, least=0, below=1)
    width = np.diagonal(finite_array("student", student), axis1=-2, axis2=-1)
    shaken = p**2 * q / (1 - q) * saad1995.output_product(width, width, width).sum(-1) / 2
    found: Array = saad1995.error(student, cross, p) + shaken
    return found


@lru_cache(maxsize=1)
def _all_paths() -> tuple[Array, Array]:
    """Return the overlaps of all students of the grid, (times, noises, rates, ...), solved once in one call."""
    path = mori2025.learning(TIMES[1:], active=1 - RATES, noise=NOISES[:, None])
    return path.student, path.cross


@lru_cache(maxsize=32)
def _paths(noise: float) -> tuple[Array, Array]:
    """Return the overlaps of the students with all the training dropouts, at all times but the first."""
    near = int(np.abs(NOISES - noise).argmin())
    if abs(NOISES[near] - noise) < 1e-9:
        student, cross = _all_paths()
        return student[:, near], cross[:, near]
    path = mori2025.learning(TIMES[1:], active=1 - RATES, noise=noise)
    return path.student, path.cross


def _curves(student: Array, cross: Array, active: Array, silent: float) -> Array:
    """Return test errors (times, students), the first from before the learning."""
    error = silenced_error(student, cross, active, silent)
    start = np.full(active.shape, saad1995.error(np.zeros((2, 2)), np.zeros((2, 1))))
    return np.concatenate([start[None], error])


def student_picture(train: float, test: float = 0.0, noise: float = 0.3) -> dict[str, Any]:
    """Return the learning curve of a student with dropout, and its last error beside that of other students.

    Two hidden nodes learn online from a teacher with one, at learning rate 1, for five samples per input.

    Parameters
    ----------
    train : float
        Dropout in training, from 0 to 0.7.
    test : float
        Dropout in the test, from 0 to 0.7.
    noise : float
        Standard deviation of the noise on the labels; at least 0.

    Returns
    -------
    dict
        Arrays for `plots.dropout_curves`, and the numbers that the panel reads out.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of its range.
    """
    rate = real("train", train, least=0, most=0.7)
    silent, sigma = real("test", test, least=0, most=0.7), real("noise", noise, least=0)
    active = 1 - RATES
    student, cross = _paths(sigma)
    error = _curves(student, cross, active, silent)
    near = int(np.abs(RATES - rate).argmin())
    if abs(RATES[near] - rate) < 1e-9:
        mine = error[:, near]
    else:
        path = mori2025.learning(TIMES[1:], active=[1 - rate], noise=sigma)
        mine = _curves(path.student, path.cross, np.array([1 - rate]), silent)[:, 0]
    return {
        "times": TIMES,
        "error": mine,
        "plain": error[:, 0],
        "rates": RATES,
        "last": error[-1],
        "place": np.array([rate]),
        "here": mine[-1:],
        "test error": round(float(mine[-1]), 4),
        "without training dropout": round(float(error[-1, 0]), 4),
    }
