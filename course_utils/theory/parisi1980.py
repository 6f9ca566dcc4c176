r"""Parisi (1980): the solution of the mean-field spin glass, in which any two states may be alike to any degree.

The symmetry between copies of the glass is broken again and again, and what comes out is a function: x(q), the
probability that two states drawn independently have an overlap of at most q in absolute value. Couplings are
:math:`J_{ij} \sim \mathcal N(0, 1/N)`, the energy is :math:`-\sum_{i<j} J_{ij} s_i s_j`, and there is no field.

Nothing is simulated and nothing is tabulated here: the free energy of a staircase x(q) is a chain of Gaussian averages,
and the best staircase is found in under a second.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numpy.polynomial import Polynomial, legendre
from scipy.optimize import root

from course_utils.validation import finite_array, real

Array = npt.NDArray[np.float64]

_STEPS = 24
_SMOOTH = 0.75  # places per width of the narrowest Gaussian average: its error is exp(-2 (pi / 0.75)^2), or 2e-15


@dataclass(frozen=True, eq=False)
class Solution:
    r"""The glass at one temperature.

    Attributes
    ----------
    temperature : float
        :math:`T`.
    largest_overlap : float
        :math:`q_\mathrm{EA}`: the overlap of two samples of the same state, the largest there is.
    free_energy, energy, entropy : float
        Per spin: f, :math:`u = -\frac{\beta}{2} (1 - \langle q^2 \rangle)`, and :math:`s = \beta (u - f)`.
    mean_overlap, mean_square_overlap : float
        Averages of :math:`|q|` (it is 1 - T) and of :math:`q^2` over pairs of states and over glasses.
    curve : tuple of float
        Coefficients of x in powers of s: the overlap in units of the largest, stretched near 1, where x bends most.
    """

    temperature: float
    largest_overlap: float
    free_energy: float
    energy: float
    entropy: float
    mean_overlap: float
    mean_square_overlap: float
    curve: tuple[float, ...]

    def order(self, overlaps: npt.ArrayLike) -> Array:
        r"""Return x(q), the probability that two states have an overlap of at most q in absolute value.

        Parameters
        ----------
        overlaps : float or array_like
            :math:`q`, from 0 to 1. At the largest overlap x jumps to 1.

        Raises
        ------
        TypeError, ValueError
            If ``overlaps`` is not of this kind.
        """
        q = _overlaps(overlaps, 0)
        return np.where(q < self.largest_overlap, Polynomial(self.curve)(self._bent(q)[0]), 1.0)

    def density(self, overlaps: npt.ArrayLike) -> Array:
        r"""Return the smooth part of the distribution of overlaps, :math:`P(q) = \frac12 x'(|q|)`.

        Besides it there are two spikes at :math:`\pm q_\mathrm{EA}`; each holds half of what x lacks there to 1.

        Parameters
        ----------
        overlaps : float or array_like
            :math:`q`, from -1 to 1.

        Raises
        ------
        TypeError, ValueError
            If ``overlaps`` is not of this kind.
        """
        q = np.abs(_overlaps(overlaps, -1))
        bent, slope = self._bent(q)
        return np.where(q < self.largest_overlap, Polynomial(self.curve).deriv()(bent) * slope / 2, 0.0)

    def _bent(self, q: Array) -> tuple[Array, Array]:
        """Return the bent overlap s and ds/dq."""
        if self.largest_overlap == 0:
            return np.zeros_like(q), np.zeros_like(q)
        bent, slope = _bent(np.minimum(q / self.largest_overlap, 1.0), self.temperature)
        return bent, slope / self.largest_overlap


def _bent(t: Array, temperature: float) -> tuple[Array, Array]:
    r"""Return s and ds/dt, where :math:`t = q/q_\mathrm{EA} = s + c s (1 - s)`; x(s) is smooth at low T too."""
    c = 1 - temperature / 2
    square_root = np.sqrt((1 + c) ** 2 - 4 * c * t)
    return (1 + c - square_root) / (2 * c), 1 / square_root


def _overlaps(overlaps: npt.ArrayLike, least: float) -> Array:
    """Return overlaps as an array between ``least`` and 1.

    Raises
    ------
    TypeError, ValueError
        If they are not.
    """
    q = finite_array("overlaps", overlaps, least=least)
    if (q > 1).any():
        raise ValueError(f"overlaps must be between {least:g} and 1; got {q.max():g}")
    return q


def _edges(temperature: float) -> Array:
    """Return the edges of the steps between 0 and 1, closer together at both ends, and the more so the colder it is."""
    share, place = temperature / 2, np.linspace(0, 1, _STEPS + 1)
    return share * place + (1 - share) * (1 - np.cos(np.pi * place)) / 2


@dataclass(frozen=True, eq=False)
class _Chain:
    """What the recursion returns: the functional, its slope in each height, and how stable the last states are."""

    free: float
    slopes: Array
    marginal: float


def _averages(edges: Array, beta: float) -> tuple[Array, list[Array]]:
    """Return places h >= 0, and for each step the matrix of Gaussian averages of functions that are even in h."""
    jumps, reach = np.diff(edges), 8 * np.sqrt(edges[-1]) + beta * edges[-1] / 2
    apart = min(_SMOOTH * np.sqrt(jumps.min()), 1 / (3 * beta))  # ln cosh bends on the scale of T
    h = np.linspace(0, reach, 1 + int(np.ceil(reach / apart)))
    weight = np.full(len(h), h[1])
    weight[0] /= 2
    near, far = (h[:, None] - h) ** 2, (h[:, None] + h) ** 2
    return h, [
        (np.exp(-near / (2 * jump)) + np.exp(-far / (2 * jump))) * weight / np.sqrt(2 * np.pi * jump) for jump in jumps
    ]


def _chain(edges: Array, x: Array, beta: float) -> _Chain:
    r"""Return the functional of the staircase x on the given edges of q, and its slope in each height.

    .. math::
        -\beta f = \varphi_0(0) - \frac{\beta^2}{2} \int_0^1 q\, x(q)\, dq, \qquad
        \varphi_{k-1}(h) = \frac{1}{x_k} \ln \mathbb E_z e^{x_k \varphi_k(h + \sqrt{q_k - q_{k-1}} z)}

    from :math:`\varphi_K = \ln 2\cosh \beta h + \beta^2 (1 - q_K)/2`.
    """
    h, averages = _averages(edges, beta)
    last = edges[-1]
    phi = [np.logaddexp(beta * h, -beta * h) + beta**2 * (1 - last) / 2]
    for average, height in zip(averages[::-1], x[::-1], strict=True):
        top = phi[0].max()
        phi.insert(0, top + np.log(average @ np.exp(height * (phi[0] - top))) / height)
    chance = np.zeros(len(h))
    chance[0] = 1.0
    means = [phi[0][0]]
    for k, (average, height) in enumerate(zip(averages, x, strict=True)):
        top = phi[k].max()
        chance = (chance * np.exp(-height * (phi[k] - top))) @ average * np.exp(height * (phi[k + 1] - top))
        chance /= chance.sum()
        means.append(chance @ phi[k + 1])
    squares = np.diff(edges**2)
    free = means[0] - beta**2 / 4 * (x @ squares + 1 - last**2)
    marginal = 1 - beta**2 * (chance @ (1 - np.tanh(beta * h) ** 2) ** 2)
    return _Chain(float(free), np.diff(means) / x - beta**2 / 4 * squares, float(marginal))


@lru_cache(maxsize=64)
def _solve(heat: float) -> Solution:
    """Find the stationary staircase; see `solve`."""
    beta, terms, edges = 1 / heat, 5 if heat < 0.9 else 3, _edges(heat)
    centres = (edges[1:] + edges[:-1]) / 2
    middle = _bent(centres, heat)[0]
    basis = np.stack([middle * legendre.Legendre.basis(k, domain=[0, 1])(middle) for k in range(terms)])
    guess = 1 - 2 * heat**2 + heat**3
    start = np.linalg.lstsq(basis.T, np.minimum(1.4 * heat * guess * centres, 0.5), rcond=None)[0]

    def unbalanced(unknown: Array) -> Array:
        chain = _chain(unknown[0] * edges, unknown[1:] @ basis, beta)
        return np.concatenate([[chain.marginal / guess], basis @ chain.slopes / guess**3])

    # The root of eps is the step with which slopes are taken: near T = 1 a small one drowns in rounding. A first step
    # that goes too far leaves what can be computed; then a shorter one is tried.
    options = {"xtol": 1e-10, "eps": 1e-9 if heat < 0.9 else 1e-6}
    for factor in (1.0, 0.3, 0.1):
        with contextlib.suppress(FloatingPointError), np.errstate(over="raise", invalid="raise"):
            options["factor"] = factor
            found = root(unbalanced, np.concatenate([[guess], start]), method="hybr", options=options)
            if np.abs(found.fun).max() <= 1e-6:
                break
    else:
        raise RuntimeError(f"the stationary x(q) was not found at temperature {heat:g}")
    last, x = float(found.x[0]), found.x[1:] @ basis
    free = -heat * _chain(last * edges, x, beta).free
    mean, square = (float(1 - x @ np.diff((last * edges) ** power) - (1 - last**power)) for power in (1, 2))
    energy = -beta / 2 * (1 - square)
    return Solution(heat, last, free, energy, (energy - free) * beta, mean, square, _powers(found.x[1:]))


def _powers(heights: Array) -> tuple[float, ...]:
    """Return the coefficients of s times a Legendre series on 0 to 1, in powers of s."""
    series = legendre.Legendre(heights, domain=[0, 1]).convert(kind=Polynomial, domain=[-1, 1])
    return (0.0, *(float(a) for a in series.coef))


def solve(temperature: float) -> Solution:
    r"""Return the solution at one temperature: x(q), energy, entropy, and free energy without a field.

    x(q) makes the free energy stationary, on a staircase of 24 steps whose heights follow a smooth curve; the largest
    overlap is where the last states are only just stable, :math:`\beta^2 \langle \operatorname{sech}^4 \beta h \rangle
    = 1`. The same call a second time takes no time.

    Parameters
    ----------
    temperature : float
        :math:`T`, from 0.2 to 0.97, or 1 or more: there is no glass, and all overlaps are 0. (Just below 1 the glass
        differs from no glass by less than the arithmetic can tell.)

    Returns
    -------
    Solution
        The free energy is right to 1e-7 and the energy to 3e-5 at T = 0.2, to 1e-8 and 3e-6 from T = 0.4.

    Raises
    ------
    TypeError, ValueError
        If ``temperature`` is not of this kind.
    RuntimeError
        If no stationary x(q) was found.

    References
    ----------
    G. Parisi, J. Phys. A 13, 1101 (1980), doi:10.1088/0305-4470/13/3/042. That its free energy is a bound, and the true
    one: F. Guerra, Commun. Math. Phys. 233, 1 (2003), doi:10.1007/s00220-002-0773-5; M. Talagrand, Ann. Math. 163,
    221 (2006), doi:10.4007/annals.2006.163.221. That the best x(q) is unique: A. Auffinger, W.-K. Chen, Commun.
    Math. Phys. 335, 1429 (2015), arXiv:1402.5132.

    Examples
    --------
    >>> glass = solve(0.4)
    >>> round(glass.free_energy, 5), round(glass.energy, 4), round(glass.entropy, 3), round(glass.largest_overlap, 4)
    (-0.77791, -0.7351, 0.107, 0.7591)
    >>> glass.order([0.2, 0.5, 0.9]).round(3)
    array([0.104, 0.263, 1.   ])
    """
    heat = real("temperature", temperature, least=0.2)
    if 0.97 < heat < 1:
        raise ValueError(f"temperature must be from 0.2 to 0.97, or at least 1; got {heat:g}")
    if heat >= 1:
        free = -heat * np.log(2) - 1 / (4 * heat)
        energy = -1 / (2 * heat)
        return Solution(heat, 0.0, float(free), energy, float((energy - free) / heat), 0.0, 0.0, (1.0,))
    return _solve(heat)
