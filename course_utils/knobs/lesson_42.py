"""The picture behind lesson 42's knob: sharpness-aware training beside plain SGD, compared at one training loss."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from course_utils import datasets
from course_utils.dynamics import Thermostat, train
from course_utils.dynamics.training.optimisers import SAM, SGD
from course_utils.measure.curvature import sharpness
from course_utils.measure.equal_loss import at_level
from course_utils.models.networks import Population
from course_utils.validation import real, whole

Array = npt.NDArray[np.float64]

SAMPLES, HIDDEN, WRONG, NETWORKS, LEVEL = 256, 16, 0.2, 4, 0.8
STEPS, RECORDS = 300, (1, 12, 25, 50, 75, 100, 130, 165, 200, 250, 300)


@lru_cache(maxsize=4)
def _data(seed: int) -> tuple[torch.Tensor, ...]:
    """Return images and labels for training, a fifth of these wrong, and for testing."""
    split, random = datasets.digits(train=SAMPLES, seed=seed), np.random.default_rng(seed)
    labels = split.train_labels.copy()
    wrong = random.random(SAMPLES) < WRONG
    labels[wrong] = (labels[wrong] + random.integers(1, 10, wrong.sum())) % 10
    images, tests = split.train_inputs.T.copy(), split.test_inputs[:600].T.copy()
    return tuple(map(torch.from_numpy, (images, labels, tests, split.test_labels[:600])))


@lru_cache(maxsize=64)
def _run(radius: float, size: int, seed: int) -> tuple[Array, Array, Array]:
    """Train, and return training losses, test errors and sharpnesses, (networks, records) each."""
    images, labels, tests, answers = _data(seed)

    def look(nets: Population, _: int) -> Array:
        sharp = sharpness(nets, images, labels, tolerance=0.02, seed=seed)
        return np.stack([nets.losses(images, labels).detach(), 1 - nets.accuracies(tests, answers), sharp], -1)

    nets = Population((64, HIDDEN, 10), NETWORKS, activation="leaky-relu", seeds=[seed + k for k in range(NETWORKS)])
    heat = Thermostat(learning_rate=0.05, batch_size=min(size, SAMPLES), momentum=0.9)
    found = train(nets, images, labels, steps=STEPS, thermostat=heat, optimiser=SAM(radius) if radius > 0 else SGD(),
                  record={"look": look}, record_at=RECORDS, seed=seed)  # fmt: skip
    loss, test, sharp = np.moveaxis(found.records["look"], -1, 0)
    return loss, test, sharp


def flat_paths(radius: float, batch_size: int = 32, *, seed: int = 0) -> dict[str, Any]:
    r"""Train four small networks with SAM, and return their paths beside those of plain SGD with batches of 32.

    Parameters
    ----------
    radius : float
        :math:`\rho` of `course_utils.dynamics.training.optimisers.SAM`, 0 to 1; 0 is plain SGD.
    batch_size : int
        :math:`B`, from 4 to 256 (all samples).
    seed : int
        Data, starts and batches.

    Returns
    -------
    dict
        Arrays for `plots.flat_paths`, and the numbers that the panel reads out: means at training loss 0.8, or words
        where a network has not come so low in 300 steps.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of its range.
    """
    rho, size = real("radius", radius, least=0, most=1), whole("batch_size", batch_size, least=4, most=SAMPLES)
    picture: dict[str, Any] = {"level": LEVEL}
    for who, setting in (("plain", (0.0, 32)), ("yours", (rho, size))):
        loss, test, sharp = _run(*setting, whole("seed", seed, least=0))
        picture |= {f"{who}_loss": loss, f"{who}_test": test, f"{who}_sharpness": sharp}
        for what, values in (("sharpness", sharp), ("test error", test)):
            found = at_level(loss, values, LEVEL)
            shown = f"{found.mean():.3g}" if np.isfinite(found).all() else "not reached by all"
            picture[f"{what} at loss {LEVEL:g}, {who}"] = shown
    return picture
