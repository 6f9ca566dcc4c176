r"""Mori and Mignacco (2025): online learning with dropout, as equations for a few overlaps.

In each step a student with K hidden nodes sees one new sample, and each node takes part with probability p (the
*activation probability*; the dropout rate is 1 - p):

.. math::
    \hat y = v \sum_i r_i\, g(\lambda_i), \qquad
    w_i \leftarrow w_i - \frac{\eta v}{\sqrt N} (\hat y - y)\, r_i\, g'(\lambda_i)\, x, \qquad
    r_i \sim \mathrm{Bernoulli}(p),

with :math:`y = \sum_m g(u_m) + \sigma z`. In the standard form :math:`v = 1`, in the inverted one :math:`v = 1/p`; the
test uses :math:`p v \sum_i g(\lambda_i)`. With :math:`\alpha` = steps / N, for large N (fields, overlaps and averages
:math:`I_3, I_4, J_2` as in `course_utils.theory.saad1995`)

.. math::
    \frac{dR_{im}}{d\alpha} &= -\eta v \sum_f s_f\, p^{n(i,f)} I_3(i, m, f), \\
    \frac{dQ_{ik}}{d\alpha} &= -\eta v \sum_f s_f \bigl[p^{n(i,f)} I_3(i, k, f) + p^{n(k,f)} I_3(k, i, f)\bigr]
    + (\eta v)^2 \Bigl[\sum_{f,h} s_f s_h\, p^{n(i,k,f,h)} I_4(i, k, f, h) + \sigma^2 p^{n(i,k)} J_2(i, k)\Bigr].

Here f and h run over all nodes, :math:`s` is v for the student's and -1 for the teacher's, and :math:`n(\cdot)` counts
the *different* nodes of the student among its arguments: each must be awake for the term to be there.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement as pairs_of
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.integrate import solve_ivp

from course_utils.theory import saad1995
from course_utils.validation import finite_array, positive, real

Array = npt.NDArray[np.float64]
_RELATIVE, _ABSOLUTE = 1e-8, 1e-10


@dataclass(frozen=True, eq=False)
class Learning:
    r"""How the overlaps move; ``...`` is the shape of the settings.

    Attributes
    ----------
    times : numpy.ndarray, (A,)
        :math:`\alpha`, steps per dimension.
    student : numpy.ndarray, (A, ..., K, K)
        :math:`Q`.
    cross : numpy.ndarray, (A, ..., K, M)
        :math:`R`.
    error : numpy.ndarray, (A, ...)
        Test error :math:`\epsilon_g` (half the mean square, against the teacher without label noise).
    """

    times: Array
    student: Array
    cross: Array
    error: Array


class _Equations:
    """Right-hand side for many settings at once; their axis is the last one."""

    def __init__(self, active: Array, noise: Array, rate: Array, gain: Array, *, hidden: int, teacher: Array) -> None:
        m, size = len(teacher), active.size
        self.hidden, self.nodes = hidden, hidden + m
        self.pairs = np.array(list(pairs_of(range(hidden), 2))).T
        self._c = np.empty((self.nodes, self.nodes, size))
        self._c[hidden:, hidden:] = teacher[..., None]
        sign = np.concatenate([np.tile(gain, (hidden, 1)), -np.ones((m, size))])

        def awake(*nodes: Any) -> Any:
            """Return the probability that all the student's nodes among these are awake."""
            return active ** len({int(node) for node in nodes if node < hidden})

        # ⟨slope of i · field j · error⟩: one weight for each i and each f that the error is made of
        everyone = range(self.nodes)
        self._pull = np.array([[-rate * gain * sign[f] * awake(i, f) for f in everyone] for i in range(hidden)])
        # ⟨slopes of i and k · error²⟩: f ≤ h, and those with f < h count twice
        both, step = list(pairs_of(everyone, 2)), (rate * gain) ** 2
        self._quads = np.array([[(i, k, f, h) for f, h in both] for i, k in self.pairs.T]).reshape(-1, 4).T
        weights = [(1 + (f < h)) * step * sign[f] * sign[h] * awake(i, k, f, h) for i, k, f, h in self._quads.T]
        self._push = np.array(weights).reshape(-1, len(both), size)
        self._shake = np.array([step * noise**2 * awake(i, k) for i, k in self.pairs.T])

    def pack(self, q: Array, r: Array) -> Array:
        """Write overlaps (settings, K, K) and (settings, K, M) as one vector."""
        i, k = self.pairs
        return np.concatenate([q[:, i, k].T.ravel(), r.reshape(len(r), -1).T.ravel()])

    def unpack(self, y: Array) -> tuple[Array, Array]:
        """Read (K, K, settings) and (K, M, settings) from the vector."""
        parts, (i, k) = y.reshape(-1, self._c.shape[-1]), self.pairs
        q = np.empty((self.hidden, self.hidden, parts.shape[-1]))
        q[i, k] = q[k, i] = parts[: i.size]
        return q, parts[i.size :].reshape(self.hidden, -1, parts.shape[-1])

    def slope(self, _: float, y: Array) -> Array:
        """Return the derivative with respect to α."""
        c, own, (i, k) = self._c, self.hidden, self.pairs
        c[:own, :own], c[:own, own:] = self.unpack(y)
        c[own:, :own] = c[:own, own:].swapaxes(0, 1)
        width = np.einsum("nns->ns", c)
        first, mine = width[:own, None, None], c[:own]
        drift = saad1995.slope_field_output(first, mine[:, :, None], mine[:, None], c[None], width)
        drift = np.einsum("ijfs,ifs->ijs", drift, self._pull)
        four = saad1995.slopes_outputs([[c[a, b] for b in self._quads] for a in self._quads])
        spread = (self._push * four.reshape(self._push.shape)).sum(1)
        spread += self._shake * saad1995.slope_product(width[i], c[i, k], width[k])
        change = drift[i, k] + drift[k, i] + spread
        return np.concatenate([change.ravel(), drift[:, own:].ravel()])


def _start(start: Any, shape: tuple[int, ...], target: Any) -> tuple[tuple[int, ...], Array, Array, Array]:
    """Return the shape of the settings, and the first overlaps of each."""
    if not isinstance(start, (tuple, list)) or len(start) != 2:
        raise TypeError(f"start must be a pair (Q, R) of arrays; got a {type(start).__name__}")
    q, r, t = saad1995.overlaps(start[0], start[1], target)
    if t.ndim != 2:
        raise ValueError(f"target must be one array (M, M) for all settings; got shape {t.shape}")
    shape = np.broadcast_shapes(shape, q.shape[:-2], r.shape[:-2])
    q, r = (np.broadcast_to(a, shape + a.shape[-2:]) for a in (q, r))
    rest = q - r @ np.linalg.solve(t, np.swapaxes(r, -1, -2))
    if not np.allclose(q, np.swapaxes(q, -1, -2)) or np.linalg.eigvalsh(rest).min() < -1e-9:
        raise ValueError(
            "start must be overlaps that weights can have: Q symmetric, Q - R R' without negative eigenvalue"
        )
    return shape, q, r, t


def learning(
    times: npt.ArrayLike,
    *,
    active: npt.ArrayLike = 1.0,
    noise: npt.ArrayLike = 0.0,
    learning_rate: npt.ArrayLike = 1.0,
    start: Any = None,
    target: npt.ArrayLike | None = None,
    inverted: bool = False,
) -> Learning:
    r"""Follow the overlaps of student and teacher through online learning with dropout, for infinitely many inputs.

    Parameters
    ----------
    times : array_like, (A,)
        When to look: :math:`\alpha`, steps per dimension; 0 or more, increasing, the last one above 0.
    active : array_like
        Activation probability p; above 0, at most 1 (1: no dropout).
    noise : array_like
        Standard deviation :math:`\sigma` of the noise on the labels; at least 0.
    learning_rate : array_like
        Learning rate :math:`\eta`; above 0.
    start : pair of array_like, (..., K, K) and (..., K, M)
        Overlaps :math:`Q, R` at the start. Without it: K = 2 nodes with zero weights, and a teacher with M = 1.
    target : array_like, (M, M), optional
        The teacher's :math:`T`; without it, its weights are orthonormal.
    inverted : bool
        Whether the awake nodes are scaled up by 1/p in training, instead of all of them down by p in the test.

    Returns
    -------
    Learning
        The settings have the shape to which ``active``, ``noise``, ``learning_rate`` and the batch axes of ``start``
        broadcast; all are integrated at once.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.
    RuntimeError
        If the solver fails.

    References
    ----------
    F. Mori, F. Mignacco, arXiv:2505.07792 (2025); D. Saad, S. A. Solla, Phys. Rev. E 52, 4225 (1995),
    doi:10.1103/PhysRevE.52.4225.

    Examples
    --------
    >>> learning([1.0, 5.0], active=[1.0, 0.7], noise=0.3).error.round(4)
    array([[0.1107, 0.0991],
           [0.0632, 0.0365]])
    """
    when = finite_array("times", times, ndim=1, least=0)
    if when[-1] == 0 or (np.diff(when) <= 0).any():
        raise ValueError(f"times must increase and end above 0; got {when[:5].tolist()}")
    awake, sigma = finite_array("active", active, above=0), finite_array("noise", noise, least=0)
    if awake.max() > 1:
        raise ValueError(f"active must be probabilities, above 0 and at most 1; got {awake.max():g}")
    eta = finite_array("learning_rate", learning_rate, above=0)
    shape = np.broadcast_shapes(awake.shape, sigma.shape, eta.shape)
    begin = (np.zeros((2, 2)), np.zeros((2, 1))) if start is None else start
    shape, q, r, t = _start(begin, shape, target)
    awake, sigma, eta = (np.broadcast_to(a, shape).ravel() for a in (awake, sigma, eta))
    gain = 1 / awake if inverted else np.ones(awake.size)
    flow = _Equations(awake, sigma, eta, gain, hidden=q.shape[-1], teacher=t)
    y = flow.pack(q.reshape(-1, *q.shape[-2:]), r.reshape(-1, *r.shape[-2:]))
    done = solve_ivp(flow.slope, (0, when[-1]), y, "DOP853", when, rtol=_RELATIVE, atol=_ABSOLUTE)
    if not done.success:
        raise RuntimeError(f"the equations could not be solved: {done.message}")
    path = [[np.moveaxis(part, -1, 0) for part in flow.unpack(state)] for state in done.y.T]
    student, cross = (
        np.array([state[n] for state in path]).reshape(when.size, *shape, *a.shape[-2:]) for n, a in enumerate((q, r))
    )
    return Learning(when, student, cross, saad1995.error(student, cross, (awake * gain).reshape(shape), t))


def best_active(
    noise: npt.ArrayLike,
    *,
    time: float = 5.0,
    learning_rate: float = 1.0,
    choices: npt.ArrayLike | None = None,
    **more: Any,
) -> tuple[Array, Array]:
    r"""Return the activation probability with the smallest test error at a given time, for each label noise.

    Parameters
    ----------
    noise : array_like, (S,)
        Standard deviations :math:`\sigma` of the noise on the labels; at least 0.
    time : float
        When the learning ends, :math:`\alpha`; above 0.
    learning_rate : float
        Learning rate :math:`\eta`; above 0.
    choices : array_like, (P,), optional
        The probabilities to choose from; without it 0.30, 0.32, ..., 1.
    **more
        ``start``, ``target``, ``inverted``, as in `learning`; the first two without batch axes.

    Returns
    -------
    best, error : numpy.ndarray, (S,)
        The best choice, and the test error with it.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> best_active([0.0, 0.3])[0]
    array([1.  , 0.68])
    """
    sigma = finite_array("noise", noise, ndim=1, least=0)
    grid = np.linspace(0.3, 1, 36) if choices is None else finite_array("choices", choices, ndim=1, above=0)
    time, learning_rate = positive("time", time), real("learning_rate", learning_rate, above=0)
    error = learning([time], active=grid, noise=sigma[:, None], learning_rate=learning_rate, **more).error[0]
    return grid[error.argmin(-1)], error.min(-1)


def best_setting(noise: float, *, time: float = 5.0) -> tuple[float, float, float, float]:
    r"""Return the learning rate and activation probability with the smallest test error, if both may be chosen.

    Parameters
    ----------
    noise : float
        Standard deviation :math:`\sigma` of the noise on the labels; at least 0.
    time : float
        When the learning ends, :math:`\alpha`; above 0.

    Returns
    -------
    rate, active, error, plain : float
        The best of 32 rates from 0.02 to 1 and of p = 0.3, 0.32, ..., 1, its error, and the least without dropout.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> [round(n, 4) for n in best_setting(0.3)]
    [0.3644, 1.0, 0.0239, 0.0239]
    """
    sigma, end = real("noise", noise, least=0), positive("time", time)
    rates, grid = np.geomspace(0.02, 1, 32), np.linspace(0.3, 1, 36)
    error = learning([end], active=grid, noise=sigma, learning_rate=rates[:, None]).error[0]
    k, j = np.unravel_index(error.argmin(), error.shape)
    return float(rates[k]), float(grid[j]), float(error.min()), float(error[:, -1].min())
