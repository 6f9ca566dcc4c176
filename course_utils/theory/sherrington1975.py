r"""Sherrington and Kirkpatrick (1975): the energy of their glass follows from how alike two of its states are.

Couplings are :math:`J_{ij} \sim \mathcal N(0, 1/N)`, the energy is :math:`-\sum_{i<j} J_{ij} s_i s_j`, and
:math:`q = \frac1N \sum_i s_i s_i'` is the overlap of two states drawn independently at the same temperature.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]


def energy(temperature: npt.ArrayLike, mean_square_overlap: npt.ArrayLike) -> Array:
    r"""Mean energy per spin from the mean square overlap; exact at any number of spins.

    .. math::
        u = -\frac{\beta}{2} \bigl(1 - \overline{\langle q^2 \rangle}\bigr)

    A Gaussian coupling can be integrated by parts,
    :math:`\overline{J \langle s s' \rangle} = \frac1N \overline{\partial_J \langle s s' \rangle}`. Two copies that
    started at random and have not run long enough have too high an energy and too small an overlap: the two sides come
    together from above and from below, which makes this a good test of equilibration: exact, and as sharp as the
    error bars of the two sides allow.

    Parameters
    ----------
    temperature : float or array_like
        Temperature :math:`T`; positive.
    mean_square_overlap : float or array_like, broadcast against ``temperature``
        :math:`\overline{\langle q^2 \rangle}`: averaged over states, then over couplings; at least 0.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    D. Sherrington and S. Kirkpatrick, Phys. Rev. Lett. 35, 1792 (1975), doi:10.1103/PhysRevLett.35.1792.

    Examples
    --------
    >>> energy(0.4, 0.41195).round(5)
    np.float64(-0.73506)
    """
    heat = finite_array("temperature", temperature, above=0)
    square = finite_array("mean_square_overlap", mean_square_overlap, least=0)
    if (square > 1).any():
        raise ValueError(f"mean_square_overlap must be between 0 and 1; got {square.max():g}")
    try:
        return -(1 - square) / (2 * heat)
    except ValueError:
        raise ValueError(
            f"mean_square_overlap must have a shape that goes with temperature's, {heat.shape}; got {square.shape}"
        ) from None
