r"""Poole et al. (2016), Schoenholz et al. (2017): a signal, and an error in it, on their way through a random network.

In a wide tanh network with weights of variance :math:`\sigma_w^2/N` and biases of variance :math:`\sigma_b^2`, the
mean square q of what enters a layer, and the correlation c of two inputs there, follow

.. math::
    q' = \sigma_w^2 \langle \tanh^2(\sqrt q\, z) \rangle + \sigma_b^2, \qquad
    q' c' = \sigma_w^2 \langle \tanh(u) \tanh(u') \rangle + \sigma_b^2,

averaged over Gaussians z, and u, u' of variance q and correlation c. Every unit hears every unit of the layer before:
there are no neighbours. A small error is multiplied, layer by layer, by

.. math::
    \chi = \sigma_w^2 \langle \tanh'(\sqrt q\, z)^2 \rangle .
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.polynomial.hermite_e import hermegauss
from scipy.optimize import brentq

from course_utils.validation import positive, real, whole

Array = npt.NDArray[np.float64]

_NODES, _RAW = hermegauss(101)
_WEIGHTS = _RAW / np.sqrt(2 * np.pi)


def _slope(x: Array) -> Array:
    """Return the derivative of tanh."""
    return np.asarray(1 - np.tanh(x) ** 2)


def length(weight_variance: float, bias_variance: float) -> float:
    r"""Mean square of what enters a deep layer, :math:`q^*`, where the map of q comes to rest.

    Parameters
    ----------
    weight_variance : float
        :math:`\sigma_w^2`; positive.
    bias_variance : float
        :math:`\sigma_b^2`; positive.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If a variance is not a positive number.

    References
    ----------
    B. Poole, S. Lahiri, M. Raghu, J. Sohl-Dickstein, S. Ganguli, NeurIPS (2016), arXiv:1606.05340.

    Examples
    --------
    >>> round(length(1.76, 0.05), 4)
    0.5695
    """
    weights, biases = positive("weight_variance", weight_variance), positive("bias_variance", bias_variance)

    def excess(q: float) -> float:
        return float(weights * (_WEIGHTS * np.tanh(np.sqrt(q) * _NODES) ** 2).sum() + biases - q)

    return float(brentq(excess, biases, weights + biases, xtol=1e-14, rtol=1e-13))


def _averages(correlation: float, q: float) -> tuple[float, float]:
    """Return the averages of tanh tanh and of tanh' tanh' for Gaussians of variance q and this correlation."""
    first = np.sqrt(q) * _NODES[:, None]
    second = np.sqrt(q) * (correlation * _NODES[:, None] + np.sqrt(max(1 - correlation**2, 0.0)) * _NODES)
    both = _WEIGHTS[:, None] * _WEIGHTS
    return float((both * np.tanh(first) * np.tanh(second)).sum()), float((both * _slope(first) * _slope(second)).sum())


def growth(weight_variance: float, bias_variance: float, correlation: float = 1.0) -> float:
    r"""Factor by which a small change of the angle between two signals grows in a layer.

    .. math::
        \chi(c) = \frac{\partial c'}{\partial c} = \sigma_w^2 \langle \tanh'(u) \tanh'(u') \rangle

    At c = 1 it is the factor of a small squared error, and of a squared gradient on its way back: below 1 both die out
    (order), above 1 both explode (chaos).

    Parameters
    ----------
    weight_variance, bias_variance : float
        :math:`\sigma_w^2` and :math:`\sigma_b^2`; positive.
    correlation : float
        :math:`c`, from -1 to 1.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    S. S. Schoenholz, J. Gilmer, S. Ganguli, J. Sohl-Dickstein, ICLR (2017), arXiv:1611.01232.

    Examples
    --------
    >>> round(growth(1.0, 0.05), 4), round(growth(2.5, 0.05), 4)
    (0.759, 1.1335)
    """
    q = length(weight_variance, bias_variance)
    return float(weight_variance * _averages(real("correlation", correlation, least=-1, most=1), q)[1])


def correlations(weight_variance: float, bias_variance: float, *, start: float, layers: int) -> Array:
    r"""Correlation of two signals after 0, 1, … layers of an infinitely wide network, both of length :math:`q^*`.

    Parameters
    ----------
    weight_variance, bias_variance : float
        :math:`\sigma_w^2` and :math:`\sigma_b^2`; positive.
    start : float
        Correlation of what enters the first layer, from -1 to 1.
    layers : int
        How many layers.

    Returns
    -------
    numpy.ndarray, (layers + 1,)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    B. Poole, S. Lahiri, M. Raghu, J. Sohl-Dickstein, S. Ganguli, NeurIPS (2016), arXiv:1606.05340.

    Examples
    --------
    >>> correlations(3.0, 0.05, start=0.9, layers=3).round(3)
    array([0.9  , 0.884, 0.867, 0.848])
    """
    q, found = length(weight_variance, bias_variance), [real("start", start, least=-1, most=1)]
    for _ in range(whole("layers", layers)):
        found.append((weight_variance * _averages(found[-1], q)[0] + bias_variance) / q)
    return np.clip(found, -1.0, 1.0)


def resting_correlation(weight_variance: float, bias_variance: float) -> float:
    r"""Correlation :math:`c^*` that any two signals end up with: 1 in the ordered phase, less in the chaotic one.

    Raises
    ------
    TypeError, ValueError
        If a variance is not a positive number.

    Examples
    --------
    >>> resting_correlation(1.0, 0.05), round(resting_correlation(2.5, 0.05), 3)
    (1.0, 0.447)
    """
    q = length(weight_variance, bias_variance)
    if growth(weight_variance, bias_variance) <= 1:
        return 1.0

    def excess(c: float) -> float:
        return (weight_variance * _averages(c, q)[0] + bias_variance) / q - c

    return float(brentq(excess, 0.0, 1 - 1e-9, xtol=1e-13))


def depth_scale(weight_variance: float, bias_variance: float) -> float:
    r"""Return the layers :math:`\xi_c = -1/\ln \chi(c^*)` over which two signals approach their resting correlation.

    Raises
    ------
    TypeError, ValueError
        If a variance is not a positive number.

    References
    ----------
    S. S. Schoenholz, J. Gilmer, S. Ganguli, J. Sohl-Dickstein, ICLR (2017), arXiv:1611.01232.

    Examples
    --------
    >>> round(depth_scale(1.0, 0.05), 1), round(depth_scale(3.0, 0.05), 1)
    (3.6, 9.1)
    """
    rest = resting_correlation(weight_variance, bias_variance)
    return float(-1 / np.log(growth(weight_variance, bias_variance, rest)))


def critical_weight_variance(bias_variance: float) -> float:
    r"""Weight variance :math:`\sigma_w^2` at which :math:`\chi = 1`: the line between order and chaos.

    Raises
    ------
    TypeError, ValueError
        If the bias variance is not a number from 1e-12 to 1.

    Examples
    --------
    >>> round(critical_weight_variance(0.05), 4)
    1.761
    """
    biases = real("bias_variance", bias_variance, least=1e-12, most=1)
    return float(brentq(lambda weights: growth(weights, biases) - 1, 0.5, 10.0, xtol=1e-12))
