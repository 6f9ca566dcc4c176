r"""Saad and Solla (1995): averages over Gaussian fields of the soft committee machine, and what they tell of a student.

A student with K hidden nodes, :math:`\sum_i g(\lambda_i)` with :math:`\lambda_i = w_i \cdot x / \sqrt N`, and a teacher
with M, :math:`\sum_m g(u_m)` with :math:`u_m = w^*_m \cdot x / \sqrt N`, see inputs :math:`x \sim \mathcal N(0, I_N)`
and answer through :math:`g(u) = \operatorname{erf}(u / \sqrt2)`. The fields are jointly Gaussian, with covariances

.. math::
    Q_{ik} = \frac{w_i \cdot w_k}{N}, \qquad R_{im} = \frac{w_i \cdot w^*_m}{N}, \qquad
    T_{ml} = \frac{w^*_m \cdot w^*_l}{N},

and everything about the student that shows at large N is a function of these. Batch axes come first, and broadcast.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]


def output_product(c11: Any, c12: Any, c22: Any) -> Array:
    r"""Mean product of two outputs, :math:`I_2 = \langle g(x_1) g(x_2) \rangle`.

    .. math::
        I_2 = \frac2\pi \arcsin \frac{c_{12}}{\sqrt{(1 + c_{11})(1 + c_{22})}}

    Parameters
    ----------
    c11, c12, c22 : array_like
        Covariances of the two fields; they broadcast. Not tested, for this stands in the innermost loop.

    Examples
    --------
    >>> output_product(1.0, 1.0, 1.0).round(6)  # the outputs of a node with unit weights are uniform between -1 and 1
    np.float64(0.333333)
    """
    found: Array = 2 / math.pi * np.arcsin(np.clip(c12 / np.sqrt((1 + c11) * (1 + c22)), -1, 1))
    return found


def slope_product(c11: Any, c12: Any, c22: Any) -> Array:
    r"""Mean product of two slopes, :math:`J_2 = \langle g'(x_1) g'(x_2) \rangle`.

    .. math::
        J_2 = \frac2\pi \frac1{\sqrt{(1 + c_{11})(1 + c_{22}) - c_{12}^2}}

    Parameters
    ----------
    c11, c12, c22 : array_like
        As in `output_product`.

    Examples
    --------
    >>> slope_product(0.0, 0.0, 0.0).round(6)
    np.float64(0.63662)
    """
    found: Array = 2 / math.pi / np.sqrt((1 + c11) * (1 + c22) - np.square(c12))
    return found


def slope_field_output(c11: Any, c12: Any, c13: Any, c23: Any, c33: Any) -> Array:
    r"""Mean of slope, field and output, :math:`I_3 = \langle g'(x_1)\, x_2\, g(x_3) \rangle`.

    .. math::
        I_3 = \frac2\pi \frac{c_{23}(1 + c_{11}) - c_{12} c_{13}}{(1 + c_{11}) \sqrt{\Lambda_3}}, \qquad
        \Lambda_3 = (1 + c_{11})(1 + c_{33}) - c_{13}^2

    Parameters
    ----------
    c11, c12, c13, c23, c33 : array_like
        Covariances of the three fields (:math:`c_{22}` plays no part).

    Examples
    --------
    >>> slope_field_output(0.0, 0.0, 0.0, 1.0, 1.0).round(6)  # the slope √(2/π) at 0 times ⟨x g(x)⟩ = 1 / √π
    np.float64(0.450158)
    """
    wide = 1 + np.asarray(c11)
    spread = wide * (1 + c33) - np.square(c13)
    found: Array = 2 / math.pi * (c23 * wide - c12 * c13) / (wide * np.sqrt(spread))
    return found


def slopes_outputs(c: Sequence[Sequence[Any]]) -> Array:
    r"""Mean of two slopes and two outputs, :math:`I_4 = \langle g'(x_1) g'(x_2) g(x_3) g(x_4) \rangle`.

    .. math::
        I_4 = \frac4{\pi^2} \frac1{\sqrt{\Lambda_4}} \arcsin \frac{\Lambda_0}{\sqrt{\Lambda_1 \Lambda_2}}, \qquad
        \Lambda_4 = (1 + c_{11})(1 + c_{22}) - c_{12}^2,

    where :math:`\Lambda_0, \Lambda_1, \Lambda_2` are :math:`\Lambda_4` times :math:`c_{34}`, :math:`1 + c_{33}`,
    :math:`1 + c_{44}` of the fields 3 and 4 under the Gaussian that the two slopes re-weight.

    Parameters
    ----------
    c : 4 rows of 4 array_like
        Covariances of the four fields; what stands below the diagonal is not looked at.

    Examples
    --------
    >>> zero, one = np.zeros((4, 4)), np.eye(4)
    >>> zero[2:, 2:] = 1.0  # slopes at 0, twice the same output: 2/π · 1/3
    >>> slopes_outputs(zero).round(6), slopes_outputs(one).round(6)
    (np.float64(0.212207), np.float64(0.0))
    """
    wide1, wide2 = 1 + c[0][0], 1 + c[1][1]
    c12, (c13, c14), (c23, c24) = c[0][1], c[0][2:], c[1][2:]
    l4 = wide1 * wide2 - c12 * c12
    l0 = l4 * c[2][3] - c23 * c24 * wide1 - c13 * c14 * wide2 + c12 * (c13 * c24 + c14 * c23)
    l1 = l4 * (1 + c[2][2]) - c23 * c23 * wide1 - c13 * c13 * wide2 + 2 * c12 * c13 * c23
    l2 = l4 * (1 + c[3][3]) - c24 * c24 * wide1 - c14 * c14 * wide2 + 2 * c12 * c14 * c24
    found: Array = 4 / math.pi**2 / np.sqrt(l4) * np.arcsin(np.clip(l0 / np.sqrt(l1 * l2), -1, 1))
    return found


def overlaps(student: npt.ArrayLike, cross: npt.ArrayLike, target: npt.ArrayLike | None) -> tuple[Array, Array, Array]:
    r"""Return :math:`Q, R, T` as arrays, once it is sure that they fit each other.

    Parameters
    ----------
    student : array_like, (..., K, K)
        :math:`Q`.
    cross : array_like, (..., K, M)
        :math:`R`.
    target : array_like, (..., M, M), optional
        :math:`T`; without it the teacher's weights are orthonormal.

    Raises
    ------
    TypeError, ValueError
        If they do not fit.

    Examples
    --------
    >>> overlaps(np.eye(2), np.zeros((2, 3)), None)[2].shape
    (3, 3)
    """
    q, r = finite_array("student", student), finite_array("cross", cross)
    if q.ndim < 2 or q.shape[-1] != q.shape[-2]:
        raise ValueError(f"student must be an array (..., K, K); got shape {q.shape}")
    nodes = q.shape[-1]
    if r.ndim < 2 or r.shape[-2] != nodes:
        raise ValueError(f"cross must be an array (..., {nodes}, M), a row for each of K nodes; got shape {r.shape}")
    t = np.eye(r.shape[-1]) if target is None else finite_array("target", target)
    if t.shape[-2:] != (r.shape[-1],) * 2:
        raise ValueError(f"target must be an array (..., {r.shape[-1]}, {r.shape[-1]}); got shape {t.shape}")
    return q, r, t


def _sums(q: Array, r: Array, t: Array) -> tuple[Array, Array, Array]:
    """Return the mean products student-student, student-teacher and teacher-teacher, summed over the nodes."""
    own, others = np.diagonal(q, axis1=-2, axis2=-1), np.diagonal(t, axis1=-2, axis2=-1)

    def total(a: Array, between: Array, b: Array) -> Array:
        found: Array = output_product(a[..., :, None], between, b[..., None, :]).sum((-2, -1))
        return found

    return total(own, q, own), total(own, r, others), total(others, t, others)


def error(
    student: npt.ArrayLike, cross: npt.ArrayLike, scale: npt.ArrayLike = 1.0, target: npt.ArrayLike | None = None
) -> Array:
    r"""Test error :math:`\epsilon_g = \frac12 \bigl\langle (c \sum_i g(\lambda_i) - \sum_m g(u_m))^2 \bigr\rangle`.

    Parameters
    ----------
    student, cross, target : array_like
        :math:`Q, R, T` (see `overlaps`).
    scale : array_like
        The factor :math:`c` on the student's output.

    Returns
    -------
    numpy.ndarray
        One error for each item of the batch, against the teacher without label noise.

    Raises
    ------
    TypeError, ValueError
        If the overlaps do not fit each other.

    References
    ----------
    D. Saad, S. A. Solla, Phys. Rev. E 52, 4225 (1995), doi:10.1103/PhysRevE.52.4225.

    Examples
    --------
    >>> error(np.zeros((1, 1)), [[0.0]]).round(6), error(np.eye(2), np.eye(2)).round(6)
    (np.float64(0.166667), np.float64(0.0))
    """
    own, between, teacher = _sums(*overlaps(student, cross, target))
    factor = finite_array("scale", scale)
    found: Array = (factor**2 * own - 2 * factor * between + teacher) / 2
    return found


def best_scale(student: npt.ArrayLike, cross: npt.ArrayLike, target: npt.ArrayLike | None = None) -> Array:
    r"""Return the factor :math:`c` on the student's output that makes the test error smallest.

    .. math::
        c = \sum_{im} I_2(Q_{ii}, R_{im}, T_{mm}) \Big/ \sum_{ik} I_2(Q_{ii}, Q_{ik}, Q_{kk})

    Parameters
    ----------
    student, cross, target : array_like
        :math:`Q, R, T` (see `overlaps`).

    Returns
    -------
    numpy.ndarray
        1 where the student has no weights yet.

    Raises
    ------
    TypeError, ValueError
        If the overlaps do not fit each other.

    Examples
    --------
    >>> best_scale(np.ones((2, 2)), np.ones((2, 1)))  # two copies of the teacher's one node
    array(0.5)
    """
    own, between = map(np.asarray, _sums(*overlaps(student, cross, target))[:2])
    return np.divide(between, own, out=np.ones(own.shape), where=own > 0)


def noise_correlation(student: npt.ArrayLike, cross: npt.ArrayLike, target: npt.ArrayLike | None = None) -> Array:
    r"""Correlation of what the hidden nodes hold beside the teacher: of the noise that they learned.

    .. math::
        \Delta_{ik} = \frac{P_{ik}}{\sqrt{P_{ii} P_{kk}}}, \qquad P = Q - R\, T^{-1} R^{\mathsf T}

    Parameters
    ----------
    student, cross, target : array_like
        :math:`Q, R, T` (see `overlaps`).

    Returns
    -------
    numpy.ndarray, (..., K, K)
        Between -1 and 1; NaN for nodes that hold nothing but the teacher.

    Raises
    ------
    TypeError, ValueError
        If the overlaps do not fit each other.

    Examples
    --------
    >>> noise_correlation([[1.0, 0.5], [0.5, 1.0]], [[0.5], [0.5]])[0, 1].round(4)  # (0.5 - 0.25) / (1 - 0.25)
    np.float64(0.3333)
    """
    q, r, t = overlaps(student, cross, target)
    rest = q - r @ np.linalg.solve(t, np.swapaxes(r, -1, -2))
    size = np.diagonal(rest, axis1=-2, axis2=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = rest / np.sqrt(size[..., :, None] * size[..., None, :])
    return found


def specialisation(student: npt.ArrayLike, cross: npt.ArrayLike) -> Array:
    r"""How much each hidden node prefers one node of the teacher, averaged over the student's nodes.

    .. math::
        S = \frac1K \sum_i \frac{\max_m R_{im} - \min_m R_{im}}{\sqrt{Q_{ii}}}

    Parameters
    ----------
    student, cross : array_like
        :math:`Q, R` (see `overlaps`).

    Returns
    -------
    numpy.ndarray
        0 on the symmetric plateau, 1 when each node copies one of the teacher's; NaN without weights.

    Raises
    ------
    TypeError, ValueError
        If the overlaps do not fit each other.

    Examples
    --------
    >>> specialisation(np.eye(2), np.eye(2)), specialisation(np.eye(2), np.full((2, 2), 0.5))
    (np.float64(1.0), np.float64(0.0))
    """
    q, r, _ = overlaps(student, cross, None)
    with np.errstate(invalid="ignore"):
        each = (r.max(-1) - r.min(-1)) / np.sqrt(np.diagonal(q, axis1=-2, axis2=-1))
    found: Array = each.mean(-1)
    return found
