r"""Regression with a tolerance: residuals inside a tube of half-width ε cost nothing.

.. math::
    w = \arg\min_w\; \frac\lambda2 |w|^2 + \frac12 \sum_\mu \bigl(|y_\mu - x_\mu \cdot w| - \varepsilon\bigr)_+^2

This is support vector regression with the squared ε-insensitive loss. The loss is a parabola in every region in which
the same samples lie outside the tube, so Newton's method jumps from region to region and, once the region is right, to
the exact minimum. All replicas take their steps together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, positive, real, whole

Array = npt.NDArray[np.float64]
_STAGES = 40.0  # by which factor, at most, the ridge shrinks at a time
_SPLITS = 40  # halvings in a line search


def fit(
    inputs: npt.ArrayLike, targets: npt.ArrayLike, tolerance: npt.ArrayLike, *, ridge: float = 1e-5, most: int = 100
) -> Array:
    r"""Return the weights with the least loss, for all replicas.

    Parameters
    ----------
    inputs : array_like, (replicas, samples, weights)
        A row of zeros with target 0 counts as no sample.
    targets : array_like, (replicas, samples)
        Labels.
    tolerance : float or (replicas,) array_like
        Half-width :math:`\varepsilon` of the tube, at least 0.
    ridge : float
        :math:`\lambda`, above 0. The path starts at a large one and shrinks it step by step.
    most : int
        Newton steps allowed at each ridge.

    Returns
    -------
    numpy.ndarray, (replicas, weights)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.
    RuntimeError
        If a replica has not converged after ``most`` steps.

    References
    ----------
    V. Vapnik, The Nature of Statistical Learning Theory (1995), for the loss. O. L. Mangasarian, Optim. Methods Softw.
    17, 913 (2002), for Newton's method on piecewise quadratic losses.

    Examples
    --------
    One sample, one weight: the residual is pulled to the edge of the tube and no further.

    >>> fit([[[1.0]]], [[2.0]], 0.5, ridge=1e-9).round(6)
    array([[1.5]])
    """
    x, y, widths = _checked(inputs, targets, tolerance)
    ridge, most = positive("ridge", ridge), whole("most", most)
    start = max(ridge, float((x**2).sum(axis=(1, 2)).mean()) / x.shape[2])
    stages = 1 + int(np.ceil(np.log(start / ridge) / np.log(_STAGES)))
    weights = np.zeros((len(x), x.shape[2]))
    for lam in np.geomspace(start, ridge, stages) if stages > 1 else [ridge]:
        weights = _newton(x, y, widths, float(lam), weights, most)
    return weights


def training_error(
    inputs: npt.ArrayLike, targets: npt.ArrayLike, tolerance: npt.ArrayLike, weights: npt.ArrayLike
) -> Array:
    r"""Return :math:`\langle (|y - x \cdot w| - \varepsilon)_+^2 \rangle` over the samples of each replica.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind that `fit` takes.
    """
    x, y, widths = _checked(inputs, targets, tolerance)
    outside: Array = np.maximum(np.abs(_residuals(x, y, _weights(weights, x))) - widths[:, None], 0.0)
    return (outside**2).mean(axis=1)


def support(
    inputs: npt.ArrayLike,
    targets: npt.ArrayLike,
    tolerance: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    slack: float = 1e-6,
) -> Array:
    """Return the share of the samples that lie outside the tube or, within ``slack``, on its edge, for each replica.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind that `fit` takes.
    """
    x, y, widths = _checked(inputs, targets, tolerance)
    slack = real("slack", slack, least=0)
    return (np.abs(_residuals(x, y, _weights(weights, x))) >= widths[:, None] - slack).mean(axis=1)


def least_tolerance(inputs: npt.ArrayLike, targets: npt.ArrayLike) -> Array:
    r"""Return the least half-width of a tube that holds all samples, :math:`\min_w \max_\mu |y_\mu - x_\mu \cdot w|`.

    A linear programme for each replica. With more tolerance than this the training error can be made zero, with less it
    cannot.

    Parameters
    ----------
    inputs, targets : array_like
        As for `fit`.

    Returns
    -------
    numpy.ndarray, (replicas,)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.
    RuntimeError
        If the solver finds no solution.

    Examples
    --------
    Two samples at one place, with labels 0 and 1: half of the distance between them.

    >>> least_tolerance([[[1.0], [1.0]]], [[0.0, 1.0]])
    array([0.5])
    """
    from scipy.optimize import linprog

    x, y, _ = _checked(inputs, targets, 0.0)
    replicas, samples, weights = x.shape
    cost, edge = np.append(np.zeros(weights), 1.0), np.full((samples, 1), -1.0)
    limits, found = [(None, None)] * weights + [(0, None)], np.empty(replicas)
    for k in range(replicas):
        rows = np.block([[-x[k], edge], [x[k], edge]])
        answer = linprog(cost, A_ub=rows, b_ub=np.concatenate([-y[k], y[k]]), bounds=limits, method="highs")
        if answer.status != 0:
            raise RuntimeError(f"no solution for replica {k}: {answer.message}")
        found[k] = answer.fun
    return found


def _newton(x: Array, y: Array, widths: Array, ridge: float, weights: Array, most: int) -> Array:
    """Return the minimum for one ridge; replicas that have arrived wait outside."""
    weights, going = weights.copy(), np.arange(len(x))
    for _ in range(most):
        data, labels, tube, here = x[going], y[going], widths[going, None], weights[going]
        residual = _residuals(data, labels, here)
        side = _side(residual, tube)
        goals = np.where(side != 0, labels - tube * side, 0.0)
        there = _ridge_fit(data * (side != 0)[..., None], goals, ridge)
        # the loss is convex: the minimum of a parabola that lies in the parabola's own region is the minimum of all
        arrived = (_side(_residuals(data, labels, there), tube) == side).all(axis=1)
        length = np.where(arrived, 1.0, _step_length(data, residual, tube, ridge, here, there - here))
        weights[going] = here + length[:, None] * (there - here)
        going = going[~arrived]
        if not going.size:
            return weights
    raise RuntimeError(f"{going.size} of {len(x)} replicas have not converged after {most} steps at ridge {ridge:g}")


def _side(residual: Array, tube: Array) -> Array:
    """Return 1 above the tube, -1 below it, 0 inside."""
    found: Array = np.where(np.abs(residual) > tube, np.sign(residual), 0.0)
    return found


def _ridge_fit(rows: Array, goals: Array, ridge: float) -> Array:
    """Return the ridge solution of each replica, in the smaller of the two spaces."""
    turned, few = rows.swapaxes(1, 2), rows.shape[1] < rows.shape[2]
    square = rows @ turned if few else turned @ rows
    diagonal = np.arange(square.shape[-1])
    square[:, diagonal, diagonal] += ridge
    if few:
        found = turned @ np.linalg.solve(square, goals[..., None])
    else:
        found = np.linalg.solve(square, turned @ goals[..., None])
    return np.asarray(found[..., 0], dtype=np.float64)


def _step_length(data: Array, residual: Array, tube: Array, ridge: float, here: Array, step: Array) -> Array:
    """Return 1 where the loss still falls at the end of the step, otherwise where on the way it is least."""
    moved = (data @ step[..., None])[..., 0]
    along, square = (here * step).sum(1), (step**2).sum(1)

    def slope(t: Array) -> Array:
        now = residual - t[:, None] * moved
        beyond = np.maximum(np.abs(now) - tube, 0.0) * np.sign(now)
        found: Array = ridge * (along + t * square) - (beyond * moved).sum(1)
        return found

    low, high = np.zeros(len(data)), np.ones(len(data))
    whole_way = slope(high) <= 1e-14 * np.maximum(-slope(low), 1e-300)
    if whole_way.all():
        return high
    for _ in range(_SPLITS):
        middle = (low + high) / 2
        falls = slope(middle) < 0
        low, high = np.where(falls, middle, low), np.where(falls, high, middle)
    return np.where(whole_way, 1.0, (low + high) / 2)


def _residuals(x: Array, y: Array, weights: Array) -> Array:
    found: Array = y - (x @ weights[..., None])[..., 0]
    return found


def _weights(weights: npt.ArrayLike, x: Array) -> Array:
    found = finite_array("weights", weights)
    if found.shape != (x.shape[0], x.shape[2]):
        raise ValueError(f"weights must have shape {(x.shape[0], x.shape[2])}; got {found.shape}")
    return found


def _checked(inputs: npt.ArrayLike, targets: npt.ArrayLike, tolerance: npt.ArrayLike) -> tuple[Array, Array, Array]:
    x, y = finite_array("inputs", inputs, ndim=3), finite_array("targets", targets, ndim=2)
    if y.shape != x.shape[:2]:
        raise ValueError(f"targets must have shape {x.shape[:2]}, as the inputs; got {y.shape}")
    widths = finite_array("tolerance", tolerance, least=0)
    if widths.shape not in ((), (len(x),)):
        raise ValueError(f"tolerance must be one number, or one per replica ({len(x)}); got shape {widths.shape}")
    return x, y, np.broadcast_to(widths, (len(x),))
