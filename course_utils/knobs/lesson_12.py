"""The picture behind lesson 12's knob: where stochastic gradient descent wanders in a bowl of two directions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from course_utils.seeding import Seed, generator
from course_utils.theory import kuehn2023, liu2021
from course_utils.validation import real, whole

Array = npt.NDArray[np.float64]

CURVATURES = np.array([0.1, 2.0])
"""Of the flat and the steep direction."""

SAMPLES = 256
FASTEST = 0.95
"""Largest learning rate: the steep direction runs away at 1."""

_SHOWN = 4


def _path(labels: Array, rate: float, size: int, steps: int, shuffled: bool, random: np.random.Generator) -> Array:
    """Return the weights after each step, (steps, 2), once the start is forgotten."""
    epoch = len(labels) // size
    epochs = -(-2 * steps // epoch)
    if shuffled:
        order = random.permuted(np.tile(np.arange(len(labels)), (epochs, 1)), axis=1)[:, : epoch * size]
    else:
        order = random.integers(len(labels), size=(epochs, epoch * size))
    pulls = labels[order].reshape(epochs * epoch, size, 2).mean(1)
    # w ← w − η (h w − √h pull): a linear filter, run for each direction at once
    path = [lfilter([rate * np.sqrt(h)], [1, rate * h - 1], pulls[:, k]) for k, h in enumerate(CURVATURES)]
    return np.asarray(path).T[-(steps // epoch) * epoch or -epoch :]


def clouds(
    learning_rate: float, batch_size: int = 8, label_noise: float = 1.0, *, steps: int = 4000, seed: Seed = 0
) -> dict[str, Any]:
    r"""Let SGD run in a bowl, with batches drawn afresh and with samples dealt out epoch by epoch.

    Each of 256 samples has a noisy label for each of two weights, and its loss is
    :math:`\tfrac12 \sum_j (\sqrt{h_j} w_j - y_j)^2`: curvatures h, gradient noise :math:`c = \sigma^2 h`.

    Parameters
    ----------
    learning_rate : float
        :math:`\eta`, positive and at most 0.95 (the steep direction, of curvature 2, runs away at 1).
    batch_size : int
        :math:`B`, from 1 to 64.
    label_noise : float
        Standard deviation :math:`\sigma` of the labels; positive, at most 5.
    steps : int
        How many steps are kept.
    seed : int or numpy.random.Generator
        Labels and batches.

    Returns
    -------
    dict
        Arrays for `plots.clouds`, and the numbers that the panel reads out: variances divided by the small-step rule
        :math:`\eta \sigma^2 / 2B`, the same for both directions, and the rule itself.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of its range.
    """
    rate = real("learning_rate", learning_rate, above=0, most=FASTEST)
    size, steps = whole("batch_size", batch_size, most=64), whole("steps", steps, least=256)
    random, spread = generator(seed), real("label_noise", label_noise, above=0, most=5)
    labels = random.normal(size=(SAMPLES, 2))
    labels = spread * (labels - labels.mean(0)) / labels.std(0)
    noise, rule = spread**2 * CURVATURES, rate * spread**2 / (2 * size)
    exact = {
        "afresh": liu2021.variance(CURVATURES, noise, learning_rate=rate, batch_size=size),
        "dealt": kuehn2023.variance(
            CURVATURES, noise, learning_rate=rate, samples=SAMPLES, batch_size=size, when="mean"
        ),
    }
    picture: dict[str, Any] = {"curvatures": CURVATURES}
    for way, name in (("afresh", "drawn afresh"), ("dealt", "dealt out")):
        path = _path(labels, rate, size, steps, way == "dealt", random)
        variances = (path**2).mean(0)
        picture |= {f"path_{way}": path[::_SHOWN], f"exact_{way}": exact[way], f"variance_{way}": variances}
        for k, direction in ((1, "steep"), (0, "flat")):
            picture[f"{direction}, {name}"] = f"{variances[k] / rule:.2f} × rule (exact {exact[way][k] / rule:.2f})"
    return picture | {"rule ησ²/2B": f"{rule:.2g}"}
