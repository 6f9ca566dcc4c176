"""The picture behind lesson 22's knob: the learning curve of regression with a tolerance and a ridge."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.dynamics import tolerance_regression
from course_utils.models import regression
from course_utils.seeding import Seed
from course_utils.theory import canatar2024
from course_utils.validation import positive, real, whole

LOADS = np.unique(np.concatenate([np.linspace(0.1, 4.0, 118), np.linspace(0.9, 1.1, 21)]))
MEASURED = np.array([0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5])
HIGHEST = 100.0
"""Where a curve that runs off is cut."""


def learning_curve(
    tolerance: float, noise: float = 0.5, ridge: float = 1e-4, *, features: int = 24, replicas: int = 3, seed: Seed = 0
) -> dict[str, Any]:
    """Return the learning curve that theory says, and one that is measured on the spot.

    Parameters
    ----------
    tolerance : float
        Half-width of the tube, in units of the signal's standard deviation; at least 0.
    noise : float
        Standard deviation of the noise on the labels; above 0.
    ridge : float
        Weight of the squared weights in the loss; above 0.
    features, replicas : int
        Size of the measurement: weights, and fits at each load.
    seed : int or numpy.random.Generator
        Randomness.

    Returns
    -------
    dict
        Arrays for `plots.learning_curves`, and the numbers that the panel reads out.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of its range.
    """
    tolerance, noise = real("tolerance", tolerance, least=0), positive("noise", noise)
    ridge, size, many = positive("ridge", ridge), whole("features", features), whole("replicas", replicas, least=1)
    theory = canatar2024.learning_curve(LOADS, tolerance=tolerance, noise=noise, ridge=ridge)
    plain = canatar2024.learning_curve(LOADS, tolerance=0.0, noise=noise)
    error, training = measure(tolerance, noise, ridge, size, many, seed)
    rise, worst = highest_rise(theory.error)
    critical = canatar2024.critical_load(tolerance, noise)
    return {
        "loads": LOADS,
        "error": theory.error,
        "training": theory.training_error,
        "plain": np.minimum(plain.error, HIGHEST),
        "measured_loads": MEASURED,
        "measured": error,
        "measured_training": training,
        "critical": np.full(2, min(critical, HIGHEST)),
        "floor": np.full(2, noise**2),
        "critical load without a ridge": round(min(critical, 1e6), 3),
        "variance of the noise, below which nobody gets": round(noise**2, 4),
        "test error at load 1": round(float(np.interp(1.0, LOADS, theory.error)), 3),
        "more data hurts by at most": f"{100 * rise:.1f} %" + (f", at load {worst:.2f}" if rise > 0 else ""),
    }


def highest_rise(error: np.ndarray) -> tuple[float, float]:
    """Return by how much the error rises, at most, above what it was with fewer samples, and at which load.

    Examples
    --------
    >>> rise, load = highest_rise(np.where(LOADS < 2, 1.0, 0.5))
    >>> rise
    0.0
    """
    best = np.minimum.accumulate(error)
    k = int(np.argmax(error / best))
    return float(error[k] / best[k] - 1), float(LOADS[k])


def measure(
    tolerance: float, noise: float, ridge: float, features: int, replicas: int, seed: Seed
) -> tuple[np.ndarray, np.ndarray]:
    """Fit fresh samples at every load, all at once, and return mean test and training errors.

    Samples that a load does not have are rows of zeros, which cost nothing.
    """
    counts = np.repeat(np.round(MEASURED * features).astype(int), replicas)
    taught = regression.teacher_data(
        counts.size, int(counts.max()), features, scale=features**-0.5, noise=noise, seed=seed
    )
    there = np.arange(counts.max()) < counts[:, None]
    inputs, targets = taught.inputs * there[..., None], taught.targets * there
    weights = tolerance_regression.fit(inputs, targets, tolerance, ridge=ridge)
    training = tolerance_regression.training_error(inputs, targets, tolerance, weights) * counts.max() / counts
    shape = (MEASURED.size, replicas)
    return taught.test_error(weights).reshape(shape).mean(1), training.reshape(shape).mean(1)
