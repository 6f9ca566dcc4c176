"""The landscape of Müller and Brown: three valleys and two passes on a map that one can see."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.optimize import root

from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]

# Müller & Brown (1979): four Gaussians, amplitude * exp(xx (x-x0)² + xy (x-x0)(y-y0) + yy (y-y0)²).
AMPLITUDE = (-200.0, -100.0, -170.0, 15.0)
XX = (-1.0, -1.0, -6.5, 0.7)
XY = (0.0, 0.0, 11.0, 0.6)
YY = (-10.0, -10.0, -6.5, 0.7)
CENTRE_X = (1.0, 0.0, -0.5, -1.0)
CENTRE_Y = (0.0, 0.5, 1.5, 1.0)

# Where to start the root finding; the tests check that these lead to three valleys and two passes.
_NEAR_MINIMA = ((-0.56, 1.44), (0.62, 0.03), (-0.05, 0.47))
_NEAR_SADDLES = ((-0.82, 0.62), (0.21, 0.29))


def _points(position: npt.ArrayLike) -> Array:
    points = finite_array("position", position)
    if points.ndim == 0 or points.shape[-1] != 2:
        raise ValueError(f"position must be an array of points (..., 2); got shape {points.shape}")
    return points


@cache
def _stationary() -> tuple[Array, Array]:
    """Return the minima (3, 2) and the saddles (2, 2): where the force is zero."""
    landscape = MuellerBrown()
    found = []
    for guesses in (_NEAR_MINIMA, _NEAR_SADDLES):
        places = np.array([root(landscape.force, guess, tol=1e-13).x for guess in guesses])
        places.flags.writeable = False
        found.append(places)
    return found[0], found[1]


class MuellerBrown:
    r"""A landscape on the plane with three valleys A, B, C and the passes between them.

    .. math::
        U(x, y) = \sum_{k=1}^4 A_k \exp\bigl[a_k (x - x_k)^2 + b_k (x - x_k)(y - y_k) + c_k (y - y_k)^2\bigr]

    The deepest valley A (upper left) and valley B (lower right) are separated by two passes; the path between them is
    bent, and the shallow valley C lies on it. Interesting temperatures are 10 to 25 in the units of the energy.

    References
    ----------
    K. Müller and L. D. Brown, Theor. Chim. Acta 53, 75 (1979), doi:10.1007/BF00547608.

    Examples
    --------
    >>> landscape = MuellerBrown()
    >>> landscape.minima.round(3)
    array([[-0.558,  1.442],
           [ 0.623,  0.028],
           [-0.05 ,  0.467]])
    >>> landscape.energy(landscape.minima).round(1)
    array([-146.7, -108.2,  -80.8])
    """

    def __repr__(self) -> str:
        """Return the call that makes it."""
        return "MuellerBrown()"

    def _terms(self, position: npt.ArrayLike) -> tuple[Array, Array, Array]:
        """Return the four terms and the distances from their centres, each (..., 4)."""
        points = _points(position)
        x = points[..., 0, None] - np.array(CENTRE_X)
        y = points[..., 1, None] - np.array(CENTRE_Y)
        exponent = np.array(XX) * x**2 + np.array(XY) * x * y + np.array(YY) * y**2
        with np.errstate(over="ignore"):
            return np.array(AMPLITUDE) * np.exp(exponent), x, y

    def energy(self, position: npt.ArrayLike) -> Array:
        """Energy of points (..., 2), shape (...)."""
        return self._terms(position)[0].sum(-1)

    def force(self, position: npt.ArrayLike) -> Array:
        """Force −∇U at points (..., 2), same shape."""
        term, x, y = self._terms(position)
        slope_x = (term * (2 * np.array(XX) * x + np.array(XY) * y)).sum(-1)
        slope_y = (term * (np.array(XY) * x + 2 * np.array(YY) * y)).sum(-1)
        return -np.stack([slope_x, slope_y], axis=-1)

    def hessian(self, position: npt.ArrayLike) -> Array:
        """Matrix of second derivatives at points (..., 2), shape (..., 2, 2)."""
        term, x, y = self._terms(position)
        xx, xy, yy = np.array(XX), np.array(XY), np.array(YY)
        along_x, along_y = 2 * xx * x + xy * y, xy * x + 2 * yy * y
        entries = [
            (term * (along_x**2 + 2 * xx)).sum(-1),
            (term * (along_x * along_y + xy)).sum(-1),
            (term * (along_x * along_y + xy)).sum(-1),
            (term * (along_y**2 + 2 * yy)).sum(-1),
        ]
        return np.stack(entries, axis=-1).reshape(*entries[0].shape, 2, 2)

    @property
    def minima(self) -> Array:
        """The valleys A, B, C, shape (3, 2), from the deepest to the shallowest."""
        return _stationary()[0]

    @property
    def saddles(self) -> Array:
        """The passes, shape (2, 2): first the one between A and C, which is higher, then the one between C and B."""
        return _stationary()[1]
