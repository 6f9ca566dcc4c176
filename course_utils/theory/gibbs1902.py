r"""Gibbs (1902): where a walker is found in equilibrium, in a heat bath of one temperature.

.. math::
    p(x) = \frac{e^{-U(x)/k_B T}}{Z}, \qquad Z = \int e^{-U(x)/k_B T}\, dx

The law of Boltzmann and Gibbs. It knows nothing of how the walker moves, as long as the heat is the same everywhere: in
uneven heat a walker forgets where it started, too, and settles to something else (`landauer1975`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.theory.quadrature import Function, evaluate, nodes, reach
from course_utils.validation import finite_array, positive, real

Array = npt.NDArray[np.float64]


def _weights(energy: Function, temperature: float) -> tuple[Array, Array, float, float]:
    """Return nodes, normalised weights, the lowest energy and the logarithm of Z above it."""
    x, weight = nodes(*reach("energy", energy, temperature))
    height = evaluate("energy", energy, x)
    lowest = float(height.min())
    weight = weight * np.exp(-(height - lowest) / temperature)
    total = float(weight.sum())
    return x, weight / total, lowest, float(np.log(total))


def density(energy: Function, position: npt.ArrayLike, *, temperature: float) -> Array:
    r"""Probability density :math:`p(x) = e^{-U(x)/T} / Z`.

    Parameters
    ----------
    energy : function
        :math:`U(x)`, for arrays; it must rise on both sides.
    position : array_like
        Where the density is wanted, any shape.
    temperature : float
        :math:`k_B T`; positive.

    Returns
    -------
    numpy.ndarray, same shape as ``position``

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    J. W. Gibbs, Elementary Principles in Statistical Mechanics (Scribner, New York, 1902).

    Examples
    --------
    >>> density(lambda x: x**2 / 2, [0.0], temperature=1.0).round(6)
    array([0.398942])
    """
    x = finite_array("position", position)
    temperature = positive("temperature", temperature)
    _, _, lowest, log_total = _weights(energy, temperature)
    return np.exp(-(evaluate("energy", energy, x) - lowest) / temperature - log_total)


def average(energy: Function, observable: Function, *, temperature: float) -> float:
    r"""Mean of an observable, :math:`\langle f \rangle = \int f(x)\, p(x)\, dx`.

    Parameters
    ----------
    energy : function
        :math:`U(x)`, for arrays; it must rise on both sides.
    observable : function
        :math:`f(x)`, for arrays.
    temperature : float
        :math:`k_B T`; positive.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    The mean square position in the double well of height 1 at kT = 0.5:

    >>> round(average(lambda x: (x**2 - 1) ** 2, lambda x: x**2, temperature=0.5), 5)
    0.85214
    """
    temperature = positive("temperature", temperature)
    x, weight, _, _ = _weights(energy, temperature)
    return float(weight @ evaluate("observable", observable, x))


def population(energy: Function, low: float, high: float, *, temperature: float) -> float:
    r"""Probability to find the walker between two places, :math:`\int_a^b p(x)\, dx`.

    Parameters
    ----------
    energy : function
        :math:`U(x)`, for arrays; it must rise on both sides.
    low, high : float
        The places :math:`a < b`; may be infinite.
    temperature : float
        :math:`k_B T`; positive.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> round(population(lambda x: (x**2 - 1) ** 2, 0.0, np.inf, temperature=0.5), 9)
    0.5
    """
    temperature = positive("temperature", temperature)
    low = low if low == -np.inf else real("low", low)
    high = high if high == np.inf else real("high", high, above=low)
    left, right = reach("energy", energy, temperature)
    low, high = np.clip([low, high], left, right)
    x, weight = nodes(float(low), float(high))
    return float(weight @ density(energy, x, temperature=temperature))


def free_energy(energy: Function, *, temperature: float) -> float:
    r"""Free energy :math:`F = -T \ln Z`, with :math:`Z = \int e^{-U/T} dx`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> round(free_energy(lambda x: x**2 / 2, temperature=1.0), 6)
    -0.918939
    """
    temperature = positive("temperature", temperature)
    _, _, lowest, log_total = _weights(energy, temperature)
    return lowest - temperature * log_total
