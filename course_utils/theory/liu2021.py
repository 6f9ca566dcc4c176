r"""Liu, Ziyin and Ueda (2021): how far stochastic gradient descent wanders about the bottom of a bowl.

In a direction of curvature h, with a gradient noise whose variance is c for one sample and c/B for a batch,

.. math::
    w_{t+1} = w_t - \eta\,(h w_t + \xi_t), \qquad \langle \xi_t \xi_s \rangle = \frac{c}{B}\,\delta_{ts},

the variance of w settles where a step adds as much as it takes away. For small steps it is :math:`\eta c / 2 B h`,
which looks like a temperature; the step size, which that leaves out, makes it larger, without limit at
:math:`\eta h = 2`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, positive, real, whole

Array = npt.NDArray[np.float64]


def variance(
    curvature: npt.ArrayLike,
    noise: npt.ArrayLike,
    *,
    learning_rate: float,
    batch_size: int = 1,
    momentum: float = 0.0,
) -> Array:
    r"""Stationary variance of a weight, for batches that are drawn afresh in each step.

    .. math::
        \langle w^2 \rangle = \frac{\eta\,c}{B\,h} \cdot \frac{1 + \mu}{(1 - \mu)\,\bigl(2(1 + \mu) - \eta h\bigr)}

    for heavy-ball momentum :math:`v \leftarrow \mu v + g,\; w \leftarrow w - \eta v`. Without momentum, it is the
    solution of :math:`V = (1 - \eta h)^2 V + \eta^2 c / B`.

    Parameters
    ----------
    curvature : array_like, any shape
        :math:`h`, the second derivative of the loss in each direction; positive.
    noise : array_like, broadcast against ``curvature``
        :math:`c`, the variance of the gradient of a single sample in that direction; at least 0.
    learning_rate : float
        :math:`\eta`; positive, and below :math:`2(1 + \mu)/h` in every direction.
    batch_size : int
        :math:`B`, samples in a batch, drawn with replacement.
    momentum : float
        :math:`\mu`, at least 0 and below 1.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the steps are so large that the weights run away.

    References
    ----------
    K. Liu, L. Ziyin, M. Ueda, ICML (2021), arXiv:2012.03636.

    Examples
    --------
    >>> variance([0.1, 1.0], 1.0, learning_rate=0.5, batch_size=10).round(4)
    array([0.2564, 0.0333])
    """
    h = finite_array("curvature", curvature, above=0)
    c = finite_array("noise", noise, least=0)
    rate, size = positive("learning_rate", learning_rate), whole("batch_size", batch_size)
    mu = real("momentum", momentum, least=0, below=1)
    limit = 2 * (1 + mu) / float(h.max())
    if rate >= limit:
        raise ValueError(f"learning_rate must be below 2 (1 + momentum) / curvature = {limit:g}; got {rate:g}")
    return np.asarray(rate * c * (1 + mu) / (size * h * (1 - mu) * (2 * (1 + mu) - rate * h)))
