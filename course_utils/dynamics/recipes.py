"""A grid of training recipes, each for all replicas: learning rates × batch sizes × weight decays in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from course_utils.dynamics.thermostat import Thermostat
from course_utils.dynamics.training import train
from course_utils.dynamics.training.optimisers import SGD
from course_utils.dynamics.training.replicated_descent import centres
from course_utils.models.networks import Population
from course_utils.validation import finite_array, function, whole


def train_grid(
    inputs: torch.Tensor,
    labels: torch.Tensor,
    *,
    read: Callable[[Population], npt.ArrayLike],
    learning_rates: Sequence[float],
    batch_sizes: Sequence[int],
    weight_decays: Sequence[float],
    epochs: Sequence[int],
    hidden: int = 32,
    loss: str = "cross-entropy",
    seeds: Sequence[int],
) -> tuple[npt.NDArray[np.float64], list[tuple[int, float, float]]]:
    """Train one network per recipe and replica for the same number of epochs, and read them on the way.

    Momentum is 0.9, and the learning rate falls to zero in a straight line. A replica's start and data are the same
    for all recipes, and so is the order of its batches for all recipes of one batch size.

    Parameters
    ----------
    inputs, labels : torch.Tensor, (replicas, features, samples) and (replicas, samples)
        Data of each replica; classes from 0.
    read : callable
        Takes a population of recipes × replicas (replicas vary fastest); returns an array (networks, readings).
    learning_rates, batch_sizes, weight_decays : sequence
        Learning rates, batch sizes and weight decays; all combinations are trained.
    epochs : sequence of int
        After which epochs to read; the last one ends the training.
    hidden : int
        Hidden units (leaky ReLU).
    loss : {"cross-entropy", "mse"}
        What is minimised.
    seeds : sequence of int
        One per replica.

    Returns
    -------
    numpy.ndarray, (epochs, replicas, recipes, readings)
    list of (size, rate, decay)
        The recipes, in the same order.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind; what `course_utils.dynamics.training.loop.train` says of the rest.
    """
    function("read", read)
    replicas, samples = labels.shape
    if len(inputs) != replicas or len(seeds) != replicas:
        raise ValueError(f"inputs and seeds must be one per replica ({replicas}); got {len(inputs)} and {len(seeds)}")
    ends = [whole("epochs", epoch) for epoch in epochs]
    batches = [whole("batch_sizes", size, most=samples) for size in batch_sizes]
    pairs = list(
        product(
            finite_array("learning_rates", learning_rates, above=0),
            finite_array("weight_decays", weight_decays, least=0),
        )
    )
    rate, decay = np.repeat(pairs, replicas, axis=0).T
    many, classes = len(pairs), int(labels.max()) + 1
    found = []
    for size in batches:
        nets = Population(
            (inputs.shape[1], hidden, classes), len(rate), activation="leaky-relu", seeds=list(seeds) * many
        )
        record: dict[str, Any] = {"read": lambda population, step: read(population)}
        run = train(
            nets, inputs.repeat(many, 1, 1), labels.repeat(many, 1), loss=loss, schedule="linear",
            thermostat=Thermostat(learning_rate=rate, batch_size=size, weight_decay=decay, momentum=0.9),
            steps=ends[-1] * (samples // size), record=record, record_at=[end * (samples // size) for end in ends],
            seed=list(seeds) * many,
        )  # fmt: skip
        found.append(run.records["read"].reshape(many, replicas, len(ends), -1))
    return np.concatenate(found).transpose(2, 1, 0, 3), [(b, r, d) for b in batches for r, d in pairs]


def weights_on_the_way(
    inputs: torch.Tensor,
    labels: torch.Tensor,
    *,
    learning_rate: float,
    batch_size: int,
    steps: int,
    optimiser: Any = None,
    copies: int = 1,
    records: int = 50,
    hidden: int = 28,
    start_seeds: Sequence[int],
    batch_seeds: Sequence[int],
) -> npt.NDArray[np.float32]:
    """Train one network, or one team, per replica at a constant rate (momentum 0.9), and keep its weights on the way.

    Parameters
    ----------
    inputs, labels : torch.Tensor, (replicas, features, samples) and (replicas, samples)
        Data of each replica; classes from 0.
    learning_rate, batch_size, steps : float, int, int
        Learning rate, batch size, and number of steps.
    optimiser : course_utils.dynamics.training.optimisers.Optimiser, optional
        Without it: plain SGD.
    copies : int
        Members that share a replica's data and start; what is kept is their mean.
    records : int
        How often to keep the weights, in equal distances.
    hidden : int
        Hidden units (leaky ReLU).
    start_seeds : sequence of int
        Seeds of the starts, one per replica.
    batch_seeds : sequence of int
        Seeds of the batches, one per network.

    Returns
    -------
    numpy.ndarray, (replicas, records, parameters)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind; what `course_utils.dynamics.training.loop.train` says of the rest.
    """
    members, kept = whole("copies", copies), whole("records", records, most=whole("steps", steps))
    if len(start_seeds) != len(inputs) or len(batch_seeds) != members * len(inputs):
        raise ValueError(
            f"start_seeds and batch_seeds must be one per replica ({len(inputs)}) and per network "
            f"({members * len(inputs)}); got {len(start_seeds)} and {len(batch_seeds)}"
        )
    each = np.repeat(np.arange(len(inputs)), members)
    shape = (inputs.shape[1], hidden, int(labels.max()) + 1)
    nets = Population(shape, len(each), activation="leaky-relu", seeds=[start_seeds[int(r)] for r in each])
    record: dict[str, Any] = {
        "look": lambda population, step: np.repeat(centres(population, members).flat().numpy(), members, axis=0)
    }
    run = train(
        nets, inputs[each], labels[each], steps=steps, optimiser=optimiser or SGD(), seed=list(batch_seeds),
        thermostat=Thermostat(learning_rate=learning_rate, batch_size=batch_size, momentum=0.9), record=record,
        record_at=np.linspace(steps / kept, steps, kept).astype(int),
    )  # fmt: skip
    return np.asarray(run.records["look"][::members])
