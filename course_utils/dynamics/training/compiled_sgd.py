"""What stands between a population of tensors and the compiled loop of gradient descent: views, buffers, layouts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from course_utils.models.compiled_losses import KINDS, arrays, data_arrays, kernel_numbers, signal_buffers
from course_utils.models.networks import Population


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
        self._parameters = arrays(population.weights), arrays(population.biases)
        weights, biases = self._parameters
        self._velocities = self._parameters
        if velocities:
            self._velocities = arrays([pair[0] for pair in velocities]), arrays([pair[1] for pair in velocities])
        kind = weights[0].dtype
        slopes = [tuple(np.empty((1, *one.shape[1:]), kind) for one in part) for part in (weights, biases)]
        self._buffers = *signal_buffers(population.sizes, batch, kind), *slopes, *np.empty((2, batch), kind)
        self._numbers = kernel_numbers(population.slope, kind)
        self._kinds = KINDS.index(population.activation), loss == "mse"
        self._networks = len(weights[0])

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
        from course_utils.dynamics.kernels import sgd as sgd_kernels  # numba imports slowly

        squared = self._kinds[1]
        data, by_row = data_arrays(inputs, wanted if squared else wanted.squeeze(1))
        losses = np.empty(self._networks, data[0].dtype)
        kinds = *self._kinds, by_row, self._velocities is not self._parameters
        sgd_kernels.step(
            self._parameters, self._velocities, data, self._buffers, knobs.numpy(), losses, kinds, self._numbers
        )
        return torch.from_numpy(losses)
