r"""Kaufman (1949): the Ising model on a finite square lattice with periodic edges, solved exactly.

.. math::
    Z = \tfrac12 (2 \sinh 2\beta)^{N/2} \Bigl[ \prod_r 2\cosh\tfrac{L \gamma_{2r+1}}{2}
        + \prod_r 2\sinh\tfrac{L \gamma_{2r+1}}{2} + \prod_r 2\cosh\tfrac{L \gamma_{2r}}{2}
        + \prod_r 2\sinh\tfrac{L \gamma_{2r}}{2} \Bigr], \qquad r = 0 \ldots L - 1, \quad N = L^2,

.. math::
    \cosh\gamma_l = \cosh 2\beta \coth 2\beta - \cos\frac{\pi l}{L}, \qquad
    \gamma_0 = 2\beta + \ln\tanh\beta \;\text{(negative above } T_c\text{)}

Energy and specific heat are its derivatives, taken by hand, so that no digits are lost in differences.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from course_utils.theory.onsager1944 import CRITICAL_TEMPERATURE
from course_utils.validation import finite_array, whole

__all__ = ["CRITICAL_TEMPERATURE", "energy", "log_partition", "specific_heat"]

Array = npt.NDArray[np.float64]

# Colder than 1 / 80 the lattice is in a ground state to better than one part in e^600.
_COLDEST = 80.0


class _Jet(NamedTuple):
    """A function of beta with its first and second derivative."""

    value: Array
    slope: Array
    bend: Array


def _gamma(side: int, beta: Array) -> _Jet:
    """Return gamma_l for l = 0 ... 2 L - 1 along a new last axis."""
    s, c = np.sinh(2 * beta)[..., None], np.cosh(2 * beta)[..., None]
    # cosh(gamma) - 1 as a sum of two squares, which keeps its digits at the critical point
    above = (1 - s) * ((1 - s) / s) + 2 * np.sin(math.pi * np.arange(2 * side) / (2 * side)) ** 2
    above[..., 0] = 1.0  # gamma_0 is put in below
    height = np.sqrt(above) * np.sqrt(above + 2)
    inverse = (1 / s) ** 2
    first, second = 2 * c * (1 - inverse), 4 * s - 4 / s + 8 * (1 + inverse) / s
    slope = first / height
    gamma = _Jet(2 * np.arcsinh(np.sqrt(above / 2)), slope, second / height - slope**2 * ((1 + above) / height))
    gamma.value[..., 0] = 2 * beta + np.log(np.tanh(beta))
    gamma.slope[..., 0] = 2 + 2 / s[..., 0]
    gamma.bend[..., 0] = -4 * (c / s)[..., 0] / s[..., 0]
    return gamma


def _product(half: _Jet, sign: int) -> _Jet:
    r"""Return the logarithm of :math:`\prod 2\cosh x` (sign 1) or :math:`\prod 2\sinh x` (sign -1), x above 0."""
    fading = np.exp(-2 * half.value)
    ratio = (1 - sign * fading) / (1 + sign * fading)
    curve = sign * 4 * fading / (1 + sign * fading) ** 2
    return _Jet(
        (half.value + np.log1p(sign * fading)).sum(-1),
        (half.slope * ratio).sum(-1),
        (half.bend * ratio + half.slope**2 * curve).sum(-1),
    )


def _log_partition(side: int, beta: Array) -> _Jet:
    """Return ln Z and its two derivatives by beta."""
    gamma = _gamma(side, beta)
    half = _Jet(*(side / 2 * part for part in gamma))
    odd = _Jet(*(part[..., 1::2] for part in half))
    even = _Jet(*(part[..., 2::2] for part in half))
    x, dx, ddx = (part[..., 0] for part in half)
    largest = _product(odd, 1)
    # The other three, divided by the first. gamma_0 changes its sign at the critical point: it stays outside.
    total, slope, bend = np.ones_like(x), np.zeros_like(x), np.zeros_like(x)
    fading = np.exp(-2 * np.abs(x))
    symmetric, skew = 1 + fading, np.sign(x) * (1 - fading)
    one = _Jet(np.ones_like(x), np.zeros_like(x), np.zeros_like(x))
    cosh = _Jet(symmetric, skew * dx, symmetric * dx**2 + skew * ddx)
    sinh = _Jet(skew, symmetric * dx, skew * dx**2 + symmetric * ddx)
    for product, factor, height in (
        (_product(odd, -1), one, 0.0),
        (_product(even, 1), cosh, np.abs(x)),
        (_product(even, -1), sinh, np.abs(x)),
    ):
        weight = np.exp(product.value + height - largest.value)
        d, dd = product.slope - largest.slope, product.bend - largest.bend
        total = total + weight * factor.value
        slope = slope + weight * (factor.slope + factor.value * d)
        bend = bend + weight * (factor.bend + 2 * factor.slope * d + factor.value * (d**2 + dd))
    slope, bend = slope / total, bend / total
    half_sites = side**2 / 2
    coth = 1 / np.tanh(2 * beta)
    log_sinh = 2 * beta + np.log(-np.expm1(-4 * beta))
    return _Jet(
        half_sites * log_sinh - math.log(2) + largest.value + np.log(total),
        half_sites * 2 * coth + largest.slope + slope,
        half_sites * 4 * (1 - coth) * (1 + coth) + largest.bend + bend - slope**2,
    )


def _checked(side: int, temperature: npt.ArrayLike) -> tuple[int, Array, Array]:
    sites = whole("side", side, least=2)
    beta = 1 / finite_array("temperature", temperature, above=0)
    return sites, beta, np.minimum(beta, _COLDEST)


def log_partition(side: int, temperature: npt.ArrayLike) -> Array:
    r"""Logarithm of the partition function, :math:`\ln Z = -F / T`, of the whole lattice.

    Parameters
    ----------
    side : int
        Side :math:`L`, 2 or more (on a side of 2 each pair of neighbours has two bonds).
    temperature : float or array_like, any shape
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    numpy.ndarray, shape of ``temperature``

    Raises
    ------
    TypeError, ValueError
        If the size is not such a number, or a temperature is not positive and finite.

    References
    ----------
    B. Kaufman, Phys. Rev. 76, 1232 (1949), doi:10.1103/PhysRev.76.1232.

    Examples
    --------
    >>> (log_partition(16, [CRITICAL_TEMPERATURE, 3.0]) / 256).round(6)
    array([0.932196, 0.815888])
    """
    sites, beta, bounded = _checked(side, temperature)
    return _log_partition(sites, bounded).value + 2 * sites**2 * (beta - bounded)


def energy(side: int, temperature: npt.ArrayLike) -> Array:
    r"""Mean energy per spin, :math:`u = -\frac1N\, \partial_\beta \ln Z`.

    Parameters
    ----------
    side : int
        Side :math:`L`, 2 or more.
    temperature : float or array_like, any shape
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    numpy.ndarray, shape of ``temperature``
        In units of :math:`J`.

    Raises
    ------
    TypeError, ValueError
        If the size is not such a number, or a temperature is not positive and finite.

    References
    ----------
    B. Kaufman, Phys. Rev. 76, 1232 (1949), doi:10.1103/PhysRev.76.1232.
    A. E. Ferdinand, M. E. Fisher, Phys. Rev. 185, 832 (1969), doi:10.1103/PhysRev.185.832.

    Examples
    --------
    >>> [round(float(energy(size, CRITICAL_TEMPERATURE)), 6) for size in (16, 32, 64)]
    [-1.453065, -1.433658, -1.423938]
    """
    sites, _, beta = _checked(side, temperature)
    return -_log_partition(sites, beta).slope / sites**2


def specific_heat(side: int, temperature: npt.ArrayLike) -> Array:
    r"""Specific heat per spin, :math:`c = \frac{\beta^2}{N}\, \partial_\beta^2 \ln Z`.

    Parameters
    ----------
    side : int
        Side :math:`L`, 2 or more.
    temperature : float or array_like, any shape
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    numpy.ndarray, shape of ``temperature``
        In units of :math:`k_B`. Finite at every temperature: a transition is sharp only in the limit.

    Raises
    ------
    TypeError, ValueError
        If the size is not such a number, or a temperature is not positive and finite.

    References
    ----------
    A. E. Ferdinand, M. E. Fisher, Phys. Rev. 185, 832 (1969), doi:10.1103/PhysRev.185.832.

    Examples
    --------
    >>> [round(float(specific_heat(size, CRITICAL_TEMPERATURE)), 6) for size in (16, 32, 64)]
    [1.498705, 1.846768, 2.192211]
    """
    sites, _, beta = _checked(side, temperature)
    return beta**2 * _log_partition(sites, beta).bend / sites**2
