r"""Auffinger, Ben Arous and Černý (2013): how many valleys, passes and summits a random landscape on a sphere has.

The landscape is the spherical p-spin glass: a Gaussian function on the sphere in N dimensions whose values in
directions x and y (of length 1) have the covariance :math:`N (x \cdot y)^p`. Energies are given per spin,
:math:`e = E / N`. The index of a critical point is the number of directions that lead down from it: 0 is a minimum.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numpy.polynomial import legendre
from numpy.polynomial.hermite_e import hermeval
from scipy.optimize import brentq

from course_utils.validation import finite_array, whole

Array = npt.NDArray[np.float64]

_NODES, _WEIGHTS = legendre.leggauss(80)
# _SUMS @ values: the integral from the left end to each node of the polynomial through the values.
_SUMS = np.stack([legendre.legval(_NODES, legendre.legint(row, lbnd=-1)) for row in np.eye(80)], 1) @ np.linalg.inv(
    legendre.legvander(_NODES, 79)
)


def _reach(size: int) -> float:
    """Return how far eigenvalues of a random symmetric matrix lie, with a margin that holds all but 1e-13 of them."""
    return 2 * math.sqrt(size) + 10


def _pfaffians(matrices: Array) -> Array:
    """Return the Pfaffian of each antisymmetric matrix, (..., 2m, 2m) -> (...,), by elimination of two rows a time."""
    result = np.ones(matrices.shape[:-2])
    while matrices.shape[-1]:
        pivot = matrices[..., 0, 1]
        result = result * pivot
        first, second = matrices[..., 0, 2:], matrices[..., 1, 2:]
        outer = first[..., :, None] * second[..., None, :]
        matrices = matrices[..., 2:, 2:] - (outer - np.swapaxes(outer, -1, -2)) / pivot[..., None, None]
    return result


def _weighted(size: int, level: float, below: Array, above: Array, power: int) -> Array:
    r"""Return integrals over all eigenvalues of a random symmetric matrix, up to a common factor.

    .. math::
        \int d\lambda \prod_{i<j} |\lambda_i - \lambda_j| \prod_i |\lambda_i - x|^\text{power} e^{-\lambda_i^2/4} w_i

    with w = ``below`` for eigenvalues under the level x and ``above`` for those over it; one integral for each pair.
    De Bruijn's formula makes a Pfaffian of double integrals out of it.
    """
    far = _reach(size) + 1
    single, double = np.zeros((2, size)), np.zeros((2, size, size))
    for side, (low, high) in enumerate(((-far, level), (level, far))):
        half = (high - low) / 2
        places = low + half * (_NODES + 1)
        scales = [np.eye(size)[k] / math.sqrt(math.factorial(k)) for k in range(size)]
        values = np.stack([hermeval(places, scale) for scale in scales])
        values = values * np.exp(-(places**2) / 4) * np.abs(places - level) ** power * half
        single[side] = values @ _WEIGHTS
        ordered = (values @ _SUMS.T) @ (values * _WEIGHTS).T
        double[side] = ordered - ordered.T
    across = np.outer(single[0], single[1])
    matrices = np.zeros((len(below), size + size % 2, size + size % 2))
    matrices[:, :size, :size] = (
        np.multiply.outer(below**2, double[0])
        + np.multiply.outer(above**2, double[1])
        + np.multiply.outer(below * above, across - across.T)
    )
    if size % 2:
        matrices[:, :size, size] = np.multiply.outer(below, single[0]) + np.multiply.outer(above, single[1])
        matrices[:, size, :size] = -matrices[:, :size, size]
    return _pfaffians(matrices)


def critical_points(sites: int, power: int = 3) -> Array:
    r"""Mean number of critical points of each index on the whole sphere; exact at this number of spins.

    The formula of Kac and Rice, for a Gaussian landscape, becomes an average over a random symmetric matrix G of size
    N - 1 (off the diagonal of variance 1, on it of variance 2) and a normal variable u:

    .. math::
        \overline{\mathcal N_k} = \frac{2 \pi^{N/2}}{\Gamma(N/2)} (2 \pi p)^{-(N-1)/2}
        \; \mathbb E \Bigl[ \bigl|\det \bigl(\sqrt{p(p-1)}\, G - p u\bigr)\bigr| \,
        \mathbb 1[k \text{ eigenvalues below } 0] \Bigr]

    The average over G is a Pfaffian, the one over u a sum over 120 places: nothing is drawn at random.

    Parameters
    ----------
    sites : int
        N, the dimension of the space in which the sphere lies, 2 to 12.
    power : int
        p, how many spins interact at once, 2 to 10.

    Returns
    -------
    numpy.ndarray, (spins,)
        Entry k is the mean number with k directions down, from minima to maxima.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    A. Auffinger, G. Ben Arous, J. Černý, Comm. Pure Appl. Math. 66, 165 (2013), arXiv:1003.1129.

    Examples
    --------
    >>> critical_points(3).round(3), [round(critical_points(n).sum(), 2) for n in (3, 4, 5)]
    (array([3.138, 4.276, 3.138]), [np.float64(10.55), np.float64(18.79), np.float64(31.5)])
    """
    n, p = whole("sites", sites, least=2, most=12), whole("power", power, least=2, most=10)
    size, ratio = n - 1, math.sqrt(p / (p - 1))
    angles = (np.arange(n) + 0.5) * np.pi / (2 * n)
    below, above = np.cos(angles), np.sin(angles)
    shares = np.stack([below**k * above ** (size - k) for k in range(n)], 1)
    places, weights = legendre.leggauss(120)
    reach = _reach(size) / ratio
    by_index = np.stack([np.linalg.solve(shares, _weighted(size, ratio * reach * y, below, above, 1)) for y in places])
    one = np.ones(1)
    normal = weights * reach * np.exp(-((reach * places) ** 2) / 2) / math.sqrt(2 * math.pi)
    sphere = 2 * math.pi ** (n / 2) / math.gamma(n / 2) * (2 * math.pi * p) ** (-size / 2)
    return sphere * (p * (p - 1)) ** (size / 2) * (normal @ by_index) / _weighted(size, 0.0, one, one, 0)[0]


def threshold_energy(power: int = 3) -> float:
    r"""Energy per spin above which nearly all critical points are passes, and below which nearly all are minima.

    .. math::
        e_\infty = -2 \sqrt{\frac{p - 1}{p}}

    Here the spectrum of the curvature touches 0: downhill motion from anywhere stops at this height, above the lowest.

    Parameters
    ----------
    power : int
        p, 2 or more.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If ``power`` is not of this kind.

    References
    ----------
    A. Auffinger, G. Ben Arous, J. Černý, Comm. Pure Appl. Math. 66, 165 (2013), arXiv:1003.1129.

    Examples
    --------
    >>> round(threshold_energy(3), 6)
    -1.632993
    """
    p = whole("power", power, least=2)
    return -2 * math.sqrt((p - 1) / p)


def complexity(energies: npt.ArrayLike, power: int = 3, index: int | None = None) -> Array:
    r"""Growth of the mean number of critical points below an energy, :math:`\Theta = \lim \frac1N \ln \mathcal N(e)`.

    .. math::
        \Theta_k(e) = \tfrac12 \ln(p-1) - \frac{p-2}{4(p-1)} e^2 - (k+1) I(e), \qquad
        I(e) = \frac{2}{e_\infty^2} \int_e^{e_\infty} \sqrt{y^2 - e_\infty^2}\, dy

    below the threshold energy. Above it the points of one index no longer become more; those of all indices together
    do, with I = 0, up to e = 0.

    Parameters
    ----------
    energies : float or array_like
        Energies per spin :math:`e`.
    power : int
        p, 2 or more.
    index : int, optional
        How many directions lead down; all points together without it. Minima have 0.

    Returns
    -------
    numpy.ndarray
        Negative where points of this kind are exponentially unlikely.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    A. Auffinger, G. Ben Arous, J. Černý, Comm. Pure Appl. Math. 66, 165 (2013), arXiv:1003.1129.

    Examples
    --------
    >>> complexity([-1.66, -1.64, -1.0, 0.5], 3).round(4)
    array([-0.0019,  0.0098,  0.2216,  0.3466])
    >>> complexity([-1.66, -1.64], 3, index=1).round(4)
    array([-0.0059,  0.0093])
    """
    edge, p = -threshold_energy(power), int(power)
    e = np.minimum(finite_array("energies", energies), 0.0 if index is None else -edge)
    times = 1 if index is None else whole("index", index, least=0) + 1
    depth = np.maximum(-e, edge)
    square = np.sqrt(depth**2 - edge**2)
    cost = depth * square / edge**2 - np.log((depth + square) / edge)
    return np.asarray(math.log(p - 1) / 2 - (p - 2) / (4 * (p - 1)) * e**2 - times * cost)


def lowest_energy(power: int = 3, index: int = 0) -> float:
    r"""Lowest energy per spin at which critical points of this index are found: where their complexity is 0.

    For index 0 it is the energy of the ground state.

    Parameters
    ----------
    power : int
        p, 3 or more.
    index : int
        How many directions lead down.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    A. Auffinger, G. Ben Arous, J. Černý, Comm. Pure Appl. Math. 66, 165 (2013), arXiv:1003.1129.

    Examples
    --------
    >>> round(lowest_energy(3), 6), round(lowest_energy(3, index=1), 6)
    (-1.656998, -1.652873)
    """
    p, k = whole("power", power, least=3), whole("index", index, least=0)
    edge = threshold_energy(p)
    lowest = edge - 1
    while complexity(lowest, p, k) > 0:
        lowest -= 1
    return float(brentq(lambda e: float(complexity(e, p, k)), lowest, edge, xtol=1e-14))
