r"""At the edge of stability: which directions the slope lies along, and how stiff each of them is.

Gradient descent with learning rate :math:`\eta` in a bowl multiplies the distance along a direction of stiffness
:math:`\lambda` by :math:`1 - \eta\lambda` in each step; in units of :math:`2/\eta` the limit is 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from course_utils.measure.curvature import Curvature
from course_utils.measure.evaluation import Networks, as_population
from course_utils.measure.krylov import Krylov
from course_utils.validation import positive, whole

Array = npt.NDArray[np.float64]


def gradient_shares(curvature: Curvature, *, count: int = 4, products: int = 40) -> tuple[Array, Array]:
    r"""Return the largest eigenvalues of each network's Hessian, and which share of the squared slope each one holds.

    The slope is written in the Hessian's own directions, :math:`\nabla L = \sum_i g_i v_i`. Lanczos' recurrence from
    the slope itself finds the outer :math:`\lambda_i` together with :math:`g_i^2 / \sum_j g_j^2`. A direction that the
    slope does not touch at all is not found.

    Parameters
    ----------
    curvature : Curvature
        Of the networks, at their present places.
    count : int
        How many eigenvalues, from the largest down.
    products : int
        Products with the Hessian; some ten times ``count`` find them to many digits.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray), both (networks, count)
        Eigenvalues, falling, and shares.

    Raises
    ------
    TypeError, ValueError
        If a number is not whole, there are fewer products than eigenvalues, or a slope is zero.

    References
    ----------
    C. Lanczos, J. Res. Natl. Bur. Stand. 45, 255 (1950), doi:10.6028/jres.045.026.

    Examples
    --------
    Two weights with the losses w² and 2 w² at w = 1 and w = 1: slopes 2 and 4, of which the stiffer holds 16 of 20.

    >>> import torch
    >>> network = torch.nn.Sequential(torch.nn.Linear(2, 1))
    >>> with torch.no_grad(): _ = network[0].weight.fill_(1.0), network[0].bias.zero_()
    >>> root = 2**0.5
    >>> data, zero = torch.tensor([[root, -root, 0.0, 0.0], [0.0, 0.0, 2.0, -2.0]]), torch.zeros(1, 4)
    >>> values, shares = gradient_shares(Curvature(network, data, zero, loss="mse"), count=2, products=2)
    >>> values.round(4).tolist(), shares.round(4).tolist()
    ([[4.0, 2.0]], [[0.8, 0.2]])
    """
    count = whole("count", count)
    products = whole("products", products, least=count)
    slope = curvature.gradients
    if not bool((slope.norm(dim=1) > 0).all()):
        raise ValueError("curvature must be taken where no slope is zero")
    steps = min(products, curvature.parameters)
    chain = Krylov(curvature, slope[None].clone(), steps)
    for _ in range(steps):
        chain.step()
    values, _, heads = (part[0] for part in chain.solve())
    return values[:, : -count - 1 : -1], np.square(heads)[:, : -count - 1 : -1]


@dataclass(frozen=True, eq=False)
class Descent:
    """What plain gradient descent met on its way.

    Attributes
    ----------
    losses, distances : numpy.ndarray, (steps + 1, networks)
        The loss, and how far each network is from where it started.
    moments : numpy.ndarray, (records,)
        Steps at which curvatures were read.
    stiffest, shares : numpy.ndarray, (records, networks, count)
        See `gradient_shares`; curvatures as they are, in no unit of the limit.
    """

    losses: Array
    distances: Array
    moments: Array
    stiffest: Array
    shares: Array


def descend(
    networks: Networks,
    inputs: torch.Tensor,
    labels: torch.Tensor,
    *,
    learning_rate: float,
    steps: int,
    record_every: int = 10,
    count: int = 4,
    loss: str = "mse",
) -> Descent:
    r"""Walk :math:`\theta \leftarrow \theta - \eta \nabla L(\theta)` with all data, and read the stiffest directions.

    Parameters
    ----------
    networks, inputs, labels, loss
        See `Curvature`; the networks are left as they are.
    learning_rate : float
        :math:`\eta`, positive.
    steps : int
        How many.
    record_every : int
        Curvatures are read at step 0 and each time so many steps have passed.
    count : int
        How many directions.

    Returns
    -------
    Descent

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or a loss runs off to infinity.
    """
    steps, record_every, eta = (
        whole("steps", steps),
        whole("record_every", record_every),
        positive("learning_rate", learning_rate),
    )
    origin = as_population("networks", networks)
    net, home = origin.subset(range(origin.networks)), origin.flat().clone()
    losses, distances, read = [], [], []
    for step in range(steps + 1):
        here = Curvature(net, inputs, labels, loss=loss)
        losses.append(here.losses)
        distances.append((net.flat() - home).norm(dim=1).double().cpu().numpy())
        if step % record_every == 0:
            read.append(gradient_shares(here, count=count))
        net.load_flat(net.flat() - eta * here.gradients)
    stiffest, shares = (np.stack(part) for part in zip(*read, strict=True))
    moments = np.arange(0, steps + 1, record_every, dtype=float)
    return Descent(np.stack(losses), np.stack(distances), moments, stiffest, shares)
