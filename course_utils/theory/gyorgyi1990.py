r"""Györgyi (1990): when do two binary perceptrons disagree? Exact at every size.

Two settings of N weights ±1 that differ in d places answer a random pattern of ±1 by the signs of :math:`B + A` and
:math:`B - A`, where A sums over the d places and B over the others. They disagree where :math:`|A| > |B|`. For large N
this is the angle between the two, :math:`\arccos(q)/\pi` with the overlap :math:`q = 1 - 2d/N`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from course_utils.validation import finite_array, whole

Array = npt.NDArray[np.float64]


def _sums(coins: int) -> tuple[npt.NDArray[np.int64], Array]:
    """Return the sums that ``coins`` fair signs can have, and their probabilities."""
    heads = np.arange(coins + 1)
    logs = gammaln(coins + 1) - gammaln(heads + 1) - gammaln(coins - heads + 1) - coins * np.log(2)
    return 2 * heads - coins, np.exp(logs)


def disagreement(distance: npt.ArrayLike, inputs: int) -> Array:
    r"""Probability that two binary perceptrons give a random pattern different labels.

    .. math::
        \epsilon(d) = P\bigl(|A_d| > |B_{N-d}|\bigr)

    with :math:`A_d` and :math:`B_{N-d}` independent sums of d and N − d fair signs; N is odd, so that they never tie.

    Parameters
    ----------
    distance : array_like of whole numbers, any shape
        Hamming distance d, from 0 to N: in how many weights they differ.
    inputs : int
        Number of weights N, odd.

    Returns
    -------
    numpy.ndarray, same shape

    Raises
    ------
    TypeError, ValueError
        If N is not odd or a distance is not a whole number from 0 to N.

    References
    ----------
    G. Györgyi, Phys. Rev. A 41, 7097 (1990), doi:10.1103/PhysRevA.41.7097, for the limit of large N.

    Examples
    --------
    >>> disagreement([0, 1, 2, 3], 3)
    array([0. , 0.5, 0.5, 1. ])
    """
    size = whole("inputs", inputs)
    if size % 2 == 0:
        raise ValueError(f"inputs must be odd, so that no sum is zero; got {size}")
    given = finite_array("distance", distance, least=0)
    if (given > size).any() or (given != np.round(given)).any():
        raise ValueError(f"distance must be whole numbers from 0 to {size}; got {given.min():g} to {given.max():g}")
    table = np.array([_apart(d, size) for d in range(size + 1)])
    return table[given.astype(np.int64)]


def _apart(distance: int, inputs: int) -> float:
    (inner, chance), (outer, other) = _sums(distance), _sums(inputs - distance)
    return float(chance @ (np.abs(inner)[:, None] > np.abs(outer)) @ other)
