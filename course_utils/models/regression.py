r"""Linear regression with a noisy teacher, and with random features: the smallest models with too many weights.

.. math::
    y = \phi(x) \cdot w_* + \sigma\,\xi, \qquad \xi \sim \mathcal N(0, 1)

Replicas come first: inputs are (replicas, samples, weights), targets (replicas, samples).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, positive, real, whole

Array = npt.NDArray[np.float64]
_VANISHING = 1e-9


@dataclass(frozen=True, eq=False)
class Taught:
    """What replicas of a linear teacher have shown, and their true weights.

    Attributes
    ----------
    inputs : numpy.ndarray, (replicas, samples, weights)
        Independent Gaussian numbers, of variance ``scale`` squared.
    targets : numpy.ndarray, (replicas, samples)
        Noisy labels.
    truth : numpy.ndarray, (replicas, weights)
        The teachers' weights.
    noise : float
        Standard deviation of the noise on the labels.
    scale : float
        Standard deviation of an input.
    """

    inputs: Array
    targets: Array
    truth: Array
    noise: float
    scale: float

    def test_error(self, weights: npt.ArrayLike) -> Array:
        r"""Return the exact error on new noisy samples, :math:`s^2 |w - w_*|^2 + \sigma^2`, of each replica.

        Parameters
        ----------
        weights : array_like, (replicas, weights)

        Raises
        ------
        TypeError, ValueError
            If the weights do not have the shape of the truth.
        """
        found = finite_array("weights", weights)
        if found.shape != self.truth.shape:
            raise ValueError(f"weights must have shape {self.truth.shape}; got {found.shape}")
        error: Array = self.scale**2 * ((found - self.truth) ** 2).sum(-1) + self.noise**2
        return error


def teacher_data(
    replicas: int,
    samples: int,
    features: int,
    *,
    signal: float = 1.0,
    noise: float = 0.5,
    scale: float = 1.0,
    seed: Seed,
) -> Taught:
    """Draw linear teachers, Gaussian inputs and noisy labels.

    Parameters
    ----------
    replicas, samples, features : int
        How many of each.
    signal : float
        Standard deviation of the labels without noise (the teacher's length, times ``scale``); above 0.
    noise : float
        Standard deviation of the noise; at least 0.
    scale : float
        Standard deviation of an input; above 0.
    seed : int or numpy.random.Generator
        Randomness.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> taught = teacher_data(3, 20, 5, noise=0.0, seed=1)
    >>> taught.inputs.shape, taught.targets.shape, (taught.truth**2).sum(1).round(6).tolist()
    ((3, 20, 5), (3, 20), [1.0, 1.0, 1.0])
    >>> taught.test_error(least_norm(taught.inputs, taught.targets)).round(12).tolist()
    [0.0, 0.0, 0.0]
    """
    shape = whole("replicas", replicas), whole("samples", samples), whole("features", features)
    signal, noise = positive("signal", signal), real("noise", noise, least=0)
    scale, random = positive("scale", scale), generator(seed)
    truth = _on_sphere(random, (shape[0], shape[2]), signal / scale)
    inputs = scale * random.standard_normal(shape)
    targets = np.matmul(inputs, truth[..., None])[..., 0] + noise * random.standard_normal(shape[:2])
    return Taught(inputs, targets, truth, noise, scale)


def least_norm(inputs: npt.ArrayLike, targets: npt.ArrayLike, *, ridge: float = 0.0) -> Array:
    r"""Return the weights with the least :math:`|y - Xw|^2 + \lambda |w|^2`; without a ridge, the shortest of the best.

    Parameters
    ----------
    inputs : array_like, (replicas, samples, weights)
        Of full rank if there is no ridge.
    targets : array_like, (replicas, samples)
        Labels.
    ridge : float
        :math:`\lambda`, at least 0.

    Returns
    -------
    numpy.ndarray, (replicas, weights)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.
    numpy.linalg.LinAlgError
        If there is no ridge and the inputs are not of full rank.

    Examples
    --------
    >>> least_norm([[[1.0, 1.0]]], [[2.0]])
    array([[1., 1.]])
    """
    x, y = finite_array("inputs", inputs, ndim=3), finite_array("targets", targets, ndim=2)
    if y.shape != x.shape[:2]:
        raise ValueError(f"targets must have shape {x.shape[:2]}, as the inputs; got {y.shape}")
    turned, heap = x.swapaxes(1, 2), real("ridge", ridge, least=0) * np.eye(min(x.shape[1:]))
    if x.shape[2] <= x.shape[1]:
        found = np.linalg.solve(turned @ x + heap, turned @ y[..., None])
    else:
        found = turned @ np.linalg.solve(x @ turned + heap, y[..., None])
    return np.asarray(found[..., 0], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class TaughtFeatures:
    """What one teacher on the sphere has shown, seen through random ReLU features, and what it would show next.

    Attributes
    ----------
    inputs, test_inputs : numpy.ndarray, (1, samples, features)
        The features of the samples.
    targets : numpy.ndarray, (1, samples)
        Noisy labels.
    test_targets : numpy.ndarray, (1, samples)
        Labels without noise.
    """

    inputs: Array
    targets: Array
    test_inputs: Array
    test_targets: Array


def random_feature_data(
    features: int,
    samples: int,
    dimension: int,
    *,
    signal: float = 1.0,
    noise: float = 0.2,
    tests: int = 1000,
    seed: Seed,
) -> TaughtFeatures:
    r"""Draw a linear teacher, samples on the sphere :math:`|x|^2 = d`, and random ReLU features of them.

    .. math::
        z_a = \max(0,\ \theta_a \cdot x / \sqrt d)

    Parameters
    ----------
    features, samples, dimension : int
        :math:`N`, :math:`n` and :math:`d`; the feature vectors also have length :math:`\sqrt d`.
    signal, noise : float
        Standard deviation of the labels without noise, and of the noise.
    tests : int
        How many samples to test on.
    seed : int or numpy.random.Generator
        Randomness.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    The model of S. Mei, A. Montanari, Comm. Pure Appl. Math. 75, 667 (2022), arXiv:1908.05355.

    Examples
    --------
    >>> random_feature_data(20, 30, 10, tests=5, seed=1).test_inputs.shape
    (1, 5, 20)
    """
    size, many, d = whole("features", features), whole("samples", samples), whole("dimension", dimension)
    signal, noise, tests = positive("signal", signal), real("noise", noise, least=0), whole("tests", tests)
    random = generator(seed)
    seen, new = (_on_sphere(random, (count, d), np.sqrt(d)) for count in (many, tests))
    directions, teacher = _on_sphere(random, (size, d), 1.0), _on_sphere(random, (1, d), signal)[0]
    targets = seen @ teacher + noise * random.standard_normal(many)
    shown, hidden = (np.maximum(one @ directions.T, 0.0)[None] for one in (seen, new))
    return TaughtFeatures(shown, targets[None], hidden, (new @ teacher)[None])


def random_feature_errors(
    features: int,
    samples: int,
    dimension: int,
    *,
    ridges: npt.ArrayLike,
    noise: float = 0.2,
    replicas: int = 10,
    tests: int = 1000,
    seed: Seed,
) -> Array:
    r"""Fit random features with several ridges and return the test errors, less the noise.

    What is minimised is :math:`\tfrac1n |y - Za|^2 + \tfrac{N\lambda}{d} |a|^2`; a vanishing ridge is a very small one.

    Parameters
    ----------
    features, samples, dimension, noise, tests
        As for `random_feature_data`.
    ridges : array_like, (ridges,)
        Each :math:`\lambda`, at least 0. All are tried on the same samples.
    replicas : int
        How many teachers, each with its own features and samples.
    seed : int or numpy.random.Generator
        Randomness.

    Returns
    -------
    numpy.ndarray, (ridges, replicas)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> random_feature_errors(40, 30, 10, ridges=[0.0, 0.1], replicas=3, seed=1).shape
    (2, 3)
    """
    tried, random = finite_array("ridges", ridges, ndim=1, least=0), generator(seed)
    errors = np.empty((tried.size, whole("replicas", replicas)))
    for replica in range(errors.shape[1]):
        taught = random_feature_data(features, samples, dimension, noise=noise, tests=tests, seed=random)
        for row, ridge in enumerate(tried):
            heap = max(float(ridge) * samples * features / dimension, _VANISHING)
            found = least_norm(taught.inputs, taught.targets, ridge=heap)[0]
            errors[row, replica] = ((taught.test_inputs[0] @ found - taught.test_targets[0]) ** 2).mean()
    return errors


def _on_sphere(random: np.random.Generator, shape: tuple[int, int], length: float) -> Array:
    """Return rows of this length in uniformly random directions."""
    rows = random.standard_normal(shape)
    found: Array = rows * (length / np.linalg.norm(rows, axis=1, keepdims=True))
    return found
