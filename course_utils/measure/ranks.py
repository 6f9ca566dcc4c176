r"""Rank correlations with error bars: whether one rises where the other does, whatever the curve between them.

.. math::
    \tau = \frac{\sum_{i<j} \operatorname{sign}(x_i - x_j)\,\operatorname{sign}(y_i - y_j)}{\sqrt{n_x\,n_y}}

where :math:`n_x` counts the pairs that differ in x, :math:`n_y` those that differ in y (Kendall's :math:`\tau_b`).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from course_utils.measure.statistics import Estimate, estimate
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, one_of, real, whole

Array = npt.NDArray[np.float64]

SIGNS = ("positive", "negative", "not told from zero")
"""What `direction` may say."""


def kendall(x: npt.ArrayLike, y: npt.ArrayLike) -> Array:
    """Return Kendall's rank correlation of each replica, over its settings.

    Parameters
    ----------
    x, y : array_like, (replicas, settings)
        Two readings of the same networks.

    Returns
    -------
    numpy.ndarray, (replicas,)
        From -1 (opposite order) to 1 (same order).

    Raises
    ------
    TypeError, ValueError
        If they are not finite arrays of one shape with at least 3 settings, or a reading is the same everywhere.

    References
    ----------
    M. G. Kendall, Biometrika 30, 81 (1938), doi:10.1093/biomet/30.1-2.81.

    Examples
    --------
    >>> kendall([[1, 2, 3, 4]], [[1, 3, 2, 9]]).round(3)
    array([0.667])
    """
    first, second = _pair(x, y)
    return _tau(_signs("x", first), _signs("y", second))


def partial_kendall(x: npt.ArrayLike, y: npt.ArrayLike, given: npt.ArrayLike) -> Array:
    r"""Return what is left of the rank correlation of x and y once a third reading is accounted for.

    .. math::
        \tau_{xy \cdot z} = \frac{\tau_{xy} - \tau_{xz} \tau_{yz}}{\sqrt{(1 - \tau_{xz}^2)(1 - \tau_{yz}^2)}}

    Parameters
    ----------
    x, y, given : array_like, (replicas, settings)
        Readings; ``given`` is z.

    Returns
    -------
    numpy.ndarray, (replicas,)

    Raises
    ------
    TypeError, ValueError
        As `kendall`; also if x or y has the very order of z.

    References
    ----------
    M. G. Kendall, Biometrika 32, 277 (1942), doi:10.1093/biomet/32.3-4.277.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> cause = rng.normal(size=(200, 30))
    >>> x, y = cause + rng.normal(size=cause.shape), cause + rng.normal(size=cause.shape)
    >>> bool(partial_kendall(x, y, cause).mean() < 0.5 * kendall(x, y).mean())
    True
    """
    first, second = _pair(x, y)
    third, _ = _pair(given, x)
    a, b, c = (_signs(name, value) for name, value in (("x", first), ("y", second), ("given", third)))
    return _partial(a, b, c)


def rank_draws(
    x: npt.ArrayLike, y: npt.ArrayLike, *, groups: npt.ArrayLike | None = None, rounds: int = 1000, seed: Seed
) -> Array:
    """Return mean rank correlations of other settings, too: settings and replicas drawn anew with replacement.

    A bootstrap. Pairs of copies of one setting do not count. With one seed and one grouping, two readings see the
    same draws: subtract them to compare in pairs. What lies beyond the settings' range is not drawn.

    Parameters
    ----------
    x, y : array_like, (replicas, settings)
        Two readings of the same networks.
    groups : array_like of int, (settings,), optional
        Settings with one number are near twins and are drawn together; without it each is drawn by itself.
    rounds : int
        How many.
    seed : int or numpy.random.Generator
        The draws.

    Returns
    -------
    numpy.ndarray, (rounds,)
        NaN for a round in which a reading has no two different values.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    B. Efron, Ann. Statist. 7, 1 (1979), doi:10.1214/aos/1176344552.
    """
    first, second = _pair(x, y)
    many, random = whole("rounds", rounds), generator(seed)
    a, b = _signs("x", first), _signs("y", second)
    replicas, settings = first.shape
    member = np.arange(settings) if groups is None else finite_array("groups", groups, ndim=1)
    if member.size != settings:
        raise ValueError(f"groups must hold one number per setting ({settings}); got {member.size}")
    teams = [np.flatnonzero(member == name) for name in np.unique(member)]
    drawn = np.empty(many)
    for k in range(many):
        own, some = random.integers(replicas, size=replicas), random.integers(len(teams), size=len(teams))
        chosen = np.concatenate([teams[team] for team in some])
        with np.errstate(invalid="ignore"):
            drawn[k] = _tau(a[own][:, chosen][:, :, chosen], b[own][:, chosen][:, :, chosen]).mean()
    return drawn


def within(draws: npt.ArrayLike, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval that holds this share of the draws; NaN draws are left out.

    Raises
    ------
    TypeError, ValueError
        If no draw is finite, or the share is not between 0 and 1.

    Examples
    --------
    >>> within(np.arange(101), 0.5)
    (25.0, 75.0)
    """
    values, share = np.asarray(draws, dtype=float).ravel(), real("confidence", confidence, above=0, below=1)
    if not np.isfinite(values).any():
        raise ValueError("draws must hold a finite number")
    low, high = np.nanquantile(values, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def direction(measured: Estimate | tuple[float, float], *, comparisons: int = 1) -> str:
    """Say in words which sign a measurement has: the words follow the number, whatever it is.

    A sign is claimed where zero is outside the 95 % interval of Student's t for the number of draws; with several
    comparisons the interval is widened so that all of them together give a false alarm once in twenty (Bonferroni).

    Parameters
    ----------
    measured : Estimate or (float, float)
        What was measured, or an interval: then it alone decides.
    comparisons : int
        How many signs are asked for at one go.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind, or a single draw is judged.

    Examples
    --------
    >>> direction(Estimate(0.5, 0.1, 8)), direction((-0.5, -0.1)), direction(Estimate(0.23, 0.1, 8))
    ('positive', 'negative', 'not told from zero')
    """
    asked = whole("comparisons", comparisons)
    if isinstance(measured, tuple):
        low, high = (real("measured", end) for end in measured)
    elif isinstance(measured, Estimate):
        if measured.n < 2:
            raise ValueError("measured must have 2 draws or more: one has no scatter")
        reach = float(student.ppf(1 - 0.025 / asked, measured.n - 1)) * measured.error
        low, high = measured.mean - reach, measured.mean + reach
    else:
        raise TypeError(f"measured must be an Estimate or an interval (low, high); got {measured!r:.80}")
    return "positive" if low > 0 else "negative" if high < 0 else "not told from zero"


def verdict(signs: Iterable[str]) -> str:
    """Say what the signs that `direction` told, one per court, make of "the one rises with the other".

    Returns
    -------
    str
        ``"right"``, if all are positive; ``"misleading"``, if some are positive and some negative; ``"wrong"``, if
        some are negative and none is positive; else ``"half right"``: not told everywhere, or nowhere.

    Raises
    ------
    ValueError
        If one is no such sign, or there is none.

    Examples
    --------
    >>> verdict(["positive", "negative", "not told from zero"]), verdict(["positive", "not told from zero"])
    ('misleading', 'half right')
    """
    told = {one_of("signs", sign, SIGNS) for sign in signs}
    if not told:
        raise ValueError("signs must hold one sign or more; got none")
    if told == {"positive"}:
        return "right"
    if "negative" not in told:
        return "half right"
    return "misleading" if "positive" in told else "wrong"


def rank_correlation(x: npt.ArrayLike, y: npt.ArrayLike) -> Estimate:
    """Return the mean of `kendall` over replicas, with its standard error.

    Raises
    ------
    TypeError, ValueError
        As `kendall`; also for fewer than 2 replicas.
    """
    return estimate(kendall(x, y))


def _pair(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array]:
    first, second = finite_array("x", x, ndim=2), finite_array("y", y, ndim=2)
    if first.shape != second.shape or first.shape[1] < 3:
        raise ValueError(
            f"x and y must have one shape (replicas, settings), with 3 settings or more; got {first.shape} and "
            f"{second.shape}"
        )
    return first, second


def _signs(name: str, value: Array) -> Array:
    signs = np.sign(value[:, :, None] - value[:, None, :])
    if not signs.any((1, 2)).all():
        raise ValueError(f"{name} must not be the same for all settings of a replica: it has no order")
    return np.asarray(signs)


def _tau(a: Array, b: Array) -> Array:
    norm = np.sqrt(np.abs(a).sum((1, 2)) * np.abs(b).sum((1, 2)))
    return np.asarray((a * b).sum((1, 2)) / norm)


def _partial(a: Array, b: Array, c: Array) -> Array:
    xy, xz, yz = _tau(a, b), _tau(a, c), _tau(b, c)
    left = (1 - xz**2) * (1 - yz**2)
    if (left <= 1e-12).any():
        raise ValueError("given must not have the very order of x or of y: nothing would be left to compare")
    return np.asarray((xy - xz * yz) / np.sqrt(left))
