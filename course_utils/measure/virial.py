r"""The virial: a thermometer that looks at positions only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from course_utils.measure.evaluation import Networks, as_population, with_vectors


def virial_temperature(
    networks: Networks, vectors: torch.Tensor, inputs: torch.Tensor, labels: torch.Tensor
) -> npt.NDArray[np.float64]:
    r"""Return the virial of networks in the energy of their posterior, whose mean is the temperature.

    .. math::
        \frac1D \sum_i \theta_i \frac{\partial U}{\partial \theta_i}, \qquad
        U = n\,L(\theta) + \tfrac12 |\theta|^2, \qquad
        \frac1D \Bigl\langle \theta \cdot \frac{\partial U}{\partial \theta} \Bigr\rangle = T

    for draws from :math:`e^{-U/T}`: integrate :math:`\partial_i (\theta_i e^{-U/T})` by parts.

    Parameters
    ----------
    networks : Population or sequence of torch.nn.Sequential
        The networks, for their sizes.
    vectors : torch.Tensor, (networks, D)
        Their weights at one moment.
    inputs, labels : torch.Tensor, (features, n) and (n,)
        The data that all share; the loss is the cross-entropy.

    Returns
    -------
    numpy.ndarray, (networks,)

    Raises
    ------
    TypeError, ValueError
        If networks, vectors and data do not fit together.

    Examples
    --------
    >>> from course_utils.models.networks import Population
    >>> nets = Population((2, 1), 3, seeds=1)  # one class: there is no loss, and the virial is the mean square
    >>> virial_temperature(nets, torch.full((3, 3), 2.0), torch.ones(2, 4), torch.zeros(4, dtype=torch.int64))
    array([4., 4., 4.])
    """
    now = with_vectors(as_population("networks", networks), vectors)
    weights = list(now.parameters())
    slopes = torch.autograd.grad(inputs.shape[-1] * now.losses(inputs, labels).sum(), weights)
    products = [weight.detach() * (slope + weight.detach()) for weight, slope in zip(weights, slopes, strict=True)]
    return np.asarray((now.gather(products) / vectors.shape[1]).double().cpu().numpy())
