"""Lesson 32: ten small networks and how alike each two of them are (its knob), and free flips of binary weights."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch

from course_utils import datasets
from course_utils.dynamics import Thermostat, binary_learning, train
from course_utils.measure.alignment import aligned_overlaps
from course_utils.measure.barriers import pair_barriers
from course_utils.measure.overlaps import agreements, weight_overlaps
from course_utils.models import BinaryPerceptron, Population
from course_utils.seeding import generator
from course_utils.validation import real, whole

NETWORKS, SAMPLES, STEPS, BATCH = 10, 300, 150, 30


@cache
def _digits() -> tuple[torch.Tensor, ...]:
    """Return training digits and labels, other digits, and noise with each pixel's mean and scatter."""
    data = datasets.digits(train=SAMPLES, seed=32)
    inputs, others = (torch.from_numpy(np.ascontiguousarray(one.T)) for one in (data.train_inputs, data.test_inputs))
    static = torch.from_numpy(np.random.default_rng(32).normal(size=(64, 500)).astype(np.float32))
    noise = inputs.mean(1, keepdim=True) + inputs.std(1, keepdim=True) * static
    return inputs, torch.from_numpy(data.train_labels), others[:, :500].contiguous(), noise


def starts(width: int, shared: float, seed: int) -> Population:
    r"""Return networks whose starts have a share in common, :math:`\sqrt s\,\theta_0 + \sqrt{1-s}\,\theta_k`.

    The mean overlap of two such starts is the share s.
    """
    own = Population((64, width, 10), NETWORKS + 1, seeds=generator(seed))
    vectors = own.flat()
    mixed = own.subset(range(NETWORKS))
    mixed.load_flat(shared**0.5 * vectors[-1:] + (1 - shared) ** 0.5 * vectors[:-1])
    return mixed


def overlaps(width: int = 32, shared: float = 0.0, label_noise: float = 0.0, seed: int = 1) -> dict[str, Any]:
    """Train ten networks and compare each two of them.

    Parameters
    ----------
    width : int
        Hidden units, 2 to 256.
    shared : float
        Which share of the start all networks have in common, 0 to 1.
    label_noise : float
        Share of labels that are replaced by wrong ones, 0 to 1, other ones for each network.
    seed : int
        Which starts, which order of the digits.

    Returns
    -------
    dict
        For `plots.overlap_histograms`: ``weights``, ``renamed``, ``control``, ``digits`` and ``noise``, one number for
        each pair, (45,); and the numbers that the panel reads out.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of its range.
    """
    width, shared = whole("width", width, least=2, most=256), real("shared", shared, least=0, most=1)
    label_noise, seed = real("label_noise", label_noise, least=0, most=1), whole("seed", seed, least=0)
    inputs, labels, others, noise = _digits()
    begun = starts(width, shared, seed)
    knobs = Thermostat(learning_rate=0.1, momentum=0.9, batch_size=BATCH, label_noise=label_noise)
    ended = train(begun, inputs, labels, steps=STEPS, thermostat=knobs, schedule="cosine", seed=seed).population
    pairs = np.triu_indices(NETWORKS, 1)
    picture: dict[str, Any] = {
        "weights": weight_overlaps(ended)[pairs],
        "renamed": aligned_overlaps(ended)[pairs],
        "control": aligned_overlaps(begun)[pairs],
        "digits": agreements(ended, others)[pairs],
        "noise": agreements(ended, noise)[pairs],
    }
    barrier = pair_barriers(ended, inputs, labels, points=7)[pairs].mean()
    picture["weight overlap"] = round(float(picture["weights"].mean()), 3)
    picture["renamed (untrained: renamed)"] = f"{picture['renamed'].mean():.3f} ({picture['control'].mean():.3f})"
    picture["same answer: digits, noise"] = f"{picture['digits'].mean():.3f}, {picture['noise'].mean():.3f}"
    picture["barrier on the straight path"] = round(float(barrier), 4)
    return picture


def free_flips(inputs: int, load: float, *, tasks: int, learned: int, seed: int) -> dict[str, list[int]]:
    """Count the weights that can be turned round without an error, in typical solutions and in learned ones.

    A typical solution is a teacher who labels random patterns. For the first tasks another solution of the same task
    is learned with hidden integers.

    Parameters
    ----------
    inputs : int
        Number of weights N of a binary perceptron, odd.
    load : float
        Patterns per weight.
    tasks, learned : int
        How many tasks, and in how many of them to learn.
    seed : int
        Where the tasks come from.

    Returns
    -------
    dict of list
        ``typical``, one number per task, and ``learned``.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind.
    """
    tasks, learned = whole("tasks", tasks), whole("learned", learned, least=0)
    found: dict[str, list[int]] = {"typical": [], "learned": []}
    for k in range(tasks):
        rng = np.random.default_rng([whole("seed", seed, least=0), whole("inputs", inputs, least=1), k])
        teacher = rng.choice([-1, 1], inputs)
        task = BinaryPerceptron.draw(inputs, load=load, planted=teacher, seed=rng)
        found["typical"].append(int((task.energies_after_a_flip(teacher) == 0).sum()))
        if k < learned:
            solution, _ = binary_learning.hidden_states(task, seed=rng)
            found["learned"].append(int((task.energies_after_a_flip(solution) == 0).sum()))
    return found
