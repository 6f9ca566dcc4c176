r"""Antognini and Sohl-Dickstein (2018): principal components of a random walk, the null of pictures of trajectories.

A walk without any direction, in a space of many dimensions, still looks like a smooth curve in its first two
principal components. In the limit of long walks component :math:`k` holds the share

.. math::
    \rho_k = \frac{6}{\pi^2 k^2},

61 % in the first and 15 % in the second.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from course_utils.validation import whole

Array = npt.NDArray[np.float64]


def explained(components: int, points: int | None = None) -> Array:
    r"""Return the share of the variance that each principal component of a random walk holds.

    For a walk of :math:`n` points in a space of many more dimensions, with independent steps of equal size,

    .. math::
        \rho_k = \frac{3}{2 (n^2 - 1) \sin^2(\pi k / 2n)} \;\xrightarrow{\;n \to \infty\;}\; \frac{6}{\pi^2 k^2},
        \qquad k = 1 \dots n - 1 .

    The steps' matrix is undone by taking differences, so that the covariance is the pseudo-inverse of the Laplacian
    of a chain, whose eigenvalues are :math:`4 \sin^2(\pi k / 2n)`; these sum, inverted, to :math:`(n^2 - 1)/6`.

    Parameters
    ----------
    components : int
        How many components, from the largest; at most ``points - 1``.
    points : int, optional
        :math:`n`, the number of recorded places, at least 2. Without it: the limit of a long walk.

    Returns
    -------
    numpy.ndarray, (components,)
        Shares between 0 and 1, falling.

    Raises
    ------
    TypeError, ValueError
        If the numbers are not whole or too small.

    References
    ----------
    J. Antognini, J. Sohl-Dickstein, NeurIPS (2018), arXiv:1806.08805.

    Examples
    --------
    >>> explained(3).round(3)
    array([0.608, 0.152, 0.068])
    >>> explained(2, points=3).round(3)
    array([0.75, 0.25])
    """
    components = whole("components", components)
    if points is None:
        return 6 / (math.pi * np.arange(1, components + 1)) ** 2
    points = whole("points", points, least=2)
    components = whole("components", components, most=points - 1)
    waves = np.arange(1, components + 1)
    return np.asarray(1.5 / ((points**2 - 1) * np.sin(math.pi * waves / (2 * points)) ** 2))


def coordinates(components: int, points: int) -> Array:
    r"""Return the shape of a random walk in its principal components: cosines, hence Lissajous curves.

    .. math::
        x_k(t) \propto \cos\bigl(\pi k (t + \tfrac12) / n\bigr), \qquad t = 0 \dots n - 1

    Parameters
    ----------
    components, points : int
        As in `explained`.

    Returns
    -------
    numpy.ndarray, (points, components)
        Columns of length one, orthogonal to each other; each holds for the walk up to its sign.

    Raises
    ------
    TypeError, ValueError
        If the numbers are not whole or too small.

    References
    ----------
    J. Antognini, J. Sohl-Dickstein, NeurIPS (2018), arXiv:1806.08805.

    Examples
    --------
    >>> coordinates(1, points=3).ravel().round(3)
    array([ 0.707,  0.   , -0.707])
    """
    points = whole("points", points, least=2)
    components = whole("components", components, most=points - 1)
    times = np.arange(points)[:, None] + 0.5
    return np.asarray(math.sqrt(2 / points) * np.cos(math.pi * np.arange(1, components + 1) * times / points))
