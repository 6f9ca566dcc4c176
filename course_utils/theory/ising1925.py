r"""Ising (1925): the magnet in one dimension, a chain of spins, which has no transition at any temperature.

Each bond is satisfied with probability :math:`1/(1 + e^{-2\beta})`, whatever the others do. Two spins :math:`r` bonds
apart agree on average to :math:`\tanh^r \beta`: the memory along the chain, :math:`\xi = -1/\ln\tanh\beta`, is finite
at every temperature above zero.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from course_utils.theory.binder1981 import even_moments
from course_utils.validation import positive, whole


def satisfied(temperature: float) -> float:
    r"""Probability that a bond of the chain is satisfied, :math:`1/(1 + e^{-2/T})`.

    Parameters
    ----------
    temperature : float
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Raises
    ------
    TypeError, ValueError
        If the temperature is not positive and finite.

    References
    ----------
    E. Ising, Z. Phys. 31, 253 (1925), doi:10.1007/BF02980577.

    Examples
    --------
    >>> round(satisfied(1.0), 4)
    0.8808
    """
    return 1 / (1 + math.exp(-2 / positive("temperature", temperature)))


def moments(sites: int, temperature: float) -> tuple[float, float]:
    r"""Second and fourth moment of the magnetisation per spin of a chain with free ends.

    .. math::
        Z(h) = v^{\mathsf T}
        \begin{pmatrix} e^{\beta + h} & e^{-\beta} \\ e^{-\beta} & e^{\beta - h} \end{pmatrix}^{N-1} v,
        \qquad v = \begin{pmatrix} e^{h/2} \\ e^{-h/2} \end{pmatrix}

    Parameters
    ----------
    sites : int
        Number of spins :math:`N`, 1 or more.
    temperature : float
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    tuple of float
        :math:`\langle m^2 \rangle` and :math:`\langle m^4 \rangle`.

    Raises
    ------
    TypeError, ValueError
        If ``sites`` is not a whole number above 0 or the temperature not positive and finite.

    References
    ----------
    E. Ising, Z. Phys. 31, 253 (1925), doi:10.1007/BF02980577.

    Examples
    --------
    >>> second, _ = moments(2, 1.0)
    >>> round(second, 6), round((1 + math.tanh(1)) / 2, 6)
    (0.880797, 0.880797)
    """
    sites = whole("sites", sites)
    beta = 1 / positive("temperature", temperature)
    # divided by 2 cosh(beta), so that long chains do not overflow
    equal, unequal = 1 / (1 + math.exp(-2 * beta)), 1 / (1 + math.exp(2 * beta))

    def partition(field: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
        up, down = np.exp(field), np.exp(-field)
        other = np.full_like(up, unequal)
        transfer = np.stack([np.stack([equal * up, other], -1), np.stack([other, equal * down], -1)], -2)
        end = np.stack([np.exp(field / 2), np.exp(-field / 2)], -1)
        return np.einsum("fi,fij,fj->f", end, np.linalg.matrix_power(transfer, sites - 1), end)

    return even_moments(partition, sites)


def cumulant(sites: int, temperature: float) -> float:
    r"""Binder's cumulant :math:`U_4 = 1 - \langle m^4 \rangle / 3 \langle m^2 \rangle^2` of a chain with free ends.

    For long chains it depends on :math:`N / \xi` alone: on the line of :math:`\beta = 1/T`, a longer chain has
    the same curve, :math:`\tfrac12 \ln N` further on. It never becomes steeper.

    Parameters
    ----------
    sites : int
        Number of spins :math:`N`, 1 or more.
    temperature : float
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If ``sites`` is not a whole number above 0 or the temperature not positive and finite.

    References
    ----------
    E. Ising, Z. Phys. 31, 253 (1925), doi:10.1007/BF02980577.

    Examples
    --------
    >>> round(cumulant(64, 0.5), 4), round(cumulant(1024, 0.5), 4)
    (0.4728, 0.0525)
    """
    second, fourth = moments(sites, temperature)
    return 1 - fourth / (3 * second**2)


def slope(sites: int, temperature: float) -> float:
    r"""How fast Binder's cumulant of a chain rises with the inverse temperature, :math:`dU_4 / d(1/T)`.

    At the middle of the curve it does not depend on the length of a long chain.

    Parameters
    ----------
    sites : int
        Number of spins :math:`N`, 1 or more.
    temperature : float
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    float
        In units of :math:`J`, by a symmetric difference that is good to six digits.

    Raises
    ------
    TypeError, ValueError
        If ``sites`` is not a whole number above 0 or the temperature not positive and finite.

    References
    ----------
    E. Ising, Z. Phys. 31, 253 (1925), doi:10.1007/BF02980577.

    Examples
    --------
    >>> [round(slope(spins, 1 / (math.log(spins) / 2 - 0.43)), 3) for spins in (16, 256, 4096)]
    [0.44, 0.433, 0.433]
    """
    beta = 1 / positive("temperature", temperature)
    step = 1e-3 * min(beta, 1.0)
    above, below = cumulant(sites, 1 / (beta + step)), cumulant(sites, 1 / (beta - step))
    return (above - below) / (2 * step)
