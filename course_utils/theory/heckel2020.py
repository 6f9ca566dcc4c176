r"""Heckel and Yilmaz (2020): the test error can fall twice *in time* when features are learned at different speeds.

Gradient descent on :math:`\tfrac{1}{2n} |y - Xw|^2` from zero, with uncorrelated features of sizes :math:`s_k`, moves
every weight by itself: :math:`w_k` reaches the fraction :math:`1 - (1 - \eta s_k^2)^t` of its goal. The goal is the
truth plus an error from the noise, so each feature adds a bias that falls and a variance that rises, by its own clock:

.. math::
    R(t) = \sum_k s_k^2 \theta_k^2 (1 - \eta s_k^2)^{2t}
         + \frac{\sigma^2}{n} \sum_k \bigl(1 - (1 - \eta s_k^2)^t\bigr)^2 .

Exact for n samples whose features are uncorrelated in the sample; to leading order in (features / n) otherwise.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, positive, real, whole

Array = npt.NDArray[np.float64]


def risk(
    steps: npt.ArrayLike,
    sizes: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    learning_rate: float,
    noise: float,
    samples: int,
) -> Array:
    r"""Test error above the noise after so many steps of gradient descent.

    Parameters
    ----------
    steps : array_like, any shape
        Steps :math:`t`, at least 0.
    sizes : array_like, shape (features,)
        Standard deviations :math:`s_k` of the features; above 0.
    weights : array_like, shape (features,)
        The teacher's weights :math:`\theta_k`.
    learning_rate : float
        :math:`\eta`, above 0; at most :math:`1/\max s_k^2`, so that no weight overshoots.
    noise : float
        Standard deviation :math:`\sigma` of the noise on the labels; at least 0.
    samples : int
        How many, :math:`n`.

    Returns
    -------
    numpy.ndarray, shape of ``steps``

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    R. Heckel, F. F. Yilmaz, arXiv:2007.10099 (2020); M. Pezeshki, A. Mitra, Y. Bengio, G. Lajoie, arXiv:2112.03215
    (2021).

    Examples
    --------
    >>> risk([0, 10**6], [1.0, 0.1], [1.0, 1.0], learning_rate=0.5, noise=1.0, samples=4)
    array([1.01, 0.5 ])
    """
    times = finite_array("steps", steps, least=0)
    size, weight = finite_array("sizes", sizes, ndim=1, above=0), finite_array("weights", weights, ndim=1)
    if weight.shape != size.shape:
        raise ValueError(f"weights must have one entry per feature ({size.size}); got shape {weight.shape}")
    rate = real("learning_rate", learning_rate, above=0, most=1 / float(size.max() ** 2))
    share = real("noise", noise, least=0) ** 2 / whole("samples", samples)
    left = (1 - rate * size**2) ** times[..., None]
    found: Array = ((size * weight * left) ** 2).sum(-1) + share * ((1 - left) ** 2).sum(-1)
    return found


def clocks(sizes: npt.ArrayLike, learning_rate: float) -> Array:
    r"""Return after how many steps a feature is learned but for :math:`1/e`: :math:`-1/\ln(1 - \eta s_k^2)`.

    Raises
    ------
    TypeError, ValueError
        If a size or the learning rate is not above 0, or the rate not below :math:`1/\max s_k^2`.

    Examples
    --------
    >>> clocks([1.0, 0.1], 0.3).round(1)
    array([  2.8, 332.8])
    """
    size = finite_array("sizes", sizes, above=0)
    rate = real("learning_rate", positive("learning_rate", learning_rate), below=1 / float(size.max() ** 2))
    found: Array = -1 / np.log1p(-rate * size**2)
    return found
