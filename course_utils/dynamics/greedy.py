"""Steepest descent of spins: flip the one that gains most, until none gains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from course_utils.seeding import Seed, generator
from course_utils.validation import whole

if TYPE_CHECKING:
    from course_utils.models.spin_glass import SpinGlass

_ROUNDING = 1e-12


def descend(glass: SpinGlass, *, replicas: int, seed: Seed) -> npt.NDArray[np.int8]:
    r"""Go down from random states by single flips, each time the one that lowers the energy most.

    Flipping spin i costs :math:`2 s_i \sum_j J_{ij} s_j`. A descent ends where no flip gains: in a valley.

    Parameters
    ----------
    glass : SpinGlass
        The couplings.
    replicas : int
        How many independent descents.
    seed : int or numpy.random.Generator
        Where the starts come from.

    Returns
    -------
    numpy.ndarray of int8, (replicas, N)
        The states in which they end.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> from course_utils.models.spin_glass import SpinGlass
    >>> ends = descend(SpinGlass([[0, 1], [1, 0]]), replicas=5, seed=1)
    >>> set(ends.prod(1).tolist())
    {1}
    """
    shape = whole("replicas", replicas), glass.sites
    spins = generator(seed).choice([-1.0, 1.0], shape)
    each = np.arange(len(spins))
    while True:
        cost = 2 * spins * (spins @ glass.couplings)
        best = cost.argmin(1)
        gains = cost[each, best] < -_ROUNDING
        if not gains.any():
            return spins.astype(np.int8)
        spins[each[gains], best[gains]] *= -1
