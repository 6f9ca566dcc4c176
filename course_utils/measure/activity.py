r"""Matching by activity: hidden units are the same if they fire at the same inputs, whatever their weights.

Matching weights asks which renaming makes two networks' *parameters* most alike; this asks which one makes their
hidden layers *do* most alike on data, which is another renaming, and in wide networks a better one for the barrier.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from course_utils.measure.alignment import Permutation
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


def activity_alignment(networks: Networks, reference: Networks, inputs: Tensor) -> list[Permutation]:
    r"""Return the places that each network's hidden units should take to do what the reference's units do.

    The renaming is the one with the largest covariance of what the units say on the data,

    .. math::
        \max_\pi \sum_i \bigl\langle \tilde a_i\, \tilde b_{\pi(i)} \bigr\rangle, \qquad
        \tilde a = a - \langle a \rangle .

    Parameters
    ----------
    networks : Population, torch.nn.Sequential, or a sequence of these last
        The networks to be permuted, with one hidden layer.
    reference : the same
        One network of the same sizes.
    inputs : torch.Tensor, (features, batch)
        Data that all share.

    Returns
    -------
    list of numpy.ndarray, (networks, units)
        One entry, for `course_utils.measure.alignment.permuted`.

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

    population, goal = as_population("networks", networks), as_population("reference", reference)
    if len(population.sizes) != 3:
        raise ValueError(f"networks must have one hidden layer; got sizes {population.sizes}")
    if goal.networks != 1 or goal.sizes != population.sizes or goal.activation != population.activation:
        raise ValueError(
            f"reference must be one network of sizes {population.sizes} with {population.activation}; "
            f"got {goal.networks} of {goal.sizes} with {goal.activation}"
        )
    (wanted,) = _activity(goal, inputs)
    gains = [(wanted @ said.T).double().cpu().numpy() for said in _activity(population, inputs)]
    return [np.stack([linear_sum_assignment(gain, maximize=True)[1] for gain in gains])]
