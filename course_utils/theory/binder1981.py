r"""Binder's cumulant of small square lattices, exactly.

In a field :math:`h` (in units of the temperature) a lattice with periodic edges has the partition function

.. math::
    Z(h) = \operatorname{Tr} \mathcal T(h)^L, \qquad
    \mathcal T_{\sigma\sigma'} = e^{\frac12 [B(\sigma) + B(\sigma')]
        + \beta \sum_i \sigma_i \sigma'_i + \frac h2 \sum_i (\sigma_i + \sigma'_i)},
    \qquad B(\sigma) = \beta \sum_i \sigma_i \sigma_{i+1},

with the :math:`2^L` states :math:`\sigma` of a row. The Taylor coefficients of
:math:`Z(h)/Z(0) = \langle e^{hM} \rangle` are the moments of the magnetisation :math:`M`. A row may be shifted along
the lattice, so the matrix falls apart into one block for each wave number, which makes sides up to 12 affordable.
(`kramers1941` has the whole distribution of :math:`M`, up to a side of 8.)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from course_utils.validation import function, positive, whole

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]

LARGEST = 12
# Points on the upper half of the circle on which a Taylor series is read off: exact to 1e-13 up to the fourth moment.
_POINTS = 9


class _Rows(NamedTuple):
    """One state for each set of rows that are shifts of each other."""

    magnetisation: Array  # (orbits,)
    bonds: Array  # (orbits,) sum of s_i s_{i+1}
    period: npt.NDArray[np.int64]  # (orbits,) how many different rows there are in the set
    overlap: Array  # (L, orbits, orbits) sum of s_i s'_{i+j}, for each shift j


@lru_cache(maxsize=16)
def _rows(side: int) -> _Rows:
    states = np.arange(2**side)
    full = 2**side - 1
    shifted = np.stack([((states << j) | (states >> (side - j))) & full for j in range(side)])
    first = np.flatnonzero(shifted.min(0) == states)
    period = np.array([len(np.unique(shifted[:, state])) for state in first])
    turned = shifted[:, first]

    def agreement(differing: npt.NDArray[np.int64]) -> Array:
        return side - 2.0 * np.bitwise_count(differing)

    return _Rows(
        -agreement(first), agreement(first ^ turned[1]), period, agreement(first[:, None] ^ turned[:, None, :])
    )


def _partition(side: int, beta: float, fields: Complex) -> Complex:
    """Return Z(h) e^(-2 beta N) for an array of fields."""
    rows = _rows(side)
    neighbours = np.fft.fft(np.exp(beta * (rows.overlap - side)), axis=0)
    root = np.sqrt(rows.period) * np.exp(beta / 2 * (rows.bonds - side))
    total = np.zeros(fields.shape, dtype=complex)
    for wave in range(side // 2 + 1):
        fits = wave * rows.period % side == 0
        block = (root[:, None] * root / side * neighbours[wave])[np.ix_(fits, fits)]
        times = 1 if 2 * wave in (0, side) else 2  # a wave to the left weighs as much as one to the right
        for place, field in enumerate(fields):
            tilt = np.exp(field / 2 * rows.magnetisation[fits])
            total[place] += times * np.trace(np.linalg.matrix_power(tilt[:, None] * block * tilt, side))
    return total


def even_moments(partition: Callable[[Complex], npt.ArrayLike], sites: int) -> tuple[float, float]:
    r"""Second and fourth moment of the magnetisation per spin, from a partition function in a field.

    .. math::
        \frac{Z(h)}{Z(0)} = 1 + \frac{\langle M^2 \rangle}{2} h^2 + \frac{\langle M^4 \rangle}{24} h^4 + \dots

    The coefficients are read off on a circle of complex fields around 0, where no digits are lost in differences.

    Parameters
    ----------
    partition : callable
        :math:`Z(h)`, up to a factor, for a one-dimensional array of complex fields; even in the field.
    sites : int
        Number of spins :math:`N`.

    Returns
    -------
    tuple of float
        :math:`\langle m^2 \rangle` and :math:`\langle m^4 \rangle`, with :math:`m = M / N`.

    Raises
    ------
    TypeError, ValueError
        If ``partition`` cannot be called, or ``sites`` is not a whole number above 0.

    Examples
    --------
    A spin alone is always fully magnetised; of two that do not know of each other, half of the time:

    >>> [round(moment, 12) for moment in even_moments(np.cosh, 1)]
    [1.0, 1.0]
    >>> [round(moment, 12) for moment in even_moments(lambda h: np.cosh(h) ** 2, 2)]
    [0.5, 0.5]
    """
    function("partition", partition)
    sites = whole("sites", sites)
    angle = np.pi * np.arange(_POINTS) / (_POINTS - 1)
    values = np.asarray(partition(2 / sites * np.exp(0.5j * angle)))
    # The field's square runs once around its circle; the lower half is the mirror image of the upper one.
    weight = np.where((angle == 0) | (angle == np.pi), 1, 2)
    zeroth, first, second = ((weight * (values * np.exp(-1j * k * angle)).real).sum() for k in range(3))
    return float(2 * first / zeroth / 4), float(24 * second / zeroth / 16)


def moments(side: int, temperature: float) -> tuple[float, float]:
    r"""Second and fourth moment of the magnetisation per spin of a small lattice.

    Parameters
    ----------
    side : int
        Side :math:`L`, from 2 to 12; 8 takes milliseconds, 10 a tenth of a second, 12 some seconds.
    temperature : float
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    tuple of float
        :math:`\langle m^2 \rangle` and :math:`\langle m^4 \rangle`.

    Raises
    ------
    TypeError, ValueError
        If the size is not such a number or the temperature not positive and finite.

    References
    ----------
    K. Binder, Z. Phys. B 43, 119 (1981), doi:10.1007/BF01293604.

    Examples
    --------
    >>> [round(moment, 6) for moment in moments(4, 2.2)]
    [0.791633, 0.703577]
    """
    side, beta = whole("side", side, least=2, most=LARGEST), 1 / positive("temperature", temperature)
    return even_moments(lambda field: _partition(side, beta, field), side**2)


def cumulant(side: int, temperature: float) -> float:
    r"""Binder's cumulant :math:`U_4 = 1 - \langle m^4 \rangle / 3 \langle m^2 \rangle^2` of a small lattice.

    Parameters
    ----------
    side : int
        Side :math:`L`, from 2 to 12; see `moments`.
    temperature : float
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    float
        From 2/3 (cold) to about 0 (hot).

    Raises
    ------
    TypeError, ValueError
        If the size is not such a number or the temperature not positive and finite.

    References
    ----------
    K. Binder, Z. Phys. B 43, 119 (1981), doi:10.1007/BF01293604.

    Examples
    --------
    >>> [round(cumulant(size, 2.26918531421), 6) for size in (4, 6, 8)]
    [0.617199, 0.614356, 0.613045]
    """
    second, fourth = moments(side, temperature)
    return 1 - fourth / (3 * second**2)


def crossing(side: int) -> float:
    """Temperature at which the cumulants of the lattices of side L and 2 L cross.

    It lies below the critical temperature and comes closer to it faster than :math:`1/L^2`.

    Parameters
    ----------
    side : int
        Side :math:`L` of the smaller lattice, from 2 to 6; 5 takes half a second, 6 ten.

    Returns
    -------
    float
        In units of :math:`J / k_B`.

    Raises
    ------
    TypeError, ValueError
        If the size is not such a number.

    References
    ----------
    K. Binder, Z. Phys. B 43, 119 (1981), doi:10.1007/BF01293604.

    Examples
    --------
    >>> [round(crossing(size), 4) for size in (2, 3, 4)]
    [2.0987, 2.2048, 2.2357]
    """
    side = whole("side", side, least=2, most=LARGEST // 2)
    return float(brentq(lambda heat: cumulant(2 * side, heat) - cumulant(side, heat), 2.0, 2.3, xtol=1e-6))
