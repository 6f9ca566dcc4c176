r"""Pontryagin, Andronov and Vitt (1933): the mean time until a walker first reaches a place, exactly.

The mean time :math:`\tau(x)` obeys the backward equation :math:`T \tau'' - U' \tau' = -1`, zero at the target.
On a line it is solved by two integrals.
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import cumulative_simpson

from course_utils.theory.quadrature import Array, Function, evaluate, reach
from course_utils.validation import positive, real

_POINTS = 40_001


def mean_time(energy: Function, *, start: float, target: float, temperature: float) -> float:
    r"""Mean time from ``start`` to ``target``, with a wall of rising energy on the other side.

    .. math::
        \tau = \frac 1T \int_{a}^{b} dy\; e^{U(y)/T} \int_{-\infty}^{y} dz\; e^{-U(z)/T}
        \qquad (\text{start } a < \text{target } b)

    In words: at each place on the way, how much weight lies behind, and how steep the price to go on.

    Parameters
    ----------
    energy : function
        :math:`U(x)`, for arrays; it must rise on both sides.
    start, target : float
        Two different places, in either order.
    temperature : float
        :math:`k_B T`; positive.

    Returns
    -------
    float
        The time, in units in which force is velocity (mobility 1).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the time is too long for a floating-point number.

    References
    ----------
    L. Pontryagin, A. Andronov and A. Vitt, Zh. Eksp. Teor. Fiz. 3, 165 (1933).

    Examples
    --------
    >>> round(mean_time(lambda x: (x**2 - 1) ** 2, start=-1.0, target=1.0, temperature=0.25), 4)
    69.2636
    """
    start, target = real("start", start), real("target", target)
    temperature = positive("temperature", temperature)
    if start == target:
        raise ValueError(f"target must differ from start; got {target!r} for both")
    if target < start:
        return mean_time(lambda x: energy(-x), start=-start, target=-target, temperature=temperature)
    left, _ = reach("energy", energy, temperature, around=start)
    left = min(left, start - 1e-9)
    behind = np.linspace(left, start, _POINTS)
    ahead = np.linspace(start, target, _POINTS)
    reference = float(evaluate("energy", energy, np.array([start]))[0])
    with np.errstate(over="ignore", invalid="ignore"):
        before = np.exp(-(evaluate("energy", energy, behind) - reference) / temperature)
        height = (evaluate("energy", energy, ahead) - reference) / temperature
        weight = cumulative_simpson(before, x=behind)[-1] + cumulative_simpson(np.exp(-height), x=ahead, initial=0)
        time = float(cumulative_simpson(np.exp(height) * weight, x=ahead)[-1] / temperature)
    return _finite(time, temperature)


def mean_exit_time(energy: Function, *, start: float, low: float, high: float, temperature: float) -> float:
    r"""Mean time until a walker first leaves an interval through either end.

    .. math::
        \tau(x) = \frac 1T \Bigl[ (1 - \pi(x)) \int_a^x S(z)\, e^{-U(z)/T} dz
        + \pi(x) \int_x^b \bigl(S(b) - S(z)\bigr)\, e^{-U(z)/T} dz \Bigr],
        \qquad S(z) = \int_a^z e^{U(y)/T} dy, \quad \pi(x) = \frac{S(x)}{S(b)}

    where π(x) is the probability to leave through :math:`b`. On a plateau this is :math:`(x - a)(b - x) / 2T`.

    Parameters
    ----------
    energy : function
        :math:`U(x)`, for arrays.
    start, low, high : float
        :math:`a < x < b`.
    temperature : float
        :math:`k_B T`; positive.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the time is too long for a floating-point number.

    Examples
    --------
    >>> round(mean_exit_time(lambda x: 0 * x, start=0.0, low=-2.0, high=2.0, temperature=0.5), 9)
    4.0
    """
    start = real("start", start)
    low, high = real("low", low, below=start), real("high", high, above=start)
    temperature = positive("temperature", temperature)
    # Two grids that meet at the start, so that no interpolation is needed.
    x = np.concatenate([np.linspace(low, start, _POINTS), np.linspace(start, high, _POINTS)[1:]])
    height = evaluate("energy", energy, x) / temperature
    height = height - height.min()
    with np.errstate(over="ignore", invalid="ignore"):
        climb, weight = np.exp(height), np.exp(-height)
        # Summed from both ends, so that nothing is a small difference of large numbers.
        from_low, from_high = _cumulative(climb, x), _cumulative(climb[::-1], -x[::-1])[::-1]
        here = _POINTS - 1
        right = from_low[here] / from_low[-1]
        behind, ahead = _cumulative(from_low * weight, x), _cumulative((from_high * weight)[::-1], -x[::-1])[::-1]
        time = float((from_high[here] / from_low[-1] * behind[here] + right * ahead[here]) / temperature)
    return _finite(time, temperature)


def _cumulative(values: Array, x: Array) -> Array:
    """Integrate up to each point of two grids that meet in the middle: Simpson needs equal steps on each."""
    middle = _POINTS - 1
    left = cumulative_simpson(values[: middle + 1], x=x[: middle + 1], initial=0)
    right = cumulative_simpson(values[middle:], x=x[middle:], initial=0)
    return np.concatenate([left, left[-1] + right[1:]])


def _finite(time: float, temperature: float) -> float:
    if not np.isfinite(time):
        raise ValueError(f"temperature must be higher for the time to be a number below 1e308; got {temperature!r}")
    return time
