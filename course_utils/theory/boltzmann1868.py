"""Boltzmann (1868): how often a thing in contact with heat is found in each of its states."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, positive


def occupation(energies: npt.ArrayLike, temperature: float) -> npt.NDArray[np.float64]:
    r"""Probability of each of a list of states.

    .. math::
        p_i = \frac{e^{-E_i / T}}{\sum_j e^{-E_j / T}}

    In machine learning this is the softmax of the logits :math:`-E_i` at temperature :math:`T`.

    Parameters
    ----------
    energies : array_like, shape (n,)
        Energy of each state, in any unit.
    temperature : float
        Temperature in the same unit (:math:`k_B = 1`); positive.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Probabilities, summing to 1.

    Raises
    ------
    TypeError, ValueError
        If the energies are not finite or the temperature is not positive.

    References
    ----------
    L. Boltzmann, Sitzungsberichte der Akademie der Wissenschaften zu Wien 58, 517 (1868).

    Examples
    --------
    >>> occupation([0.0, 1.0], temperature=1.0).round(4)
    array([0.7311, 0.2689])
    """
    levels = finite_array("energies", energies, ndim=1)
    scaled = -levels / positive("temperature", temperature)
    weights = np.exp(scaled - scaled.max())
    return weights / weights.sum()
