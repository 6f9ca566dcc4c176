r"""Cugliandolo and Kurchan (1993): how a spherical 3-spin glass of infinite size goes downhill.

The landscape has the covariance :math:`N (x \cdot y / N)^3` on the sphere :math:`|x|^2 = N`. For infinite N two
functions say everything: the overlap C(t, s) of the places at two times, and the response R(t, s) to a push. The
equations are written here for descent in steps, as a computer does it, so that no error is left from the step size.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import positive, whole

Array = npt.NDArray[np.float64]


def descent(steps: int, *, step_size: float = 0.1) -> Array:
    r"""Energy per spin of steepest descent from a random point, in the infinite system.

    One step is :math:`x \leftarrow \sqrt N (x + \eta f)/|x + \eta f|`, with the force f along the sphere. Then

    .. math::
        C(t+1, t') &= a_t \Bigl[(1 + 3 \eta e_t)\, C(t, t') + \eta^2 \sum_{s<t'} 3 C(t, s)^2 R(t', s)
            + \eta^2 \sum_{s<t} 6 C(t, s) R(t, s)\, C(s, t')\Bigr] \\
        R(t+1, t') &= a_t \Bigl[(1 + 3 \eta e_t)\, R(t, t') + \eta^2 \sum_{t'<s<t} 6 C(t, s) R(t, s)\, R(s, t')\Bigr],
            \qquad R(t+1, t) = a_t \\
        e_t &= -\eta \sum_{s<t} 3 C(t, s)^2 R(t, s)

    where :math:`a_t` makes C(t+1, t+1) = 1. For small steps and late times :math:`t \eta` the energy falls to the
    threshold :math:`-2\sqrt{2/3}` like :math:`(t\eta)^{-2/3}`, and never below.

    Parameters
    ----------
    steps : int
        How many steps, at most 2,000.
    step_size : float
        :math:`\eta`, above 0.

    Returns
    -------
    numpy.ndarray, (steps + 1,)
        The energy before each step and at the end.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    L. F. Cugliandolo, J. Kurchan, Phys. Rev. Lett. 71, 173 (1993), doi:10.1103/PhysRevLett.71.173.

    Examples
    --------
    >>> descent(200, step_size=0.1)[[0, 1, 20, 200]].round(3)
    array([ 0.   , -0.287, -1.368, -1.582])
    """
    count, rate = whole("steps", steps, most=2000), positive("step_size", step_size)
    overlap, response, energies = np.eye(count + 1), np.zeros((count + 1, count + 1)), np.zeros(count + 1)
    for t in range(count + 1):
        now, past = overlap[t, :t], response[t, :t]
        push, memory = 3 * rate * now**2, 6 * rate * now * past
        energies[t] = -push @ past
        if t == count:
            break
        known = overlap[: t + 1, :t] @ memory  # how the pull of the past lies towards each earlier place
        fresh = response[: t + 1, :t] @ push  # and the part of the landscape's noise that has been followed there
        square = 3 + 2 * memory @ fresh[:t] + memory @ known[:t]  # of the whole pull, per spin
        keep = 1 / np.sqrt(1 + rate**2 * (square - 9 * energies[t] ** 2))
        kept = 1 + 3 * rate * energies[t]
        overlap[t + 1, : t + 1] = keep * (kept * overlap[t, : t + 1] + rate * (fresh + known))
        overlap[: t + 1, t + 1] = overlap[t + 1, : t + 1]
        response[t + 1, :t] = keep * (kept * past + rate * (memory @ response[:t, :t]))
        response[t + 1, t] = keep
    return energies
