"""What small systems tell when all of their states are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array

if TYPE_CHECKING:
    from course_utils.models.spin_glass import SpinGlass

Array = npt.NDArray[np.float64]


def entropy(glass: SpinGlass, temperatures: npt.ArrayLike) -> Array:
    r"""Return the entropy per spin of a small glass, from all of its states.

    .. math::
        s = \frac1N \Bigl( \ln Z + \frac{\langle E \rangle}{T} \Bigr), \qquad Z = \sum e^{-E/T}

    Parameters
    ----------
    glass : SpinGlass
        Small enough for its states to be listed.
    temperatures : array_like, (T,)
        Positive.

    Raises
    ------
    TypeError, ValueError
        If a temperature is not a positive number, or the glass is too large.

    Examples
    --------
    >>> from course_utils.models.spin_glass import SpinGlass
    >>> (entropy(SpinGlass([[0, 1], [1, 0]]), [0.01, 1e6]) / np.log(2)).round(6)  # two of four states, and all
    array([0.5, 1. ])
    """
    heat = finite_array("temperatures", temperatures, ndim=1, above=0)
    gap = glass.energies - glass.ground_energy
    weights = np.exp(-gap / heat[:, None])
    total = weights.sum(1)
    return np.asarray((np.log(total) + weights @ gap / total / heat) / glass.sites)
