"""What stands between a population of tensors and the compiled loop of gradient descent: views, buffers, layouts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from course_utils.models.networks import Population

KINDS = ("relu", "leaky-relu", "tanh")  # in the order of the kernels' RELU, LEAKY, TANH
Array = npt.NDArray[Any]


def _arrays(tensors: Iterable[torch.Tensor]) -> tuple[Array, ...]:
    return tuple(tensor.detach().numpy() for tensor in tensors)


def worthwhile(population: Population, inputs: torch.Tensor) -> bool:
    """Tell whether the compiled loop can take these networks and this batch, and is the faster way.

    Parameters
    ----------
    population : Population
        On whatever device.
    inputs : torch.Tensor, (..., features, batch)
        The batch.
    """
    from course_utils.dynamics.sgd_kernels import LARGEST, MOST_LAYERS

    sizes, parameters = population.sizes, list(population.parameters())
    products = [fan_in * fan_out * inputs.shape[-1] for fan_in, fan_out in pairwise(sizes)]
    plain = all(one.device.type == "cpu" and one.is_contiguous() for one in parameters)
    return plain and len(products) <= MOST_LAYERS and max(products) <= LARGEST


class CompiledSGD:
    """The arrays of a population whose parameters stay where they are, and the buffers for one size of batch.

    Parameters
    ----------
    population : Population
        Trained in place.
    velocities : sequence of (weights, biases)
        Momentum buffers per layer, changed in place; empty without momentum.
    batch : int
        Samples in a batch.
    loss : {"cross-entropy", "mse"}
        What is minimised.
    """

    def __init__(
        self, population: Population, velocities: Sequence[tuple[torch.Tensor, torch.Tensor]], batch: int, loss: str
    ) -> None:
        self._parameters = _arrays(population.weights), _arrays(population.biases)
        weights, biases = self._parameters
        self._velocities = self._parameters
        if velocities:
            self._velocities = _arrays([pair[0] for pair in velocities]), _arrays([pair[1] for pair in velocities])
        kind, units = weights[0].dtype, population.sizes[1:]
        layers = [tuple(np.empty((size, batch), kind) for size in units) for _ in range(2)]
        slopes = [tuple(np.empty(one.shape[1:], kind) for one in part) for part in (weights, biases)]
        self._buffers = *layers, *slopes, np.empty(batch, kind), np.empty(batch, kind)
        self._numbers = np.array([0.0, 1.0, 2.0, population.slope], kind)
        self._kinds = KINDS.index(population.activation), loss == "mse", bool(velocities)
        self._networks, self._no_labels, self._no_targets = len(weights[0]), np.zeros((1, 1), int), kind.type(0)

    def step(self, inputs: torch.Tensor, wanted: torch.Tensor, knobs: torch.Tensor) -> torch.Tensor:
        """Move every network whose loss is finite by one step; return the losses from before it, (networks,).

        Parameters
        ----------
        inputs : torch.Tensor, (features, batch) or (networks, features, batch)
            A batch that all networks share, or one for each; in memory, the batch or the features may come last.
        wanted : torch.Tensor, (networks or 1, 1, batch) or (networks or 1, outputs, batch)
            Classes for the cross-entropy, targets for the squared error.
        knobs : torch.Tensor, (networks, 3)
            Learning rate, momentum and weight decay.
        """
        from course_utils.dynamics import sgd_kernels

        data = inputs.detach()
        data = data.unsqueeze(0) if data.dim() == 2 else data
        by_row = not data.is_contiguous() and data.transpose(1, 2).is_contiguous()
        x = (data.transpose(1, 2) if by_row else data.contiguous()).numpy()
        activation, squared, rolling = self._kinds
        labels, targets = self._no_labels, self._no_targets.reshape(1, 1, 1)
        if squared:
            targets = wanted.to(inputs.dtype).contiguous().numpy()
        else:
            labels = wanted.squeeze(1).contiguous().numpy()
        losses = np.empty(self._networks, x.dtype)
        kinds = activation, squared, rolling, by_row
        sgd_kernels.step(
            self._parameters, self._velocities, (x, labels, targets), self._buffers, knobs.numpy(), losses, kinds,
            self._numbers,
        )  # fmt: skip
        return torch.from_numpy(losses)
