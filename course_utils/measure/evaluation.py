"""What every reading of networks needs first: a population, its parameter vectors, its losses along combinations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

from course_utils.interrupts import interruptible
from course_utils.models import activations
from course_utils.models.layout import split_vectors
from course_utils.models.networks import Population
from course_utils.models.ragged import RaggedPopulation
from course_utils.models.scores import losses_and_wrong_shares
from course_utils.seeding import Seed, generator

Networks: TypeAlias = Population | RaggedPopulation | torch.nn.Sequential | Sequence[torch.nn.Sequential]

# Activations that one matrix product may write: they and what is made of them stay in the processor's cache.
_CACHE = 1 << 19
# So many such products are scored together: outputs are smaller than activations.
_PARTS = 4
# Numbers that may be kept for a whole reading: a quarter of a gigabyte in single precision.
_MEMORY = 1 << 26


def as_networks(name: str, networks: Any) -> Population | RaggedPopulation:
    """Return networks of any widths as a population: for readings that need only what the networks say.

    Parameters
    ----------
    name : str
        What the caller calls them.
    networks : Population, RaggedPopulation, torch.nn.Sequential, or a sequence of these last
        A population comes back as it is, plain networks as a population of copies.

    Raises
    ------
    TypeError, ValueError
        If it is none of these, the networks differ in inputs, outputs or activation, or a parameter is not finite.
    """
    population: Population | RaggedPopulation
    if isinstance(networks, (Population, RaggedPopulation)):
        population = networks
    elif isinstance(networks, torch.nn.Sequential):
        population = Population.from_networks([networks])
    elif (
        isinstance(networks, (list, tuple))
        and networks
        and all(isinstance(one, torch.nn.Sequential) for one in networks)
    ):
        population = _joined(networks)
    else:
        raise TypeError(
            f"{name} must be a Population, a RaggedPopulation, a torch.nn.Sequential, or a sequence of these last; "
            f"got {networks!r:.80}"
        )
    wrong = population.gather([(~torch.isfinite(one)).to(one.dtype) for one in population.parameters()]) > 0
    if wrong.any():
        raise ValueError(f"{name} must have finite parameters; {wrong.nonzero().ravel().tolist()[:5]} have not")
    return population


def _joined(networks: Sequence[torch.nn.Sequential]) -> Population | RaggedPopulation:
    """Return copies of plain networks in one population, ragged if they differ in shape."""
    shapes = {tuple(tuple(parameter.shape) for parameter in network.parameters()) for network in networks}
    return Population.from_networks(networks) if len(shapes) == 1 else RaggedPopulation.from_networks(networks)


def as_population(name: str, networks: Any) -> Population:
    """Return networks of one shape as a population: for readings that look at the parameters too.

    Parameters
    ----------
    name : str
        What the caller calls them.
    networks : Population, RaggedPopulation, torch.nn.Sequential, or a sequence of these last
        A `Population` comes back as it is, all else as a population of copies.

    Raises
    ------
    TypeError, ValueError
        If it is none of these, the networks differ in shape or activation, or a parameter is not finite.
    """
    population = as_networks(name, networks)
    if isinstance(population, Population):
        return population
    shapes = [population.sizes[group[0]] for group in population.groups]
    if len(shapes) > 1:
        shown = ", ".join(map(str, shapes[:3])) + (", ..." if len(shapes) > 3 else "")
        raise ValueError(
            f"{name} must all have the same sizes, since their parameters are read side by side (what networks say can "
            f"be compared for any widths: losses, accuracies, function_overlaps, agreements); got {len(shapes)} kinds, "
            f"{shown}: one kind at a time is population.subset(population.groups[0])"
        )
    return Population.from_networks([population.network(k) for k in range(population.networks)])


def as_vectors(name: str, value: Any, population: Population) -> Tensor:
    """Return parameter vectors, (networks, parameters), in the precision of the population.

    Raises
    ------
    TypeError, ValueError
        If they have another shape, or hold NaN or infinite entries.
    """
    like = population.flat()
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a torch tensor; got a {type(value).__name__}")
    if value.shape != like.shape:
        raise ValueError(
            f"{name} must have shape (networks, parameters) = {tuple(like.shape)}; got {tuple(value.shape)}"
        )
    if not value.is_floating_point() or not torch.isfinite(value).all():
        raise ValueError(f"{name} must hold finite real numbers")
    return value.detach().to(like)


def with_vectors(population: Population, vectors: Tensor) -> Population:
    """Return a copy of a population with other parameters, (any number of networks, parameters)."""
    copy = population.subset([0] * len(vectors))
    copy.load_flat(vectors)
    return copy


def torch_generator(seed: Seed, device: torch.device) -> torch.Generator:
    """Return torch's random generator for a ``seed`` argument."""
    return torch.Generator(device).manual_seed(int(generator(seed).integers(2**63)))


@torch.no_grad()
def along_combinations(
    population: Population, bases: Tensor, coefficients: Tensor, inputs: Tensor, labels: Tensor, loss: str, what: str
) -> tuple[Tensor, Tensor]:
    r"""Return losses and errors of :math:`\theta_k(c) = \sum_j c_j \theta_k^{(j)}`, for many c and all networks k.

    The first layer is linear in its weights: its input to the activation is the same combination of a few products
    that are taken once.

    Parameters
    ----------
    population : Population
        Gives shape and activation.
    bases : torch.Tensor, (combined, networks, parameters)
        The :math:`\theta^{(j)}`.
    coefficients : torch.Tensor, (points, combined)
        The :math:`c`.
    inputs, labels : torch.Tensor
        As for `Population.losses`; checked there.
    loss : str
        The loss.
    what : str
        Named on the progress bar.

    Returns
    -------
    tuple of torch.Tensor, (networks, points)
        Losses, and the share of wrong answers (NaN for float targets); NaN where an interrupt came first.
    """
    count, networks = len(coefficients), bases.shape[1]
    losses, errors = bases.new_full((2, networks, count), torch.nan)
    group = max(1, min(networks, _MEMORY // (len(bases) * population.sizes[1] * inputs.shape[-1])))
    with interruptible(networks * count, what) as bar:
        for first in range(0, networks, group):
            own = slice(first, first + group)
            x = inputs[own] if inputs.dim() == 3 else inputs
            y = labels[own] if one_each(labels) else labels
            layers = [split_vectors(basis[own], population.sizes) for basis in bases]
            enters = torch.stack([weight @ x + bias for weight, bias, *_ in layers])
            later = [torch.stack(parts) for parts in list(zip(*layers, strict=True))[2:]]
            chunk = max(1, _CACHE // enters[0].numel())
            for start in range(0, count, _PARTS * chunk):
                points = slice(start, start + _PARTS * chunk)
                parts = coefficients[points].split(chunk)
                outputs = torch.cat([_outputs(population, part, enters, later) for part in parts])
                each = y.repeat(len(outputs), *[1] * (y.dim() - 1)) if one_each(y) else y
                found = losses_and_wrong_shares(outputs.flatten(0, 1), each, loss)
                losses[own, points], errors[own, points] = (one.view(outputs.shape[:2]).T for one in found)
                bar.update(outputs.shape[0] * outputs.shape[1])
    return losses, errors


def one_each(labels: Tensor) -> bool:
    """Whether labels come one set per network: (networks, batch), or float targets (networks, outputs, batch)."""
    return labels.dim() == (3 if labels.is_floating_point() else 2)


def _outputs(population: Population, coefficients: Tensor, enters: Tensor, later: list[Tensor]) -> Tensor:
    """Return what the networks with these combinations say, (points, networks, outputs, batch)."""
    points, networks = len(coefficients), enters.shape[1]
    signal = (coefficients @ enters.flatten(1)).view(points * networks, *enters.shape[2:])
    for weights, biases in zip(later[0::2], later[1::2], strict=True):
        signal = activations.apply(population.activation, signal, population.slope)
        weight, bias = ((coefficients @ parts.flatten(1)).view(-1, *parts.shape[2:]) for parts in (weights, biases))
        signal = torch.baddbmm(bias, weight, signal)
    return signal.view(points, networks, *signal.shape[1:])
