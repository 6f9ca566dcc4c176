"""Yang (1952): how far a square-lattice magnet points one way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.theory.onsager1944 import CRITICAL_TEMPERATURE
from course_utils.validation import finite_array


def magnetisation(temperature: npt.ArrayLike) -> npt.NDArray[np.float64]:
    r"""Spontaneous magnetisation per spin of the infinite lattice.

    .. math::
        m = \bigl(1 - \sinh^{-4} 2\beta\bigr)^{1/8} \quad (T < T_c), \qquad m = 0 \quad (T \ge T_c),
        \qquad T_c = \frac{2}{\ln(1 + \sqrt 2)}

    Parameters
    ----------
    temperature : float or array_like, any shape
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    numpy.ndarray, same shape
        The magnetisation that is left when a small field is taken away: from 1 (cold) to 0.

    Raises
    ------
    TypeError, ValueError
        If a temperature is not positive and finite.

    References
    ----------
    C. N. Yang, Phys. Rev. 85, 808 (1952), doi:10.1103/PhysRev.85.808.

    Examples
    --------
    >>> magnetisation([1.0, 2.0, 2.26, 2.5]).round(4)
    array([0.9993, 0.9113, 0.6134, 0.    ])
    """
    heat = finite_array("temperature", temperature, above=0)
    beta = 1 / heat
    inverse = 2 * np.exp(-2 * beta) / -np.expm1(-4 * beta)  # 1 / sinh(2 beta), which cannot overflow
    return np.where(heat < CRITICAL_TEMPERATURE, np.maximum(1 - inverse**4, 0) ** 0.125, 0.0)
