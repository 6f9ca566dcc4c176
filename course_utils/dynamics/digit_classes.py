"""Networks that learn handwritten digits: many amounts of data, dropouts and shares of wrong labels in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from course_utils import datasets
from course_utils.dynamics.thermostat import Thermostat
from course_utils.dynamics.training import train
from course_utils.models.networks import Population
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, whole


@dataclass(frozen=True, eq=False)
class Taught:
    """Networks after their training, and digits that they have not seen.

    Attributes
    ----------
    population : Population
        All networks: settings in order, the replicas of each side by side.
    test_inputs : torch.Tensor, (networks, 64, tests)
        New digits; networks of one replica share them.
    test_labels : torch.Tensor, (networks, tests)
        Their right labels.
    shape : tuple of int
        Settings and replicas, for ``reshape``.
    """

    population: Population
    test_inputs: torch.Tensor
    test_labels: torch.Tensor
    shape: tuple[int, ...]


def train_digits(
    images: npt.ArrayLike,
    *,
    dropout: npt.ArrayLike = 0.0,
    label_noise: npt.ArrayLike = 0.0,
    hidden: Sequence[int] = (64, 64),
    steps: int = 400,
    replicas: int = 8,
    tests: int = 500,
    seed: Seed,
) -> Taught:
    """Train ReLU networks with Adam, batches of 32 and a learning rate that falls from 0.003 to 0.

    Each replica has its own order of the digits, its own start weights and its own random numbers, the same in all
    settings, so that settings can be compared in pairs; fewer images are the first ones of that order. All replicas
    share 1,797 images.

    Parameters
    ----------
    images : array_like of int
        Images to learn from; where settings differ, those of the smaller sets are repeated.
    dropout : array_like
        Probability that a hidden unit is silent in training, at least 0 and below 1.
    label_noise : array_like
        Share of wrong labels, 0 to 1, for settings with equally many images only (a repeated image would get a label
        of its own each time). The three broadcast to the shape of the settings.
    hidden : sequence of int
        Units of the hidden layers.
    steps, replicas, tests : int
        Training steps, networks for each setting, and new digits for the test.
    seed : int or numpy.random.Generator
        Randomness.

    Returns
    -------
    Taught

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> taught = train_digits(100, dropout=[0.0, 0.5], hidden=(16,), steps=50, replicas=2, tests=50, seed=1)
    >>> taught.shape, taught.test_inputs.shape
    ((2, 2), torch.Size([4, 64, 50]))
    """
    replicas, tests, steps = whole("replicas", replicas), whole("tests", tests), whole("steps", steps)
    counts, silence, flips = np.broadcast_arrays(
        finite_array("images", images, least=1),
        finite_array("dropout", dropout),
        finite_array("label_noise", label_noise),
    )
    if (counts != np.rint(counts)).any():
        raise ValueError(f"images must be whole numbers; got {counts.ravel()[:5].tolist()}")
    most = int(counts.max())
    if flips.any() and counts.min() < most:
        raise ValueError("label_noise must be 0 unless all settings have equally many images")
    seeds = [int(s) for s in generator(seed).integers(2**31, size=replicas)]
    splits = [datasets.digits(train=most, seed=s) for s in seeds]
    if tests > len(splits[0].test_labels):
        raise ValueError(f"tests must be at most {len(splits[0].test_labels)} beside {most} images; got {tests}")
    rows = [
        (
            np.resize(split.train_inputs[: int(count)], (most, 64)).T,
            np.resize(split.train_labels[: int(count)], most),
            split.test_inputs[:tests].T,
            split.test_labels[:tests],
        )
        for count in counts.ravel()
        for split in splits
    ]
    x, y, new, answers = (torch.from_numpy(np.stack(part)) for part in zip(*rows, strict=True))
    each = [s for _ in range(counts.size) for s in seeds]
    noise = Thermostat(
        learning_rate=0.003,
        batch_size=min(32, most),
        dropout=np.repeat(silence.ravel(), replicas),
        label_noise=np.repeat(flips.ravel(), replicas),
    )
    start = Population((64, *hidden, 10), len(each), seeds=each)
    done = train(start, x, y, steps=steps, thermostat=noise, optimiser="adam", schedule="linear", seed=each)
    return Taught(done.population, new, answers, (*counts.shape, replicas))
