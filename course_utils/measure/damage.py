r"""What a change of the weights costs a network, beside what curvature says of a change in a random direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from torch import Tensor

from course_utils.models.networks import Population
from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]
Key = tuple[str, float]


def costs(
    networks: Population,
    changed: Mapping[Key, Sequence[Population]],
    inputs: Tensor,
    labels: Tensor,
    traces: npt.ArrayLike,
    *,
    loss: str = "cross-entropy",
) -> tuple[dict[Key, Array], dict[Key, Array]]:
    r"""Return how far each change lifts each network's loss, and that over what a random direction would cost.

    .. math::
        \frac{L(\theta + \delta) - L(\theta)}{\tfrac12 |\delta|^2 \operatorname{tr} H / P}

    Parameters
    ----------
    networks : Population
        As they were.
    changed : mapping of (str, float) to sequence of Population
        Changed copies, by kind and strength of the change; over several of one key the mean is taken.
    inputs, labels : torch.Tensor
        As `Population.losses` takes them.
    traces : array_like, (networks,)
        :math:`\operatorname{tr} H`; :math:`P` is the number of parameters.
    loss : {"cross-entropy", "mse"}
        Averaged over the batch.

    Returns
    -------
    (dict, dict)
        Rises and ratios, (networks,) each, by the same keys.

    Raises
    ------
    TypeError, ValueError
        If the traces do not fit the networks.

    Examples
    --------
    A linear network with squared error, moved by 1 in one of two equal directions: 1 of the 3 parameters' trace of 6.

    >>> import torch
    >>> nets, data = Population((2, 1), 1, seeds=1), torch.eye(2) * 2**0.5
    >>> nets.load_flat(torch.zeros(1, 3))
    >>> moved = nets.subset([0])
    >>> moved.load_flat(torch.tensor([[1.0, 0.0, 0.0]]))
    >>> rises, ratios = costs(nets, {("move", 1): [moved]}, data, torch.zeros(1, 2), np.array([6.0]), loss="mse")
    >>> rises["move", 1].round(6).tolist(), ratios["move", 1].round(6).tolist()
    ([1.0], [1.0])
    """
    total = finite_array("traces", traces, ndim=1)
    where, before = networks.flat(), networks.losses(inputs, labels, loss=loss).detach().double().numpy()
    if total.size != before.size:
        raise ValueError(f"traces must have one number for each of {before.size} networks; got {total.size}")
    rises: dict[Key, Array] = {}
    ratios: dict[Key, Array] = {}
    for key, several in changed.items():
        after = [one.losses(inputs, labels, loss=loss).detach().double().numpy() for one in several]
        moved = [(one.flat() - where).double().square().sum(1).numpy() for one in several]
        rises[key] = np.mean(after, axis=0) - before
        ratios[key] = rises[key] / (0.5 * np.mean(moved, axis=0) * total / where.shape[1])
    return rises, ratios
