"""Uncertainty is a type: a measured number never travels without its error bar and its number of draws."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, function, real, whole


@dataclass(frozen=True)
class Estimate:
    r"""A measured mean, its standard error, and the number of independent draws behind them.

    Parameters
    ----------
    mean : float
        The measured value, in the units of the quantity.
    error : float
        Standard error of the mean, same units; 0 or more.
    n : int
        Number of independent draws; 1 or more.

    Raises
    ------
    TypeError, ValueError
        If the mean is not finite, the error is negative or not finite, or ``n`` is below 1.

    Examples
    --------
    >>> energy = Estimate(mean=-1.43371, error=0.00014, n=64)
    >>> print(energy)
    -1.43371 ± 0.00014
    >>> round(energy.z(-1.4336585), 1)
    -0.4
    """

    mean: float
    error: float
    n: int

    def __post_init__(self) -> None:
        """Reject what cannot be a measurement."""
        object.__setattr__(self, "mean", real("mean", self.mean))
        object.__setattr__(self, "error", real("error", self.error, least=0))
        object.__setattr__(self, "n", whole("n", self.n))

    def z(self, expected: float | Estimate) -> float:
        """Return how many standard errors the measurement lies above ``expected``.

        Parameters
        ----------
        expected : float or Estimate
            An exact value, or another measurement, whose error is then added in quadrature.

        Returns
        -------
        float
            The deviation in standard errors; infinite if there is a deviation and no error.
        """
        other = expected if isinstance(expected, Estimate) else Estimate(real("expected", expected), 0.0, 1)
        difference = self.mean - other.mean
        error = math.hypot(self.error, other.error)
        if error == 0:
            return 0.0 if difference == 0 else math.copysign(math.inf, difference)
        return difference / error

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval that holds the true mean with the given confidence (Student's t, n - 1 degrees).

        Raises
        ------
        ValueError
            If ``confidence`` is not between 0 and 1, or if there are fewer than 2 draws.

        Examples
        --------
        >>> low, high = Estimate(mean=1.0, error=0.1, n=5).interval()
        >>> round(low, 3), round(high, 3)
        (0.722, 1.278)
        """
        from scipy.special import stdtrit

        confidence = real("confidence", confidence, above=0, below=1)
        if self.n < 2:
            raise ValueError(f"n must be at least 2 for an interval; this estimate has {self.n}")
        reach = float(stdtrit(self.n - 1, (1 + confidence) / 2)) * self.error
        return self.mean - reach, self.mean + reach

    def __str__(self) -> str:
        """Return the mean to the digits that the error allows (two digits of the error)."""
        if self.error == 0:
            return f"{self.mean:g} ± 0"
        digits = 1 - math.floor(math.log10(self.error))
        if digits <= 0:
            return f"{round(self.mean, digits):.0f} ± {round(self.error, digits):.0f}"
        if digits > 8:
            return f"{self.mean:.10g} ± {self.error:.2g}"
        return f"{self.mean:.{digits}f} ± {self.error:.{digits}f}"


def estimate(samples: npt.ArrayLike) -> Estimate:
    r"""Return mean and standard error of independent draws.

    .. math::
        \bar x = \frac1n \sum_i x_i, \qquad
        \sigma_{\bar x} = \sqrt{\frac{1}{n(n-1)} \sum_i (x_i - \bar x)^2}

    Parameters
    ----------
    samples : array_like, shape (n,)
        Independent draws (replicas, seeds), at least 2. Draws from one series are *not* independent: see `blocking`.

    Raises
    ------
    TypeError, ValueError
        If ``samples`` is not a one-dimensional array of at least 2 finite numbers.

    Examples
    --------
    >>> print(estimate([0.9, 1.1, 1.0, 1.0]))
    1.000 ± 0.041
    """
    draws = finite_array("samples", samples, ndim=1, least_size=2)
    return Estimate(float(draws.mean()), float(draws.std(ddof=1) / math.sqrt(draws.size)), draws.size)


def estimates(samples: npt.ArrayLike) -> list[Estimate]:
    """Return one `Estimate` for each column: the curve that a sweep draws.

    Parameters
    ----------
    samples : array_like, shape (replicas, settings)
        At least two independent replicas of each setting.

    Raises
    ------
    TypeError, ValueError
        If ``samples`` is not a two-dimensional array of finite numbers with at least 2 rows.

    Examples
    --------
    >>> [str(e) for e in estimates([[1.0, 5.0], [3.0, 5.5]])]
    ['2.0 ± 1.0', '5.25 ± 0.25']
    """
    draws = finite_array("samples", samples, ndim=2)
    if draws.shape[0] < 2:
        raise ValueError(f"samples must have at least 2 rows (replicas); got shape {draws.shape}")
    return [estimate(column) for column in draws.T]


def proportion(successes: int, trials: int) -> Estimate:
    r"""Return the fraction of successes, with an error that is never zero.

    The binomial error :math:`\sqrt{p(1-p)/n}` is taken at :math:`p = (k + \tfrac12)/(n + 1)`, so that
    "none of a hundred" is not reported as certain.

    Parameters
    ----------
    successes, trials : int
        :math:`k` and :math:`n`, with :math:`0 \le k \le n` and :math:`n \ge 1`.

    Raises
    ------
    TypeError, ValueError
        If they are not such whole numbers.

    Examples
    --------
    >>> print(proportion(933, 1000))
    0.9330 ± 0.0079
    """
    trials = whole("trials", trials)
    successes = whole("successes", successes, least=0, most=trials)
    softened = (successes + 0.5) / (trials + 1)
    return Estimate(successes / trials, math.sqrt(softened * (1 - softened) / trials), trials)


def blocking(series: npt.ArrayLike) -> Estimate:
    r"""Return mean and standard error of a *correlated* series, by pairing neighbours until they no longer agree.

    Averaging neighbours in pairs leaves the mean as it is and halves the length; once a block is longer than the
    memory of the series, blocks are independent and the naive error is right. Longer blocks than needed make that
    error noisy, shorter ones make it too small; the block length :math:`B` taken is the first with

    .. math::
        B^3 > 2 n \left( \frac{\sigma_B}{\sigma_1} \right)^4,

    where :math:`\sigma_B` is the naive error of blocks of length :math:`B` and :math:`n` the number of steps.

    Parameters
    ----------
    series : array_like, shape (steps,)
        One stationary series in the order of time, at least 64 long.

    Returns
    -------
    Estimate
        ``n`` is the number of independent blocks, not of steps.

    Raises
    ------
    TypeError, ValueError
        If ``series`` is not a one-dimensional array of at least 64 finite numbers.

    Notes
    -----
    If no block length passes (the series is shorter than a few of its own memories), the longest blocks of which there
    are 8 are used, and the error is a lower bound.

    References
    ----------
    H. Flyvbjerg, H. G. Petersen, J. Chem. Phys. 91, 461 (1989), doi:10.1063/1.457480.
    R. M. Lee, G. J. Conduit, N. Nemec, P. López Ríos, N. D. Drummond, Phys. Rev. E 83, 066706 (2011).
    """
    blocks = finite_array("series", series, ndim=1, least_size=64)
    steps, mean = blocks.size, float(blocks.mean())
    first = found = float(blocks.std(ddof=1)) / math.sqrt(steps)
    n, block_length = steps, 1
    while first > 0 and block_length**3 <= 2 * steps * (found / first) ** 4 and blocks.size >= 16:
        even = blocks[: blocks.size // 2 * 2]
        blocks = 0.5 * (even[0::2] + even[1::2])
        n, block_length = blocks.size, 2 * block_length
        found = float(blocks.std(ddof=1)) / math.sqrt(n)
    return Estimate(mean, found, n)


def jackknife(samples: npt.ArrayLike, derived: Callable[[npt.NDArray[np.float64]], Any]) -> Estimate:
    r"""Return a derived quantity with its error, by leaving out one replica at a time.

    .. math::
        \sigma^2 = \frac{n-1}{n} \sum_i \bigl(\theta_{(i)} - \bar\theta_{(\cdot)}\bigr)^2, \qquad
        \hat\theta = n\,\theta - (n-1)\,\bar\theta_{(\cdot)}

    Parameters
    ----------
    samples : array_like, shape (replicas, ...)
        At least 3 independent replicas along the first axis.
    derived : callable
        Takes an array like ``samples`` (with fewer replicas) and returns one number, for example a ratio of means.

    Raises
    ------
    TypeError, ValueError
        If ``samples`` has fewer than 3 replicas or is not finite, or ``derived`` returns no finite number.

    References
    ----------
    B. Efron, C. Stein, Ann. Statist. 9, 586 (1981), doi:10.1214/aos/1176345462.

    Examples
    --------
    >>> ratio = jackknife([[2.0, 1.0], [4.2, 2.0], [5.9, 3.0]], lambda s: s[:, 0].mean() / s[:, 1].mean())
    >>> print(ratio)
    2.009 ± 0.053
    """
    draws = finite_array("samples", samples)
    function("derived", derived)
    if draws.ndim == 0 or draws.shape[0] < 3:
        raise ValueError(f"samples must hold at least 3 replicas along the first axis; got shape {draws.shape}")
    n = draws.shape[0]
    whole_value = real("derived(samples)", derived(draws))
    left_out = np.array([real("derived(samples)", derived(np.delete(draws, i, axis=0))) for i in range(n)])
    error = math.sqrt((n - 1) / n * float(np.sum((left_out - left_out.mean()) ** 2)))
    return Estimate(n * whole_value - (n - 1) * float(left_out.mean()), error, n)
