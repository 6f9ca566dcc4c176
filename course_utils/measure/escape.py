"""The mean time of escape, from walkers that arrived and walkers that had not yet."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import numpy.typing as npt

from course_utils.measure.statistics import Estimate
from course_utils.validation import finite_array


class Watched(Protocol):
    """Times, and whether each ended in an arrival: what ``dynamics.escape`` returns."""

    @property
    def times(self) -> npt.NDArray[np.float64]:
        """Time of arrival, or time until which a walker was watched."""
        ...

    @property
    def arrived(self) -> npt.NDArray[np.bool_]:
        """Whether each walker arrived."""
        ...


def mean_time(escapes: Watched) -> Estimate:
    r"""Mean time of escape, with its standard error.

    If every walker arrived: the plain mean over walkers. If some were still on their way when the clock stopped, to
    leave them out would make the time too short, and to count them as arrivals as well. The likelihood of an
    exponential law says what to do with :math:`n` arrivals: divide the time that all walkers were watched by :math:`n`,

    .. math::
        \hat\tau = \frac{1}{n} \sum_i t_i, \qquad \text{error} = \hat\tau / \sqrt n .

    Parameters
    ----------
    escapes : EscapeTimes
        ``times`` (walkers,) and ``arrived`` (walkers,), as ``dynamics.escape`` returns them.

    Returns
    -------
    Estimate
        Mean, error, and the number of arrivals.

    Raises
    ------
    TypeError
        If it does not hold times and arrivals.
    ValueError
        If the times are not finite and positive, or fewer than two walkers arrived.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> seen = SimpleNamespace(times=np.array([1.0, 2.0, 3.0, 3.0]), arrived=np.array([True, True, False, False]))
    >>> mean_time(seen).mean
    4.5
    """
    if not hasattr(escapes, "times") or not hasattr(escapes, "arrived"):
        raise TypeError(f"escapes must hold times and arrived, as escape_times returns them; got {escapes!r}")
    times = finite_array("escapes.times", escapes.times, ndim=1, least=0)
    arrived = np.asarray(escapes.arrived)
    if arrived.dtype != bool or arrived.shape != times.shape:
        raise ValueError(f"escapes.arrived must be True or False for each of {len(times)} times; got {arrived!r:.60}")
    observed = int(arrived.sum())
    if observed < 2:
        raise ValueError(
            f"escapes must hold at least 2 walkers that arrived; got {observed} of {len(times)}: wait longer"
        )
    if observed == len(times):
        return Estimate(float(times.mean()), float(times.std(ddof=1) / math.sqrt(observed)), observed)
    mean = float(times.sum() / observed)
    return Estimate(mean, mean / math.sqrt(observed), observed)
