r"""Canatar and Chung (2024): regression that forgives errors smaller than a tolerance, by the replica method.

The linear teacher :math:`y = x \cdot w_* + \sigma\xi` with :math:`x \sim \mathcal N(0, 1/N)^N`, :math:`|w_*|^2 = N`, is
learned from :math:`P = \alpha N` samples by the minimum of

.. math::
    \frac\lambda2 |w|^2 + \frac12 \sum_\mu \bigl(|y_\mu - x_\mu \cdot w| - \varepsilon\bigr)_+^2 .

Samples outside the tube of half-width :math:`\varepsilon` are the support vectors. With
:math:`e = \varepsilon/\sqrt{E_g}`, their share is :math:`f = \operatorname{erfc}(e/\sqrt2)`, the *effective load* is
:math:`\tilde\alpha = \alpha f`, and for large N

.. math::
    E_g = \frac{\sigma^2 + b^2}{1 - g\,\tilde\alpha/(\kappa + \tilde\alpha)^2}, \qquad
    b = \frac{\kappa}{\kappa + \tilde\alpha}, \qquad \kappa = \lambda + b, \qquad
    g = 1 + e^2 - e \sqrt{\tfrac2\pi}\, \frac{\exp(-e^2/2)}{f} .

Here for inputs without structure; the paper has any covariance, and noise on the inputs, which for these is the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import erfc, erfcx

from course_utils.validation import finite_array, positive, real

Array = npt.NDArray[np.float64]
_HALVINGS = 60
_ZOOMS = 5


@dataclass(frozen=True, eq=False)
class Curve:
    r"""What the theory says at each load.

    Attributes
    ----------
    error : numpy.ndarray
        Test error :math:`E_g = \langle (y - x \cdot w)^2 \rangle` on new samples, whose labels are noisy too: at least
        :math:`\sigma^2`.
    training_error : numpy.ndarray
        :math:`\langle (|y - x \cdot w| - \varepsilon)_+^2 \rangle` on the training samples.
    support : numpy.ndarray
        Share :math:`f` of the training samples that lie outside the tube or on its edge.
    bias : numpy.ndarray
        :math:`b^2`: the test error of the mean of many such fits, above the noise.
    """

    error: Array
    training_error: Array
    support: Array
    bias: Array


def learning_curve(load: npt.ArrayLike, *, tolerance: npt.ArrayLike, noise: float, ridge: npt.ArrayLike = 0.0) -> Curve:
    r"""Errors of regression with tolerance, for infinitely many dimensions.

    Parameters
    ----------
    load : array_like
        Samples per dimension, :math:`\alpha = P/N`; above 0.
    tolerance : array_like
        Half-width :math:`\varepsilon` of the tube, in units of the label; at least 0 (0: least squares).
    noise : float
        Standard deviation :math:`\sigma` of the noise on the labels; above 0. (The signal has variance 1.)
    ridge : array_like
        :math:`\lambda`, at least 0; 0 is the limit of a vanishing ridge.

    Returns
    -------
    Curve
        Arrays in the shape to which ``load``, ``tolerance`` and ``ridge`` broadcast. Infinite error at load 1 with
        neither tolerance nor ridge.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    A. Canatar, S. Chung, arXiv:2412.05439 (2024).

    Examples
    --------
    >>> learning_curve([0.5, 1.85, 3.0], tolerance=0.5, noise=0.5).error.round(4)
    array([0.9245, 0.665 , 0.4305])
    """
    alpha = finite_array("load", load, above=0)
    width, lam = finite_array("tolerance", tolerance, least=0), finite_array("ridge", ridge, least=0)
    noise = positive("noise", noise)
    alpha, width, lam = _together(alpha, width, lam)
    # e² E_g = ε² has its root between 0 and ε/σ, because E_g is at least σ²
    low, high = np.zeros(alpha.shape), width / noise
    for _ in range(_HALVINGS if width.any() else 0):
        middle = (low + high) / 2
        with np.errstate(invalid="ignore"):  # 0 · ∞ where there is no tolerance and the error runs off
            above = middle**2 * _state(alpha, middle, noise, lam)[0] > width**2
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    e = (low + high) / 2
    error, bias, pull = _state(alpha, e, noise, lam)
    # λ/κ pulls the support vectors back to the tube; at the pole of E_g its square wins
    outside = np.where(pull > 0, pull**2 * np.where(np.isinf(error), 0.0, error), 0.0)
    return Curve(error, outside * support(e) * _shape(e), support(e), bias)


def support(e: npt.ArrayLike) -> Array:
    r"""Share of test samples outside the tube, :math:`f = \operatorname{erfc}(e / \sqrt2)`.

    Parameters
    ----------
    e : array_like
        :math:`\varepsilon/\sqrt{E_g}`, the tolerance in standard deviations of a test residual; at least 0.

    Examples
    --------
    >>> support([0.0, 1.0]).round(4)
    array([1.    , 0.3173])
    """
    found: Array = erfc(finite_array("e", e, least=0) / math.sqrt(2))
    return found


def critical_load(tolerance: float, noise: float) -> float:
    r"""Load :math:`\alpha_c = 1/\operatorname{erfc}(e_c/\sqrt2)` above which no weights keep all samples in the tube.

    There the effective load is 1, which gives :math:`(\varepsilon/\sigma)^2 = e_c/(m(e_c) - e_c)`, with
    :math:`m(e) = \sqrt{2/\pi}\,\exp(-e^2/2)/\operatorname{erfc}(e/\sqrt2)`. The signal plays no part.

    Parameters
    ----------
    tolerance, noise : float
        :math:`\varepsilon` (at least 0) and :math:`\sigma` (above 0); only their ratio counts, up to 20.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> [round(critical_load(ratio, 1.0), 4) for ratio in (0.0, 0.1, 0.5, 1.0, 1.5)]
    [1.0, 1.0064, 1.1706, 1.85, 3.8487]
    """
    return float(1 / support(_critical_e(tolerance, noise)))


def peak_error(tolerance: float, noise: float) -> float:
    r"""Test error at the critical load, :math:`(\varepsilon / e_c)^2`, without a ridge: the top of the peak.

    Parameters
    ----------
    tolerance, noise : float
        As for `critical_load`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> [round(peak_error(tolerance, 0.5), 3) for tolerance in (0.1, 0.25, 0.5, 1.0)]
    [10.102, 1.853, 0.667, 0.362]
    """
    e = _critical_e(tolerance, noise)
    return (tolerance / e) ** 2 if e > 0 else math.inf


def critical_tolerance(load: float, noise: float) -> float:
    r"""Least tolerance with which all samples fit into the tube: the inverse of `critical_load`, 0 up to load 1.

    Parameters
    ----------
    load : float
        :math:`\alpha`, above 0.
    noise : float
        :math:`\sigma`, above 0.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> round(critical_tolerance(critical_load(0.7, 1.0), 1.0), 6), critical_tolerance(0.8, 1.0)
    (0.7, 0.0)
    """
    load, noise = positive("load", load), positive("noise", noise)
    if load <= 1:
        return 0.0
    e = float(brentq(lambda e: load * support(e) - 1, 0.0, 40.0, xtol=1e-15, rtol=1e-14))
    return noise * math.sqrt(e / (_hazard(e) - e))


def best_tolerance(load: float, noise: float) -> tuple[float, float]:
    r"""Return the tolerance with the least test error without a ridge, and that error.

    Parameters
    ----------
    load, noise : float
        :math:`\alpha` and :math:`\sigma`, above 0.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> tolerance, error = best_tolerance(1.0, 0.5)
    >>> round(tolerance, 3), round(error, 4)
    (0.414, 0.683)
    """
    load, noise = positive("load", load), positive("noise", noise)

    low, high = 0.0, 3 * noise + 1
    for _ in range(_ZOOMS):  # the error has two valleys at most, one of them at 0: look at all of it, then closer
        grid = np.linspace(low, high, 161)
        error = learning_curve(load, tolerance=grid, noise=noise).error
        k = int(np.argmin(error))
        low, high = float(grid[max(k - 1, 0)]), float(grid[min(k + 1, grid.size - 1)])
    return float(grid[k]), float(error[k])


def _together(*arrays: Array) -> list[Array]:
    """Return the arrays in their common shape.

    Raises
    ------
    ValueError
        If they have none.
    """
    try:
        return [np.array(one) for one in np.broadcast_arrays(*arrays)]
    except ValueError as error:
        shapes = [one.shape for one in arrays]
        raise ValueError(f"load, tolerance and ridge must have shapes that broadcast; got {shapes}") from error


def _state(alpha: Array, e: Array, noise: float, ridge: Array) -> tuple[Array, Array, Array]:
    """Return error, bias and the factor λ/κ for a given e."""
    effective = alpha * support(e)
    linear = 1 + ridge - effective  # κ² − linear κ − λ α̃ = 0
    root = np.sqrt(linear**2 + 4 * ridge * effective)
    kappa = np.where(linear > 0, (linear + root) / 2, 2 * ridge * effective / (root - np.minimum(linear, 0) + 1e-300))
    stiff = np.where(linear > 0, ridge / np.maximum(kappa, 1e-300), (root - linear) / (2 * effective))
    bias = (kappa / (kappa + effective)) ** 2
    variance = 1 - _shape(e) * effective / (kappa + effective) ** 2
    with np.errstate(divide="ignore"):
        error = np.where(variance > 1e-15, (noise**2 + bias) / np.maximum(variance, 1e-300), np.inf)
    return error, bias, stiff


def _hazard(e: Any) -> Any:
    return math.sqrt(2 / math.pi) / erfcx(e / math.sqrt(2))


def _shape(e: Any) -> Any:
    """Return g: mean squared distance to the tube of the samples outside, over E_g."""
    return 1 + e * e - e * _hazard(e)


def _critical_e(tolerance: float, noise: float) -> float:
    ratio = real("tolerance", tolerance, least=0) / positive("noise", noise)
    if ratio == 0:
        return 0.0
    real("tolerance / noise", ratio, most=20)
    return float(brentq(lambda e: e - ratio**2 * (_hazard(e) - e), 0.0, ratio, xtol=1e-16, rtol=1e-14))
