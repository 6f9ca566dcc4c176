"""What differs from one glass to the next, apart from the noise of measuring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.measure.statistics import Estimate, jackknife
from course_utils.validation import finite_array, function

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


def fluctuations(energies: npt.ArrayLike, overlaps: npt.ArrayLike, theory: Callable[..., Any]) -> Scatter:
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
    >>> seen = fluctuations(rng.normal(size=(50, 2, 40)), rng.uniform(-1, 1, (50, 40)), lambda *means, **variances: 0.0)
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
