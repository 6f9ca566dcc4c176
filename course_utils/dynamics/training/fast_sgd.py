r"""Stochastic gradient descent for a whole population, written out by hand: no graph is built, nothing is allocated.

.. math::
    g_k = \nabla L_k(\theta_k) + \lambda_k \theta_k, \qquad v_k \leftarrow \mu_k v_k + g_k, \qquad
    \theta_k \leftarrow \theta_k - \eta_k v_k

Small batches go through a compiled loop, one network after the other; large ones, and a GPU, through torch's products
for many networks at once, a few at a time. Either way, what a step needs stays in the processor's cache.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy.typing as npt
import torch

from course_utils.dynamics.training.backprop import Backprop
from course_utils.dynamics.training.compiled_sgd import CompiledSGD
from course_utils.models.compiled_losses import worthwhile
from course_utils.models.layout import part_size, per_network
from course_utils.models.losses import NAMES as LOSSES
from course_utils.models.losses import targets_of
from course_utils.models.networks import Population
from course_utils.validation import one_of, whole

ACTIVATIONS = ("relu", "leaky-relu", "tanh")

# Shapes of batches whose buffers are kept.
_PLANS = 16

Layers = list[tuple[torch.Tensor, torch.Tensor]]


class FastSGD:
    r"""Trains a `Population` in place, step by step as `torch.optim.SGD` would train each network alone.

    Parameters
    ----------
    population : Population
        With ReLU, leaky ReLU or tanh units. Its parameters are changed in place; move it to its device beforehand.
    learning_rate : float or (networks,) array_like
        :math:`\eta_k`, at least 0.
    momentum : float or (networks,) array_like
        :math:`\mu_k`, at least 0.
    weight_decay : float or (networks,) array_like
        :math:`\lambda_k`, at least 0; on weights and biases alike.
    loss : {"cross-entropy", "mse"}
        What is minimised.
    chunk : int, optional
        Use torch's products, for so many networks at a time. Without it: the compiled loop where it is faster, or as
        many networks at a time as fit into the processor's cache (on a GPU: all).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    See Also
    --------
    torch.optim.SGD : the same step for one network, with ``dampening=0`` and ``nesterov=False``.

    Examples
    --------
    >>> population = Population((2, 8, 2), 4, seeds=1)
    >>> inputs, labels = torch.tensor([[0.0, 0, 1, 1], [0, 1, 0, 1]]), torch.tensor([0, 1, 1, 0])
    >>> descent = FastSGD(population, learning_rate=[0.1, 0.2, 0.5, 1.0], momentum=0.9)
    >>> start = descent.step(inputs, labels)
    >>> for _ in range(200):
    ...     end = descent.step(inputs, labels)
    >>> bool((end < start).all())
    True
    """

    def __init__(
        self,
        population: Population,
        *,
        learning_rate: float | npt.ArrayLike,
        momentum: float | npt.ArrayLike = 0.0,
        weight_decay: float | npt.ArrayLike = 0.0,
        loss: str = "cross-entropy",
        chunk: int | None = None,
    ) -> None:
        if not isinstance(population, Population):
            raise TypeError(f"population must be a Population; got a {type(population).__name__}")
        one_of("population's activation", population.activation, ACTIVATIONS)
        self.population, self.loss = population, one_of("loss", loss, LOSSES)
        self.chunk = None if chunk is None else whole("chunk", chunk)
        self.learning_rate = learning_rate
        self._momentum, self._momenta = self._setting("momentum", momentum)
        self._decay, self._decays = self._setting("weight_decay", weight_decay)
        moving = () if self._momentum == 0 else self._layers()
        self._velocities = [(torch.zeros_like(weight), torch.zeros_like(bias)) for weight, bias in moving]
        self._place: list[int] = []
        self._plans: dict[torch.Size, list[tuple[slice, Backprop]]] = {}
        self._loops: dict[int, CompiledSGD | None] = {}
        self._buffers: dict[tuple[int, ...], torch.Tensor] = {}

    def _layers(self, part: slice = slice(None)) -> Layers:
        """Return weights and biases of the networks in ``part``, layer by layer, without their graph."""
        pairs = zip(self.population.weights, self.population.biases, strict=True)
        return [(weight.detach()[part], bias.detach()[part]) for weight, bias in pairs]

    def _setting(self, name: str, value: float | npt.ArrayLike) -> tuple[float | None, torch.Tensor]:
        """Return a setting as one number, where all networks share it, and as (networks, 1, 1)."""
        array = per_network(name, value, self.population.networks, least=0)
        shared = float(array[0]) if (array == array[0]).all() else None
        return shared, torch.from_numpy(array).to(self.population.weights[0].detach()).view(-1, 1, 1)

    @property
    def learning_rate(self) -> torch.Tensor:
        """The learning rates, (networks,). Set it (one number, or one per network) to follow a schedule."""
        return self._rates.view(-1)

    @learning_rate.setter
    def learning_rate(self, value: float | npt.ArrayLike) -> None:
        self._rate, self._rates = self._setting("learning_rate", value)
        self._knobs: torch.Tensor | None = None

    @property
    def velocities(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """The momentum buffers, (weights, biases) per layer as in the population; empty without momentum."""
        return self._velocities

    @torch.no_grad()
    def step(self, inputs: torch.Tensor, labels: torch.Tensor, *, check: bool = True) -> torch.Tensor:
        """Take one step and return the losses from before it.

        A network whose loss is NaN or infinite is left as it is: it no longer moves, the others go on.

        Parameters
        ----------
        inputs : torch.Tensor, (features, batch) or (networks, features, batch)
            A batch that all networks share, or one for each.
        labels : torch.Tensor, (batch,) or (networks, batch)
            Classes (int64); for ``"mse"`` also float targets (outputs, batch) or (networks, outputs, batch).
        check : bool
            Whether to look for NaN and for labels outside the classes (shapes are always looked at).

        Returns
        -------
        torch.Tensor, (networks,)

        Raises
        ------
        TypeError, ValueError
            If data and networks do not fit together, a label is no class, or a value is NaN or infinite.
        """
        wanted = self._wanted(inputs, labels, check)
        if (loop := self._loop(inputs)) is not None:
            return loop.step(inputs, wanted, self._settings())
        losses = []
        for part, chunk, mine in self._forward(inputs, wanted):
            losses.append(chunk.losses())
            if math.isfinite(losses[-1].sum()):
                self._move(part, chunk, mine)
            else:
                self._move_some(part, chunk, mine, torch.isfinite(losses[-1]))
        return torch.cat(losses)

    @torch.no_grad()
    def advance(self, inputs: torch.Tensor, labels: torch.Tensor, *, check: bool = True) -> None:
        """Take one step as `step` does, but do not look at the losses: a little faster.

        A network that diverges may go unnoticed, and not be kept as it was, before the next `step`; the others do not
        see it.

        Parameters
        ----------
        inputs, labels, check
            As for `step`.

        Raises
        ------
        TypeError, ValueError
            As `step`.
        """
        wanted = self._wanted(inputs, labels, check)
        if (loop := self._loop(inputs)) is not None:
            loop.step(inputs, wanted, self._settings())
            return
        for part, chunk, mine in self._forward(inputs, wanted):
            self._move(part, chunk, mine)

    def _wanted(self, inputs: torch.Tensor, labels: torch.Tensor, check: bool) -> torch.Tensor:
        """Return classes (networks or 1, 1, batch) or targets (networks or 1, outputs, batch), if all fits together."""
        self.population.check(inputs, labels, self.loss, values=check)
        if self.loss == "mse":
            return targets_of(labels, inputs.new_empty(0, self.population.outputs, 0))
        return labels.reshape(-1, 1, labels.shape[-1])

    def _settle(self) -> None:
        """Forget all views and buffers if the parameters were moved elsewhere, or there are too many."""
        place = [parameter.data_ptr() for parameter in self.population.parameters()]
        if place != self._place or max(len(self._plans), len(self._loops)) > _PLANS:
            self._place, self._plans, self._buffers, self._loops = place, {}, {}, {}

    def _loop(self, inputs: torch.Tensor) -> CompiledSGD | None:
        """Return the compiled loop for batches of this size, or None where torch is to do it."""
        if self.chunk is not None:
            return None
        self._settle()
        batch = inputs.shape[-1]
        if batch not in self._loops:
            one = self.population
            fits = worthwhile(one.sizes, one.parameters(), one.activation, inputs)
            made = CompiledSGD(self.population, self._velocities, batch, self.loss) if fits else None
            self._loops[batch] = made
        return self._loops[batch]

    def _settings(self) -> torch.Tensor:
        """Return learning rates, momenta and weight decays side by side, (networks, 3)."""
        if self._knobs is None:
            self._knobs = torch.cat([self._rates, self._momenta, self._decays], 1).squeeze(2).contiguous()
        return self._knobs

    def _forward(self, inputs: torch.Tensor, wanted: torch.Tensor) -> Iterator[tuple[slice, Backprop, torch.Tensor]]:
        """Run the networks part by part: where they are, their backpropagation, and their inputs."""
        for part, chunk in self._chunks(inputs):
            mine = inputs if inputs.dim() == 2 else inputs[part]
            chunk.forward(mine, wanted if len(wanted) == 1 else wanted[part])
            yield part, chunk, mine

    def _chunks(self, inputs: torch.Tensor) -> list[tuple[slice, Backprop]]:
        """Return the population in parts, with views and buffers for inputs of this shape, made at the first call."""
        population = self.population
        self._settle()
        if inputs.shape not in self._plans:
            size = self.chunk or part_size(population.networks, 2 * sum(population.sizes[1:]), inputs)
            plan = []
            for start in range(0, population.networks, size):
                part = slice(start, min(start + size, population.networks))
                weights, biases = zip(*self._layers(part), strict=True)
                mine = inputs if inputs.dim() == 2 else inputs[part]
                kind = {"activation": population.activation, "slope": population.slope, "loss": self.loss}
                plan.append((part, Backprop(weights, biases, mine, **kind, buffers=self._buffers)))
            self._plans[inputs.shape] = plan
        return self._plans[inputs.shape]

    def _move(self, part: slice, chunk: Backprop, inputs: torch.Tensor) -> None:
        """Carry the errors back, and move the networks in ``part``."""
        rates = self._rates[part] if self._rate is None else None
        chunk.errors(None if self._velocities else rates)
        for layer in reversed(range(len(chunk.weights))):  # the last layer's data are still in cache
            pair = chunk.weights[layer], chunk.biases[layer]
            if self._velocities:
                self._roll(part, chunk, layer, pair, inputs)
                continue
            rate = 1.0 if self._rate is None else self._rate  # the errors have their own rates already
            keep = 1.0
            if self._rate is not None and self._decay is not None:
                keep -= self._rate * self._decay
            elif self._decay != 0:
                for tensor in pair:
                    tensor.mul_(1 - self._rates[part] * self._decays[part])
            chunk.add_gradients(layer, *pair, inputs, beta=keep, alpha=-rate)

    def _roll(
        self, part: slice, chunk: Backprop, layer: int, pair: tuple[torch.Tensor, torch.Tensor], inputs: torch.Tensor
    ) -> None:
        """Move one layer with momentum."""
        weights, biases = self._velocities[layer]
        velocities = weights[part], biases[part]
        fade = self._momentum
        if fade is None or self._decay != 0:
            for tensor, velocity in zip(pair, velocities, strict=True):
                velocity.mul_(self._momenta[part] if fade is None else fade)
                velocity.addcmul_(tensor, self._decays[part])
            fade = 1.0
        chunk.add_gradients(layer, *velocities, inputs, beta=fade, alpha=1.0)
        for tensor, velocity in zip(pair, velocities, strict=True):
            if self._rate is None:
                tensor.addcmul_(velocity, self._rates[part], value=-1)
            else:
                tensor.add_(velocity, alpha=-self._rate)

    def _move_some(self, part: slice, chunk: Backprop, inputs: torch.Tensor, good: torch.Tensor) -> None:
        """Move only the networks that are still ``good``."""
        tensors = [*chunk.weights, *chunk.biases, *(one[part] for pair in self._velocities for one in pair)]
        kept = [tensor[~good] for tensor in tensors]
        self._move(part, chunk, inputs)
        for tensor, old in zip(tensors, kept, strict=True):
            tensor[~good] = old
