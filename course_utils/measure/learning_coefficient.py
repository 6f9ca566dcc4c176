r"""The learning coefficient: at which rate the volume of good weights shrinks with the level of the loss.

.. math::
    V(\epsilon) \propto \epsilon^\lambda (-\ln\epsilon)^{m-1}
    \quad\Longleftrightarrow\quad \beta \langle K \rangle_\beta \to \lambda

On the right, :math:`K` is the loss above its minimum and the mean is over weights in a heat bath of temperature
:math:`1/\beta`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import curve_fit

from course_utils.measure.statistics import Estimate, estimates, proportion
from course_utils.theory.watanabe2009 import mean_energy
from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]


def shares_below(losses: npt.ArrayLike, levels: npt.ArrayLike) -> list[Estimate]:
    """Return which share of random weights has a loss below each level: the volume, by throwing darts.

    Parameters
    ----------
    losses : array_like, (weights,)
        Losses of weights drawn evenly.
    levels : array_like, (levels,)
        Where the share is asked for. All levels share the same darts: their errors go together.

    Raises
    ------
    TypeError, ValueError
        If one of them is not such an array.

    Examples
    --------
    >>> [e.mean for e in shares_below([0.1, 0.2, 0.3, 0.4], [0.15, 0.35])]
    [0.25, 0.75]
    """
    dropped, heights = np.sort(finite_array("losses", losses, ndim=1)), finite_array("levels", levels, ndim=1)
    return [proportion(int(count), dropped.size) for count in np.searchsorted(dropped, heights)]


def from_energies(energies: npt.ArrayLike, betas: npt.ArrayLike) -> list[Estimate]:
    r"""Return :math:`\beta\langle K \rangle` at each temperature, with its error over chains.

    Parameters
    ----------
    energies : array_like, (temperatures, chains)
        Mean loss above the minimum, of independent chains.
    betas : array_like, (temperatures,)
        :math:`\beta`, positive.

    Raises
    ------
    TypeError, ValueError
        If they do not fit together.

    Examples
    --------
    >>> from_energies([[0.004, 0.006]], [100.0])[0].mean
    0.5
    """
    means = finite_array("energies", energies, ndim=2)
    beta = finite_array("betas", betas, ndim=1)
    if len(means) != beta.size or not (beta > 0).all():
        raise ValueError(f"betas must be positive, one for each of the {len(means)} rows; got {beta}")
    return estimates((beta[:, None] * means).T)


def limit(measured: Sequence[Estimate], betas: npt.ArrayLike, *, multiplicity: int) -> Estimate:
    r"""Return the learning coefficient that measurements at several temperatures tend to.

    With multiplicity 1 this is the weighted mean; above, :math:`\lambda - (m - 1)/(\ln\beta + c)` is fitted with
    :math:`\lambda` and :math:`c` free, since the logarithm is never negligible.

    Parameters
    ----------
    measured : sequence of Estimate, (temperatures,)
        :math:`\beta\langle K \rangle`; independent of each other. At least 3 for a multiplicity above 1.
    betas : array_like, (temperatures,)
        :math:`\beta`, all large.
    multiplicity : int
        :math:`m`.

    Raises
    ------
    TypeError, ValueError
        If they do not fit together.

    Examples
    --------
    >>> beta = np.array([1e4, 1e6, 1e8])
    >>> values = [Estimate(float(v), 0.01, 32) for v in mean_energy(beta, 7.0, 2, -3.0)]
    >>> round(limit(values, beta, multiplicity=2).mean, 6)
    7.0
    """
    beta = finite_array("betas", betas, ndim=1)
    means, errors = np.array([m.mean for m in measured]), np.array([m.error for m in measured])
    if len(means) != beta.size:
        raise ValueError(f"measured must hold one Estimate for each of the {beta.size} temperatures; got {len(means)}")
    many = sum(m.n for m in measured)
    if multiplicity == 1:
        weights = errors**-2
        return Estimate(float((weights * means).sum() / weights.sum()), float(weights.sum() ** -0.5), many)
    if beta.size < 3:
        raise ValueError(f"betas must be at least 3 for a fit; got {beta.size}")
    offset = 1.0 - float(np.log(beta.min()))  # the largest correction that the form allows is near 1

    def curve(b: Array, coefficient: float, shift: float) -> Array:
        return mean_energy(b, coefficient, multiplicity, offset + np.exp(shift))

    best, spread = curve_fit(curve, beta, means, p0=(means[-1] + 0.1, 1.0), sigma=errors, absolute_sigma=True)
    return Estimate(float(best[0]), float(spread[0, 0] ** 0.5), many)
