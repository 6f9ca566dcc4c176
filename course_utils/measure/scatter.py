"""What differs from one glass to the next, apart from the noise of measuring; and what is left for infinite size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.measure.statistics import Estimate, jackknife
from course_utils.validation import finite_array, function, real

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scatter:
    r"""Variances over glasses, with errors over glasses.

    Attributes
    ----------
    energy : Estimate
        Of the mean energy per spin.
    overlap : Estimate
        Of :math:`\langle q^2 \rangle`.
    unexplained : Estimate
        What is left of the last one when the theory's value has been subtracted, glass by glass.
    """

    energy: Estimate
    overlap: Estimate
    unexplained: Estimate


def over_glasses(energies: npt.ArrayLike, overlaps: npt.ArrayLike, theory: Callable[..., Any]) -> Scatter:
    r"""Return how much energy and overlap scatter from glass to glass.

    The noise of a finite run does not enter: each variance is the covariance of two measurements of the same glass
    (the two copies for the energy, the two halves of the run for the overlap).

    Parameters
    ----------
    energies : array_like, (glasses, 2, records)
        Energy per spin of two copies.
    overlaps : array_like, (glasses, records)
        Their overlap.
    theory : callable
        Takes :math:`\overline{\langle q^2 \rangle}` and :math:`\overline{\langle q^4 \rangle}`, and by name
        ``energy_variance`` (over glasses) and ``thermal_variance`` (over states, averaged), and returns a variance of
        :math:`\langle q^2 \rangle`.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit together, or there are fewer than 3 glasses or 2 records.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> seen = over_glasses(rng.normal(size=(50, 2, 40)), rng.uniform(-1, 1, (50, 40)), lambda *means, **variances: 0.0)
    >>> abs(seen.energy.z(0)) < 4, abs(seen.overlap.z(0)) < 4
    (True, True)
    """
    e, q = finite_array("energies", energies, ndim=3), finite_array("overlaps", overlaps, ndim=2)
    function("theory", theory)
    if e.shape != (q.shape[0], 2, q.shape[1]):
        raise ValueError(f"energies must have shape ({q.shape[0]}, 2, {q.shape[1]}), as overlaps; got {e.shape}")
    if q.shape[0] < 3 or q.shape[1] < 2:
        raise ValueError(f"overlaps must hold at least 3 glasses and 2 records; got shape {q.shape}")
    middle = q.shape[1] // 2
    columns = [*e.mean(2).T, (q[:, :middle] ** 2).mean(1), (q[:, middle:] ** 2).mean(1), (q**4).mean(1)]
    rows = np.column_stack([*columns, (e**2).mean((1, 2))])

    def energy(rows: Array) -> float:
        return float(np.cov(rows[:, 0], rows[:, 1])[0, 1])

    def overlap(rows: Array) -> float:
        return float(np.cov(rows[:, 2], rows[:, 3])[0, 1])

    def unexplained(rows: Array) -> float:
        thermal = float(rows[:, 5].mean() - (rows[:, 0] * rows[:, 1]).mean())
        wanted = theory(rows[:, 2:4].mean(), rows[:, 4].mean(), energy_variance=energy(rows), thermal_variance=thermal)
        return overlap(rows) - float(wanted)

    return Scatter(*(jackknife(rows, one) for one in (energy, overlap, unexplained)))


def to_infinite_size(sizes: Sequence[float], values: Sequence[Estimate], power: float) -> tuple[Estimate, float]:
    r"""Return what a weighted straight line in :math:`N^{-\text{power}}` says for infinite N, and its slope.

    Parameters
    ----------
    sizes : sequence of float
        N; three or more.
    values : sequence of Estimate
        What was measured at each; independent of each other.
    power : float
        How the distance to the limit shrinks; positive.

    Raises
    ------
    TypeError, ValueError
        If the arguments are not of this kind.

    Examples
    --------
    >>> seen = [Estimate(3.0, 0.1, 9), Estimate(2.0, 0.1, 9), Estimate(1.5, 0.1, 9)]
    >>> limit, slope = to_infinite_size([1, 2, 4], seen, 1)
    >>> print(limit, round(slope, 6))
    1.00 ± 0.12 2.0
    """
    places = finite_array("sizes", sizes, ndim=1, least_size=3, above=0) ** -real("power", power, above=0)
    if len(values) != len(places) or not all(isinstance(one, Estimate) for one in values):
        raise TypeError(f"values must hold {len(places)} Estimates, one for each size; got {values!r:.80}")
    fitted: tuple[Array, Array] = np.polyfit(
        places, [one.mean for one in values], 1, w=[1 / one.error for one in values], cov="unscaled"
    )
    line, spread = fitted
    return Estimate(float(line[1]), float(spread[1, 1]) ** 0.5, sum(one.n for one in values)), float(line[0])
