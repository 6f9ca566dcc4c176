r"""Weights in a few bits, on a grid that is fitted to them.

With :math:`b` bits a weight takes one of :math:`2^b` values,
:math:`\pm\tfrac12\Delta, \pm\tfrac32\Delta, \dots`; the step :math:`\Delta` is fitted for each layer such that the
squared change of its weights is smallest.
"""

from __future__ import annotations

import numpy as np
import torch

from course_utils.measure.evaluation import Networks, as_population
from course_utils.models.networks import Population
from course_utils.validation import whole

_REACHES = np.geomspace(0.2, 5.2, 50)  # of the outer edge, in root mean squares


def _on_grid(weight: torch.Tensor, step: torch.Tensor, half: int) -> torch.Tensor:
    return ((weight / step).floor().clamp(-half, half - 1) + 0.5) * step


@torch.no_grad()
def few_bits(networks: Networks, bits: int) -> Population:
    r"""Return networks whose weights are written in a few bits, on the best even grid; biases stay as they are.

    Of 50 grids, whose ends lie between 0.2 and 5.2 root mean squares of a layer's weights, each layer of each network
    takes the one with the least :math:`\lVert W_\text{grid} - W \rVert^2`.

    Parameters
    ----------
    networks : Population, torch.nn.Sequential, or a sequence of these last
        They are left as they are; copies are returned.
    bits : int
        :math:`b`, from 1 to 16.

    Returns
    -------
    Population

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    Grids that fit their numbers: J. Max, IRE Trans. Inf. Theory 6, 7 (1960), doi:10.1109/TIT.1960.1057548.

    Examples
    --------
    One bit keeps the signs, and the mean size:

    >>> network = torch.nn.Sequential(torch.nn.Linear(4, 1))
    >>> with torch.no_grad(): _ = network[0].weight.copy_(torch.tensor([[1.0, -2.0, 2.0, -3.0]]))
    >>> few_bits(network, 1).weights[0].flatten().sign().tolist()
    [1.0, -1.0, 1.0, -1.0]
    """
    copy = as_population("networks", networks).subset(range(as_population("networks", networks).networks))
    half = 2 ** (whole("bits", bits, least=1, most=16) - 1)
    for weight in copy.weights:
        size = weight.square().mean((1, 2), keepdim=True).sqrt().clamp_min(1e-30)
        tried = [_on_grid(weight, size * float(r) / half, half) for r in _REACHES]
        off = torch.stack([(grid - weight).square().sum((1, 2)) for grid in tried])  # (steps, networks)
        best = off.argmin(0)
        weight.copy_(torch.stack(tried)[best, torch.arange(len(best))])
    return copy
