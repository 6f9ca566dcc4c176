r"""Where dropout destroys specialisation: two nodes, two of the teacher's, and a vanishing learning rate.

For a small learning rate the equations of `course_utils.theory.mori2025` are a descent on the loss averaged over inputs
and dropout. The weights stay in the span of the teacher's, so for K = M = 2 and an orthonormal teacher the states
:math:`R = \bigl(\begin{smallmatrix} a+s & a-s \\ a-s & a+s \end{smallmatrix}\bigr)`, :math:`Q = R R^{\mathsf T}`, hold
both the symmetric plateau (s = 0) and the specialised student. The loss is

.. math::
    \frac\pi2 L = v^2 \bigl[p \arcsin\tfrac{q}{1+q} + p^2 \arcsin\tfrac{c}{1+q}\bigr]
    - 2 p v \sum_\pm \arcsin\tfrac{a \pm s}{\sqrt{2(1+q)}} + \frac\pi6, \qquad
    q = 2(a^2 + s^2), \quad c = 2(a^2 - s^2),

even in s as in Landau's theory of continuous transitions. With :math:`V = v^2 (1+p)^2` its symmetric state is
:math:`x = a^2 = (2 - V + \sqrt{V^2 - V + 4}) / 3V`, and it is stable unless

.. math::
    p\,(1 + 4x) - 1 > \frac{(1 + p)\, x\, (3 + 4x)}{2 + 3x} .

The bound is :math:`p_c`: 0.85659 for standard dropout (v = 1), 0.88860 for the inverted form (v = 1/p).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from course_utils.theory import saad1995
from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]
_TINY = 1e-30


@dataclass(frozen=True, eq=False)
class State:
    r"""The best student at each activation probability.

    Attributes
    ----------
    specialisation : numpy.ndarray, (P,)
        :math:`S = |R_{i1} - R_{i2}| / \sqrt{Q_{ii}} = 2 s / \sqrt q`.
    student, cross : numpy.ndarray, (P, 2, 2)
        :math:`Q, R`.
    error : numpy.ndarray, (P,)
        Test error :math:`\epsilon_g` with the output scaled by :math:`p v`.
    loss : numpy.ndarray, (P,)
        :math:`L`: half the mean square in training, over inputs and dropout, without label noise.
    """

    specialisation: Array
    student: Array
    cross: Array
    error: Array
    loss: Array


def preference(cross: npt.ArrayLike) -> Array:
    r"""Return how much two nodes prefer one node of the teacher each.

    .. math::
        s = (R_{11} - R_{12} - R_{21} + R_{22}) / 2

    Parameters
    ----------
    cross : array_like, (..., 2, 2)
        Overlaps R.

    Returns
    -------
    numpy.ndarray
        0 on the plateau, 1 for copies of the teacher, -1 for copies in the other order.

    Raises
    ------
    TypeError, ValueError
        If ``cross`` is not of this kind.

    Examples
    --------
    >>> preference([[0.4, 0.2], [0.2, 0.4]]).round(6)
    np.float64(0.2)
    """
    r = finite_array("cross", cross)
    if r.shape[-2:] != (2, 2):
        raise ValueError(f"cross must be an array (..., 2, 2); got shape {r.shape}")
    found: Array = (r[..., 0, 0] - r[..., 0, 1] - r[..., 1, 0] + r[..., 1, 1]) / 2
    return found


def _gain(p: npt.ArrayLike, inverted: bool) -> Array:
    """Return the factor v on the awake nodes."""
    found: Array = np.asarray(1 / np.asarray(p) if inverted else np.ones_like(p))
    return found


def _plateau(p: npt.ArrayLike, inverted: bool) -> Array:
    """Return x = a² of the symmetric state."""
    v = (_gain(p, inverted) * (1 + np.asarray(p))) ** 2
    found: Array = np.asarray((2 - v + np.sqrt(v * v - v + 4)) / (3 * v))
    return found


def _instability(p: npt.ArrayLike, inverted: bool) -> Array:
    """Return by how much the plateau is unstable: it has the sign of minus the curvature of the loss along s."""
    p, x = np.asarray(p), _plateau(p, inverted)
    found: Array = np.asarray(p * (1 + 4 * x) - 1 - (1 + p) * x * (3 + 4 * x) / (2 + 3 * x))
    return found


def critical_active(inverted: bool = False) -> float:
    r"""Activation probability :math:`p_c` below which the hidden nodes do not specialise, for a vanishing rate.

    Parameters
    ----------
    inverted : bool
        Whether the awake nodes are scaled up by 1/p in training.

    References
    ----------
    The model: F. Mori, F. Mignacco, arXiv:2505.07792 (2025). The transition is derived here.

    Examples
    --------
    >>> round(critical_active(), 6), round(critical_active(inverted=True), 6)
    (0.856594, 0.888601)
    """
    return float(brentq(_instability, 0.3, 1.0, args=(inverted,), xtol=1e-14, rtol=1e-14))


def _gradient(a: npt.ArrayLike, w: npt.ArrayLike, p: npt.ArrayLike, v: npt.ArrayLike) -> tuple[Array, Array]:
    r"""Return :math:`\partial_a L` and :math:`\partial_s L / s`, both times :math:`\pi / 8pv`, as functions of w = s².

    Written without differences of nearly equal numbers, so that they hold at w = 0 and for complex arguments.
    """
    a, w, p, v = (np.asarray(n) for n in (a, w, p, v))
    x, wide = a * a, 1 + 2 * (a * a + w)
    ratio = np.sqrt((1 + 4 * w) / (1 + 4 * x))
    own = 1 / np.sqrt(1 + 4 * (x + w))
    # r± = √(2 + 3(a² + s²) ∓ 2as): their product, their sum
    product = np.sqrt((2 + 3 * (x + w)) ** 2 - 4 * x * w)
    total = np.sqrt(2 * (2 + 3 * (x + w)) + 2 * product)
    even, odd = total / product, 4 * a / (product * total)
    along = v * a / wide * (own + p * ratio) - ((1 - 2 * x / wide) * even - 2 * a * w / wide * odd) / 2
    across = v / wide * (own - p / ratio) - (odd - 2 / wide * (a * even + w * odd)) / 2
    return along, across


def _jacobian(a: float, w: float, p: float, inverted: bool) -> Array:
    """Return the derivatives of the gradient with respect to a, w and p, by complex steps: a (2, 3) matrix."""
    columns = []
    for n in range(3):
        z = np.array([a, w, p], dtype=complex)
        z[n] += 1j * _TINY
        parts = _gradient(z[0], z[1], z[2], 1 / z[2] if inverted else 1.0)
        columns.append([float(part.imag) / _TINY for part in parts])
    return np.array(columns).T


def amplitude(inverted: bool = False) -> float:
    r"""Amplitude A of the square-root law :math:`S \simeq A \sqrt{p - p_c}`.

    The gradient of the loss stays zero along the branch :math:`(a, s^2)(p)`; its derivatives at :math:`p_c` give
    :math:`ds^2/dp`, and :math:`A^2 = (2/a^2)\, ds^2/dp`.

    Parameters
    ----------
    inverted : bool
        Whether the awake nodes are scaled up by 1/p in training.

    Examples
    --------
    >>> p = critical_active() + 1e-5
    >>> bool(abs(state([p]).specialisation[0] / (amplitude() * 1e-5**0.5) - 1) < 1e-3)
    True
    """
    p = critical_active(inverted)
    a = float(np.sqrt(_plateau(p, inverted)))
    slopes = _jacobian(a, 0.0, p, inverted)
    moved = np.linalg.solve(slopes[:, :2], -slopes[:, 2])
    return float(np.sqrt(2 * moved[1]) / a)


def _follow(p: Array, inverted: bool) -> Array:
    """Return (a, s²) on the branch that leads from the copied teacher at p = 1 to the plateau; (P, 2)."""
    critical, found = critical_active(inverted), np.empty((p.size, 2))
    a, w, last = 0.5, 0.25, 1.0
    for n in np.argsort(-p):
        if p[n] <= critical:
            found[n] = np.sqrt(_plateau(p[n], inverted)), 0.0
            continue
        # the branch is smooth in s², through p_c too: small steps, each with Newton's method
        for q in np.linspace(last, p[n], 2 + int((last - p[n]) / 0.01))[1:]:
            for _ in range(8):
                rest = np.array(_gradient(a, w, q, 1 / q if inverted else 1.0))
                by = np.linalg.solve(_jacobian(a, w, q, inverted)[:, :2], rest)
                a, w = a - float(by[0]), w - float(by[1])
        last, found[n] = float(p[n]), (a, w)
    return found


def state(active: npt.ArrayLike, inverted: bool = False) -> State:
    r"""Return the student that a vanishing learning rate ends in, specialised or not.

    Parameters
    ----------
    active : array_like, (P,)
        Activation probabilities p; above 0, at most 1.
    inverted : bool
        Whether the awake nodes are scaled up by 1/p in training.

    Returns
    -------
    State
        Label noise plays no part: in this limit it averages out.

    Raises
    ------
    TypeError, ValueError
        If ``active`` is not of this kind.

    Examples
    --------
    >>> state([1.0, 0.9, 0.87, 0.85]).specialisation.round(3)
    array([1.   , 0.666, 0.401, 0.   ])
    """
    p = finite_array("active", active, ndim=1, above=0)
    if p.max() > 1:
        raise ValueError(f"active must be probabilities, above 0 and at most 1; got {p.max():g}")
    a, w = _follow(p, inverted).T
    s, v = np.sqrt(np.maximum(w, 0)), _gain(p, inverted)
    r = np.moveaxis(np.array([[a + s, a - s], [a - s, a + s]]), -1, 0)
    q = r @ np.swapaxes(r, 1, 2)
    error = saad1995.error(q, r, p * v)
    # awake twice with p, not p²: a node meets itself
    width = q[:, 0, 0]
    loss = error + v**2 * p * (1 - p) * saad1995.output_product(width, width, width)
    return State(2 * s / np.sqrt(width), q, r, error, loss)
