r"""Convergence: whether several chains have seen the same world, and how many independent draws they hold.

A chain that has not yet left its valley looks calm. Only chains that started in different places can tell: their
means must scatter no more than the draws inside each of them allow.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]


def _chains(chains: npt.ArrayLike) -> Array:
    table = finite_array("chains", chains, ndim=2)
    if table.shape[0] < 2 or table.shape[1] < 8:
        raise ValueError(f"chains must be at least 2, of at least 8 draws; got shape {table.shape}")
    return table


def _halves(table: Array) -> Array:
    half = table.shape[1] // 2
    return np.concatenate([table[:, :half], table[:, -half:]])


def _variances(table: Array) -> tuple[float, float]:
    """Return the mean variance inside the chains, and the estimate of the whole variance."""
    draws = table.shape[1]
    inside = float(table.var(1, ddof=1).mean())
    return inside, (draws - 1) / draws * inside + float(table.mean(1).var(ddof=1))


def r_hat(chains: npt.ArrayLike) -> float:
    r"""Return by which factor the draws would spread more widely if the chains were mixed.

    .. math::
        \hat R = \sqrt{\frac{\tfrac{n-1}{n} W + B/n}{W}}

    with :math:`W` the mean variance inside a chain and :math:`B/n` the variance of the chains' means. Each chain is
    cut into two halves first, so that a drift is seen as well. It tends to 1 for chains that agree; above about 1.01
    they do not yet.

    Parameters
    ----------
    chains : array_like, (chains, draws)
        At least 2 chains of at least 8 draws, started in different places.

    Raises
    ------
    TypeError, ValueError
        If it is no such array, or no chain ever moves.

    References
    ----------
    A. Gelman, D. B. Rubin, Statist. Sci. 7, 457 (1992), doi:10.1214/ss/1177011136.
    A. Vehtari, A. Gelman, D. Simpson, B. Carpenter, P.-C. Bürkner, Bayesian Anal. 16, 667 (2021), arXiv:1903.08008.

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(size=(4, 1000))
    >>> round(r_hat(draws), 2), round(r_hat(draws + [[0], [0], [2], [2]]), 2)
    (1.0, 1.47)
    """
    inside, whole = _variances(_halves(_chains(chains)))
    if inside == 0:
        raise ValueError("chains must move for a comparison; got chains without any variance")
    return math.sqrt(whole / inside)


def effective_draws(chains: npt.ArrayLike) -> float:
    r"""Return how many independent draws the correlated draws of several chains are worth.

    .. math::
        n_\text{eff} = \frac{mn}{1 + 2 \sum_{t \ge 1} \rho_t}

    with the autocorrelation :math:`\rho_t` measured against the variance of *all* chains, so that chains that disagree
    count for little. The sum ends where the sum of two neighbouring terms is no longer positive (Geyer), and these
    sums may not rise.

    Parameters
    ----------
    chains : array_like, (chains, draws)
        At least 2 chains of at least 8 draws; they are cut into halves, as in `r_hat`.

    Returns
    -------
    float
        At most :math:`mn \log_{10}(mn)`.

    Raises
    ------
    TypeError, ValueError
        If it is no such array, or no chain ever moves.

    References
    ----------
    C. J. Geyer, Statist. Sci. 7, 473 (1992), doi:10.1214/ss/1177011137. Vehtari and others, as for `r_hat`.

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(size=(4, 1000))
    >>> 3000 < effective_draws(draws) < 5000
    True
    """
    table = _halves(_chains(chains))
    count, draws = table.shape
    inside, whole = _variances(table)
    if inside == 0:
        raise ValueError("chains must move for a comparison; got chains without any variance")
    centred = table - table.mean(1, keepdims=True)
    power = np.abs(np.fft.rfft(centred, 2 * draws, axis=1)) ** 2
    covariances = np.fft.irfft(power, axis=1)[:, :draws].mean(0) / draws
    # The variance inside, with n - 1: what is not correlated has a term of exactly 1 at no delay.
    correlations = 1 - (inside - covariances * draws / (draws - 1)) / whole
    correlations[0] = 1.0
    pairs = correlations[: draws // 2 * 2].reshape(-1, 2).sum(1)
    end = int(np.argmax(pairs <= 0)) if (pairs <= 0).any() else pairs.size
    time = -1 + 2 * float(np.minimum.accumulate(pairs[:end]).sum())
    size = count * draws
    return size / max(time, 1 / math.log10(size))


def reading(one: npt.ArrayLike, many: npt.ArrayLike) -> dict[str, str]:
    """Return `r_hat` and `effective_draws` in words, of the loss and of the median weight.

    Parameters
    ----------
    one : array_like, (chains, draws)
        The loss.
    many : array_like, (draws, chains, weights)
        Some weights.

    Raises
    ------
    TypeError, ValueError
        If they are no such arrays.
    """
    weights = finite_array("many", many, ndim=3).T
    middle, worth = np.median([(r_hat(each), effective_draws(each)) for each in weights], axis=0)
    return {
        "R-hat: loss": f"{r_hat(one):.3f}",
        "R-hat: a weight (median)": f"{middle:.2f}",
        "draws worth: loss": f"{effective_draws(one):.0f}",
        "draws worth: a weight": f"{worth:.0f}",
    }
