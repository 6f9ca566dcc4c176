"""Where a curve is lowest, and how fast a mean grows: derived from replicas, with error bars."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.measure.statistics import Estimate, jackknife
from course_utils.validation import finite_array, positive, real

Array = npt.NDArray[np.float64]


def _window(places: npt.ArrayLike, near: float, reach: float) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return the places, and which of them are close to ``near``."""
    x = finite_array("places", places, ndim=1)
    some = np.abs(x - real("near", near)) < positive("reach", reach)
    if some.sum() < 3:
        raise ValueError(f"places must have at least 3 within {reach:g} of {near:g}; got {int(some.sum())}")
    return x, some


def parabola_minimum(places: npt.ArrayLike, values: npt.ArrayLike, *, near: float, reach: float) -> float:
    r"""Return where the parabola through the logarithm of a curve is lowest, :math:`-b/2a` for :math:`a x^2 + b x + c`.

    Parameters
    ----------
    places, values : array_like, (n,)
        The curve; above zero.
    near, reach : float
        Only places closer than ``reach`` to ``near`` count; at least three.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the curve is not bent upwards.

    Examples
    --------
    >>> round(parabola_minimum([0.0, 1.0, 2.0], np.exp([1.0, 0.0, 1.0]), near=1.0, reach=2.0), 6)
    1.0
    """
    x, some = _window(places, near, reach)
    y = finite_array("values", values, ndim=1, above=0)
    if y.size != x.size:
        raise ValueError(f"values must have one number for each of {x.size} places; got {y.size}")
    a, b, _ = np.polyfit(x[some], np.log(y[some]), 2)
    if a <= 0:
        raise ValueError("values must have a minimum near there; the parabola is not bent upwards")
    return float(-b / (2 * a))


def minimum(places: npt.ArrayLike, samples: npt.ArrayLike, *, near: float, reach: float) -> Estimate:
    """Return where the mean of several curves is lowest (see `parabola_minimum`), with its error by the jackknife.

    Parameters
    ----------
    places : array_like, (n,)
        Where the curves were measured.
    samples : array_like, (replicas, n)
        One curve for each independent replica.
    near, reach : float
        As for `parabola_minimum`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> curves = np.exp(np.array([[1.0, 0.0, 1.1], [1.1, 0.0, 1.0], [1.0, 0.1, 1.0]]))
    >>> print(minimum([0.0, 1.0, 2.0], curves, near=1.0, reach=2.0))
    1.000 ± 0.015
    """
    return jackknife(samples, lambda some: parabola_minimum(places, some.mean(0), near=near, reach=reach))


def growth_rate(first: npt.ArrayLike, second: npt.ArrayLike, duration: float) -> Estimate:
    r"""Return the rate at which a mean grows, :math:`\ln(\langle b \rangle / \langle a \rangle) / t`, by the jackknife.

    Parameters
    ----------
    first, second : array_like, (replicas,)
        A quantity at two moments; their means have one sign.
    duration : float
        The time in between, above 0.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> print(growth_rate([1.0, 1.1, 0.9], [2.7, 3.0, 2.5], 10.0))
    0.10053 ± 0.00076
    """
    a, b = finite_array("first", first, ndim=1), finite_array("second", second, ndim=1)
    if a.size != b.size:
        raise ValueError(f"second must have one number for each of {a.size} replicas; got {b.size}")
    time = positive("duration", duration)
    if not a.mean() * b.mean() > 0:
        raise ValueError(f"first and second must have means of one sign; got {a.mean():g} and {b.mean():g}")
    return jackknife(np.stack([a, b], axis=1), lambda pair: np.log(pair[:, 1].mean() / pair[:, 0].mean()) / time)
