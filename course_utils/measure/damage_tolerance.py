r"""Tolerance: how much of what a network knows survives when it is disturbed.

Units fall out, weights tremble, are written down in a few bits, or are cut away; nothing is trained again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.interrupts import interruptible
from course_utils.measure.evaluation import Networks, as_population, torch_generator
from course_utils.models.losses import losses_of
from course_utils.models.networks import Population
from course_utils.models.scores import Between, wrong_share
from course_utils.seeding import Seed
from course_utils.validation import finite_array, one_of, real, whole

Array = npt.NDArray[np.float64]
Damage = Callable[[Tensor, torch.Generator], Tensor]

DISTURBANCES = ("dropout", "weight noise", "quantisation", "fitted quantisation", "magnitude pruning", "random pruning")
_IN_BITS = ("quantisation", "fitted quantisation")
_REACHES = np.geomspace(0.2, 5.2, 50)  # where a fitted grid may end, in root mean squares of the weights


def _rms(weight: Tensor) -> Tensor:
    return weight.square().mean((1, 2), keepdim=True).sqrt()


def _noise(strength: float) -> Damage:
    def damage(weight: Tensor, random: torch.Generator) -> Tensor:
        return weight + strength * _rms(weight) * torch.empty_like(weight).normal_(generator=random)

    return damage


def _quantise(bits: int) -> Damage:
    def damage(weight: Tensor, random: torch.Generator) -> Tensor:
        if bits == 1:
            return weight.sign() * weight.abs().mean((1, 2), keepdim=True)
        step = weight.abs().amax((1, 2), keepdim=True) / (2 ** (bits - 1) - 1)
        return torch.where(step > 0, (weight / step).round() * step, weight)

    return damage


def _quantise_fitted(bits: int) -> Damage:
    half = 2 ** (bits - 1)

    def on_grid(weight: Tensor, step: Tensor) -> Tensor:
        return ((weight / step).floor().clamp(-half, half - 1) + 0.5) * step

    def damage(weight: Tensor, random: torch.Generator) -> Tensor:
        size = _rms(weight).clamp_min(1e-30)
        tried = torch.stack([on_grid(weight, size * float(reach) / half) for reach in _REACHES])
        best = (tried - weight).square().sum((2, 3)).argmin(0)
        return tried[best, torch.arange(len(best))]

    return damage


def _prune_small(fraction: float) -> Damage:
    def damage(weight: Tensor, random: torch.Generator) -> Tensor:
        flat = weight.flatten(1)
        cut = round(fraction * flat.shape[1])
        smallest = flat.abs().argsort(1)[:, :cut]
        return flat.scatter(1, smallest, 0.0).view(weight.shape)

    return damage


def _prune_random(fraction: float) -> Damage:
    def damage(weight: Tensor, random: torch.Generator) -> Tensor:
        flat = weight.flatten(1)
        cut = round(fraction * flat.shape[1])
        chosen = torch.empty_like(flat).uniform_(generator=random).argsort(1)[:, :cut]
        return flat.scatter(1, chosen, 0.0).view(weight.shape) / max(1 - cut / flat.shape[1], 1e-12)

    return damage


def _strength(disturbance: str, name: str, value: float) -> float:
    """Return a strength that this disturbance takes."""
    if disturbance in _IN_BITS:
        bits = real(name, value, least=1, most=24)
        if bits != round(bits):
            raise ValueError(f"{name} must be a whole number of bits for {disturbance}, 1 to 24; got {value!r}")
        return bits
    if disturbance == "weight noise":
        return real(name, value, least=0)
    return real(name, value, least=0, below=1 if disturbance != "magnitude pruning" else 1 + 1e-12)


def disturbed(networks: Networks, disturbance: str, strength: float, *, seed: Seed) -> Population:
    r"""Return networks whose weights have been disturbed; biases stay as they are.

    With :math:`\operatorname{rms}(W)` the root mean square of a layer's weights, each layer by itself:

    - ``"weight noise"``: :math:`W + s\,\operatorname{rms}(W)\,\xi` with :math:`\xi \sim \mathcal N(0, 1)`;
    - ``"quantisation"``: to :math:`b` bits, :math:`\Delta \operatorname{round}(W/\Delta)` with
      :math:`\Delta = \max|W| / (2^{b-1} - 1)`; one bit is :math:`\langle|W|\rangle \operatorname{sign} W`;
    - ``"fitted quantisation"``: to the :math:`2^b` values :math:`\pm\tfrac12\Delta, \pm\tfrac32\Delta, \dots`, with the
      :math:`\Delta` of least squared change; of 50 grids, which end between 0.2 and 5.2 :math:`\operatorname{rms}(W)`;
    - ``"magnitude pruning"``: the fraction :math:`f` of the smallest weights becomes zero;
    - ``"random pruning"``: a random fraction :math:`f` becomes zero, the rest grows by :math:`1/(1 - f)`.

    Parameters
    ----------
    networks : Population, torch.nn.Sequential, or a sequence of these last
        They are left as they are; copies are returned.
    disturbance : {"weight noise", "quantisation", "fitted quantisation", "magnitude pruning", "random pruning"}
        What happens to them.
    strength : float
        :math:`s \ge 0`; bits, 1 to 24; a fraction from 0 to below 1.
    seed : int or numpy.random.Generator
        Where noise and random choices come from.

    Returns
    -------
    Population

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    Pruning: S. Han, J. Pool, J. Tran, W. J. Dally, NeurIPS (2015), arXiv:1506.02626. Grids that fit their numbers:
    J. Max, IRE Trans. Inf. Theory 6, 7 (1960), doi:10.1109/TIT.1960.1057548.

    Examples
    --------
    One bit keeps the signs:

    >>> network = torch.nn.Sequential(torch.nn.Linear(4, 1))
    >>> with torch.no_grad(): _ = network[0].weight.copy_(torch.tensor([[1.0, -2.0, 2.0, -3.0]]))
    >>> disturbed(network, "fitted quantisation", 1, seed=1).weights[0].flatten().sign().tolist()
    [1.0, -1.0, 1.0, -1.0]
    """
    population = as_population("networks", networks)
    one_of("disturbance", disturbance, DISTURBANCES[1:])
    strength = _strength(disturbance, "strength", strength)
    copy = population.subset(range(population.networks))
    _disturb(copy, disturbance, strength, torch_generator(seed, population.weights[0].device))
    return copy


@torch.no_grad()
def _disturb(population: Population, disturbance: str, strength: float, random: torch.Generator) -> None:
    damages: dict[str, Callable[[float], Damage]] = {
        "weight noise": _noise,
        "quantisation": lambda bits: _quantise(round(bits)),
        "fitted quantisation": lambda bits: _quantise_fitted(round(bits)),
        "magnitude pruning": _prune_small,
        "random pruning": _prune_random,
    }
    damage = damages[disturbance](strength)
    for weight in population.weights:
        weight.copy_(damage(weight, random))


def _dropout(rate: float, random: torch.Generator) -> Between:
    def between(layer: int, signal: Tensor, members: Any) -> Tensor:
        kept = torch.empty_like(signal).uniform_(generator=random) >= rate
        return signal * kept / (1 - rate)

    return between


@dataclass(frozen=True)
class ToleranceCurve:
    """What is left under a disturbance of rising strength.

    Parameters
    ----------
    strengths : numpy.ndarray, (strengths,)
        How strong the disturbance was.
    losses : numpy.ndarray, (networks, strengths, repeats)
        The loss of each repetition. NaN where an interrupt came first.
    accuracies : numpy.ndarray, (networks, strengths, repeats)
        The share of right answers; NaN for float targets. Repetitions of one network share its weights: for an error
        over networks, take the mean over them first.
    """

    strengths: Array
    losses: Array
    accuracies: Array


def tolerance_curve(
    networks: Networks,
    inputs: Tensor,
    labels: Tensor,
    *,
    disturbance: str,
    strengths: npt.ArrayLike,
    repeats: int = 8,
    loss: str = "cross-entropy",
    seed: Seed,
) -> ToleranceCurve:
    r"""Return losses and accuracies of disturbed networks, for all strengths and networks.

    Beside what `disturbed` does to weights there is ``"dropout"``: at evaluation each hidden unit falls silent with
    probability :math:`p`, for each input anew, and the others speak up by :math:`1/(1 - p)`.

    Parameters
    ----------
    networks : Population, torch.nn.Sequential, or a sequence of these last
        They are left as they are.
    inputs : torch.Tensor, (features, batch) or (networks, features, batch)
        Data, features first.
    labels : torch.Tensor, (batch,) or (networks, batch)
        Classes (int64), or float targets for ``"mse"``.
    disturbance : str
        ``"dropout"``, or one of those of `disturbed`.
    strengths : array_like, (strengths,)
        Rates from 0 to below 1, noise in units of the weights, bits, or fractions.
    repeats : int
        Repetitions of what is random; the other disturbances are done once.
    loss : {"cross-entropy", "mse"}
        Averaged over the batch.
    seed : int or numpy.random.Generator
        Where noise and random choices come from.

    Returns
    -------
    ToleranceCurve
        After an interrupt: what was computed, NaN elsewhere, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    Dropout: N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, J. Mach. Learn. Res. 15, 1929
    (2014).
    """
    population = as_population("networks", networks)
    one_of("disturbance", disturbance, DISTURBANCES)
    population.check(inputs, labels, loss)
    levels = finite_array("strengths", strengths, ndim=1)
    for i, level in enumerate(levels):
        _strength(disturbance, f"strengths[{i}]", float(level))
    repeats = whole("repeats", repeats) if disturbance not in (*_IN_BITS, "magnitude pruning") else 1
    random = torch_generator(seed, population.weights[0].device)
    found = np.full((2, population.networks, levels.size, repeats), np.nan)
    with interruptible(levels.size * repeats, disturbance) as bar:
        for i, level in enumerate(levels):
            for repeat in range(repeats):
                outputs = _disturbed_outputs(population, inputs, disturbance, float(level), random)
                found[0, :, i, repeat] = losses_of(outputs, labels, loss).double().cpu().numpy()
                if not labels.is_floating_point():
                    found[1, :, i, repeat] = 1 - wrong_share(outputs, labels).double().cpu().numpy()
                bar.update(1)
    return ToleranceCurve(levels, found[0], found[1])


@torch.no_grad()
def _disturbed_outputs(
    population: Population, inputs: Tensor, disturbance: str, level: float, random: torch.Generator
) -> Tensor:
    if disturbance == "dropout":
        return population(inputs, between=_dropout(level, random), check=False)
    copy = population.subset(range(population.networks))
    _disturb(copy, disturbance, level, random)
    return copy(inputs, check=False)
