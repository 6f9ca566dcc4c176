r"""Onsager (1944): the square-lattice Ising model in zero field, solved exactly.

With :math:`t = \tanh 2\beta` everything hangs on two numbers, :math:`\kappa = 2 t^2 - 1` (negative above the critical
temperature, positive below) and :math:`k = 2 \sinh 2\beta / \cosh^2 2\beta`, for which :math:`k^2 + \kappa^2 = 1`.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import binom, ellipkm1, elliprd

from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]

CRITICAL_TEMPERATURE = 2 / math.log1p(math.sqrt(2))

# 2 K(k) / pi - 1 = sum of these times k^2, k^4, ...: for temperatures so high that the sum of large terms loses digits.
_SERIES = np.array([binom(2 * n, n) ** 2 / 16.0**n for n in range(1, 13)])
_HOT = 0.01


def _temperature(temperature: npt.ArrayLike) -> Array:
    return finite_array("temperature", temperature, above=0)


def _kappa(square: Array) -> Array:
    """Return 2 t^2 - 1, which is 0 at the critical temperature: also where rounding makes it 1e-16."""
    kappa = 2 * square - 1
    return np.where(np.abs(kappa) < 1e-15, 0.0, kappa)


def _bracket(square: Array, kappa: Array) -> Array:
    r"""Return :math:`1 + \tfrac2\pi \kappa K(k)` for :math:`t^2`; where K is infinite it is 1."""
    with np.errstate(invalid="ignore"):
        warm = 1 + 2 / math.pi * np.where(kappa == 0, 0.0, kappa * ellipkm1(kappa**2))
    small = np.minimum(square, _HOT)
    modulus = 4 * small * (1 - small)
    rest = modulus * np.polynomial.polynomial.polyval(modulus, _SERIES)
    return np.where(square < _HOT, 2 * small - rest + 2 * small * rest, warm)


def energy(temperature: npt.ArrayLike) -> Array:
    r"""Energy per spin of the infinite lattice.

    .. math::
        u = -\coth 2\beta \Bigl[1 + \tfrac{2}{\pi}\,(2\tanh^2 2\beta - 1)\,K(k)\Bigr],
        \qquad k = \frac{2 \sinh 2\beta}{\cosh^2 2\beta}, \quad \beta = 1/T

    At the critical temperature :math:`K` is infinite and its factor zero: :math:`u = -\sqrt 2`.

    Parameters
    ----------
    temperature : float or array_like, any shape
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    numpy.ndarray, same shape
        Energy per spin in units of :math:`J`: from -2 (every bond satisfied) to 0 (hot).

    Raises
    ------
    TypeError, ValueError
        If a temperature is not positive and finite.

    References
    ----------
    L. Onsager, Phys. Rev. 65, 117 (1944), doi:10.1103/PhysRev.65.117.

    Examples
    --------
    >>> energy([1.0, CRITICAL_TEMPERATURE, 2.5]).round(4)
    array([-1.9972, -1.4142, -1.1061])
    """
    t = np.tanh(2 / _temperature(temperature))
    return -_bracket(t * t, _kappa(t * t)) / t


def specific_heat(temperature: npt.ArrayLike) -> Array:
    r"""Specific heat per spin of the infinite lattice; infinite at the critical temperature, like a logarithm.

    .. math::
        c = \tfrac{2}{\pi} (\beta \coth 2\beta)^2 \Bigl[ 2 (K - E)
            - (1 - \kappa)\bigl(\tfrac{\pi}{2} + \kappa K\bigr) \Bigr], \qquad \kappa = 2 \tanh^2 2\beta - 1

    Here :math:`K(k)` and :math:`E(k)` are the complete elliptic integrals.

    Parameters
    ----------
    temperature : float or array_like, any shape
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    numpy.ndarray, same shape
        :math:`c = du/dT` in units of :math:`k_B`.

    Raises
    ------
    TypeError, ValueError
        If a temperature is not positive and finite.

    References
    ----------
    L. Onsager, Phys. Rev. 65, 117 (1944), doi:10.1103/PhysRev.65.117.

    Examples
    --------
    >>> specific_heat([1.0, CRITICAL_TEMPERATURE, 2.5]).round(4)
    array([0.0234,    inf, 0.8617])
    """
    beta = 1 / _temperature(temperature)
    t = np.tanh(2 * beta)
    square, kappa = t * t, _kappa(t * t)
    # 1 - t^2 without losing digits when it is cold
    rest = (2 * np.exp(-2 * beta) / (1 + np.exp(-4 * beta))) ** 2
    # K - E by Carlson's integral, which is infinite where K is
    with np.errstate(divide="ignore"):
        difference = 4 * square * rest / 3 * np.where(kappa == 0, np.inf, elliprd(0, kappa**2 + (kappa == 0), 1))
    value = (beta / t) ** 2 * (4 / math.pi * difference - 2 * rest * _bracket(square, kappa))
    return np.maximum(value, 0)


def free_energy(temperature: npt.ArrayLike) -> Array:
    r"""Free energy per spin of the infinite lattice.

    .. math::
        -\beta f = \ln(2 \cosh 2\beta)
            + \frac1\pi \int_0^{\pi/2} \ln \frac{1 + \sqrt{1 - k^2 \sin^2\varphi}}{2}\, d\varphi

    Parameters
    ----------
    temperature : float or array_like, any shape
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    numpy.ndarray, same shape
        :math:`f = u - T s` in units of :math:`J`.

    Raises
    ------
    TypeError, ValueError
        If a temperature is not positive and finite.

    References
    ----------
    L. Onsager, Phys. Rev. 65, 117 (1944), doi:10.1103/PhysRev.65.117.

    Examples
    --------
    >>> free_energy([1.0, CRITICAL_TEMPERATURE, 2.5]).round(6)
    array([-2.000348, -2.109651, -2.19841 ])
    """
    heat = _temperature(temperature)
    beta = 1 / heat
    square = np.tanh(2 * beta)[..., None] ** 2
    # Gauss-Legendre, with the nodes crowded towards the place where the root nearly vanishes at the critical point.
    node, weight = np.polynomial.legendre.leggauss(400)
    near = (1 - node) / 2
    angle = math.pi / 2 * near**5
    weight = weight / 2 * math.pi / 2 * 5 * near**4
    root = np.sqrt((2 * square - 1) ** 2 + 4 * square * (1 - square) * np.sin(angle) ** 2)
    integral = (weight * np.log((1 + root) / 2)).sum(-1)
    return -heat * (2 * beta + np.log1p(np.exp(-4 * beta)) + integral / math.pi)
