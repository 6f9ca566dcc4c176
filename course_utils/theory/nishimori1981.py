r"""Nishimori (1981): the line on which a spin glass can be solved without averaging over anything.

Bonds are :math:`-1` with probability :math:`p` and :math:`+1` otherwise. At the temperature where
:math:`e^{-2\beta} = p / (1 - p)` the glass is in the same state as a learner who knows the noise exactly: the
configuration that the bonds were made from looks like any other one drawn at that temperature. The mean energy then is
exact, on any graph and at any size.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]


def antiferromagnetic(temperature: npt.ArrayLike) -> Array:
    r"""Fraction of negative bonds on the line, :math:`p = 1 / (1 + e^{2\beta})`.

    Parameters
    ----------
    temperature : float or array_like, any shape
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    numpy.ndarray, same shape
        From 0 (cold) to 1/2 (hot).

    Raises
    ------
    TypeError, ValueError
        If a temperature is not positive and finite.

    References
    ----------
    H. Nishimori, Prog. Theor. Phys. 66, 1169 (1981), doi:10.1143/PTP.66.1169.

    Examples
    --------
    >>> antiferromagnetic([0.5, 1.0, 2.0]).round(4)
    array([0.018 , 0.1192, 0.2689])
    """
    cooled = np.exp(-2 / finite_array("temperature", temperature, above=0))
    return cooled / (1 + cooled)


def energy_per_bond(temperature: npt.ArrayLike) -> Array:
    r"""Mean energy of a bond on the line, averaged over the bonds' signs: :math:`-\tanh\beta`.

    Parameters
    ----------
    temperature : float or array_like, any shape
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    numpy.ndarray, same shape
        In units of :math:`J`.

    Raises
    ------
    TypeError, ValueError
        If a temperature is not positive and finite.

    References
    ----------
    H. Nishimori, Prog. Theor. Phys. 66, 1169 (1981), doi:10.1143/PTP.66.1169.

    Examples
    --------
    >>> energy_per_bond([1.0, 2.0]).round(6)
    array([-0.761594, -0.462117])
    """
    return -np.tanh(1 / finite_array("temperature", temperature, above=0))
