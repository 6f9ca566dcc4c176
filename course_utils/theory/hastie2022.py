r"""Hastie, Montanari, Rosset, Tibshirani (2022): the risk of least squares with more or fewer weights than samples.

A linear teacher, :math:`y = x \cdot w_* + \text{noise}`, with :math:`x \sim \mathcal N(0, 1)^p`, is learned from n
samples by the smallest of the weight vectors that fit best. With :math:`\gamma = p/n`, signal :math:`r^2 = |w_*|^2`
and noise :math:`\sigma^2`, the risk :math:`\langle |w - w_*|^2 \rangle` tends to

.. math::
    R(\gamma) = \sigma^2\,\frac{\gamma}{1-\gamma} \quad (\gamma < 1), \qquad
    R(\gamma) = r^2 \Bigl(1 - \frac1\gamma\Bigr) + \frac{\sigma^2}{\gamma - 1} \quad (\gamma > 1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, positive, real, whole

Array = npt.NDArray[np.float64]


def risk(ratio: npt.ArrayLike, *, signal: float = 1.0, noise: float = 0.5) -> Array:
    r"""Risk of the least-norm fit for infinitely many weights and samples.

    Parameters
    ----------
    ratio : array_like, any shape
        Weights per sample :math:`\gamma = p/n`; above 0.
    signal : float
        Length :math:`r` of the teacher's weight vector; above 0.
    noise : float
        Standard deviation :math:`\sigma` of the noise on the labels; at least 0.

    Returns
    -------
    numpy.ndarray, same shape
        :math:`\langle |w - w_*|^2 \rangle`: the test error above the noise. Infinite at 1 if there is noise.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    T. Hastie, A. Montanari, S. Rosset, R. J. Tibshirani, Ann. Statist. 50, 949 (2022), arXiv:1903.08560.

    Examples
    --------
    >>> risk([0.5, 1.0, 2.0], signal=1.0, noise=0.5)
    array([0.25,  inf, 0.75])
    """
    ratio, signal, noise = _checked(ratio, signal, noise)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = noise**2 * ratio / (1 - ratio)
        above = signal**2 * (1 - 1 / ratio) + noise**2 / (ratio - 1)
    found = np.where(ratio < 1, below, above)
    return np.where(ratio == 1, np.inf if noise > 0 else 0.0, found)


def finite_risk(features: int, samples: int, *, signal: float = 1.0, noise: float = 0.5) -> float:
    r"""Risk of the least-norm fit for p weights and n samples, exact for Gaussian inputs.

    .. math::
        \sigma^2 \frac{p}{n - p - 1} \quad (p < n - 1), \qquad
        r^2 \Bigl(1 - \frac{n}{p}\Bigr) + \sigma^2 \frac{n}{p - n - 1} \quad (p > n + 1)

    These are traces of the mean of an inverse Wishart matrix; between the two the mean is infinite.

    Parameters
    ----------
    features, samples : int
        :math:`p` and :math:`n`.
    signal, noise : float
        As for `risk`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    L. Breiman, D. Freedman, J. Am. Statist. Assoc. 78, 131 (1983), doi:10.1080/01621459.1983.10477941, for p < n;
    M. Belkin, D. Hsu, J. Xu, SIAM J. Math. Data Sci. 2, 1167 (2020), arXiv:1903.07571, for both sides.

    Examples
    --------
    >>> finite_risk(50, 101, noise=0.5), finite_risk(200, 99, noise=0.5)
    (0.25, 0.7525)
    """
    p, n = whole("features", features), whole("samples", samples)
    signal, noise = positive("signal", signal), real("noise", noise, least=0)
    bias = max(0.0, signal**2 * (1 - n / p))
    if noise == 0:
        return bias
    return bias + noise**2 * min(n, p) / (abs(n - p) - 1) if abs(n - p) > 1 else np.inf


def ridge_risk(ratio: npt.ArrayLike, ridge: npt.ArrayLike, *, signal: float = 1.0, noise: float = 0.5) -> Array:
    r"""Risk of ridge regression: the least of :math:`\tfrac1n |y - Xw|^2 + \lambda |w|^2`.

    With :math:`m(\lambda) = \tfrac1p \operatorname{tr} (X^\top X/n + \lambda)^{-1}`, which solves
    :math:`\gamma\lambda m^2 + (1 - \gamma + \lambda) m = 1`,

    .. math::
        R = \lambda^2 r^2 \,(-m') + \sigma^2 \gamma\,(m + \lambda m').

    Parameters
    ----------
    ratio, ridge : array_like, shapes that broadcast
        :math:`\gamma` and :math:`\lambda`, both above 0.
    signal, noise : float
        As for `risk`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> ridge_risk([0.5, 1.0, 2.0], 1e-9)[[0, 2]].round(6)
    array([0.25, 0.75])
    >>> float(ridge_risk(1.0, best_ridge(1.0)).round(4))
    0.3904
    """
    ratio, signal, noise = _checked(ratio, signal, noise)
    lam = finite_array("ridge", ridge, above=0)
    linear = 1 - ratio + lam
    root = np.sqrt(linear**2 + 4 * ratio * lam)
    m = np.where(linear > 0, 2 / (np.abs(linear) + root), (root - np.minimum(linear, 0)) / (2 * ratio * lam))
    slope = -m * (1 + ratio * m) / (2 * ratio * lam * m + linear)
    found: Array = -(lam**2) * signal**2 * slope + noise**2 * ratio * (m + lam * slope)
    return found


def best_ridge(ratio: npt.ArrayLike, *, signal: float = 1.0, noise: float = 0.5) -> Array:
    r"""Return the ridge with the least risk, :math:`\lambda_* = \gamma\,\sigma^2 / r^2`.

    Parameters
    ----------
    ratio, signal, noise
        As for `risk`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> best_ridge([0.5, 2.0], noise=0.5)
    array([0.125, 0.5  ])
    """
    ratio, signal, noise = _checked(ratio, signal, noise)
    found: Array = ratio * noise**2 / signal**2
    return found


def _checked(ratio: npt.ArrayLike, signal: Any, noise: Any) -> tuple[Array, float, float]:
    return finite_array("ratio", ratio, above=0), positive("signal", signal), real("noise", noise, least=0)
