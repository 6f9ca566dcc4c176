"""How the numbers of a network lie in memory: parameter vectors, their start values, and what fits what."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from course_utils.models import activations
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, whole

# Bytes of activations that should stay in the processor's cache while a part of a population is run.
CACHE = 2_000_000

Array = npt.NDArray[np.float64]
Sizes = tuple[int, ...]


def check_sizes(name: str, sizes: Sequence[int]) -> Sizes:
    """Return the units of each layer as a tuple of whole numbers, at least two of them."""
    if isinstance(sizes, (str, bytes)) or not isinstance(sizes, Iterable):
        raise TypeError(f"{name} must be a sequence of whole numbers such as (64, 100, 10); got {sizes!r}")
    checked = tuple(whole(f"{name}[{i}]", size) for i, size in enumerate(sizes))
    if len(checked) < 2:
        raise ValueError(f"{name} must name at least the inputs and the outputs, such as (64, 10); got {sizes!r}")
    return checked


def per_network(name: str, value: float | npt.ArrayLike, networks: int, *, least: float | None = None) -> Array:
    """Return ``value`` as one number per network, (networks,).

    Raises
    ------
    TypeError, ValueError
        If it is neither a number nor one number per network, or is below ``least``.

    Examples
    --------
    >>> per_network("scale", 2.0, 3)
    array([2., 2., 2.])
    """
    array = finite_array(name, value, least=least)
    if array.shape not in ((), (networks,)):
        raise ValueError(f"{name} must be one number, or one per network with shape ({networks},); got {array.shape}")
    return np.broadcast_to(array, (networks,)).copy()


def network_seeds(seeds: Seed | Iterable[int], networks: int) -> list[int]:
    """Return one seed per network: the given ones, or as many as are needed drawn from one."""
    if isinstance(seeds, np.random.Generator) or not isinstance(seeds, Iterable):
        if not isinstance(seeds, np.random.Generator):
            seeds = whole("seeds", seeds, least=0)
        return [int(one) for one in generator(seeds).integers(2**63, size=networks)]
    listed = [whole(f"seeds[{k}]", one, least=0) for k, one in enumerate(seeds)]
    if len(listed) != networks:
        raise ValueError(f"seeds must be one whole number, or one for each of {networks} networks; got {len(listed)}")
    return listed


def initial_vectors(
    sizes: Sequence[Sizes], scale: float | npt.ArrayLike, bias_scale: float | npt.ArrayLike, seeds: Seed | Iterable[int]
) -> list[Array]:
    """Return Gaussian start values, a vector of parameters per network; each network has its own stream."""
    scales = per_network("scale", scale, len(sizes), least=0)
    bias_scales = per_network("bias_scale", bias_scale, len(sizes), least=0)
    vectors = []
    for layers, one, bias, start in zip(sizes, scales, bias_scales, network_seeds(seeds, len(sizes)), strict=True):
        random = np.random.default_rng(start)
        parts = []
        for fan_in, fan_out in pairwise(layers):
            parts.append(random.standard_normal(fan_in * fan_out) * (one / np.sqrt(fan_in)))
            parts.append(random.standard_normal(fan_out) * bias)
        vectors.append(np.concatenate(parts))
    return vectors


def split_vectors(vectors: torch.Tensor, sizes: Sizes) -> list[torch.Tensor]:
    """Return parameter vectors (networks, parameters) as weights (networks, out, in) and biases (networks, out, 1)."""
    shapes = []
    for fan_in, fan_out in pairwise(sizes):
        shapes += [(fan_out, fan_in), (fan_out, 1)]
    parts = vectors.split([a * b for a, b in shapes], 1)
    return [part.reshape(len(vectors), *shape) for part, shape in zip(parts, shapes, strict=True)]


def parameter_count(sizes: Sizes) -> int:
    """Return how many parameters a network of these sizes has.

    Examples
    --------
    >>> parameter_count((64, 100, 10))
    7510
    """
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes))


def part_size(networks: int, units: int, inputs: torch.Tensor, *, slack: int = 1) -> int:
    """Return how many networks to run at a time: as many as keep their activations in cache (on a GPU: all).

    Parameters
    ----------
    networks : int
        How many there are.
    units : int
        Numbers per sample that a network leaves in memory.
    inputs : torch.Tensor
        The batch.
    slack : int
        Up to so many times what fits is still run in one go.

    Examples
    --------
    >>> part_size(1024, 110, torch.zeros(40, 64)), part_size(128, 110, torch.zeros(40, 64), slack=4)
    (69, 128)
    """
    each = units * inputs.shape[-1] * inputs.element_size()
    if inputs.device.type != "cpu" or networks * each < slack * CACHE:
        return networks
    parts = min(math.ceil(networks * each / CACHE), math.ceil(networks / 4))  # fewer than 4 at a time cost more
    return math.ceil(networks / parts)  # parts of equal size


def network_of(sizes: Sizes, vector: torch.Tensor, activation: str, slope: float) -> torch.nn.Sequential:
    """Return a plain network with a copy of these parameters."""
    layers: list[torch.nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [torch.nn.utils.skip_init(torch.nn.Linear, fan_in, fan_out, dtype=vector.dtype, device=vector.device)]
        layers += [activations.module(activation, slope)]
    network = torch.nn.Sequential(*layers[:-1])
    with torch.no_grad():
        torch.nn.utils.vector_to_parameters(vector.clone(), network.parameters())
    return network


def read_network(name: str, network: Any) -> tuple[Sizes, list[tuple[str, float | None]], torch.Tensor]:
    """Return the sizes, activations and parameters of a plain network.

    Raises
    ------
    TypeError, ValueError
        If it is not a `torch.nn.Sequential` of Linear layers with one activation between each two.
    """
    if not isinstance(network, torch.nn.Sequential):
        raise TypeError(f"{name} must be a torch.nn.Sequential; got a {type(network).__name__}")
    between = list(network)[1::2]
    linear = [layer for layer in list(network)[0::2] if isinstance(layer, torch.nn.Linear) and layer.bias is not None]
    if len(linear) != len(between) + 1 or len(network) != len(linear) + len(between):
        raise ValueError(f"{name} must be Linear layers with biases and one activation between each two; got {network}")
    sizes = (linear[0].in_features, *(layer.out_features for layer in linear))
    inner = [layer.in_features for layer in linear[1:]]
    if tuple(inner) != sizes[1:-1]:
        raise ValueError(f"{name} must have layers that fit each other; got {network}")
    vector = torch.nn.utils.parameters_to_vector(network.parameters()).detach()
    return sizes, [activations.named(layer) for layer in between], vector


def same_activation(found: Sequence[Sequence[tuple[str, float | None]]]) -> tuple[str, float]:
    """Return the one activation, and its slope, that all layers of all networks have."""
    if not found:
        raise ValueError("networks must hold at least one network; got none")
    kinds = {kind for one in found for kind in one}
    if len(kinds) > 1:
        raise ValueError(f"networks must all have the same activation; got {sorted(kinds, key=str)}")
    name, slope = kinds.pop() if kinds else ("relu", None)
    return name, 0.1 if slope is None else slope


def check_inputs(inputs: torch.Tensor, weight: torch.Tensor, networks: int, features: int, *, values: bool) -> None:
    """Raise if ``inputs`` do not fit the networks that ``weight`` belongs to.

    Raises
    ------
    TypeError
        If they are no tensor, or have another precision than the weights.
    ValueError
        If shape or device do not fit, the batch is empty, or an entry is NaN or infinite (looked for if ``values``).
    """
    if not isinstance(inputs, torch.Tensor):
        raise TypeError(f"inputs must be a torch tensor; got a {type(inputs).__name__}")
    if inputs.dtype != weight.dtype:
        raise TypeError(f"inputs must have the precision of the weights, {weight.dtype}; got {inputs.dtype}")
    shape = tuple(inputs.shape)
    shared, own = len(shape) == 2 and shape[0] == features, len(shape) == 3 and shape[:2] == (networks, features)
    if not (shared or own) or shape[-1] == 0:
        raise ValueError(
            f"inputs must have shape ({features}, batch) or ({networks}, {features}, batch), "
            f"features before the batch, batch at least 1; got {shape}"
        )
    if inputs.device != weight.device:
        raise ValueError(f"inputs must be on the device of the weights, {weight.device}; got {inputs.device}")
    # the sum is the cheapest look: it is finite unless an entry is not, or the numbers are huge
    if values and not torch.isfinite(inputs.detach().sum()) and not torch.isfinite(inputs).all():
        raise ValueError(f"inputs must be finite; {int((~torch.isfinite(inputs)).sum())} entries are NaN or infinite")
