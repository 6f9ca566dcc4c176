r"""Losses of networks whose parameters tremble: what flatness means, measured without any derivative.

.. math::
    \bigl\langle L(\theta + \sigma\xi) \bigr\rangle = L(\theta) + \tfrac12 \sigma^2 \operatorname{tr} H
    + O(\sigma^4), \qquad \xi \sim \mathcal N(0, 1)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from course_utils.measure.curvature import Curvature
from course_utils.measure.evaluation import Networks, as_population
from course_utils.measure.spectra import trace
from course_utils.seeding import Seed, generator
from course_utils.validation import real, whole

Array = npt.NDArray[np.float64]


@torch.no_grad()
def noisy_losses(
    networks: Networks,
    inputs: torch.Tensor,
    labels: torch.Tensor,
    *,
    noise: float,
    pairs: int = 16,
    loss: str = "cross-entropy",
    seed: Seed,
) -> Array:
    r"""Return each network's loss with Gaussian noise on all its parameters, in pairs of opposite sign.

    Each value is :math:`\tfrac12[L(\theta + \sigma\xi) + L(\theta - \sigma\xi)]`: the slope at :math:`\theta` drops
    out, and with it most of the scatter.

    Parameters
    ----------
    networks : Population, torch.nn.Sequential, or a sequence of these last
        They are left as they are.
    inputs : torch.Tensor, (features, batch) or (networks, features, batch)
        Data, features first.
    labels : torch.Tensor, (batch,) or (networks, batch)
        Classes (int64), or float targets for ``"mse"``.
    noise : float
        :math:`\sigma`, the same for weights and biases; at least 0.
    pairs : int
        How many draws of the noise; each network has its own.
    loss : {"cross-entropy", "mse"}
        Averaged over the batch.
    seed : int or numpy.random.Generator
        Where the noise comes from.

    Returns
    -------
    numpy.ndarray, (networks, pairs)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    A linear network with squared error has a loss that is quadratic, whose trace here is 8:

    >>> network = torch.nn.Sequential(torch.nn.Linear(2, 1))
    >>> data = torch.tensor([[1.0, -1.0], [0.0, 2.0]])
    >>> with torch.no_grad(): _ = [p.zero_() for p in network.parameters()]
    >>> losses = noisy_losses(network, data, torch.zeros(1, 2), noise=0.1, pairs=2_000, loss="mse", seed=1)
    >>> bool(abs(losses.mean() - 0.5 * 0.1**2 * 8) < 0.004)
    True
    """
    population = as_population("networks", networks)
    population.check(inputs, labels, loss)
    sigma, many, random = real("noise", noise, least=0), whole("pairs", pairs), generator(seed)
    where, moved = population.flat(), population.subset(range(population.networks))
    found = np.empty((population.networks, many))
    for k in range(many):
        shift = torch.from_numpy(random.standard_normal(where.shape)).to(where) * sigma
        both = []
        for place in (where + shift, where - shift):
            moved.load_flat(place)
            both.append(moved.losses(inputs, labels, loss=loss).double().cpu().numpy())
        found[:, k] = (both[0] + both[1]) / 2
    return found


def loss_trace_and_rise(
    networks: Networks,
    inputs: torch.Tensor,
    labels: torch.Tensor,
    *,
    noise: float,
    products: int = 30,
    pairs: int = 6,
    loss: str = "cross-entropy",
    seed: Seed,
) -> Array:
    r"""Return each network's loss, the trace of its Hessian, and how far noise on its parameters lifts the loss.

    Parameters
    ----------
    networks, inputs, labels, noise, pairs, loss
        See `noisy_losses`.
    products : int
        For the trace; see `course_utils.measure.spectra.trace`.
    seed : int or numpy.random.Generator
        Where probes and noise come from.

    Returns
    -------
    numpy.ndarray, (networks, 3)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.
    """
    random = generator(seed)
    curvature = Curvature(networks, inputs, labels, loss=loss)
    traces = [one.mean for one in trace(curvature, products=products, seed=random)]
    shaken = noisy_losses(networks, inputs, labels, noise=noise, pairs=pairs, loss=loss, seed=random)
    return np.stack([curvature.losses, traces, shaken.mean(1) - curvature.losses], axis=1)


def quadratic_rises(curvature: Curvature, *, pairs: int = 16, seed: Seed) -> Array:
    r"""Return :math:`\tfrac12\,\xi \cdot H\xi` for the very noise that `noisy_losses` draws from the same seed.

    Its mean over all noise is :math:`\tfrac12 \operatorname{tr} H`. What the draws happen to give more or less than
    that can be taken off the measured rise, :math:`\sigma^2` times; the mean stays right, and most scatter goes.

    Parameters
    ----------
    curvature : Curvature
        Of the networks that are shaken.
    pairs : int
        How many draws.
    seed : int or numpy.random.Generator
        The seed of `noisy_losses`.

    Returns
    -------
    numpy.ndarray, (networks, pairs)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.
    """
    many, random = whole("pairs", pairs), generator(seed)
    found = np.empty((curvature.networks, many))
    for k in range(many):
        normal = random.standard_normal((curvature.networks, curvature.parameters))
        shift = torch.from_numpy(normal).to(curvature.gradients)
        found[:, k] = 0.5 * (shift * curvature.times(shift)).sum(1).double().cpu().numpy()
    return found
