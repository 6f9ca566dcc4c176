r"""Alignment: hidden units may change places, and what is left of two networks' difference then.

For every hidden layer a permutation :math:`\pi_l` of its units maps a network onto another one with the same function.
The best one, in the sense of

.. math::
    \max_{\pi} \sum_l \langle W^{(l)}_a, P_l W^{(l)}_b P_{l-1}^{\mathsf T} \rangle
    + \langle b^{(l)}_a, P_l b^{(l)}_b \rangle,

is an assignment problem for one hidden layer, solved exactly; for more it is solved layer by layer until nothing
changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.measure.evaluation import Networks, as_population
from course_utils.measure.overlaps import cosines, pair_mean
from course_utils.measure.statistics import Estimate
from course_utils.models.networks import Population
from course_utils.seeding import Seed

Array = npt.NDArray[np.float64]
Permutation = npt.NDArray[np.int64]
Layers = list[tuple[Array, Array]]

# Rounds over the layers; each round can only raise the overlap, and a handful is enough.
_ROUNDS = 100


def permuted(networks: Networks, permutations: Sequence[npt.ArrayLike]) -> Population:
    r"""Return networks whose hidden units have changed places: the same functions, with other parameters.

    Parameters
    ----------
    networks : Population, torch.nn.Sequential, or a sequence of these last
        They are left as they are; copies are returned.
    permutations : sequence of array_like, each (networks, units) or (units,)
        One for every hidden layer: unit i of the result was unit ``permutation[i]``.

    Returns
    -------
    Population

    Raises
    ------
    TypeError, ValueError
        If the permutations do not fit the layers, or are none.
    """
    population = as_population("networks", networks)
    orders = _orders(permutations, population)
    copy = population.subset(range(population.networks))
    with torch.no_grad():
        for layer, order in enumerate(orders):
            rows = order[:, :, None]
            weight, bias, after = copy.weights[layer], copy.biases[layer], copy.weights[layer + 1]
            weight.copy_(weight.gather(1, rows.expand(-1, -1, weight.shape[2])))
            bias.copy_(bias.gather(1, rows))
            after.copy_(after.gather(2, order[:, None].expand(-1, after.shape[1], -1)))
    return copy


def _orders(permutations: Sequence[npt.ArrayLike], population: Population) -> list[Tensor]:
    widths = population.sizes[1:-1]
    if isinstance(permutations, str) or not isinstance(permutations, Sequence) or len(permutations) != len(widths):
        raise ValueError(
            f"permutations must hold one for each of {len(widths)} hidden layers; got {permutations!r:.80}"
        )
    orders = []
    for layer, (width, permutation) in enumerate(zip(widths, permutations, strict=True)):
        try:
            order = np.broadcast_to(np.asarray(permutation), (population.networks, width))
        except ValueError:
            order = np.zeros((1, 0))
        if order.dtype.kind not in "iu" or not (np.sort(order, 1) == np.arange(width)).all() or not order.size:
            raise ValueError(
                f"permutations[{layer}] must order the numbers 0 to {width - 1}, shape ({width},) or "
                f"({population.networks}, {width}); got {permutation!r:.80}"
            )
        orders.append(torch.from_numpy(order.astype(np.int64)).to(population.weights[0].device))
    return orders


def _layers(population: Population) -> list[Layers]:
    """Return each network's (weight, bias) of each layer, as numpy arrays."""
    pairs = list(zip(population.weights, population.biases, strict=True))
    arrays = [(w.detach().double().cpu().numpy(), b.detach().double().cpu().numpy()[..., 0]) for w, b in pairs]
    return [[(weight[k], bias[k]) for weight, bias in arrays] for k in range(population.networks)]


def _match(reference: Layers, other: Layers) -> list[Permutation]:
    """Return the permutations of ``other`` that make its overlap with ``reference`` largest."""
    from scipy.optimize import linear_sum_assignment

    hidden = len(reference) - 1
    orders = [np.arange(len(bias)) for _, bias in reference[:-1]]
    inputs, outputs = np.arange(reference[0][0].shape[1]), np.arange(len(reference[-1][1]))
    for _ in range(_ROUNDS):
        changed = False
        for layer in range(hidden):
            before = orders[layer - 1] if layer else inputs
            after = orders[layer + 1] if layer + 1 < hidden else outputs
            (weight, bias), (other_weight, other_bias) = reference[layer], other[layer]
            gain = weight @ other_weight[:, before].T + np.outer(bias, other_bias)
            gain += reference[layer + 1][0].T @ other[layer + 1][0][after]
            found = linear_sum_assignment(gain, maximize=True)[1]
            units = np.arange(len(bias))
            # only a real gain counts: units that are exactly alike could change places for ever
            if gain[units, found].sum() > gain[units, orders[layer]].sum() + 1e-12 * np.abs(gain).sum():
                orders[layer], changed = found, True
        if not changed or hidden == 1:
            break
    return orders


def alignment(networks: Networks, reference: Networks) -> list[Permutation]:
    r"""Return the places that each network's hidden units should take to be as like the reference as possible.

    Parameters
    ----------
    networks : Population, torch.nn.Sequential, or a sequence of these last
        The networks to be permuted.
    reference : the same
        One network, or one for each, of the same sizes.

    Returns
    -------
    list of numpy.ndarray, (networks, units)
        One for every hidden layer, for `permuted`. Exactly the best for one hidden layer; for more, no change of a
        single layer is better.

    Raises
    ------
    TypeError, ValueError
        If the two do not fit each other.

    References
    ----------
    S. K. Ainsworth, J. Hayase, S. Srinivasa, ICLR (2023), arXiv:2209.04836.
    """
    population, goal = as_population("networks", networks), as_population("reference", reference)
    if goal.sizes != population.sizes or goal.activation != population.activation:
        raise ValueError(
            f"reference must have the sizes and activation of the networks, {population.sizes} and "
            f"{population.activation}; got {goal.sizes} and {goal.activation}"
        )
    if goal.networks not in (1, population.networks):
        raise ValueError(f"reference must be one network, or {population.networks}; got {goal.networks}")
    goals = _layers(goal) * (population.networks if goal.networks == 1 else 1)
    matches = [_match(one, other) for one, other in zip(goals, _layers(population), strict=True)]
    return [np.stack(layer) for layer in zip(*matches, strict=True)]


def aligned(networks: Networks, reference: Networks) -> Population:
    """Return networks permuted to be as like the reference as possible (see `alignment`); their functions are the same.

    Raises
    ------
    TypeError, ValueError
        If the two do not fit each other.
    """
    return permuted(networks, alignment(networks, reference))


def aligned_overlaps(networks: Networks) -> Array:
    r"""Return the weight overlap of each two networks after the best alignment of the second to the first.

    Parameters
    ----------
    networks : Population or sequence of torch.nn.Sequential
        At least one network.

    Returns
    -------
    numpy.ndarray, (networks, networks)
        Symmetric (for several hidden layers the better of the two directions), with ones on the diagonal.

    Raises
    ------
    TypeError, ValueError
        If they are no such networks.

    Notes
    -----
    A best value over many permutations is large even for networks that know nothing: compare with `alignment_gain`.
    """
    population = as_population("networks", networks)
    found = np.eye(population.networks)
    one_layer = len(population.weights) == 2
    for a in range(population.networks):
        others = [b for b in range(population.networks) if (b > a if one_layer else b != a)]
        if not others:
            continue
        reference = population.subset([a])
        moved = aligned(population.subset(others), reference)
        found[a, others] = cosines(torch.cat([reference.flat(), moved.flat()]))[0, 1:]
        if one_layer:
            found[others, a] = found[a, others]
    return np.maximum(found, found.T)


@dataclass(frozen=True)
class AlignmentGain:
    """What alignment does to overlaps, beside what it does to networks that have learnt nothing.

    Parameters
    ----------
    raw, aligned : Estimate
        Mean weight overlap of the pairs before and after alignment.
    control : Estimate
        Mean aligned overlap of untrained networks: selection alone.
    """

    raw: Estimate
    aligned: Estimate
    control: Estimate


def alignment_gain(networks: Networks, *, untrained: Networks | None = None, seed: Seed) -> AlignmentGain:
    """Return the mean overlap of all pairs: raw, aligned, and aligned for untrained networks, the control.

    The assignment picks the best of a great many permutations, so that even random weights seem alike afterwards. Only
    what trained networks have beyond the control says something about training.

    Parameters
    ----------
    networks : Population or sequence of torch.nn.Sequential
        At least three networks.
    untrained : the same, optional
        The control: best, the networks as they were before training. Without it: fresh networks of the same sizes with
        the usual initial scale, as many.
    seed : int or numpy.random.Generator
        Where the fresh networks come from; not used if ``untrained`` is given.

    Returns
    -------
    AlignmentGain

    Raises
    ------
    TypeError, ValueError
        If there are fewer than three networks, or the control has other sizes.
    """
    population = as_population("networks", networks)
    if untrained is None:
        kind = {"activation": population.activation, "slope": population.slope, "dtype": population.weights[0].dtype}
        control = Population(population.sizes, population.networks, seeds=seed, **kind)
    else:
        control = as_population("untrained", untrained)
    if control.sizes != population.sizes:
        raise ValueError(f"untrained must have the sizes of the networks, {population.sizes}; got {control.sizes}")
    for name, one in (("networks", population), ("untrained", control)):
        if one.networks < 3:
            raise ValueError(f"{name} must be at least 3 for a mean over pairs with an error; got {one.networks}")
    raw = pair_mean(cosines(population.flat()))
    return AlignmentGain(raw, pair_mean(aligned_overlaps(population)), pair_mean(aligned_overlaps(control)))
