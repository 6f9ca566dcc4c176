r"""Barriers: how high the pass between two solutions is, on the straight way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.measure.activity import activity_alignment
from course_utils.measure.alignment import aligned, permuted
from course_utils.measure.evaluation import Networks, along_combinations, as_population
from course_utils.models.networks import Population
from course_utils.validation import one_of, whole

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Path:
    r"""Losses and errors on a way from one network to another.

    Parameters
    ----------
    places : numpy.ndarray, (points,)
        How far on the way, from 0 to 1.
    losses : numpy.ndarray, (paths, points)
        The loss.
    errors : numpy.ndarray, (paths, points)
        The share of wrong answers; NaN for float targets.
    """

    places: Array
    losses: Array
    errors: Array

    def barriers(self) -> Array:
        r"""Return the height of each path's pass above the line between its ends, (paths,).

        .. math::
            B = \max_t \bigl[L(t) - (1 - t) L(0) - t L(1)\bigr] \ge 0

        References
        ----------
        J. Frankle, G. K. Dziugaite, D. M. Roy, M. Carbin, ICML (2020), arXiv:1912.05671.
        """
        return self._heights(self.losses)

    def error_barriers(self) -> Array:
        """Return the same for the share of wrong answers, (paths,)."""
        return self._heights(self.errors)

    def _heights(self, values: Array) -> Array:
        line = (1 - self.places) * values[:, :1] + self.places * values[:, -1:]
        return np.asarray((values - line).max(1))


def ends_of(first: Networks, second: Networks) -> tuple[Population, Population]:
    """Return the ends of paths, as many of the one as of the other.

    Raises
    ------
    TypeError, ValueError
        If they do not fit each other.
    """
    start, end = as_population("first", first), as_population("second", second)
    if start.sizes != end.sizes or start.activation != end.activation:
        raise ValueError(
            f"second must have the sizes and activation of first, {start.sizes} and {start.activation}; "
            f"got {end.sizes} and {end.activation}"
        )
    if start.networks != end.networks and 1 not in (start.networks, end.networks):
        raise ValueError(f"second must be one network, or {start.networks} as first; got {end.networks}")
    paths = max(start.networks, end.networks)
    one, other = (each if each.networks == paths else each.subset([0] * paths) for each in (start, end))
    if one.flat().dtype != other.flat().dtype:
        raise TypeError(f"second must have the precision of first, {one.flat().dtype}; got {other.flat().dtype}")
    return one, other


def path_along(
    shape: Population, bases: Tensor, coefficients: Array, inputs: Tensor, labels: Tensor, loss: str, what: str
) -> Path:
    """Return the losses along combinations of a few networks, (points, combined)."""
    places = np.linspace(0, 1, len(coefficients))
    weights = torch.from_numpy(coefficients).to(bases)
    losses, errors = along_combinations(shape, bases, weights, inputs, labels, loss, what)
    return Path(places, losses.double().cpu().numpy(), errors.double().cpu().numpy())


def straight_path(
    first: Networks,
    second: Networks,
    inputs: Tensor,
    labels: Tensor,
    *,
    points: int = 25,
    loss: str = "cross-entropy",
) -> Path:
    r"""Return the loss on the straight line between networks, :math:`\theta(t) = (1 - t)\,\theta_a + t\,\theta_b`.

    Parameters
    ----------
    first, second : Population, torch.nn.Sequential, or a sequence of these last
        The ends: as many of the one as of the other, or one of either.
    inputs : torch.Tensor, (features, batch) or (paths, features, batch)
        Data, features first.
    labels : torch.Tensor, (batch,) or (paths, batch)
        Classes (int64), or float targets for ``"mse"``.
    points : int
        Points on the way with both ends, at least 3.
    loss : {"cross-entropy", "mse"}
        Averaged over the batch.

    Returns
    -------
    Path

    Raises
    ------
    TypeError, ValueError
        If networks and data do not fit together.

    Examples
    --------
    >>> one = Population((2, 3, 2), 1, seeds=1)
    >>> data, labels = torch.ones(2, 4), torch.tensor([0, 1, 0, 1])
    >>> straight_path(one, one, data, labels, points=5).barriers().round(6)
    array([0.])
    """
    start, end = ends_of(first, second)
    start.check(inputs, labels, loss)
    t = np.linspace(0, 1, whole("points", points, least=3))
    bases = torch.stack([start.flat(), end.flat()])
    return path_along(start, bases, np.stack([1 - t, t], 1), inputs, labels, loss, "straight path")


def pair_barriers(
    networks: Networks,
    inputs: Tensor,
    labels: Tensor,
    *,
    align: str | None = None,
    points: int = 11,
    loss: str = "cross-entropy",
) -> Array:
    r"""Return the loss barrier on the straight line between each two networks.

    Parameters
    ----------
    networks : Population or sequence of torch.nn.Sequential
        At least two networks.
    inputs : torch.Tensor, (features, batch)
        Data, features first.
    labels : torch.Tensor, (batch,)
        Classes (int64), or float targets for ``"mse"``.
    align : {"weights", "activity"}, optional
        Whether hidden units of the second network first change places, and what has to match then: the weights (see
        `course_utils.measure.alignment`), or what the units say on the data (see `course_utils.measure.activity`).
    points, loss
        As for `straight_path`.

    Returns
    -------
    numpy.ndarray, (networks, networks)
        Symmetric, zero on the diagonal; for its mean with an error, see `course_utils.measure.overlaps.pair_mean`.

    Raises
    ------
    TypeError, ValueError
        If networks and data do not fit together.

    References
    ----------
    R. Entezari, H. Sedghi, O. Saukh, B. Neyshabur, ICLR (2022), arXiv:2110.06296.
    """
    population = as_population("networks", networks)
    if population.networks < 2:
        raise ValueError(f"networks must be at least 2; got {population.networks}")
    if align is not None:
        one_of("align", align, ("weights", "activity"))
    population.check(inputs, labels, loss)
    if inputs.dim() != 2 or labels.shape[0] == population.networks != inputs.shape[-1]:
        raise ValueError(f"inputs and labels must be shared by all networks; got {tuple(inputs.shape)}")
    heights = np.zeros((population.networks, population.networks))
    for a in range(population.networks - 1):
        others = list(range(a + 1, population.networks))
        start, ends = population.subset([a]), population.subset(others)
        if align == "weights":
            ends = aligned(ends, start)
        elif align == "activity":
            ends = permuted(ends, activity_alignment(ends, start, inputs))
        row = straight_path(start, ends, inputs, labels, points=points, loss=loss).barriers()
        heights[a, others] = heights[others, a] = row
    return heights
