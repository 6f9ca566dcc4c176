"""Bennett (1976): the smallest error that a free-energy difference can have, given works in both directions."""

from __future__ import annotations

import math

import numpy as np

from course_utils.validation import positive, real, whole


def least_error(dissipated: float, forward: int, backward: int, *, temperature: float = 1.0) -> float:
    r"""Asymptotic standard error of Bennett's acceptance ratio, for Gaussian work.

    .. math::
        \frac{\sigma^2}{T^2} = \Bigl[\int \frac{n_F\,p_F(W)\; n_B\,p_B(-W)}{n_F\,p_F(W) + n_B\,p_B(-W)}\,dW\Bigr]^{-1}
        - \frac1{n_F} - \frac1{n_B}

    No other estimator from the same works does better when they are many. For Gaussian work with dissipation
    :math:`D` both directions dissipate :math:`D` and both variances are :math:`2TD`:
    :math:`p_F = \mathcal N(\Delta F + D, 2TD)` and :math:`p_B(-W) = \mathcal N(\Delta F - D, 2TD)`. The dragged trap
    (`jarzynski1997.dragging_work`) is such a system.

    Parameters
    ----------
    dissipated : float
        :math:`D = \langle W \rangle - \Delta F`, in units of energy; positive.
    forward, backward : int
        Numbers :math:`n_F` and :math:`n_B` of independent works; 1 or more.
    temperature : float
        :math:`T` in units of energy; positive.

    Returns
    -------
    float
        Standard error of the free-energy difference, in units of energy.

    Raises
    ------
    TypeError, ValueError
        If an argument is not such a number, or the two directions dissipate so much that the overlap is not a number.

    References
    ----------
    C. H. Bennett, J. Comput. Phys. 22, 245 (1976), doi:10.1016/0021-9991(76)90078-4.
    M. R. Shirts, E. Bair, G. Hooker, V. S. Pande, Phys. Rev. Lett. 91, 140601 (2003),
    doi:10.1103/PhysRevLett.91.140601.

    Examples
    --------
    >>> round(least_error(1.0, 1000, 1000), 4)
    0.0328
    """
    loss = positive("dissipated", dissipated) / positive("temperature", temperature)
    loss = real("dissipated / temperature", loss, above=0, most=500)
    forward, backward = whole("forward", forward), whole("backward", backward)
    # Works in units of T, counted from the free-energy difference: the overlap lies around 0, where the two cross.
    spread = math.sqrt(2 * loss)
    work = np.linspace(-loss - 12 * spread, loss + 12 * spread, 20001)
    log_forward = math.log(forward) - (work - loss) ** 2 / (4 * loss)
    log_backward = math.log(backward) - (work + loss) ** 2 / (4 * loss)
    overlap = np.exp(log_forward + log_backward - np.logaddexp(log_forward, log_backward))
    total = float(np.trapezoid(overlap, work)) / (spread * math.sqrt(2 * math.pi))
    variance = 1 / total - 1 / forward - 1 / backward
    return temperature * math.sqrt(max(variance, 0.0))
