r"""Many multilayer perceptrons as one object: a population of E networks that are evaluated and trained together.

.. math::
    h^{(0)} = x, \qquad h^{(l)} = \varphi\bigl(W^{(l)} h^{(l-1)} + b^{(l)}\bigr), \qquad f = W^{(L)} h^{(L-1)} + b^{(L)}

The layout is feature-major: the batch is the last axis, so that every matrix product has a long inner loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from course_utils.models import activations
from course_utils.models.compiled_losses import CompiledLosses, worthwhile
from course_utils.models.layout import (
    Sizes,
    check_inputs,
    check_sizes,
    initial_vectors,
    parameter_count,
    part_size,
    read_network,
    same_activation,
    split_vectors,
)
from course_utils.models.scores import Between, Scores, as_numbers, chosen_indices, start_scale
from course_utils.seeding import Seed
from course_utils.validation import whole

__all__ = ["Population"]
Tensors = Iterable[torch.Tensor]


class Population(Scores):
    r"""E multilayer perceptrons of one shape.

    Weights start as independent Gaussians, :math:`W_{ij} \sim \mathcal N(0, \text{scale}^2/n_\text{in})`, and biases
    as :math:`b_i \sim \mathcal N(0, \text{bias\_scale}^2)`.

    Parameters
    ----------
    sizes : sequence of int
        Units from input to output, such as ``(64, 100, 10)``.
    networks : int
        How many networks, E.
    activation : {"relu", "leaky-relu", "tanh", "erf", "quadratic"}
        Of the hidden units; the outputs are linear.
    scale : float or (E,) array_like, optional
        Initial scale of the weights, at least 0. Without it: :math:`\sqrt2` for ReLU (leaky: a little less), else 1.
    bias_scale : float or (E,) array_like
        Initial scale of the biases.
    slope : float
        What "leaky-relu" leaves of negative inputs.
    dtype : torch.dtype
        Single or double precision.
    seeds : int, numpy.random.Generator or sequence of int
        One whole number per network: a network with seed s has the same weights whatever else is in the population.
        A single number or a generator draws them.

    Attributes
    ----------
    weights : torch.nn.ParameterList
        One (E, out, in) per layer.
    biases : torch.nn.ParameterList
        One (E, out, 1) per layer.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    Initial scale: K. He, X. Zhang, S. Ren, J. Sun, arXiv:1502.01852 (2015).

    Examples
    --------
    >>> population = Population((64, 100, 10), 3, seeds=1)
    >>> population(torch.zeros(64, 7)).shape
    torch.Size([3, 10, 7])
    >>> population.network(0)
    Sequential(
      (0): Linear(in_features=64, out_features=100, bias=True)
      (1): ReLU()
      (2): Linear(in_features=100, out_features=10, bias=True)
    )
    """

    def __init__(
        self,
        sizes: Sequence[int],
        networks: int,
        *,
        activation: str = "relu",
        scale: float | npt.ArrayLike | None = None,
        bias_scale: float | npt.ArrayLike = 0.0,
        slope: float = 0.1,
        dtype: torch.dtype = torch.float32,
        seeds: Seed | Iterable[int],
    ) -> None:
        sizes, networks = check_sizes("sizes", sizes), whole("networks", networks)
        slope, scale = start_scale(activation, slope, scale, dtype)
        vectors = initial_vectors([sizes] * networks, scale, bias_scale, seeds)
        self._build(sizes, torch.from_numpy(np.stack(vectors)).to(dtype), activation, slope)

    def _build(self, sizes: Sizes, vectors: torch.Tensor, activation: str, slope: float) -> None:
        super().__init__()
        self.sizes, self.networks = sizes, len(vectors)
        self.inputs, self.outputs = sizes[0], sizes[-1]
        self.activation, self.slope = activation, slope
        parts = split_vectors(vectors, sizes)
        self.weights = torch.nn.ParameterList(part.clone() for part in parts[0::2])
        self.biases = torch.nn.ParameterList(part.clone() for part in parts[1::2])

    @classmethod
    def _from(cls, sizes: Sizes, vectors: torch.Tensor, activation: str, slope: float) -> Population:
        population = cls.__new__(cls)
        population._build(sizes, vectors, activation, slope)
        return population

    @classmethod
    def from_networks(cls, networks: Sequence[torch.nn.Sequential]) -> Population:
        """Return a population with copies of these networks.

        Parameters
        ----------
        networks : sequence of torch.nn.Sequential
            Linear layers with biases, and one kind of activation between them; all of one shape and precision.

        Raises
        ------
        TypeError, ValueError
            If there is no network, one is of another kind, or they differ in shape, activation or precision.

        Examples
        --------
        >>> net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
        >>> Population.from_networks([net, net]).activation
        'tanh'
        """
        read = [read_network(f"networks[{k}]", network) for k, network in enumerate(networks)]
        activation, slope = same_activation([one[1] for one in read])
        sizes = read[0][0]
        for k, (other, _, vector) in enumerate(read):
            if other != sizes or vector.dtype != read[0][2].dtype or vector.device != read[0][2].device:
                raise ValueError(
                    f"networks must all have the sizes, precision and device of the first, {sizes}; "
                    f"got {other}, {vector.dtype}, {vector.device} at networks[{k}]"
                )
        return cls._from(sizes, torch.stack([vector for _, _, vector in read]), activation, slope)

    def extra_repr(self) -> str:
        """Return what `print` shows of the population."""
        return f"{self.networks} networks of sizes {self.sizes}, {self.activation}"

    def forward(self, inputs: torch.Tensor, *, between: Between | None = None, check: bool = True) -> torch.Tensor:
        """Return what each network says of each input.

        Parameters
        ----------
        inputs : torch.Tensor, (features, batch) or (networks, features, batch)
            Data that all networks share (then the first layer is one matrix product), or a batch for each.
        between : function, optional
            Takes the number of a hidden layer (from 0), its activations (networks, units, batch) and the networks'
            index (here always ``slice(None)``), and returns what the next layer gets: dropout, noise, a recording.
        check : bool
            Whether to look for NaN (shapes are always looked at).

        Returns
        -------
        torch.Tensor, (networks, outputs, batch)

        Raises
        ------
        TypeError, ValueError
            If the inputs do not fit the networks, or hold NaN or infinite entries.
        """
        check_inputs(inputs, self.weights[0], self.networks, self.inputs, values=check)
        size = self.networks if between is not None else part_size(self.networks, sum(self.sizes[1:]), inputs, slack=4)
        if size >= self.networks:
            return self._run(self.weights, self.biases, inputs, between)
        weights, biases = [zip(*(one.split(size) for one in many), strict=True) for many in (self.weights, self.biases)]
        data = inputs.split(size) if inputs.dim() == 3 else repeat(inputs)
        return torch.cat([self._run(*part, None) for part in zip(weights, biases, data, strict=False)])

    def _run(self, weights: Tensors, biases: Tensors, signal: torch.Tensor, between: Between | None) -> torch.Tensor:
        """Return the outputs of the networks with these parameters."""
        last = len(self.sizes) - 2
        for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            shape = (*weight.shape[:2], signal.shape[-1])
            if signal.dim() == 2:
                signal = torch.addmm(bias.reshape(-1, 1), weight.reshape(-1, weight.shape[2]), signal)
            else:
                signal = torch.baddbmm(bias, weight, signal)
            if layer < last:
                signal = activations.apply(self.activation, signal, self.slope, private=between is None)
            signal = signal.view(shape)
            if layer < last and between is not None:
                signal = between(layer, signal, slice(None))
        return signal

    def _losses_with_slopes(self, inputs: torch.Tensor, labels: torch.Tensor, loss: str) -> torch.Tensor | None:
        given = [*self.weights, *self.biases]
        slopes_wanted = torch.is_grad_enabled() and all(one.requires_grad for one in given)
        if not slopes_wanted or inputs.requires_grad or labels.requires_grad:
            return None
        if not worthwhile(self.sizes, given, self.activation, inputs):
            return None
        return CompiledLosses.apply(inputs, labels, (self.activation, self.slope, loss), *given)

    def _sizes_of(self, index: int) -> Sizes:
        return self.sizes

    def flat(self) -> torch.Tensor:
        """Return a copy of all parameters, one vector per network, ordered as ``network(k).parameters()``.

        Returns
        -------
        torch.Tensor, (networks, parameters)
        """
        pairs = zip(self.weights, self.biases, strict=True)
        return torch.cat([part.detach().reshape(self.networks, -1) for pair in pairs for part in pair], 1)

    @torch.no_grad()
    def load_flat(self, vectors: torch.Tensor) -> None:
        """Set all parameters, in place, to the vectors that `flat` gave (or to others of this shape).

        Parameters
        ----------
        vectors : torch.Tensor, (networks, parameters)

        Raises
        ------
        TypeError, ValueError
            If they are no tensor, or the shape is another.
        """
        if not isinstance(vectors, torch.Tensor):
            raise TypeError(f"vectors must be a torch tensor; got a {type(vectors).__name__}")
        expected = (self.networks, parameter_count(self.sizes))
        if tuple(vectors.shape) != expected:
            raise ValueError(f"vectors must have shape (networks, parameters) = {expected}; got {tuple(vectors.shape)}")
        parts = split_vectors(vectors, self.sizes)
        for weight, bias, new_weight, new_bias in zip(self.weights, self.biases, parts[0::2], parts[1::2], strict=True):
            weight.copy_(new_weight)
            bias.copy_(new_bias)

    def per_parameter(self, values: npt.ArrayLike | torch.Tensor) -> list[torch.Tensor]:
        """Return one number per network in the shapes that broadcast against ``list(population.parameters())``.

        Parameters
        ----------
        values : (networks,) array_like
            Learning rates, temperatures, scales.

        Raises
        ------
        TypeError, ValueError
            If it is not one finite number per network.
        """
        return [as_numbers(values, self.networks, self.weights[0]).view(-1, 1, 1)] * (2 * len(self.weights))

    def gather(self, tensors: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return sums over each network's entries of tensors shaped like ``list(population.parameters())``.

        Returns
        -------
        torch.Tensor, (networks,)
            For squared gradients, say, the squared norm that clipping needs.

        Examples
        --------
        >>> population = Population((2, 3, 1), 2, seeds=1)
        >>> population.gather([torch.ones_like(p) for p in population.parameters()])
        tensor([13., 13.])
        """
        return torch.stack([tensor.sum((1, 2)) for tensor in tensors]).sum(0)

    def subset(self, indices: Any) -> Population:
        """Return a population with copies of some of the networks, in the order asked for.

        Parameters
        ----------
        indices : sequence of int, or boolean mask (networks,)

        Raises
        ------
        TypeError, ValueError
            If it names no network, or one that is not there.
        """
        chosen = chosen_indices(indices, self.networks).to(self.weights[0].device)
        return self._from(self.sizes, self.flat()[chosen], self.activation, self.slope)
