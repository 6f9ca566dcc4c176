r"""Matching by activity: hidden units are the same if they fire at the same inputs, whatever their weights.

Matching weights asks which renaming makes two networks' *parameters* most alike; this asks which one makes their
hidden layers *do* most alike on data, which is another renaming, and in wide networks a better one for the barrier.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.measure.alignment import permuted
from course_utils.measure.barriers import straight_path
from course_utils.measure.evaluation import Networks, as_population
from course_utils.models.networks import Population


@torch.no_grad()
def _activity(population: Population, inputs: Tensor) -> Tensor:
    """Return each hidden unit's activation less its mean over the inputs, (networks, units, batch)."""
    kept: list[Tensor] = []

    def keep(layer: int, signal: Tensor, which: object) -> Tensor:
        kept.append(signal)
        return signal

    population(inputs, between=keep)
    (said,) = kept
    return said.sub_(said.mean(2, keepdim=True))


def activity_barriers(
    networks: Networks, inputs: Tensor, labels: Tensor, *, points: int = 11
) -> npt.NDArray[np.float64]:
    r"""Return the barrier between each two networks after matching their hidden units by activity.

    The renaming is the one with the largest covariance of what the units say on the data,

    .. math::
        \max_\pi \sum_i \bigl\langle \tilde a_i\, \tilde b_{\pi(i)} \bigr\rangle, \qquad
        \tilde a = a - \langle a \rangle .

    Parameters
    ----------
    networks : Population or sequence of torch.nn.Sequential
        At least two networks with one hidden layer.
    inputs, labels : torch.Tensor, (features, batch) and (batch,)
        Data that all share; the loss is the cross-entropy.
    points : int
        Points on the way with both ends.

    Returns
    -------
    numpy.ndarray, (networks, networks)
        Symmetric, zero on the diagonal.

    Raises
    ------
    TypeError, ValueError
        If networks and data do not fit together.

    References
    ----------
    Y. Li and others, Convergent learning, ICLR (2016), arXiv:1511.07543. S. K. Ainsworth, J. Hayase, S. Srinivasa,
    ICLR (2023), arXiv:2209.04836.
    """
    from scipy.optimize import linear_sum_assignment

    population = as_population("networks", networks)
    if population.networks < 2 or len(population.sizes) != 3:
        raise ValueError(
            f"networks must be at least 2 with one hidden layer; got {population.networks} of sizes {population.sizes}"
        )
    population.check(inputs, labels, "cross-entropy")
    said = _activity(population, inputs)
    orders = []
    for a in range(population.networks - 1):
        gains = [(said[a] @ other.T).double().cpu().numpy() for other in said[a + 1 :]]
        orders.append(np.stack([linear_sum_assignment(gain, maximize=True)[1] for gain in gains]))
    del said  # the paths need the memory
    heights = np.zeros((population.networks, population.networks))
    for a, order in enumerate(orders):
        others = list(range(a + 1, population.networks))
        ends = permuted(population.subset(others), [order])
        row = straight_path(population.subset([a]), ends, inputs, labels, points=points).barriers()
        heights[a, others] = heights[others, a] = row
    return heights
