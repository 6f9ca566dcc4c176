r"""Maruyama (1955): what a walker with a finite time step does, exactly.

The recipe :math:`x' = x + F(x)\,\Delta t + \sqrt{2 T(x) \Delta t}\,\xi` is itself a Markov chain, with the Gaussian
transition density

.. math::
    K(x' \mid x) = \mathcal N\bigl(x';\; x + F(x)\,\Delta t,\; 2\,T(x)\,\Delta t\bigr).

Its stationary density and its first-passage times obey linear integral equations, solved here on quadrature nodes
(Nyström's method). They differ from the laws of continuous time by what the time step does: the sampling error of a
simulation does not hide it.
"""

from __future__ import annotations

import math

import numpy as np

from course_utils.theory.quadrature import Array, Function, evaluate, nodes
from course_utils.validation import positive, real

# Nodes for each standard deviation of a kick. Two give ten digits; the matrix is dense, so their number is limited.
_PER_KICK, _MOST_NODES = 2.0, 6000


def _grid(low: float, high: float, kick: float) -> tuple[Array, Array]:
    panels = max(8, math.ceil((high - low) / kick * _PER_KICK / 8))
    if 8 * panels > _MOST_NODES:
        shortest = _PER_KICK * (high - low) / _MOST_NODES
        raise ValueError(
            f"time_step must be larger, for a kick to be at least {shortest:.3g} long; got kicks of {kick:.3g}"
        )
    return nodes(low, high, panels=panels, order=8)


def _transition(force: Function, temperature: float | Function, time_step: float, x: Array, y: Array) -> Array:
    """Return the transition density from each x (row) to each y (column)."""
    spread = np.sqrt(2 * time_step * _heat(temperature, x))[:, None]
    centre = (x + evaluate("force", force, x) * time_step)[:, None]
    return np.exp(-0.5 * ((y - centre) / spread) ** 2) / (math.sqrt(2 * math.pi) * spread)


def _heat(temperature: float | Function, x: Array) -> Array:
    if not callable(temperature):
        return np.full(x.shape, positive("temperature", temperature))
    heat = evaluate("temperature", temperature, x)
    if (heat <= 0).any():
        raise ValueError(f"temperature must be positive everywhere; got {heat.min():g}")
    return heat


def stationary_average(
    force: Function,
    observable: Function,
    *,
    temperature: float | Function,
    time_step: float,
    low: float = -3.0,
    high: float = 3.0,
) -> float:
    r"""Mean of an observable over the stationary density of the chain, :math:`\pi(y) = \int K(y \mid x)\,\pi(x)\,dx`.

    Parameters
    ----------
    force : function
        F(x), for arrays.
    observable : function
        f(x), for arrays.
    temperature : float or function
        kT, positive; or a function of the position.
    time_step : float
        The time step; positive.
    low, high : float
        An interval that the walker practically never leaves. (In a potential that rises faster than a parabola the
        chain would, after astronomically long times, jump too far and run off: what is meant is its density until
        then.)

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the interval loses the walker or needs too many nodes.

    References
    ----------
    G. Maruyama, Rend. Circ. Mat. Palermo 4, 48 (1955), doi:10.1007/BF02846028.

    Examples
    --------
    In the trap the mean square is known in closed form, T / (k (1 - k Δt / 2)):

    >>> chain = stationary_average(lambda x: -x, lambda x: x**2, temperature=0.5, time_step=0.1, low=-8, high=8)
    >>> round(chain, 8), round(trap_mean_square(stiffness=1.0, temperature=0.5, time_step=0.1), 8)
    (0.52631579, 0.52631579)
    """
    time_step = positive("time_step", time_step)
    low = real("low", low)
    high = real("high", high, above=low)
    heat = _heat(temperature, np.linspace(low, high, 1001))
    x, weight = _grid(low, high, math.sqrt(2 * time_step * float(heat.min())))
    matrix = _transition(force, temperature, time_step, x, x) * weight
    density = _stationary(matrix)
    edge = np.abs(density[[0, -1]] / weight[[0, -1]]).max()
    if edge > 1e-8 * np.abs(density / weight).max():
        raise ValueError(f"low and high must hold all of the walkers between them; got {low:g} and {high:g}")
    return float(density @ evaluate("observable", observable, x))


def _stationary(matrix: Array) -> Array:
    """Return the probability of each node: the left eigenvector of a matrix whose rows sum to (nearly) one."""
    balance = matrix.T - np.eye(len(matrix))
    # One of the balance equations follows from the others; the sum of all probabilities takes its place.
    middle = len(matrix) // 2
    balance[middle] = 1.0
    right = np.zeros(len(matrix))
    right[middle] = 1.0
    return np.linalg.solve(balance, right).astype(np.float64)


def mean_time(
    force: Function,
    *,
    start: float,
    target: float | tuple[float, float],
    temperature: float | Function,
    time_step: float,
    wall: float = 3.0,
) -> float:
    r"""Mean time until the chain is first *seen* on the target.

    .. math::
        \tau(x) = \Delta t + \int K(y \mid x)\,\tau(y)\,dy

    The integral runs over the places that are not yet on the target. Since nobody looks between the steps, an arrival
    is noticed late, as if the target were about :math:`0.58 \sqrt{2 T \Delta t}` farther away.

    Parameters
    ----------
    force : function
        F(x), for arrays.
    start : float
        Where the walker starts.
    target : float or (float, float)
        Where the walk ends: one place, or the two ends of an interval with ``start`` inside.
    temperature : float or function
        kT, positive; or a function of the position.
    time_step : float
        The time step; positive.
    wall : float
        With one target: how far beyond zero on the other side the walker practically never goes.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or needs too many nodes.

    Examples
    --------
    >>> force = lambda x: -4 * x * (x**2 - 1)
    >>> round(mean_time(force, start=-1.0, target=1.0, temperature=0.5, time_step=0.01), 2)
    10.28
    """
    start = real("start", start)
    time_step = positive("time_step", time_step)
    if isinstance(target, tuple):
        low, high = real("target[0]", target[0], below=start), real("target[1]", target[1], above=start)
    else:
        wall, place = positive("wall", wall), real("target", target)
        if place == start:
            raise ValueError(f"target must differ from start; got {place!r} for both")
        low, high = (min(-wall, start - 1), place) if place > start else (place, max(wall, start + 1))
    heat = _heat(temperature, np.linspace(low, high, 1001))
    x, weight = _grid(low, high, math.sqrt(2 * time_step * float(heat.min())))
    matrix = _transition(force, temperature, time_step, x, x) * weight
    times = np.linalg.solve(np.eye(len(x)) - matrix, np.full(len(x), time_step))
    first = _transition(force, temperature, time_step, np.array([start]), x)[0]
    return float(time_step + (first * weight) @ times)


def trap_mean_square(*, stiffness: float, temperature: float, time_step: float) -> float:
    r"""Mean square position of the chain in a harmonic trap, :math:`T / \bigl(k\,(1 - k\,\Delta t / 2)\bigr)`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not positive, or the time step is 2 / k or more, where the chain runs off.
    """
    stiffness, temperature = positive("stiffness", stiffness), positive("temperature", temperature)
    time_step = real("time_step", time_step, above=0, below=2 / stiffness)
    return temperature / (stiffness * (1 - stiffness * time_step / 2))
