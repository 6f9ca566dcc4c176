"""Integrals over a line on which a potential holds the walker: where to cut, and nodes that are exact enough."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, function

Array = npt.NDArray[np.float64]
Function = Callable[[Array], npt.ArrayLike]

# Where the energy is 45 kT above its lowest value, less than 1e-19 of the weight is beyond.
_CUT = 45.0


def evaluate(name: str, callable_: Function, x: Array) -> Array:
    """Return the values of a function at ``x``, or say which argument returned something else.

    Raises
    ------
    TypeError
        If it is not a function.
    ValueError
        If it does not return one finite number for each entry of ``x``.
    """
    function(name, callable_)
    values = finite_array(f"{name}(positions)", callable_(x))
    if values.shape not in ((), x.shape):
        raise ValueError(f"{name} must return one number for each position, shape {x.shape}; got shape {values.shape}")
    return np.broadcast_to(values, x.shape)


def reach(name: str, energy: Function, temperature: float, around: float = 0.0) -> tuple[float, float]:
    """Return an interval outside of which a walker at this temperature is never found.

    Raises
    ------
    ValueError
        If the energy does not rise on both sides.
    """
    for size in 2.0 ** np.arange(0, 16):
        x = around + np.linspace(-size, size, 4001)
        height = evaluate(name, energy, x)
        high = height - height.min() > _CUT * temperature
        # The outer tenth on both sides must be high: a well that is only touched by the interval does not count.
        if high[:200].all() and high[-200:].all():
            inside = np.flatnonzero(~high)
            return float(x[max(inside[0] - 1, 0)]), float(x[min(inside[-1] + 1, len(x) - 1)])
    raise ValueError(f"{name} must rise by more than {_CUT:g} kT on both sides, or the walker is not held; it does not")


def nodes(low: float, high: float, panels: int = 400, order: int = 8) -> tuple[Array, Array]:
    """Return nodes and weights of Gauss–Legendre quadrature in equal panels of the interval, each (panels × order,)."""
    place, weight = np.polynomial.legendre.leggauss(order)
    edges = np.linspace(low, high, panels + 1)
    half = (high - low) / panels / 2
    x = (edges[:-1, None] + half) + half * place
    return x.ravel(), np.tile(weight * half, panels)
