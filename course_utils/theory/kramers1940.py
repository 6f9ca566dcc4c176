r"""Kramers (1940): the time to climb a barrier, for barriers much higher than the temperature.

.. math::
    \tau \simeq \frac{2\pi}{\sqrt{U''(x_\text{well})\,|U''(x_\text{top})|}}\; e^{\Delta U / k_B T}

The exponential is what one remembers; the curvatures say that a wide well is left late and a wide top passed late.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, positive, real

Array = npt.NDArray[np.float64]


def mean_time(*, barrier: float, well_curvature: float, top_curvature: float, temperature: npt.ArrayLike) -> Array:
    r"""Mean time to cross into the next valley, to leading order in :math:`T / \Delta U`.

    Parameters
    ----------
    barrier : float
        Height :math:`\Delta U` of the top above the well; positive.
    well_curvature : float
        :math:`U''` at the bottom of the well; positive.
    top_curvature : float
        :math:`U''` at the top; negative.
    temperature : array_like
        :math:`k_B T`, any shape; positive.

    Returns
    -------
    numpy.ndarray, shape of ``temperature``
        The time, in units in which force is velocity (mobility 1: the limit of strong friction).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    H. A. Kramers, Physica 7, 284 (1940), doi:10.1016/S0031-8914(40)90098-2.

    Examples
    --------
    The double well (x² − 1)² has curvature 8 in the wells and −4 on the top:

    >>> mean_time(barrier=1.0, well_curvature=8.0, top_curvature=-4.0, temperature=[0.25, 0.2]).round(2)
    array([ 60.64, 164.85])
    """
    barrier = positive("barrier", barrier)
    well_curvature = positive("well_curvature", well_curvature)
    top_curvature = real("top_curvature", top_curvature, below=0)
    heat = finite_array("temperature", temperature, above=0)
    return 2 * math.pi / math.sqrt(well_curvature * -top_curvature) * np.exp(barrier / heat)


def next_order(
    *, well: tuple[float, float, float], top: tuple[float, float, float], temperature: npt.ArrayLike
) -> Array:
    r"""Factor :math:`1 + c\,T` by which the exact time exceeds Kramers' formula, to first order in temperature.

    .. math::
        c = \frac{5\,U'''^2}{24\,U''^3} - \frac{U''''}{8\,U''^2} \Big|_\text{well}
          + \frac{5\,U'''^2}{24\,|U''|^3} + \frac{U''''}{8\,U''^2} \Big|_\text{top}

    The valley and the hill are not parabolas: these are the next terms of Laplace's method for the two integrals of
    Pontryagin, Andronov and Vitt.

    Parameters
    ----------
    well, top : (float, float, float)
        Second, third and fourth derivative of the potential there.
    temperature : array_like
        :math:`k_B T`, any shape; positive.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> next_order(well=(8, -24, 24), top=(-4, 0, 24), temperature=[0.1, 0.2])
    array([1.0375, 1.075 ])
    """
    heat = finite_array("temperature", temperature, above=0)
    second, third, fourth = _derivatives("well", well)
    positive("well[0]", second)
    correction = 5 * third**2 / (24 * second**3) - fourth / (8 * second**2)
    second, third, fourth = _derivatives("top", top)
    real("top[0]", second, below=0)
    correction += 5 * third**2 / (24 * -(second**3)) + fourth / (8 * second**2)
    return 1 + correction * heat


def _derivatives(name: str, values: tuple[float, float, float]) -> tuple[float, float, float]:
    array = finite_array(name, values)
    if array.shape != (3,):
        raise ValueError(f"{name} must hold the second, third and fourth derivative; got shape {array.shape}")
    return float(array[0]), float(array[1]), float(array[2])
