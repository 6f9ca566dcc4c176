"""A histogram that knows how far each of its bars can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from course_utils.measure.statistics import Estimate
from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Histogram:
    """Probability density in bins, with the standard error over independent replicas.

    Attributes
    ----------
    edges : numpy.ndarray, (bins + 1,)
        The edges of the bins.
    mean, error : numpy.ndarray, (bins,)
        Probability density in each bin, and its standard error.
    n : int
        The number of replicas.
    """

    edges: Array
    mean: Array
    error: Array
    n: int

    @property
    def centres(self) -> Array:
        """The middles of the bins, (bins,)."""
        return (self.edges[1:] + self.edges[:-1]) / 2

    def estimates(self) -> list[Estimate]:
        """Each bar as an `Estimate`."""
        return [Estimate(float(mean), float(error), self.n) for mean, error in zip(self.mean, self.error, strict=True)]


def density(samples: npt.ArrayLike, edges: npt.ArrayLike) -> Histogram:
    """Histogram of samples from independent replicas, as a probability density.

    The error of a bar is the standard error over replicas, so that it is honest however slowly each replica moves.
    Samples outside the edges count in the norm: the bars are densities of the whole, not of what is shown.

    Parameters
    ----------
    samples : array_like, (replicas,) or (replicas, ...)
        One or many samples from each replica; at least two replicas.
    edges : array_like, (bins + 1,)
        Rising edges of the bins.

    Returns
    -------
    Histogram

    Raises
    ------
    TypeError, ValueError
        If the samples or edges are not of this kind.

    Examples
    --------
    >>> bars = density([0.1, 0.2, 0.3, 0.9], edges=[0.0, 0.5, 1.0])
    >>> bars.mean, bars.error.round(2)
    (array([1.5, 0.5]), array([0.5, 0.5]))
    """
    array = finite_array("samples", samples, least_size=2)
    bins = finite_array("edges", edges, ndim=1, least_size=2)
    if array.ndim == 0 or len(array) < 2:
        raise ValueError(f"samples must hold at least 2 replicas along the first axis; got shape {array.shape}")
    if not (np.diff(bins) > 0).all():
        raise ValueError("edges must rise from each to the next; got edges that do not")
    replicas = len(array)
    flat = array.reshape(replicas, -1)
    # One pass over all samples: bin number and replica number together make one index.
    place = np.searchsorted(bins, flat, side="right") - 1
    place[flat == bins[-1]] = len(bins) - 2
    inside = (place >= 0) & (place < len(bins) - 1)
    index = (np.arange(replicas)[:, None] * (len(bins) - 1) + place)[inside]
    counts = np.bincount(index, minlength=replicas * (len(bins) - 1)).reshape(replicas, -1)
    each = counts / (flat.shape[1] * np.diff(bins))
    return Histogram(bins, each.mean(0), each.std(0, ddof=1) / math.sqrt(replicas), replicas)
