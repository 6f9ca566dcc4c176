r"""Baldassi, Ingrosso, Lucibello, Saglietti and Zecchina (2015): local entropy, exactly, at small size.

How many solutions are near? With a field that pulls towards a place c, counted in the logarithm,

.. math::
    \phi_\gamma(c) = \ln \sum_w f(w)\, e^{\gamma\, c \cdot w}, \qquad c, w \in \{-1, 1\}^N,

where f is 1 on solutions and 0 elsewhere, or :math:`e^{-\beta E(w)}`. The factor
is a product over the weights, so the sum over all w is done for all c at once, one weight after the other:
N · 2^N terms instead of 4^N. All terms are positive and kept as logarithms: nothing cancels, at any coupling.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, positive

Array = npt.NDArray[np.float64]


def local_entropy(table: npt.ArrayLike, coupling: float) -> Array:
    r"""Local entropy of every setting of the weights.

    .. math::
        \phi_\gamma(c) = \ln \sum_w f(w)\, e^{\gamma\, c \cdot w}

    Parameters
    ----------
    table : array_like, (2^N,)
        :math:`f(w) \ge 0` for all settings, in the order of the binary numbers whose bits (0 is −1) are the weights.
    coupling : float
        :math:`\gamma`, above 0. Large: only the place itself counts; small: all count alike.

    Returns
    -------
    numpy.ndarray, (2^N,)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or nothing in the table is above 0.

    References
    ----------
    C. Baldassi, A. Ingrosso, C. Lucibello, L. Saglietti, R. Zecchina, Phys. Rev. Lett. 115, 128101 (2015),
    doi:10.1103/PhysRevLett.115.128101.

    Examples
    --------
    One weight, and only +1 is a solution: φ(−1) = −γ, φ(+1) = γ.

    >>> local_entropy([0.0, 1.0], 0.5)
    array([-0.5,  0.5])
    """
    values, pull = finite_array("table", table, ndim=1, least=0), positive("coupling", coupling)
    if values.size & (values.size - 1):
        raise ValueError(f"table must hold 2^N numbers, one for each setting of N weights; got {values.size}")
    if not values.any():
        raise ValueError("table must be above 0 somewhere: without a solution there is no local entropy")
    with np.errstate(divide="ignore"):
        entropy = np.log(values)
    step = 1
    while step < values.size:  # sum over one weight: it agrees with the centre's, or not
        pairs = entropy.reshape(-1, 2, step)
        low, high = pairs[:, 0].copy(), pairs[:, 1].copy()
        pairs[:, 0] = np.logaddexp(low + pull, high - pull)
        pairs[:, 1] = np.logaddexp(low - pull, high + pull)
        step *= 2
    return np.asarray(entropy)
