r"""Wager, Wang and Liang (2013): dropout on the inputs of a linear model is a ridge that adapts to the inputs.

In each step every input of every sample is silenced afresh: it is kept with probability p, and then scaled up by 1/p.
With :math:`\tilde x_{\mu i} = x_{\mu i} r_{\mu i} / p` gradient descent on all n samples does

.. math::
    w \leftarrow w - \frac\eta n \sum_\mu (\tilde x_\mu \cdot w - y_\mu)\, \tilde x_\mu .

Its mean is at the minimum of the averaged loss, :math:`\tfrac1{2n} \sum_\mu (x_\mu \cdot w - y_\mu)^2 + \tfrac12
\tfrac{1-p}p \sum_i G_{ii} w_i^2` with :math:`G = X^{\mathsf T} X / n`: a ridge on each weight, as strong as its input.
Its fluctuations follow from a linear equation for the second moments, derived here; they are exact at any step size.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, real

Array = npt.NDArray[np.float64]
_MOST_WEIGHTS = 10


@dataclass(frozen=True, eq=False)
class Stationary:
    r"""Where the weights are after a long time.

    Attributes
    ----------
    mean : numpy.ndarray, (d,)
        Mean weights.
    covariance : numpy.ndarray, (d, d)
        Covariance of the weights.
    curvatures : numpy.ndarray, (d,)
        Curvatures h of the averaged loss, rising.
    modes : numpy.ndarray, (d, d)
        The directions that belong to them, in columns.
    temperatures : numpy.ndarray, (d,)
        :math:`h_i \langle \delta_i^2 \rangle` of each mode: equal for all, were this a heat bath (equipartition).
    """

    mean: Array
    covariance: Array
    curvatures: Array
    modes: Array
    temperatures: Array


def _checked(inputs: npt.ArrayLike, targets: npt.ArrayLike, active: float) -> tuple[Array, Array, float]:
    """Return samples (n, d), targets (n,) and the probability, once it is sure that they fit."""
    x, y = finite_array("inputs", inputs, ndim=2), finite_array("targets", targets, ndim=1)
    if y.size != len(x):
        raise ValueError(f"targets must hold one number for each of {len(x)} samples; got {y.size}")
    return x, y, real("active", active, above=0, most=1)


def curvature(inputs: npt.ArrayLike, active: float) -> Array:
    r"""Return the curvature of the averaged loss, :math:`H = G + \tfrac{1-p}p \operatorname{diag} G`.

    Parameters
    ----------
    inputs : array_like, (n, d)
        Samples.
    active : float
        Probability p that an input is kept; above 0, at most 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> curvature([[1.0, 1.0], [1.0, -1.0]], 0.5)
    array([[2., 0.],
           [0., 2.]])
    """
    x = finite_array("inputs", inputs, ndim=2)
    gram = x.T @ x / len(x)
    p = real("active", active, above=0, most=1)
    found: Array = gram + (1 - p) / p * np.diag(np.diag(gram))
    return found


def mean_weights(inputs: npt.ArrayLike, targets: npt.ArrayLike, active: float) -> Array:
    r"""Return the weights that dropout on the inputs finds on average, :math:`H^{-1} X^{\mathsf T} y / n`.

    Parameters
    ----------
    inputs : array_like, (n, d)
        Samples.
    targets : array_like, (n,)
        Their labels.
    active : float
        Probability p that an input is kept; above 0, at most 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.
    numpy.linalg.LinAlgError
        If the curvature is singular.

    References
    ----------
    S. Wager, S. Wang, P. Liang, NeurIPS (2013), arXiv:1307.1493; N. Srivastava, G. Hinton, A. Krizhevsky,
    I. Sutskever, R. Salakhutdinov, J. Mach. Learn. Res. 15, 1929 (2014).

    Examples
    --------
    >>> mean_weights([[1.0, 0.0], [0.0, 1.0]], [3.0, 1.0], 0.5)  # half of what fits
    array([1.5, 0.5])
    """
    x, y, p = _checked(inputs, targets, active)
    found: Array = np.asarray(np.linalg.solve(curvature(x, p), x.T @ y / len(y)), dtype=float)
    return found


def _noise(x: Array, y: Array, p: float) -> tuple[Array, Array]:
    """Return the mean of B and of B ⊗ B, B being the matrix of one step's force on (w, 1); masks are enumerated."""
    n, d = x.shape
    masks = np.array(list(product((0.0, 1.0), repeat=d)))
    chances: Array = p ** masks.sum(1) * (1 - p) ** (d - masks.sum(1))
    mean, pair = np.zeros((d, d + 1)), np.zeros((d, d, d + 1, d + 1))
    for row, label in zip(x, y, strict=True):
        seen = masks * row / p
        force = np.concatenate([seen[:, :, None] * seen[:, None, :], -label * seen[:, :, None]], axis=2)
        own = np.tensordot(chances, force, 1)
        flat = force.reshape(len(masks), -1)
        both = (flat * chances[:, None]).T @ flat - np.outer(own, own)
        mean += own / n
        pair += both.reshape(d, d + 1, d, d + 1).transpose(0, 2, 1, 3) / n**2
    return mean, pair + np.einsum("ia,jb->ijab", mean, mean)


def stationary(inputs: npt.ArrayLike, targets: npt.ArrayLike, active: float, *, learning_rate: float) -> Stationary:
    r"""Return the exact mean and covariance of the weights under dropout of the inputs.

    The second moments of :math:`z = (w, 1)` obey, with :math:`B = \tfrac1n \sum_\mu (\tilde x_\mu \tilde x_\mu^{\mathsf
    T}, -y_\mu \tilde x_\mu)`,

    .. math::
        \langle w w^{\mathsf T} \rangle = \langle (w - \eta B z)(w - \eta B z)^{\mathsf T} \rangle,

    which is linear in them; the averages over B go over all :math:`2^d` masks of each sample.

    Parameters
    ----------
    inputs : array_like, (n, d)
        Samples; at most 10 weights.
    targets : array_like, (n,)
        Their labels.
    active : float
        Probability p that an input is kept; above 0, at most 1.
    learning_rate : float
        Step size :math:`\eta`, above 0; small enough for the weights not to run off.

    Returns
    -------
    Stationary

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the weights would run off.

    Examples
    --------
    >>> still = stationary(np.eye(2), [3.0, 1.0], 1.0, learning_rate=0.1)  # without dropout nothing trembles
    >>> still.mean.round(6), bool((abs(still.covariance) < 1e-9).all())
    (array([3., 1.]), True)
    """
    x, y, p = _checked(inputs, targets, active)
    eta, d = real("learning_rate", learning_rate, above=0), x.shape[1]
    if d > _MOST_WEIGHTS:
        raise ValueError(f"inputs must have at most {_MOST_WEIGHTS} columns, since all masks are gone through; got {d}")
    mean = mean_weights(x, y, p)
    force, pair = _noise(x, y, p)
    drift = np.eye(d) - eta * force[:, :d]
    # ⟨w w'⟩ → drift W drift' + what depends on the mean alone + η² (pair - force force') W
    noise = pair - np.einsum("ia,jb->ijab", force, force)
    step = np.einsum("ia,jb->ijab", drift, drift) + eta**2 * noise[:, :, :d, :d]
    step = step.reshape(d * d, d * d)
    if np.abs(np.linalg.eigvals(step)).max() >= 1:
        raise ValueError(f"learning_rate must be smaller here, for the weights run off; got {eta:g}")
    z = np.append(mean, 1.0)
    source = eta**2 * np.einsum("ijab,a,b->ij", noise, z, z)
    covariance = np.linalg.solve(np.eye(d * d) - step, source.ravel()).reshape(d, d)
    curvatures, modes = np.linalg.eigh(curvature(x, p))
    spread = np.einsum("im,ij,jm->m", modes, covariance, modes)
    return Stationary(mean, covariance, curvatures, modes, curvatures * spread)


def temperature_ratio(inputs: npt.ArrayLike, targets: npt.ArrayLike, active: float, *, learning_rate: float) -> float:
    r"""Return the temperature of the hottest mode over that of the coldest; 1 in a heat bath.

    Parameters
    ----------
    inputs, targets, active, rate
        See `stationary`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> round(temperature_ratio([[2.0, 0.5], [1.0, -1.0], [0.5, 0.5]], [1.0, 1.0, -1.0], 0.5, learning_rate=0.1), 3)
    2.107
    """
    found = stationary(inputs, targets, active, learning_rate=learning_rate).temperatures
    return float(found.max() / found.min())
