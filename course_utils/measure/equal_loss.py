"""Reading at matched training loss: what a network was like when its loss first came down to a given level."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, function, positive

Array = npt.NDArray[np.float64]


def at_level(losses: npt.ArrayLike, values: npt.ArrayLike, level: float) -> Array:
    r"""Return readings at the moment at which each network's loss first falls to a level.

    Between the record before, at loss :math:`l_0`, and the first at or below the level, at :math:`l_1`, readings are
    interpolated, straight in the logarithm of the loss:

    .. math::
        v = (1 - f)\,v_0 + f\,v_1, \qquad f = \frac{\ln l_0 - \ln l}{\ln l_0 - \ln l_1}

    Parameters
    ----------
    losses : array_like, (networks, records)
        Training losses in the order of time; above 0.
    values : array_like, (networks, records) or (networks, records, readings)
        What was read at the same moments.
    level : float
        :math:`l`, above 0.

    Returns
    -------
    numpy.ndarray, (networks,) or (networks, readings)
        NaN for a network that never comes so low, or starts below.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> at_level([[1.0, 0.5, 0.25]], [[10.0, 20.0, 40.0]], 0.5**1.5).round(6)
    array([30.])
    """
    path = finite_array("losses", losses, ndim=2, above=0)
    read = finite_array("values", values)
    if read.shape[:2] != path.shape or read.ndim not in (2, 3):
        raise ValueError(
            f"values must have shape {path.shape}, one reading per record, or that and readings; got {read.shape}"
        )
    after, share = first_below(path, level)
    rows = np.arange(len(path))
    weight = share.reshape(-1, *[1] * (read.ndim - 2))
    return np.asarray((1 - weight) * read[rows, after - 1] + weight * read[rows, after])


def first_below(losses: npt.ArrayLike, level: float) -> tuple[npt.NDArray[np.int64], Array]:
    """Return the record at which each network's loss first is at or below a level, and :math:`f` of `at_level`.

    Parameters
    ----------
    losses : array_like, (networks, records)
        Training losses in the order of time; above 0.
    level : float
        Above 0.

    Returns
    -------
    numpy.ndarray of int, (networks,)
        The record after the crossing; 1 for a network without one.
    numpy.ndarray, (networks,)
        Weight of that record; the one before has the rest. NaN for a network that never comes so low, or starts below.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or there are fewer than two records.

    Examples
    --------
    >>> first_below([[1.0, 0.5, 0.25]], 0.25)
    (array([2]), array([1.]))
    """
    path, wanted = finite_array("losses", losses, ndim=2, above=0), positive("level", level)
    if path.shape[1] < 2:
        raise ValueError(f"losses must hold two records or more; got {path.shape[1]}")
    after, share = np.ones(len(path), dtype=np.int64), np.full(len(path), np.nan)
    for k, own in enumerate(path):
        below = np.flatnonzero(own <= wanted)
        if below.size and below[0] > 0:
            after[k] = below[0]
            share[k] = np.log(own[after[k] - 1] / wanted) / np.log(own[after[k] - 1] / own[after[k]])
    return after, share


def read_at_level(
    losses: npt.ArrayLike, weights: npt.NDArray[Any], level: float, *, read: Callable[[npt.NDArray[Any]], npt.ArrayLike]
) -> Array:
    """Return readings at a loss, as `at_level`, where only the two records around the crossing are read.

    Parameters
    ----------
    losses : array_like, (networks, records)
        Training losses in the order of time; above 0.
    weights : numpy.ndarray, (networks, records, parameters)
        The weights at the same moments.
    level : float
        Above 0.
    read : callable
        Takes weights (networks, parameters), returns readings (networks, readings).

    Returns
    -------
    numpy.ndarray, (networks, readings)
        NaN for a network that never comes so low, or starts below.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> read_at_level([[1.0, 0.5, 0.25]], np.array([[[1.0], [2.0], [4.0]]]), 0.5**1.5, read=lambda w: 10 * w).round(6)
    array([[30.]])
    """
    function("read", read)
    after, share = first_below(losses, level)
    if np.ndim(weights) != 3 or np.shape(weights)[:2] != np.shape(losses):
        raise ValueError(
            f"weights must have shape {np.shape(losses)} and parameters, one set per record; got {np.shape(weights)}"
        )
    rows = np.arange(len(after))
    first, second = (np.asarray(read(weights[rows, at]), dtype=float) for at in (after - 1, after))
    return np.asarray((1 - share)[:, None] * first + share[:, None] * second)
