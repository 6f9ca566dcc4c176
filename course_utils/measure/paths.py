"""Paths of walkers: which of them crossed, and which part of the path was the crossing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, positive


@dataclass(frozen=True)
class Crossing:
    """The first crossing that a group of walkers made.

    Attributes
    ----------
    walker : int
        Who crossed.
    left, arrived : int
        The last record near the start, and the first one near the target.
    """

    walker: int
    left: int
    arrived: int


def first_crossing(
    records: npt.ArrayLike, *, start: npt.ArrayLike, target: npt.ArrayLike, radius: float
) -> Crossing | None:
    """Find the walker that is first to come near the target, and when it was last near the start.

    Parameters
    ----------
    records : array_like, (walkers, records, dimensions)
        Positions, as `dynamics.langevin.walk` returns them with ``record_every``.
    start, target : array_like, (dimensions,)
        The two places.
    radius : float
        What counts as near; positive.

    Returns
    -------
    Crossing or None
        None if nobody arrived, or the first to arrive was never recorded near the start.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit or the radius is not positive.

    Examples
    --------
    >>> there_and_back = [[[0.0], [1.0], [0.1], [2.0], [5.0]]]
    >>> first_crossing(there_and_back, start=[0.0], target=[5.0], radius=0.5)
    Crossing(walker=0, left=2, arrived=4)
    """
    path = finite_array("records", records, ndim=3)
    ends = {"start": finite_array("start", start, ndim=1), "target": finite_array("target", target, ndim=1)}
    for name, place in ends.items():
        if place.size != path.shape[2]:
            raise ValueError(f"{name} must have {path.shape[2]} coordinates, as the records have; got {place.size}")
    radius = positive("radius", radius)
    near_start, near_target = (np.linalg.norm(path - place, axis=2) < radius for place in ends.values())
    arrivals = np.where(near_target.any(axis=1), near_target.argmax(axis=1), path.shape[1])
    walker = int(arrivals.argmin())
    arrived = int(arrivals[walker])
    before = np.flatnonzero(near_start[walker, :arrived])
    if arrived == path.shape[1] or before.size == 0:
        return None
    return Crossing(walker, int(before[-1]), arrived)
