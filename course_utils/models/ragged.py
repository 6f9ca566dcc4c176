"""Networks of different widths in one population: nothing is padded, nothing is masked.

Networks of one shape form a group; the first layers of all groups lie below each other in one matrix, each group's
further layers in tensors of their own. Groups are run one after the other, so that what one needs stays in cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy.typing as npt
import torch

from course_utils.models import activations
from course_utils.models.layout import (
    Sizes,
    check_inputs,
    check_sizes,
    initial_vectors,
    parameter_count,
    read_network,
    same_activation,
    split_vectors,
)
from course_utils.models.scores import Between, Scores, as_numbers, chosen_indices, start_scale
from course_utils.seeding import Seed
from course_utils.validation import whole


def _check_widths(widths: Sequence[int | Sequence[int]], inputs: int, outputs: int) -> list[Sizes]:
    """Return the sizes of each network, from inputs to outputs."""
    if isinstance(widths, (str, bytes)) or not isinstance(widths, Iterable):
        raise TypeError(f"widths must be a sequence with one width per network; got {widths!r}")
    sizes = []
    for k, width in enumerate(widths):
        hidden = tuple(width) if isinstance(width, Sequence) and not isinstance(width, str) else (width,)
        if not hidden:
            raise ValueError(f"widths must name at least one hidden layer per network; got none at widths[{k}]")
        sizes.append(check_sizes(f"widths[{k}] with inputs and outputs", (inputs, *hidden, outputs)))
    if not sizes:
        raise ValueError("widths must hold at least one network; got none")
    return sizes


class RaggedPopulation(Scores):
    r"""E multilayer perceptrons of different widths (and depths), on the same inputs and outputs.

    A network with seed s has the same start weights as in a `Population` of its shape.

    Parameters
    ----------
    inputs : int
        Features of the data.
    widths : sequence of int, or of sequences of int
        Hidden units of each network; ``(32, 16)`` for two hidden layers.
    outputs : int
        Outputs of every network.
    activation, scale, bias_scale, slope, dtype, seeds
        As for `course_utils.models.networks.Population`.

    Attributes
    ----------
    sizes : list of tuple
        Units of each network, from inputs to outputs.
    groups : list of list of int
        Which networks have the same shape, in the order of the memory.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> population = RaggedPopulation(64, [4, 100, 4, (16, 8)], 10, seeds=1)
    >>> population(torch.zeros(64, 7)).shape
    torch.Size([4, 10, 7])
    >>> population.groups
    [[0, 2], [1], [3]]
    """

    _place: torch.Tensor | None
    _rows: torch.Tensor

    def __init__(
        self,
        inputs: int,
        widths: Sequence[int | Sequence[int]],
        outputs: int,
        *,
        activation: str = "relu",
        scale: float | npt.ArrayLike | None = None,
        bias_scale: float | npt.ArrayLike = 0.0,
        slope: float = 0.1,
        dtype: torch.dtype = torch.float32,
        seeds: Seed | Iterable[int],
    ) -> None:
        inputs, outputs = whole("inputs", inputs), whole("outputs", outputs)
        sizes = _check_widths(widths, inputs, outputs)
        slope, scale = start_scale(activation, slope, scale, dtype)
        vectors = initial_vectors(sizes, scale, bias_scale, seeds)
        self._build(sizes, [torch.from_numpy(vector).to(dtype) for vector in vectors], activation, slope)

    def _build(self, sizes: Sequence[Sizes], vectors: Sequence[torch.Tensor], activation: str, slope: float) -> None:
        super().__init__()
        self.sizes, self.networks = list(sizes), len(sizes)
        self.inputs, self.outputs = sizes[0][0], sizes[0][-1]
        self.activation, self.slope = activation, slope
        self.groups = [[k for k, one in enumerate(sizes) if one == shape] for shape in dict.fromkeys(sizes)]
        parts = self._parts(vectors)
        self.first_weight = torch.nn.Parameter(torch.cat([part[0].flatten(0, 1) for part in parts]))
        self.first_bias = torch.nn.Parameter(torch.cat([part[1].flatten(0, 1) for part in parts]))
        self.weights = torch.nn.ParameterList(w.clone() for part in parts for w in part[2::2])
        self.biases = torch.nn.ParameterList(b.clone() for part in parts for b in part[3::2])
        device = vectors[0].device
        order = [k for group in self.groups for k in group]
        place = torch.argsort(torch.tensor(order)).to(device)
        rows = torch.tensor([k for k in order for _ in range(sizes[k][1])], device=device)
        self.register_buffer("_place", None if order == sorted(order) else place, persistent=False)
        self.register_buffer("_rows", rows, persistent=False)  # which network a unit of the first layer belongs to
        for g, group in enumerate(self.groups):
            self.register_buffer(f"_members{g}", torch.tensor(group, device=device), persistent=False)

    def _parts(self, vectors: Sequence[torch.Tensor]) -> list[list[torch.Tensor]]:
        """Return, for each group, weights and biases in turn: (networks in the group, out, in) and (..., out, 1)."""
        return [split_vectors(torch.stack([vectors[k] for k in group]), self.sizes[group[0]]) for group in self.groups]

    @classmethod
    def _from(
        cls, sizes: Sequence[Sizes], vectors: Sequence[torch.Tensor], activation: str, slope: float
    ) -> RaggedPopulation:
        population = cls.__new__(cls)
        population._build(sizes, vectors, activation, slope)
        return population

    @classmethod
    def from_networks(cls, networks: Sequence[torch.nn.Sequential]) -> RaggedPopulation:
        """Return a population with copies of these networks.

        Parameters
        ----------
        networks : sequence of torch.nn.Sequential
            Linear layers with biases, at least two, and one kind of activation between them.

        Raises
        ------
        TypeError, ValueError
            If there is no network, one is of another kind, or they differ in inputs, outputs, activation or precision.
        """
        read = [read_network(f"networks[{k}]", network) for k, network in enumerate(networks)]
        activation, slope = same_activation([one[1] for one in read])
        kinds = {(sizes[0], sizes[-1], vector.dtype, vector.device) for sizes, _, vector in read}
        if len(kinds) > 1 or any(len(sizes) < 3 for sizes, _, _ in read):
            raise ValueError(
                f"networks must have a hidden layer, and all the same inputs, outputs, precision and device; "
                f"got sizes {[one[0] for one in read]} and {sorted({str(one[2].dtype) for one in read})}"
            )
        return cls._from([one[0] for one in read], [one[2] for one in read], activation, slope)

    def extra_repr(self) -> str:
        """Return what `print` shows of the population."""
        widths = [sizes[1] for sizes in self.sizes]
        return f"{self.networks} networks, {self.inputs} inputs, {min(widths)} to {max(widths)} hidden units in front"

    def _layers(self) -> list[list[torch.Tensor]]:
        """Return the parameters in the shapes that `_parts` has, as views."""
        parts, unit, layer = [], 0, 0
        for group in self.groups:
            sizes = self.sizes[group[0]]
            rows = slice(unit, unit + len(group) * sizes[1])
            shape = (len(group), sizes[1], -1)
            part = [self.first_weight[rows].view(shape), self.first_bias[rows].view(shape)]
            for _ in sizes[2:]:
                part += [self.weights[layer], self.biases[layer]]
                layer += 1
            parts.append(part)
            unit = rows.stop
        return parts

    def forward(self, inputs: torch.Tensor, *, between: Between | None = None, check: bool = True) -> torch.Tensor:
        """Return what each network says of each input.

        Parameters
        ----------
        inputs : torch.Tensor, (features, batch) or (networks, features, batch)
            Data that all networks share (then the first layer is one matrix product), or a batch for each.
        between : function, optional
            Takes the number of a hidden layer (from 0), the activations (n, units, batch) of a group of networks of
            one shape and the index tensor (n,) of these networks, and returns what the next layer gets.
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
        check_inputs(inputs, self.first_weight, self.networks, self.inputs, values=check)
        counts = [len(group) * self.sizes[group[0]][1] for group in self.groups]
        # weights are split, not what they yield: the activations of a group then stay in cache until it is done
        firsts = zip(self.first_weight.split(counts), self.first_bias.split(counts), strict=True)
        weights, biases, outputs = iter(self.weights), iter(self.biases), []
        for g, (weight, bias) in enumerate(firsts):
            members, sizes = getattr(self, f"_members{g}"), self.sizes[self.groups[g][0]]
            shape = (len(members), sizes[1], -1)
            if inputs.dim() == 2:
                signal = torch.addmm(bias, weight, inputs)
            else:
                signal = torch.baddbmm(bias.view(shape), weight.view(shape), inputs[members])
            for layer in range(len(sizes) - 2):
                signal = activations.apply(self.activation, signal, self.slope, private=between is None).view(
                    len(members), sizes[layer + 1], -1
                )
                signal = signal if between is None else between(layer, signal, members)
                signal = torch.baddbmm(next(biases), next(weights), signal)
            outputs.append(signal)
        joined = torch.cat(outputs)
        return joined if self._place is None else joined[self._place]

    def _sizes_of(self, index: int) -> Sizes:
        return self.sizes[index]

    def flat(self) -> list[torch.Tensor]:
        """Return copies of the parameters, one vector per network, ordered as ``network(k).parameters()``."""
        vectors: dict[int, torch.Tensor] = {}
        for group, part in zip(self.groups, self._layers(), strict=True):
            stacked = torch.cat([one.detach().reshape(len(group), -1) for one in part], 1)
            vectors.update(zip(group, stacked, strict=True))
        return [vectors[k] for k in range(self.networks)]

    @torch.no_grad()
    def load_flat(self, vectors: Sequence[torch.Tensor]) -> None:
        """Set all parameters, in place, to the vectors that `flat` gave (or to others of these lengths).

        Raises
        ------
        ValueError
            If there are more or fewer, or one has another length.
        """
        expected = [parameter_count(sizes) for sizes in self.sizes]
        if [tuple(vector.shape) for vector in vectors] != [(length,) for length in expected]:
            raise ValueError(f"vectors must be one per network, of lengths {expected}; "
                             f"got shapes {[tuple(vector.shape) for vector in vectors]}")  # fmt: skip
        for part, new in zip(self._layers(), self._parts(vectors), strict=True):
            for one, value in zip(part, new, strict=True):
                one.copy_(value)

    def per_parameter(self, values: npt.ArrayLike | torch.Tensor) -> list[torch.Tensor]:
        """Return one number per network in the shapes that broadcast against ``list(population.parameters())``.

        Raises
        ------
        TypeError, ValueError
            If it is not one finite number per network.
        """
        numbers = as_numbers(values, self.networks, self.first_weight)
        rows = numbers[self._rows].view(-1, 1)
        return [rows, rows, *([numbers[members].view(-1, 1, 1) for members in self._owners()] * 2)]

    def gather(self, tensors: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return sums over each network's entries of tensors shaped like ``list(population.parameters())``.

        Returns
        -------
        torch.Tensor, (networks,)
        """
        sums = tensors[0].new_zeros(self.networks)
        for index, tensor in zip([self._rows, self._rows, *(self._owners() * 2)], tensors, strict=True):
            sums = sums.index_add(0, index, tensor.flatten(1).sum(1))
        return sums

    def _owners(self) -> list[torch.Tensor]:
        """Return which networks each entry of `weights` belongs to."""
        counts = [len(self.sizes[group[0]]) - 2 for group in self.groups]
        return [getattr(self, f"_members{g}") for g, count in enumerate(counts) for _ in range(count)]

    def subset(self, indices: Any) -> RaggedPopulation:
        """Return a population with copies of some of the networks, in the order asked for.

        Raises
        ------
        ValueError
            If it names no network, or one that is not there.
        """
        chosen, vectors = chosen_indices(indices, self.networks).tolist(), self.flat()
        return self._from([self.sizes[k] for k in chosen], [vectors[k] for k in chosen], self.activation, self.slope)
