r"""How a transition sharpens with size: crossings, slopes, exponents, and what is left at infinite size.

A run at one temperature also knows its neighbours: a record with energy :math:`E`, taken at :math:`\beta_0`, counts
:math:`e^{-(\beta - \beta_0) E}` at :math:`\beta`. So one run gives a whole piece of a curve, as wide as its energies
fluctuate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from course_utils.dynamics.magnet_record import MagnetRecord
from course_utils.measure.statistics import Estimate, jackknife
from course_utils.validation import finite_array, positive, real

Array = npt.NDArray[np.float64]

# Places at which a reweighted curve is computed between two temperatures; between them it is a polynomial.
_PLACES = 6
_FEWEST = 3
# A denominator nearer to zero than so many of its errors gives ratios that are no bell curves.
_WELL_KNOWN = 10


def crossing(smaller: MagnetRecord, larger: MagnetRecord, *, low: float, high: float) -> Estimate:
    r"""Return the temperature at which the Binder cumulants of two sizes cross.

    .. math::
        U_4(\beta) = 1 - \frac{\langle m^4 w \rangle \langle w \rangle}{3 \langle m^2 w \rangle^2}, \qquad
        w = e^{-(\beta - \beta_0) E}

    Parameters
    ----------
    smaller, larger : MagnetRecord
        Runs of the two sizes at one temperature each, with equally many replicas, at least 3.
    low, high : float
        Temperatures between which to look, in units of :math:`J / k_B`. Not further from the runs than their energies
        fluctuate: about :math:`3 / L` near the critical temperature.

    Returns
    -------
    Estimate
        The temperature, with its jackknife error over replicas.

    Raises
    ------
    TypeError, ValueError
        If the records are not such records, ``low`` is not below ``high``, or the curves do not cross in between.

    References
    ----------
    A. M. Ferrenberg, R. H. Swendsen, Phys. Rev. Lett. 61, 2635 (1988), doi:10.1103/PhysRevLett.61.2635.
    K. Binder, Z. Phys. B 43, 119 (1981), doi:10.1007/BF01293604.
    """
    low, high = positive("low", low), positive("high", high)
    if low >= high:
        raise ValueError(f"high must be a temperature above low ({low:g}); got {high:g}")
    runs = [_single("smaller", smaller), _single("larger", larger)]
    if runs[0].energies.shape[1] != runs[1].energies.shape[1]:
        raise ValueError(
            f"larger must have as many replicas as smaller ({runs[0].energies.shape[1]}); "
            f"got {runs[1].energies.shape[1]}"
        )
    places = np.cos(math.pi * (np.arange(_PLACES) + 0.5) / _PLACES)
    heat = (low + high) / 2 + places * (high - low) / 2
    sums = np.stack([_weighted(run, heat) for run in runs], axis=1)

    def root(some: Array) -> float:
        weight, second, fourth = np.moveaxis(some.sum(0), -1, 0)
        curves = 1 - fourth * weight / (3 * second**2)
        roots = np.polynomial.Polynomial.fit(places, curves[1] - curves[0], _PLACES - 1, domain=(-1, 1)).roots()
        inside = roots.real[(np.abs(roots.imag) < 1e-9) & (np.abs(roots.real) <= 1)]
        if inside.size == 0:
            raise ValueError(f"the cumulants must cross between low = {low:g} and high = {high:g}; they do not")
        return float((low + high) / 2 + inside[np.abs(inside).argmin()] * (high - low) / 2)

    return jackknife(sums, root)


def _weighted(run: MagnetRecord, temperatures: Array) -> Array:
    """Return the sums of w, w m² and w m⁴ of each replica, (R, temperatures, 3)."""
    energies, square = run.energies[0] * run.sites, run.magnetisations[0] ** 2
    around = energies - energies.mean()
    found = []
    for temperature in temperatures:
        weight = np.exp((1 / run.temperatures[0] - 1 / temperature) * around)
        found.append(np.stack([weight.mean(1), (weight * square).mean(1), (weight * square**2).mean(1)], axis=-1))
    return np.stack(found, axis=1)


def binder_slope(record: MagnetRecord, *, by_beta: bool = False) -> list[Estimate]:
    r"""Return how fast Binder's cumulant changes with temperature, from fluctuations at that temperature.

    .. math::
        \frac{dU_4}{dT} = \frac{dU_4}{d\langle m^2 \rangle}\, \frac{d \langle m^2 \rangle}{dT}
        + \frac{dU_4}{d\langle m^4 \rangle}\, \frac{d \langle m^4 \rangle}{dT}, \qquad
        \frac{d \langle A \rangle}{dT} = \frac{\langle A E \rangle - \langle A \rangle \langle E \rangle}{T^2}

    At the critical temperature it grows like :math:`L^{1/\nu}`, in two dimensions like :math:`L`.

    Parameters
    ----------
    record : MagnetRecord
        What a run left: at least 3 replicas.
    by_beta : bool
        Whether the derivative is by :math:`\beta = 1/T` instead: :math:`dU_4/d(1/T) = -T^2\, dU_4/dT`.

    Returns
    -------
    list of Estimate
        One for each temperature, in units of :math:`1 / J` (by :math:`\beta`, of :math:`J`). Errors by the jackknife
        over replicas.

    Raises
    ------
    TypeError, ValueError
        If ``record`` is not such a record.

    References
    ----------
    A. M. Ferrenberg, D. P. Landau, Phys. Rev. B 44, 5081 (1991), doi:10.1103/PhysRevB.44.5081.
    """
    record = _checked("record", record)
    found = []
    for heat, energies, magnetisations in zip(
        record.temperatures, (record.energies - record.energies.mean((1, 2), keepdims=True)) * record.sites,
        record.magnetisations, strict=True,
    ):  # fmt: skip
        square = magnetisations**2
        draws = np.stack(
            [each.mean(1) for each in (energies, square, square**2, energies * square, energies * square**2)], axis=-1
        )

        def slope(some: Array, heat: float = float(heat)) -> float:
            energy, second, fourth, second_energy, fourth_energy = some.mean(0)
            of_second, of_fourth = second_energy - second * energy, fourth_energy - fourth * energy
            return float(
                (2 * fourth * of_second / second - of_fourth)
                / (3 * second**2)
                / heat**2
                * (-(heat**2) if by_beta else 1)
            )

        found.append(jackknife(draws, slope))
    return found


def exponent(x: npt.ArrayLike, values: Sequence[Estimate]) -> Estimate:
    r"""Return the exponent of a power law, :math:`y = a\,x^\kappa`: the slope of a straight line through logarithms.

    Each point counts with its error bar, :math:`\sigma_{\ln y} = \sigma_y / |y|`.

    Parameters
    ----------
    x : array_like, shape (n,)
        Sizes; positive, two or more.
    values : sequence of Estimate, length n
        Independent measurements with errors above 0, all of one sign.

    Returns
    -------
    Estimate
        :math:`\kappa`; its error says nothing about corrections to the power law.

    Raises
    ------
    TypeError, ValueError
        If the points are not of this kind.

    Examples
    --------
    >>> print(exponent([8, 16, 32], [Estimate(2 * size**1.75, 0.01 * size**1.75, 16) for size in (8, 16, 32)]))
    1.7500 ± 0.0051
    """
    places = np.log(finite_array("x", x, ndim=1, least_size=2, above=0))
    if not all(isinstance(value, Estimate) for value in values) or len(values) != places.size:
        raise TypeError(f"values must be {places.size} Estimates, one for each x")
    means, errors = np.array([v.mean for v in values]), np.array([v.error for v in values])
    if not ((errors > 0).all() and ((means > 0).all() or (means < 0).all())):
        raise ValueError("values must have errors above 0 and means of one sign, so that they have logarithms")
    weight = (means / errors) ** 2
    middle = weight @ places / weight.sum()
    spread = weight @ (places - middle) ** 2
    if spread == 0:
        raise ValueError("x must hold at least two different sizes")
    slope = weight @ ((places - middle) * np.log(np.abs(means))) / spread
    return Estimate(float(slope), 1 / math.sqrt(spread), min(v.n for v in values))


def ratio(above: Estimate, below: Estimate) -> Estimate:
    r"""Return the ratio of two independent measurements.

    .. math::
        \sigma_r^2 = r^2 \Bigl( \frac{\sigma_a^2}{a^2} + \frac{\sigma_b^2}{b^2} \Bigr), \qquad r = a / b

    Parameters
    ----------
    above, below : Estimate
        What is divided by what. The denominator must be known well: at least ten errors away from zero.

    Raises
    ------
    TypeError, ValueError
        If they are not Estimates, or the denominator is too uncertain.

    Examples
    --------
    >>> print(ratio(Estimate(3.0, 0.06, 64), Estimate(1.5, 0.03, 64)))
    2.000 ± 0.057
    """
    for name, value in (("above", above), ("below", below)):
        if not isinstance(value, Estimate):
            raise TypeError(f"{name} must be an Estimate; got {value!r:.80}")
    if not abs(below.mean) > _WELL_KNOWN * below.error:
        raise ValueError(f"below must be at least {_WELL_KNOWN} of its errors away from zero; got {below}")
    quotient = above.mean / below.mean
    error = math.hypot(above.error, quotient * below.error) / abs(below.mean)
    return Estimate(quotient, error, min(above.n, below.n))


def _checked(name: str, record: MagnetRecord) -> MagnetRecord:
    if not isinstance(record, MagnetRecord):
        raise TypeError(f"{name} must be a MagnetRecord; got a {type(record).__name__}")
    if record.energies.shape[1] < _FEWEST or record.energies.shape[2] < 1:
        raise ValueError(
            f"{name} must hold at least {_FEWEST} replicas for an error bar; got shape {record.energies.shape}"
        )
    return record


def _single(name: str, record: MagnetRecord) -> MagnetRecord:
    if len(_checked(name, record).temperatures) != 1:
        raise ValueError(f"{name} must be a run at one temperature; got {len(record.temperatures)}")
    return record


def to_infinite_size(sizes: Sequence[float], values: Sequence[Estimate], power: float) -> tuple[Estimate, float]:
    r"""Return what a weighted straight line in :math:`N^{-\text{power}}` says for infinite N, and its slope.

    Parameters
    ----------
    sizes : sequence of float
        N; three or more.
    values : sequence of Estimate
        What was measured at each; independent of each other.
    power : float
        How the distance to the limit shrinks; positive.

    Raises
    ------
    TypeError, ValueError
        If the arguments are not of this kind.

    Examples
    --------
    >>> seen = [Estimate(3.0, 0.1, 9), Estimate(2.0, 0.1, 9), Estimate(1.5, 0.1, 9)]
    >>> limit, slope = to_infinite_size([1, 2, 4], seen, 1)
    >>> print(limit, round(slope, 6))
    1.00 ± 0.12 2.0
    """
    places = finite_array("sizes", sizes, ndim=1, least_size=3, above=0) ** -real("power", power, above=0)
    if len(values) != len(places) or not all(isinstance(one, Estimate) for one in values):
        raise TypeError(f"values must hold {len(places)} Estimates, one for each size; got {values!r:.80}")
    fitted: tuple[Array, Array] = np.polyfit(
        places, [one.mean for one in values], 1, w=[1 / one.error for one in values], cov="unscaled"
    )
    line, spread = fitted
    return Estimate(float(line[1]), float(spread[1, 1]) ** 0.5, sum(one.n for one in values)), float(line[0])
