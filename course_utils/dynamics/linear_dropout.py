r"""Linear regression whose inputs fall silent at random, and what the weights do for ever after.

.. math::
    w \leftarrow w - \frac\eta n \sum_\mu (\tilde x_\mu \cdot w - y_\mu)\, \tilde x_\mu, \qquad
    \tilde x_{\mu i} = x_{\mu i} r_{\mu i} / p, \quad r_{\mu i} \sim \mathrm{Bernoulli}(p)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, real, whole

Array = npt.NDArray[np.float64]


def weight_fluctuations(
    inputs: npt.ArrayLike,
    targets: npt.ArrayLike,
    active: float,
    *,
    learning_rate: float,
    centre: npt.ArrayLike,
    burn_in: int = 300,
    steps: int = 1200,
    replicas: int = 256,
    seed: Seed,
) -> tuple[Array, Array]:
    r"""Return time averages of the weights, and of the products of their deviations from a centre.

    Parameters
    ----------
    inputs : array_like, (n, d)
        Samples.
    targets : array_like, (n,)
        Their labels.
    active : float
        Probability p that an input of a sample is kept in a step; above 0, at most 1.
    learning_rate : float
        Step size :math:`\eta`, above 0.
    centre : array_like, (d,)
        Where all replicas start, and what deviations are taken from.
    burn_in, steps : int
        Steps that are not counted, and steps that are.
    replicas : int
        Independent runs.
    seed : int or numpy.random.Generator
        Randomness.

    Returns
    -------
    mean : numpy.ndarray, (replicas, d)
        Of the weights.
    second : numpy.ndarray, (replicas, d, d)
        :math:`\langle (w - c)(w - c)^{\mathsf T} \rangle` over the steps.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    S. Wager, S. Wang, P. Liang, arXiv:1307.1493 (2013).

    Examples
    --------
    >>> settings = {"learning_rate": 0.1, "centre": [1.0], "replicas": 2, "seed": 1}
    >>> mean, second = weight_fluctuations([[1.0], [2.0]], [1.0, 2.0], 1.0, **settings)
    >>> mean.tolist(), second.ravel().tolist()  # without dropout it stays at the fit
    ([[1.0], [1.0]], [0.0, 0.0])
    """
    x, y = finite_array("inputs", inputs, ndim=2), finite_array("targets", targets, ndim=1)
    middle, p = finite_array("centre", centre, ndim=1), real("active", active, above=0, most=1)
    if y.size != len(x) or middle.size != x.shape[1]:
        raise ValueError(f"targets and centre must have {x.shape} numbers, as inputs; got {y.size} and {middle.size}")
    eta, burn_in, steps = (
        real("learning_rate", learning_rate, above=0),
        whole("burn_in", burn_in, least=0),
        whole("steps", steps),
    )
    many, random = whole("replicas", replicas), generator(seed)
    w = np.tile(middle, (many, 1))
    mean, second = np.zeros(w.shape), np.zeros((*w.shape, middle.size))
    for step in range(burn_in + steps):
        seen = x * (random.random((many, *x.shape), dtype=np.float32) < p) / p
        miss = (seen @ w[..., None])[..., 0] - y
        w = w - eta / len(y) * (miss[:, None] @ seen)[:, 0]
        if step >= burn_in:
            away = w - middle
            mean += w
            second += away[:, :, None] * away[:, None, :]
    return mean / steps, second / steps


def heat_bath_fluctuations(
    curvature: npt.ArrayLike,
    *,
    learning_rate: float,
    burn_in: int = 300,
    steps: int = 1200,
    replicas: int = 256,
    seed: Seed,
) -> Array:
    r"""Return the products for a bowl in a heat bath of temperature 1.

    .. math::
        w \leftarrow w - \eta H w + \sqrt{2\eta}\,\xi

    Parameters
    ----------
    curvature : array_like, (d, d)
        :math:`H`, symmetric; its minimum is at 0.
    learning_rate : float
        Step size :math:`\eta`, above 0.
    burn_in, steps, replicas, seed
        As for `weight_fluctuations`.

    Returns
    -------
    numpy.ndarray, (replicas, d, d)
        :math:`\langle w w^{\mathsf T} \rangle`; exactly :math:`1/h(1 - \eta h/2)` for a mode of curvature h.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> heat_bath_fluctuations([[1.0]], learning_rate=0.1, replicas=2, seed=1).shape
    (2, 1, 1)
    """
    bowl, eta = finite_array("curvature", curvature, ndim=2), real("learning_rate", learning_rate, above=0)
    if bowl.shape[0] != bowl.shape[1] or not np.allclose(bowl, bowl.T):
        raise ValueError(f"curvature must be a symmetric matrix; got shape {bowl.shape}")
    burn_in, steps = whole("burn_in", burn_in, least=0), whole("steps", steps)
    w, random = np.zeros((whole("replicas", replicas), len(bowl))), generator(seed)
    second = np.zeros((*w.shape, len(bowl)))
    for step in range(burn_in + steps):
        w = w - eta * w @ bowl + (2 * eta) ** 0.5 * random.standard_normal(w.shape)
        if step >= burn_in:
            second += w[:, :, None] * w[:, None, :]
    return second / steps
