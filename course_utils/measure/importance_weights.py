r"""Weighted runs: annealed importance sampling, and how many of its runs count.

Cool a system too fast for equilibrium, and each run can still be given a weight that makes averages right. The mean
weight is a ratio of partition functions; the spread of the weights says whether it can be trusted.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from course_utils.measure.statistics import Estimate
from course_utils.validation import finite_array


def annealing_weights(energies: npt.ArrayLike, betas: npt.ArrayLike) -> npt.NDArray[np.float64]:
    r"""Return the logarithm of each run's weight in annealed importance sampling.

    .. math::
        \ln w = -\sum_{k=0}^{K-1} (\beta_{k+1} - \beta_k)\, E(x_k)

    A run starts from a draw :math:`x_0` of equilibrium at :math:`\beta_0`; then :math:`\beta` is raised to
    :math:`\beta_1`, one or more moves at :math:`\beta_1` lead to :math:`x_1`, and so on. The energy that counts is the
    one *before* the moves at the new temperature.

    Parameters
    ----------
    energies : array_like, shape (runs, steps)
        :math:`E(x_k)` of each run for :math:`k = 0 \dots K-1`.
    betas : array_like, shape (steps + 1,)
        :math:`\beta_0 \dots \beta_K`; or any coupling, with its conjugate as energy.

    Returns
    -------
    numpy.ndarray, shape (runs,)
        :math:`\ln w`; to be averaged by `log_mean_weight`, or used in `reweighted`.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, or an entry is not finite.

    References
    ----------
    R. M. Neal, Stat. Comput. 11, 125 (2001), doi:10.1023/A:1008923215028.

    Examples
    --------
    >>> annealing_weights([[2.0, 1.0], [0.0, -1.0]], [0.0, 0.5, 1.0])
    array([-1.5,  0.5])
    """
    path = finite_array("betas", betas, ndim=1, least_size=2)
    table = finite_array("energies", energies, ndim=2)
    if table.shape[1] != path.size - 1:
        raise ValueError(
            f"energies must have shape (runs, {path.size - 1}), one column for each step between "
            f"{path.size} inverse temperatures; got shape {table.shape}"
        )
    return -table @ np.diff(path)


def effective_sample_size(log_weights: npt.ArrayLike) -> float:
    r"""Return how many equally weighted draws the weighted ones are worth.

    .. math::
        n_{\mathrm{eff}} = \frac{\bigl(\sum_i w_i\bigr)^2}{\sum_i w_i^2} \in [1, n]

    Where it is below about ten, a few lucky runs carry the average, and its error bar is not to be trusted either.
    For works, the logarithms of the weights are :math:`-W/T`.

    Parameters
    ----------
    log_weights : array_like, shape (runs,)
        :math:`\ln w_i`; a common constant does not matter.

    Returns
    -------
    float
        Between 1 and the number of runs.

    Raises
    ------
    TypeError, ValueError
        If ``log_weights`` is not a one-dimensional array of finite numbers.

    Examples
    --------
    >>> round(effective_sample_size([0.0, 0.0, 0.0, -50.0]), 6)
    3.0
    """
    logs = finite_array("log_weights", log_weights, ndim=1)
    return min(float(np.exp(2 * logsumexp(logs) - logsumexp(2 * logs))), float(logs.size))


def log_mean_weight(log_weights: npt.ArrayLike) -> Estimate:
    r"""Return the logarithm of the mean weight: in annealed importance sampling, :math:`\ln (Z_1 / Z_0)`.

    .. math::
        \ln \hat w = \ln \frac1n \sum_i w_i, \qquad
        \sigma^2 = \frac{n-1}{n} \sum_i \Bigl(\ln \hat w_{(i)} - \tfrac1n \sum_j \ln \hat w_{(j)}\Bigr)^2,

    where :math:`\hat w_{(i)}` leaves run :math:`i` out (jackknife).

    Parameters
    ----------
    log_weights : array_like, shape (runs,)
        :math:`\ln w_i` of at least 3 independent runs.

    Returns
    -------
    Estimate
        The mean weight has no bias, but its logarithm is too low on average, by about
        :math:`(1/n_{\mathrm{eff}} - 1/n)/2`, and by much more where `effective_sample_size` is small.

    Raises
    ------
    TypeError, ValueError
        If ``log_weights`` is not a one-dimensional array of at least 3 finite numbers.

    Examples
    --------
    >>> print(log_mean_weight([0.0, 0.1, -0.1, 0.05]))
    0.015 ± 0.042
    """
    logs = finite_array("log_weights", log_weights, ndim=1, least_size=3)
    n = logs.size
    total = float(logsumexp(logs))
    share = np.exp(logs - total)
    with np.errstate(divide="ignore"):
        without = np.log1p(-share)
    # What is left beside a run that carries nearly all of the weight would be lost to rounding: add the others up.
    heaviest = int(np.argmax(logs))
    without[heaviest] = logsumexp(np.delete(logs, heaviest)) - total
    error = math.sqrt((n - 1) / n * float(np.sum((without - without.mean()) ** 2)))
    return Estimate(total - math.log(n), error, n)


def reweighted(values: npt.ArrayLike, log_weights: npt.ArrayLike) -> Estimate:
    r"""Return the equilibrium mean of an observable at the end of the annealing, from weighted runs.

    .. math::
        \bar f = \frac{\sum_i w_i f_i}{\sum_i w_i}, \qquad
        \sigma^2 = \frac{\sum_i w_i^2 (f_i - \bar f)^2}{\bigl(\sum_i w_i\bigr)^2}

    Parameters
    ----------
    values : array_like, shape (runs,)
        The observable :math:`f_i` in the last state of each run.
    log_weights : array_like, shape (runs,)
        :math:`\ln w_i` of the same runs, at least 3.

    Returns
    -------
    Estimate
        Its bias is of order :math:`1/n_{\mathrm{eff}}`.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> print(reweighted([1.0, 2.0, 3.0, 2.0], [0.0, 0.0, 0.0, -1.0]))
    2.00 ± 0.42
    """
    logs = finite_array("log_weights", log_weights, ndim=1, least_size=3)
    draws = finite_array("values", values, ndim=1)
    if draws.size != logs.size:
        raise ValueError(f"values must be one number for each of {logs.size} weights; got {draws.size}")
    share = np.exp(logs - logsumexp(logs))
    mean = float(share @ draws)
    return Estimate(mean, float(np.linalg.norm(share * (draws - mean))), logs.size)
