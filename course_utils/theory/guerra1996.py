r"""Guerra (1996): a sharp energy makes the overlaps of a mean-field glass scatter, from one glass to the next.

Couplings are :math:`J_{ij} \sim \mathcal N(0, 1/N)`, the energy is :math:`-\sum_{i<j} J_{ij} s_i s_j`. The brackets
:math:`\langle\cdot\rangle` average over the states of one glass, the bar over glasses.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, real, whole

Array = npt.NDArray[np.float64]


def variance_over_glasses(
    temperature: float,
    mean_square_overlap: npt.ArrayLike,
    mean_fourth_power: npt.ArrayLike,
    *,
    sites: int | None = None,
    energy_variance: npt.ArrayLike = 0.0,
    thermal_variance: npt.ArrayLike = 0.0,
) -> Array:
    r"""Variance of :math:`\langle q^2 \rangle` from glass to glass; exact at any number of spins.

    .. math::
        \operatorname{var} \langle q^2 \rangle = \tfrac13 \Bigl(\overline{\langle q^4 \rangle} -
        \overline{\langle q^2 \rangle}^2\Bigr) + \frac{2 T^2}{3} \Bigl[4 \operatorname{var} \langle e \rangle +
        3\, \overline{\langle e^2 \rangle - \langle e \rangle^2} -
        \frac{3N - 4 + N \overline{\langle q^2 \rangle}}{2 N^2}\Bigr]

    Integrating twice by parts over the Gaussian couplings expresses the variance of the energy e per spin, over glasses
    and over states, through overlaps of two, three and four copies; the one with three copies drops out between the
    two. For large N the energy is sharp, the bracket vanishes, and the third remains: the overlaps cannot be sharp too,
    unless they are the same number in all pairs of states.

    Parameters
    ----------
    temperature : float
        :math:`T`; positive.
    mean_square_overlap, mean_fourth_power : float or array_like
        :math:`\overline{\langle q^2 \rangle}` and :math:`\overline{\langle q^4 \rangle}`, from 0 to 1.
    sites : int, optional
        N. Without it the system is infinite, and the two variances of the energy are not used.
    energy_variance : float or array_like
        Variance over glasses of the mean energy per spin.
    thermal_variance : float or array_like
        Variance over the states of one glass of the energy per spin, averaged over glasses.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    F. Guerra, Int. J. Mod. Phys. B 10, 1675 (1996), doi:10.1142/S0217979296000751, for large N; M. Aizenman,
    P. Contucci, J. Stat. Phys. 92, 765 (1998), arXiv:cond-mat/9712129; S. Ghirlanda, F. Guerra, J. Phys. A 31, 9149
    (1998), doi:10.1088/0305-4470/31/46/006.

    Examples
    --------
    >>> variance_over_glasses(0.4, 0.4119, 0.2470).round(4)
    np.float64(0.0258)
    """
    heat = real("temperature", temperature, above=0)
    square = finite_array("mean_square_overlap", mean_square_overlap, least=0)
    fourth = finite_array("mean_fourth_power", mean_fourth_power, least=0)
    for name, value in (("mean_square_overlap", square), ("mean_fourth_power", fourth)):
        if (value > 1).any():
            raise ValueError(f"{name} must be between 0 and 1; got {value.max():g}")
    third = (fourth - square**2) / 3
    if sites is None:
        return np.asarray(third)
    size = whole("sites", sites, least=2)
    glasses = finite_array("energy_variance", energy_variance)
    states = finite_array("thermal_variance", thermal_variance)
    bracket = 4 * glasses + 3 * states - (3 * size - 4 + size * square) / (2 * size**2)
    return np.asarray(third + 2 * heat**2 / 3 * bracket)
