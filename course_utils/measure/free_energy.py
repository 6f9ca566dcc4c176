r"""Free energies from numbers that a simulation can give: mean energies, works, weights.

No sampler visits a partition function, for it is a sum over all states; only *differences* of free energy can be
measured, along a path from a system that is known (an infinite temperature, a free trap) to the one that is not. Four
ways, from slow and safe to fast and demanding: integrate equilibrium means along the path
(`thermodynamic_integration`), anneal and weigh (`course_utils.measure.importance_weights`), do work in a hurry and
in both directions (`bennett`), or in one (`jarzynski`).

The conventions: :math:`\Delta F = F_1 - F_0` from the start of the path to its end, :math:`F = -T \ln Z`,
:math:`k_B = 1`; the work that is done *on* the system counts as positive.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import log_expit, logsumexp

from course_utils.measure.importance_weights import log_mean_weight
from course_utils.measure.statistics import Estimate, estimate
from course_utils.validation import finite_array, positive, real, whole

Array = npt.NDArray[np.float64]


def gauss_legendre(start: float, end: float, *, nodes: int = 10) -> tuple[Array, Array]:
    r"""Return the places along a path at which to measure, and what each measurement counts.

    .. math::
        \int_{\lambda_0}^{\lambda_1} f(\lambda)\, d\lambda \approx \sum_i w_i\, f(\lambda_i),

    exact for polynomials of degree :math:`2n - 1`. A smooth path needs about ten nodes; where the path crosses a phase
    transition, cut it there and integrate the two parts.

    Parameters
    ----------
    start, end : float
        The two ends :math:`\lambda_0, \lambda_1` of the path (inverse temperatures, couplings); different. They are
        not among the nodes.
    nodes : int
        Number of nodes.

    Returns
    -------
    tuple of numpy.ndarray, each shape (nodes,)
        Places, and weights that sum to ``end - start``.

    Raises
    ------
    TypeError, ValueError
        If an argument is not such a number.

    Examples
    --------
    >>> places, weights = gauss_legendre(0.0, 1.0, nodes=2)
    >>> places.round(4), weights.round(4)
    (array([0.2113, 0.7887]), array([0.5, 0.5]))
    """
    start, end = real("start", start), real("end", end)
    if start == end:
        raise ValueError(f"end must be a number other than start; both are {start:g}")
    place, weight = np.polynomial.legendre.leggauss(whole("nodes", nodes))
    half = (end - start) / 2
    return start + half * (place + 1), half * weight


def thermodynamic_integration(derivatives: Sequence[Estimate] | npt.ArrayLike, weights: npt.ArrayLike) -> Estimate:
    r"""Return a difference of free energies from equilibrium means along the path.

    .. math::
        F(\lambda_1) - F(\lambda_0) = \int_{\lambda_0}^{\lambda_1}
        \Bigl\langle \frac{\partial E_\lambda}{\partial \lambda} \Bigr\rangle_{\!\lambda} d\lambda,
        \qquad
        \ln Z(\beta_0) - \ln Z(\beta_1) = \int_{\beta_0}^{\beta_1} \langle E \rangle_\beta\, d\beta

    On the right, the path in inverse temperature: there the mean energy is the derivative, and the result is a
    difference of :math:`\beta F = -\ln Z`.

    Parameters
    ----------
    derivatives : sequence of Estimate, or array_like of shape (replicas, nodes)
        The measured mean at each node. Estimates are taken as independent of each other, and their errors are added in
        quadrature, :math:`\sigma^2 = \sum_i w_i^2 \sigma_i^2`. If the same replica went through all nodes, pass the
        array: each replica is then integrated as a whole, and the spread of the integrals gives the error.
    weights : array_like, shape (nodes,)
        The weights of the nodes, from `gauss_legendre`.

    Returns
    -------
    Estimate
        The integral; its error is the statistical one. What the nodes miss, other numbers of nodes will tell.

    Raises
    ------
    TypeError, ValueError
        If there is not one derivative for each weight, or fewer than 2 replicas.

    References
    ----------
    J. G. Kirkwood, J. Chem. Phys. 3, 300 (1935), doi:10.1063/1.1749657.

    Examples
    --------
    The mean energy of a spin in a unit field is -tanh(beta), and ln Z = ln(2 cosh(beta)):

    >>> places, weights = gauss_legendre(0.0, 1.0)
    >>> means = [Estimate(-math.tanh(beta), 0.01, 100) for beta in places]
    >>> print(thermodynamic_integration(means, weights))
    -0.4338 ± 0.0034
    >>> round(-math.log(math.cosh(1.0)), 4)
    -0.4338
    """
    steps = finite_array("weights", weights, ndim=1)
    if isinstance(derivatives, Sequence) and all(isinstance(d, Estimate) for d in derivatives):
        means = [d for d in derivatives if isinstance(d, Estimate)]
        if len(means) != steps.size:
            raise ValueError(f"derivatives must be {steps.size} Estimates, one for each weight; got {len(means)}")
        total = math.fsum(w * d.mean for w, d in zip(steps, means, strict=True))
        error = math.hypot(*(w * d.error for w, d in zip(steps, means, strict=True)))
        return Estimate(total, error, min(d.n for d in means))
    runs = finite_array("derivatives", derivatives, ndim=2)
    if runs.shape[1] != steps.size or runs.shape[0] < 2:
        raise ValueError(
            "derivatives must be an Estimate for each weight, or have shape (replicas, weights) with at least 2 "
            f"replicas; got shape {runs.shape} for {steps.size} weights"
        )
    return estimate(runs @ steps)


def jarzynski(works: npt.ArrayLike, *, temperature: float = 1.0) -> Estimate:
    r"""Return a free-energy difference from works done in one direction, at any speed.

    .. math::
        \Delta F = -T \ln \bigl\langle e^{-W/T} \bigr\rangle

    Parameters
    ----------
    works : array_like, shape (runs,)
        Work done on the system in each of at least 3 independent runs that start in equilibrium.
    temperature : float
        :math:`T` in units of energy; positive.

    Returns
    -------
    Estimate
        :math:`\Delta F` with its jackknife error. For few runs it lies too high on average: the average rests on rare
        runs with little work, which are mostly missed. ``weights.effective_sample_size(-works / temperature)`` tells.

    Raises
    ------
    TypeError, ValueError
        If ``works`` is not a one-dimensional array of at least 3 finite numbers, or the temperature is not positive.

    References
    ----------
    C. Jarzynski, Phys. Rev. Lett. 78, 2690 (1997), doi:10.1103/PhysRevLett.78.2690.

    Examples
    --------
    >>> print(jarzynski([1.0, 1.2, 0.8, 1.1]))
    1.014 ± 0.089
    """
    done = finite_array("works", works, ndim=1, least_size=3)
    temperature = positive("temperature", temperature)
    found = log_mean_weight(-done / temperature)
    return Estimate(-temperature * found.mean, temperature * found.error, found.n)


def bennett(forward: npt.ArrayLike, backward: npt.ArrayLike, *, temperature: float = 1.0) -> Estimate:
    r"""Return a free-energy difference from works done in both directions: Bennett's acceptance ratio.

    The solution :math:`\Delta F` of

    .. math::
        \sum_{i=1}^{n_F} f\Bigl(M + \frac{W^F_i - \Delta F}{T}\Bigr)
        = \sum_{j=1}^{n_B} f\Bigl(-M + \frac{W^B_j + \Delta F}{T}\Bigr), \qquad
        f(x) = \frac{1}{1 + e^x}, \quad M = \ln \frac{n_F}{n_B},

    which no other estimator from the same works beats when they are many. Its error is the asymptotic one,

    .. math::
        \frac{\sigma^2}{T^2} = \frac{1}{n_F} \Bigl(\frac{\overline{f_F^2}}{\bar f_F^2} - 1\Bigr)
        + \frac{1}{n_B} \Bigl(\frac{\overline{f_B^2}}{\bar f_B^2} - 1\Bigr).

    Parameters
    ----------
    forward : array_like, shape (runs,)
        Work done on the system in each run from 0 to 1, started in equilibrium at 0; at least 3.
    backward : array_like, shape (runs,)
        Work done on the system in each run of the reversed protocol, started in equilibrium at 1; at least 3. The
        numbers of runs may differ. For a sudden switch these are energy differences, :math:`E_1 - E_0` in draws of 0
        and :math:`E_0 - E_1` in draws of 1.
    temperature : float
        :math:`T` in units of energy; positive.

    Returns
    -------
    Estimate
        :math:`\Delta F = F_1 - F_0`; ``n`` is the smaller of the two numbers of runs.

    Raises
    ------
    TypeError, ValueError
        If the works are not one-dimensional arrays of at least 3 finite numbers, or the temperature is not positive.

    Warns
    -----
    UserWarning
        If every forward work lies above every backward work with its sign turned: nothing was seen where the two
        distributions cross, and the error is only a lower bound.

    References
    ----------
    C. H. Bennett, J. Comput. Phys. 22, 245 (1976), doi:10.1016/0021-9991(76)90078-4.
    G. E. Crooks, Phys. Rev. E 60, 2721 (1999), doi:10.1103/PhysRevE.60.2721.

    Examples
    --------
    >>> print(bennett([1.0, 1.6, 0.3, 2.2], [-0.4, 0.3, -1.1, -0.8]))
    0.88 ± 0.24
    """
    temperature = positive("temperature", temperature)
    there = finite_array("forward", forward, ndim=1, least_size=3) / temperature
    back = finite_array("backward", backward, ndim=1, least_size=3) / temperature
    offset = math.log(there.size / back.size)
    if there.min() > -back.min() and np.ptp(np.concatenate([there, -back])) > 0:
        warnings.warn(
            "the works of the two directions do not overlap (all forward works are above all backward works with their "
            "sign turned): the error is a lower bound; change the system more slowly, or take more runs",
            stacklevel=2,
        )

    def accepted(difference: float) -> tuple[Array, Array]:
        return log_expit(difference - there - offset), log_expit(offset - back - difference)

    def excess(difference: float) -> float:
        one, other = accepted(difference)
        return float(logsumexp(one) - logsumexp(other))

    margin = 2 * abs(offset) + 1
    lowest, highest = min(there.min(), -back.max()) - margin, max(there.max(), -back.min()) + margin
    found = float(brentq(excess, lowest, highest, xtol=1e-12))
    # mean of f² over the square of the mean of f, from logarithms: far from overlap both are below any float
    spread = [math.exp(logsumexp(2 * f) - 2 * logsumexp(f) + math.log(f.size)) for f in accepted(found)]
    variance = max((spread[0] - 1) / there.size + (spread[1] - 1) / back.size, 0.0)
    return Estimate(temperature * found, temperature * math.sqrt(variance), min(there.size, back.size))
