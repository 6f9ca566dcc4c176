"""Does a small preference of the hidden nodes grow or fade under dropout? The transition at a learning rate above zero.

Built on the equations of `course_utils.theory.mori2025`; for a vanishing rate see
`course_utils.theory.mori2025_specialisation`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.theory import mori2025, mori2025_specialisation
from course_utils.validation import finite_array, real

Array = npt.NDArray[np.float64]
EARLY, LATE = 20.0, 40.0
"""Between which times the growth is taken, in units of 1 / rate: after the plateau has settled."""


def near_plateau(preference: float = 0.04) -> Array:
    """Return overlaps R of a student on the plateau that p = 0.5 ends in, with a small preference.

    Parameters
    ----------
    preference : float
        s, at least 0 and below 0.2.

    Raises
    ------
    TypeError, ValueError
        If ``preference`` is not of this kind.

    Examples
    --------
    >>> near_plateau().round(3)
    array([[0.631, 0.551],
           [0.551, 0.631]])
    """
    small = real("preference", preference, least=0, below=0.2)
    level = mori2025_specialisation.state([0.5]).cross[0, 0, 0]
    return np.array([[level + small, level - small], [level - small, level + small]])


def growth(active: npt.ArrayLike, learning_rate: float, *, preference: float = 0.04) -> Array:
    r"""Return how fast the preference grows, :math:`\ln(s_2/s_1) / \eta(\alpha_2 - \alpha_1)`, for many inputs.

    Parameters
    ----------
    active : array_like, (P,)
        Activation probabilities p; above 0, at most 1.
    learning_rate : float
        Learning rate :math:`\eta`, above 0.
    preference : float
        At the start; see `near_plateau`. The smaller, the closer to a linear growth.

    Returns
    -------
    numpy.ndarray, (P,)
        Negative where it fades; zero at the transition, up to about 0.002 in p for a preference of 0.04.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> growth([0.8, 0.9], 0.5).round(4)
    array([-0.0168,  0.0158])
    """
    p, eta = finite_array("active", active, ndim=1, above=0), real("learning_rate", learning_rate, above=0)
    start = near_plateau(preference)
    path = mori2025.learning([EARLY / eta, LATE / eta], active=p, learning_rate=eta, start=(start @ start.T, start))
    early, late = mori2025_specialisation.preference(path.cross)
    found: Array = np.log(late / early) / (LATE - EARLY)
    return found
