r"""Renaming: what is left of two networks' difference when hidden units may change places *and* signs.

With an odd activation, :math:`\varphi(-z) = -\varphi(z)`, a unit whose incoming and outgoing weights all change
sign computes the same. A hidden layer of h units then has :math:`2^h h!` equal copies.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from course_utils.measure.evaluation import Networks, as_population
from course_utils.models.networks import Population
from course_utils.seeding import Seed, generator

ODD = ("tanh", "erf")


def _units(population: Population) -> npt.NDArray[np.float64]:
    """Return what belongs to each hidden unit, (networks, units, inputs + 1 + outputs)."""
    if len(population.sizes) != 3 or population.activation not in ODD:
        raise ValueError(
            "networks must have one hidden layer and an odd activation, tanh or erf; got sizes "
            f"{population.sizes} and {population.activation}"
        )
    (into, out), bias = population.weights, population.biases[0]
    return torch.cat([into, bias, out.transpose(1, 2)], 2).detach().double().cpu().numpy()


def renamed_overlap(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> float:
    r"""Return the largest overlap of two lists of units when those of the second change places and signs.

    Parameters
    ----------
    first, second : numpy.ndarray, (units, weights of a unit)
        Two networks.
    """
    from scipy.optimize import linear_sum_assignment

    gain = np.abs(first @ second.T)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return float(gain[rows, columns].sum() / (np.linalg.norm(first) * np.linalg.norm(second)))


def renamed_overlaps(networks: Networks, others: Networks | None = None) -> npt.NDArray[np.float64]:
    r"""Return the weight overlap of networks after the best renaming of hidden units, places and signs.

    .. math::
        q = \max_{\pi,\, s} \frac{\sum_i u_i \cdot s_i v_{\pi(i)}}{|u|\,|v|}

    where :math:`u_i` and :math:`v_i` hold all weights into and out of unit i, and its bias. (Biases of the outputs
    belong to no unit and are left out.)

    Parameters
    ----------
    networks : Population or sequence of torch.nn.Sequential
        One hidden layer of tanh or erf units.
    others : the same, optional
        Networks of the same sizes to compare with. Without it, each two of ``networks`` are compared.

    Returns
    -------
    numpy.ndarray, (networks, others)
        Between 0 and 1. As with every best choice, compare with networks that know nothing.

    Raises
    ------
    TypeError, ValueError
        If they are no such networks, or do not fit each other.
    """
    population = as_population("networks", networks)
    units = _units(population)
    if others is None:
        found = np.eye(len(units))
        for a in range(len(units)):
            for b in range(a):
                found[a, b] = found[b, a] = renamed_overlap(units[a], units[b])
        return found
    partners = as_population("others", others)
    if partners.sizes != population.sizes:
        raise ValueError(f"others must have the sizes of the networks, {population.sizes}; got {partners.sizes}")
    return np.array([[renamed_overlap(u, v) for v in _units(partners)] for u in units])


def kept_units(networks: Networks, others: Networks) -> dict[str, npt.NDArray[np.float64]]:
    r"""Return which units the best renaming leaves alone, and how much of the raw overlap sits in them.

    Two moments of one chain: units that the best renaming of the second moment onto the first leaves in place, with
    their sign, have kept their old names.

    .. math::
        \frac{\sum_i u_i \cdot v_i}{|u|\,|v|}
        = \frac{\sum_{i\ \text{in place}} u_i \cdot v_i}{|u|\,|v|}
        + \frac{\sum_{i\ \text{elsewhere}} u_i \cdot v_i}{|u|\,|v|}

    Parameters
    ----------
    networks, others : Population or sequence of torch.nn.Sequential
        One hidden layer of tanh or erf units, of the same sizes.

    Returns
    -------
    dict of numpy.ndarray, (networks, others)
        ``share`` of the units in place (chance for h units: near 1/(2h)), and what ``in place`` and ``elsewhere``
        add up to the overlap without any renaming.

    Raises
    ------
    TypeError, ValueError
        If they are no such networks, or do not fit each other.
    """
    from scipy.optimize import linear_sum_assignment

    one, two = (as_population(name, each) for name, each in (("networks", networks), ("others", others)))
    if one.sizes != two.sizes:
        raise ValueError(f"others must have the sizes of the networks, {one.sizes}; got {two.sizes}")
    first, second = _units(one), _units(two)
    found = {name: np.zeros((len(first), len(second))) for name in ("share", "in place", "elsewhere")}
    for a, u in enumerate(first):
        for b, v in enumerate(second):
            gain = u @ v.T
            rows, columns = linear_sum_assignment(np.abs(gain), maximize=True)
            own = gain.diagonal()
            kept, size = (rows == columns) & (own > 0), np.linalg.norm(u) * np.linalg.norm(v)
            found["share"][a, b] = kept.mean()
            found["in place"][a, b], found["elsewhere"][a, b] = own[kept].sum() / size, own[~kept].sum() / size
    return found


def kept_share(networks: Networks, others: Networks) -> npt.NDArray[np.float64]:
    """Return the share of units that the best renaming leaves in place, see `kept_units`, (networks, others)."""
    return kept_units(networks, others)["share"]


def moved_overlap(networks: Networks, others: Networks) -> npt.NDArray[np.float64]:
    """Return the raw overlap in the units that the best renaming puts elsewhere, see `kept_units`."""
    return kept_units(networks, others)["elsewhere"]


@torch.no_grad()
def shuffled_within_units(networks: Networks, *, seed: Seed) -> Population:
    """Return copies in which each hidden unit's weights stand in another order: the control for `renamed_overlaps`.

    Incoming weights change places among themselves, and outgoing ones too, in another way for each unit of each
    network. All sizes stay, so this control has the temperature of its networks, but nothing that was learned.

    Parameters
    ----------
    networks : Population or sequence of torch.nn.Sequential
        With one hidden layer.
    seed : int or numpy.random.Generator
        Where the orders come from.

    Raises
    ------
    TypeError, ValueError
        If they are no such networks.
    """
    population, random = as_population("networks", networks), generator(seed)
    if len(population.sizes) != 3:
        raise ValueError(f"networks must have one hidden layer; got sizes {population.sizes}")
    copy = population.subset(range(population.networks))
    for weight in (copy.weights[0], copy.weights[1].transpose(1, 2)):
        orders = random.permuted(np.tile(np.arange(weight.shape[2]), (*weight.shape[:2], 1)), axis=2)
        weight.copy_(weight.gather(2, torch.from_numpy(orders)))
    return copy


@torch.no_grad()
def shuffled_output_weights(networks: Networks, *, seed: Seed) -> Population:
    """Return copies whose last layer's weights are dealt out anew among the hidden units: a control for alignment.

    Each layer keeps its weights, and so its shape, but no unit does its job any more.

    Parameters
    ----------
    networks : Population or sequence of torch.nn.Sequential
        With one hidden layer or more.
    seed : int or numpy.random.Generator
        Where the deal comes from, another one for each network.

    Raises
    ------
    TypeError, ValueError
        If they are no such networks.
    """
    population, random = as_population("networks", networks), generator(seed)
    copy = population.subset(range(population.networks))
    out = copy.weights[-1]
    orders = random.permuted(np.tile(np.arange(out.shape[2]), (len(out), 1)), axis=1)
    out.copy_(out.gather(2, torch.from_numpy(orders)[:, None].expand(-1, out.shape[1], -1)))
    return copy
