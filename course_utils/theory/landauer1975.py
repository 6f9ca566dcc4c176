r"""Landauer (1975): where a walker ends when some places are hotter than others.

.. math::
    p(x) \propto \frac{1}{T(x)} \exp\Bigl[-\int^x \frac{U'(y)}{T(y)}\, dy\Bigr]

for kicks whose strength is taken where the step begins (Itô). A hot stretch on the way up the hill empties one valley
into the other: how deep the valleys are no longer decides, and no temperature makes this a Boltzmann law.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.integrate import cumulative_simpson

from course_utils.theory.quadrature import Array, Function, evaluate
from course_utils.validation import finite_array, real

_POINTS = 20_001


def _table(force: Function, temperature: Function, low: float, high: float) -> tuple[Array, Array]:
    """Return a fine grid and the normalised density on it."""
    low = real("low", low)
    high = real("high", high, above=low)
    x = np.linspace(low, high, _POINTS)
    heat = evaluate("temperature", temperature, x)
    if (heat <= 0).any():
        raise ValueError(f"temperature must be positive everywhere; got {heat.min():g}")
    exponent = cumulative_simpson(evaluate("force", force, x) / heat, x=x, initial=0) - np.log(heat)
    weight = np.exp(exponent - exponent.max())
    if max(weight[0], weight[-1]) > 1e-9 * weight.max():
        raise ValueError(f"low and high must hold all of the walkers between them; got {low:g} and {high:g}")
    return x, weight / np.trapezoid(weight, x)


def density(
    force: Function, position: npt.ArrayLike, *, temperature: Function, low: float = -4.0, high: float = 4.0
) -> Array:
    """Stationary probability density of a walker on a line whose temperature depends on the place.

    Parameters
    ----------
    force : function
        Force −U'(x), for arrays.
    position : array_like
        Where the density is wanted, any shape, inside the interval.
    temperature : function
        T(x), for arrays; positive.
    low, high : float
        An interval outside of which the walker is never found.

    Returns
    -------
    numpy.ndarray, shape of ``position``

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the interval does not hold the walker.

    References
    ----------
    R. Landauer, Phys. Rev. A 12, 636 (1975), doi:10.1103/PhysRevA.12.636;
    M. Büttiker, Z. Phys. B 68, 161 (1987), doi:10.1007/BF01304221.

    Examples
    --------
    At one temperature it is Boltzmann's law:

    >>> density(lambda x: -x, [0.0], temperature=lambda x: 1.0 + 0 * x, low=-9.0, high=9.0).round(6)
    array([0.398942])
    """
    where = finite_array("position", position)
    x, table = _table(force, temperature, low, high)
    if where.min() < low or where.max() > high:
        raise ValueError(f"position must be between {low:g} and {high:g}; got {where.min():g} to {where.max():g}")
    return np.interp(where, x, table)


def population(force: Function, above: float, *, temperature: Function, low: float = -4.0, high: float = 4.0) -> float:
    """Probability to find the walker to the right of ``above`` (see `density`).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the interval does not hold the walker.

    Examples
    --------
    A double well with equal valleys, the right flank of the hill hotter than the left: the walkers gather on the left.

    >>> right = population(lambda x: -4 * x * (x**2 - 1), 0.0, temperature=lambda x: 0.3 + 0.1 * np.tanh(x / 0.1))
    >>> round(right, 2)
    0.06
    """
    x, table = _table(force, temperature, low, high)
    above = real("above", above, least=low, most=high)
    up_to = cumulative_simpson(table, x=x, initial=0)
    return float((up_to[-1] - np.interp(above, x, up_to)) / up_to[-1])
