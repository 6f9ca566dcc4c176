"""What the networks of a population are shown in each step: their batches, with whatever noise is on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from course_utils.dynamics.thermostat import Thermostat
from course_utils.dynamics.training import draws
from course_utils.models.losses import losses_of, targets_of


@dataclass(frozen=True)
class Batch:
    """One step's data.

    Attributes
    ----------
    inputs : torch.Tensor, (features, batch) or (networks, features, batch)
        What the networks see.
    labels : torch.Tensor
        What they should say, with shapes as `course_utils.models.networks.Population.losses` takes them.
    weights : torch.Tensor or None
        How much each sample counts, (networks, batch), where batches differ in size; each row sums to 1.
    """

    inputs: torch.Tensor
    labels: torch.Tensor
    weights: torch.Tensor | None

    def losses(self, outputs: torch.Tensor, loss: str) -> torch.Tensor:
        """Return the loss of each network, averaged over its batch."""
        if self.weights is None:
            return losses_of(outputs, self.labels, loss)
        if loss == "mse":
            each = (outputs - targets_of(self.labels, outputs)).square().mean(1)
        else:
            each = torch.nn.functional.cross_entropy(outputs, self.labels, reduction="none")
        return (each * self.weights).sum(1)


class Samples:
    """Draws the batches of all networks.

    Parameters
    ----------
    inputs : torch.Tensor, (features, samples) or (networks, features, samples)
        All data.
    labels : torch.Tensor
        Classes or targets, shared or per network.
    thermostat : Thermostat
        With one value per network for every knob.
    classes : int
        How many outputs the networks have.
    seeds : list of int
        One per network.
    """

    def __init__(
        self, inputs: torch.Tensor, labels: torch.Tensor, thermostat: Thermostat, classes: int, seeds: list[int]
    ) -> None:
        networks, count = len(seeds), inputs.shape[-1]
        self._inputs, self._device = inputs, inputs.device
        rates = np.asarray(thermostat.label_noise)
        if rates.any():
            noisy = draws.wrong_labels(labels.cpu().numpy(), rates, classes, seeds)
            labels = torch.from_numpy(noisy).to(self._device)
        self.labels = labels
        self._batches: draws.Batches | None = None
        self.sizes, self._weights = [count] * networks, None
        if thermostat.batch_size is not None:
            sizes = np.asarray(thermostat.batch_size)
            self.sizes = [int(size) for size in sizes]
            self._batches = draws.Batches(count, sizes, np.asarray(thermostat.with_replacement), seeds)
            if sizes.min() < sizes.max():
                counted = np.arange(sizes.max()) < sizes[:, None]
                self._weights = torch.from_numpy(counted / sizes[:, None]).to(inputs)
            self._rows = inputs.movedim(-1, -2).contiguous().flatten(0, -2)  # a sample's features side by side
            own = labels.is_floating_point()
            self._answers = labels.movedim(-1, -2).contiguous().flatten(0, -2) if own else labels.flatten()
            self._own_inputs, self._own_labels = inputs.dim() == 3, labels.dim() == (3 if own else 2)
            self._offsets = (torch.arange(networks, device=self._device) * count).unsqueeze(1)
        kind = str(inputs.dtype).removeprefix("torch.")
        self._tremble = np.asarray(thermostat.input_noise).astype(kind)[:, None, None]
        self._random: draws.Normals | None = None
        if self._tremble.any():
            self._random = draws.Normals([inputs.shape[-2] * size for size in self.sizes], kind, seeds, "inputs")

    def next(self) -> Batch:
        """Return the data of the next step."""
        if self._batches is None:
            return Batch(self._shaken(self._inputs), self.labels, None)
        # networks see a view whose features are the last axis in memory: the matrix product takes it as it is
        which = torch.from_numpy(self._batches.next()).to(self._device)
        inputs = self._rows[which + self._offsets if self._own_inputs else which].transpose(1, 2)
        labels = self._answers[which + self._offsets if self._own_labels else which]
        return Batch(self._shaken(inputs), labels.transpose(1, 2) if labels.dim() == 3 else labels, self._weights)

    def _shaken(self, inputs: torch.Tensor) -> torch.Tensor:
        """Add Gaussian noise to the inputs of the networks that have some."""
        if self._random is None:
            return inputs
        networks, most = len(self.sizes), max(self.sizes)
        drawn, features = self._random.next(), inputs.shape[-2]
        if min(self.sizes) == most:
            noise = drawn.reshape(networks, features, most) * self._tremble
        else:
            noise, start = np.zeros((networks, features, most), dtype=drawn.dtype), 0
            for k, size in enumerate(self.sizes):
                part = drawn[start : start + features * size].reshape(features, size)
                noise[k, :, :size] = part * self._tremble[k]
                start += features * size
        return inputs + torch.from_numpy(noise).to(self._device)

    def state(self) -> dict[str, Any]:
        """Return where the draws stand, as plain data."""
        batches = None if self._batches is None else self._batches.state()
        return {"batches": batches, "inputs": None if self._random is None else self._random.state()}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        if self._random is not None:
            self._random.load(state["inputs"])
        if self._batches is not None:
            self._batches.load(state["batches"])
