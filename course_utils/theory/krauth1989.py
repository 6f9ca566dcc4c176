r"""How many settings of binary weights solve a random task, and how far apart they lie: exact means at every size.

Each pattern is on the right side of a given setting with probability 1/2, whatever the setting. So the mean number
of solutions of P random patterns is :math:`2^{N-P}` for every odd N. The mean number of *pairs* needs one
more step: the probability that a random pattern is on the right side of two settings that differ in d places.

References
----------
W. Krauth and M. Mézard, Storage capacity of memory networks with binary couplings, J. Phys. France 50, 3057 (1989),
doi:10.1051/jphys:0198900500200305700. H. Huang and Y. Kabashima, Origin of the computational hardness for learning
with binary synapses, Phys. Rev. E 90, 052813 (2014), doi:10.1103/PhysRevE.90.052813.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln
from scipy.stats import binom

from course_utils.validation import whole

# Load at which the number of solutions of a large random task reaches one: where the replica-symmetric entropy
# vanishes (Krauth and Mézard's value 0.83, to more digits).
CAPACITY = 0.8330786


def _odd(inputs: int) -> int:
    size = whole("inputs", inputs, least=1)
    if size % 2 == 0:
        raise ValueError(f"inputs must be odd, so that no sum is zero; got {size}")
    return size


def mean_solutions(inputs: int, patterns: int) -> float:
    r"""Mean number of solutions of P random patterns, :math:`2^{N-P}`.

    Parameters
    ----------
    inputs : int
        Number of weights N, odd.
    patterns : int
        Number of patterns P.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> mean_solutions(21, 16)
    32.0
    """
    return float(2.0 ** (_odd(inputs) - whole("patterns", patterns, least=0)))


@cache
def both_right(inputs: int, distance: int) -> float:
    r"""Probability that a random pattern is on the right side of two settings that differ in d places.

    The two sums are :math:`a + b` and :math:`a - b`, where a adds the N - d places that agree and b the d places
    that do not; both are positive when :math:`a > |b|`:

    .. math::

        P_2(d) = \sum_b \Pr(b)\, \Pr(a > |b|)

    with a and b sums of N - d and d fair signs. For large N at a fixed share d/N it tends to
    :math:`\tfrac12 - \arccos(q)/(2\pi)` with :math:`q = 1 - 2d/N`; at a fixed d, such as one flip, it does not: there
    the sums are whole numbers, and :math:`1 - 2 P_2(1) \approx \sqrt{2/(\pi N)}` for the angle's
    :math:`2/(\pi\sqrt N)`.

    Parameters
    ----------
    inputs : int
        Number of weights N, odd.
    distance : int
        In how many places they differ, 0 to N.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> both_right(3, 0), both_right(3, 1), both_right(3, 3)
    (0.5, 0.25, 0.0)
    """
    size = _odd(inputs)
    apart = whole("distance", distance, least=0, most=size)
    if apart == size:
        return 0.0
    up = np.arange(apart + 1)
    # a = 2k - (N - d) with k of N - d signs positive: a > |b| when k > (|b| + N - d) / 2.
    needed = (np.abs(2 * up - apart) + size - apart) // 2
    return float(binom.pmf(up, apart, 0.5) @ binom.sf(needed, size - apart, 0.5))


def mean_neighbours(inputs: int, patterns: int) -> npt.NDArray[np.float64]:
    r"""Mean number of solutions at each distance from a planted one, :math:`\binom{N}{d} \, (2 P_2(d))^P`.

    The patterns are drawn so that the planted setting (a teacher) solves them and are otherwise random. The same
    numbers, times :math:`2^{N-P}`, are the mean numbers of ordered pairs of solutions of a random task.

    Parameters
    ----------
    inputs : int
        Number of weights N, odd.
    patterns : int
        Number of patterns P.

    Returns
    -------
    ndarray, (N + 1,)
        For distances 0 (the planted solution itself: 1) to N.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> mean_neighbours(3, 1)
    array([1. , 1.5, 1.5, 0. ])
    """
    size = _odd(inputs)
    rows = whole("patterns", patterns, least=0)
    distances = np.arange(size + 1)
    ways = gammaln(size + 1) - gammaln(distances + 1) - gammaln(size - distances + 1)
    shares = np.array([2 * both_right(size, int(distance)) for distance in distances])
    with np.errstate(divide="ignore"):
        logs = ways + (rows * np.log(shares) if rows else 0.0)
    return np.asarray(np.exp(logs))
