r"""Kühn and Rosenow (2023): noise that is drawn without replacement cancels itself, and flat directions freeze.

A data loader shuffles n samples and deals them out. Within an epoch every sample comes once, so that whatever one batch
pulls too far the others pull back: the gradient noise of two batches of one epoch is anticorrelated,

.. math::
    \langle \xi_k \xi_k \rangle = \frac{c}{B}\,\frac{n - B}{n - 1}, \qquad
    \langle \xi_k \xi_l \rangle = -\frac{c}{n - 1} \quad (k \ne l),

with c the variance of the gradient over the n samples. A steep direction has forgotten the last batch when the next one
comes and does not notice. A flat one adds up the whole epoch, and the sum is nearly nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, one_of, positive, whole

Array = npt.NDArray[np.float64]

MOMENTS = ("end", "mean")
"""When one looks: after the last step of an epoch, or at the mean over its steps."""


def batch_variance(noise: npt.ArrayLike, *, samples: int, batch_size: int) -> Array:
    r"""Variance of a batch mean when no sample is drawn twice.

    .. math::
        \frac{c}{B} \cdot \frac{n - B}{n - 1}

    Parameters
    ----------
    noise : array_like, any shape
        :math:`c`, the variance over all n samples (their mean square deviation, divided by n); at least 0.
    samples : int
        :math:`n`, at least 2.
    batch_size : int
        :math:`B`, from 1 to n.

    Returns
    -------
    numpy.ndarray, shape of ``noise``

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    Classical sampling theory: W. G. Cochran, Sampling Techniques, 3rd ed., Wiley (1977), chapter 2.

    Examples
    --------
    >>> batch_variance([1.0, 1.0], samples=3, batch_size=2), batch_variance(1.0, samples=3, batch_size=3)
    (array([0.25, 0.25]), array(0.))
    """
    c = finite_array("noise", noise, least=0)
    n = whole("samples", samples, least=2)
    size = whole("batch_size", batch_size, most=n)
    return np.asarray(c * (n - size) / (size * (n - 1)))


def variance(
    curvature: npt.ArrayLike,
    noise: npt.ArrayLike,
    *,
    learning_rate: float,
    samples: int,
    batch_size: int,
    when: str = "end",
) -> Array:
    r"""Stationary variance of a weight in a bowl, for samples that are shuffled in each epoch and dealt out in batches.

    With :math:`a = 1 - \eta h` and :math:`k` steps into an epoch of :math:`K = \lfloor n/B \rfloor`,

    .. math::
        N_k = \frac{\eta^2 c}{n - 1} \Bigl[\frac{n}{B} \sum_{j<k} a^{2j} - \Bigl(\sum_{j<k} a^j\Bigr)^2\Bigr], \qquad
        V_K = \frac{N_K}{1 - a^{2K}}, \qquad V_k = a^{2k} V_K + N_k :

    an epoch knows nothing of the permutation of the one before, so that its noise only adds to what is left of V. For
    :math:`\eta h K \ll 1` this is :math:`(\eta h K)^2/12` times the variance with replacement at the end of an epoch,
    and :math:`\eta h K/3` times it in the mean over the epoch.

    Parameters
    ----------
    curvature : array_like, any shape
        :math:`h`; positive.
    noise : array_like, broadcast against ``curvature``
        :math:`c`, the variance of a single sample's gradient over the n samples (divided by n); at least 0.
    learning_rate : float
        :math:`\eta`; positive, and below 2/h in every direction.
    samples : int
        :math:`n`, at least 2.
    batch_size : int
        :math:`B`, from 1 to n; samples that do not fill a last batch are left out of that epoch.
    when : {"end", "mean"}
        After the last step of an epoch, or the mean of :math:`V_1 \dots V_K`.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the steps are so large that the weights run away.

    References
    ----------
    After M. Kühn, B. Rosenow, Correlated noise in epoch-based stochastic gradient descent: implications for weight
    variances, arXiv:2306.05300; the sums for an epoch of any length were derived for this course.

    Examples
    --------
    Fresh draws would leave both at 0.016 to 0.021 (`liu2021.variance`); dealt out, the flat direction is frozen:

    >>> settings = {"learning_rate": 0.5, "samples": 640, "batch_size": 16}
    >>> variance([0.01, 1.0], [0.01, 1.0], **settings).round(4)
    array([0.0001, 0.0193])
    """
    h, c = np.broadcast_arrays(finite_array("curvature", curvature, above=0), finite_array("noise", noise, least=0))
    rate, n = positive("learning_rate", learning_rate), whole("samples", samples, least=2)
    size = whole("batch_size", batch_size, most=n)
    one_of("when", when, MOMENTS)
    if rate * h.max() >= 2:
        raise ValueError(f"learning_rate must be below 2 / curvature = {2 / h.max():g}; got {rate:g}")
    steps = n // size
    powers = (1 - rate * h[..., None]) ** np.arange(steps)
    added = _added(powers, n / size) * (rate**2 * c / (n - 1))[..., None]
    left = (1 - rate * h[..., None]) ** (2 * np.arange(1, steps + 1))
    end = added[..., -1] / (1 - left[..., -1])
    return np.asarray(end if when == "end" else (left * end[..., None] + added).mean(-1))


def _added(powers: Array, batches: float) -> Array:
    """Return the bracket of N_k for k = 1 … K, (..., K), written as a sum of squares so that nothing cancels."""
    count = np.arange(1, powers.shape[-1] + 1)
    mean = np.cumsum(powers, axis=-1) / count
    # Welford: with each new power x, the sum of squares about the mean grows by (x - old mean) (x - new mean).
    before = np.concatenate([powers[..., :1], mean[..., :-1]], axis=-1)
    spread = np.cumsum((powers - before) * (powers - mean), axis=-1)
    return np.asarray(count * spread + (batches - count) * np.cumsum(powers**2, axis=-1))
