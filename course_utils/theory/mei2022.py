r"""Mei and Montanari (2022): ridge regression on random features, exactly, when everything is large.

A linear teacher on the sphere is learned from n samples in d dimensions through N fixed random features
:math:`\varphi(\theta_a \cdot x / \sqrt d)`, of which only the output weights are trained. With
:math:`\psi_1 = N/d`, :math:`\psi_2 = n/d` fixed and d large, the test error is a rational function of one number
:math:`\chi`, which solves a scalar equation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from course_utils.validation import finite_array, positive, real

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Activation:
    r"""What the theory needs of an activation function :math:`\varphi` under a standard normal :math:`u`.

    Parameters
    ----------
    linear : float
        :math:`\mu_1 = \langle u\,\varphi(u) \rangle`; not 0.
    rest : float
        :math:`\mu_*^2 = \langle \varphi^2 \rangle - \langle \varphi \rangle^2 - \mu_1^2`, above 0: what is neither
        constant nor linear.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.
    """

    linear: float
    rest: float

    def __post_init__(self) -> None:
        """Check both numbers."""
        if real("linear", self.linear) == 0:
            raise ValueError("linear must not be 0: the features would not see a linear teacher")
        positive("rest", self.rest)


RELU = Activation(0.5, 0.25 - 1 / (2 * math.pi))


def risk(
    features: npt.ArrayLike,
    samples: float,
    *,
    ridge: float = 0.0,
    signal: float = 1.0,
    noise: float = 0.2,
    activation: Activation = RELU,
) -> Array:
    r"""Test error above the noise, :math:`\langle (\hat f(x) - w_* \cdot x)^2 \rangle`, of ridge on random features.

    .. math::
        R = r^2\,\frac{E_1(\chi)}{E_0(\chi)} + \sigma^2\,\frac{E_2(\chi)}{E_0(\chi)}

    What is minimised is :math:`\tfrac1n |y - Z a|^2 + \tfrac{N\lambda}{d}\,|a|^2`, with Z the features.

    Parameters
    ----------
    features : array_like, any shape
        :math:`\psi_1 = N/d`, features per dimension; above 0.
    samples : float
        :math:`\psi_2 = n/d`, samples per dimension; above 0.
    ridge : float
        :math:`\lambda`, at least 0.
    signal, noise : float
        Length :math:`r` of the teacher, and standard deviation :math:`\sigma` of the label noise.
    activation : Activation
        By default the ReLU.

    Returns
    -------
    numpy.ndarray, same shape
        Infinite where :math:`\lambda = 0`, :math:`\psi_1 = \psi_2`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    S. Mei, A. Montanari, Comm. Pure Appl. Math. 75, 667 (2022), arXiv:1908.05355.

    Examples
    --------
    >>> risk([0.3, 2.8, 10.0], 3.0).round(4)
    array([0.8869, 2.9094, 0.1199])
    """
    wide, many = finite_array("features", features, above=0), positive("samples", samples)
    ridge = real("ridge", ridge, least=0)
    weights = positive("signal", signal) ** 2, real("noise", noise, least=0) ** 2
    found = [_risk(float(one), many, ridge, *weights, activation) for one in wide.ravel()]
    return np.array(found).reshape(wide.shape)


def chi(features: float, samples: float, ridge: float, activation: Activation = RELU) -> float:
    r"""Return the number :math:`\chi \le 0` that decides everything: minus the root of an equation.

    .. math::
        \chi = -\rho, \qquad \psi_1 \psi_2 \bar\lambda\, \rho = (\psi_1 - h)(\psi_2 - h), \qquad
        h = \rho + \frac{\zeta^2 \rho}{1 + \zeta^2 \rho}, \qquad
        \bar\lambda = \lambda/\mu_*^2, \quad \zeta = \mu_1/\mu_* .

    It is the product of the two fixed-point variables of the paper, eliminated from their two equations.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind that `risk` takes.

    Examples
    --------
    >>> round(chi(1.0, 3.0, 0.01), 6)
    -0.406777
    """
    first, second = positive("features", features), positive("samples", samples)
    pull = first * second * real("ridge", ridge, least=0) / activation.rest
    zeta2, least = activation.linear**2 / activation.rest, min(first, second)
    # h(top) = min(psi): the root without a ridge, and an upper limit with one
    bend = 1 + zeta2 - zeta2 * least
    top = 2 * least / (bend + math.sqrt(bend**2 + 4 * zeta2 * least))
    if pull == 0:
        return -top

    def balance(rho: float) -> float:
        h = rho + zeta2 * rho / (1 + zeta2 * rho)
        return (first - h) * (second - h) - pull * rho

    return -float(brentq(balance, 0.0, top, xtol=1e-15, rtol=1e-14))


def _risk(p1: float, p2: float, ridge: float, signal2: float, noise2: float, activation: Activation) -> float:
    """Return the risk at one point; the three polynomials are those of the paper's theorem."""
    x, z2 = chi(p1, p2, ridge, activation), activation.linear**2 / activation.rest
    z4, z6 = z2 * z2, z2**3
    odd = x**5 * z6 - 3 * x**4 * z4 + 2 * x**3 * z4 + 3 * x**3 * z2 - 2 * x**2 * z2 - x**2  # shared by E0 and E2
    e0 = (
        -odd
        + (p1 * p2 - p2 - p1 + 1) * x**3 * z6
        + (p1 + p2 - 3 * p1 * p2 + 1) * x**2 * z4
        + 3 * p1 * p2 * x * z2
        - p1 * p2
    )
    e1 = p2 * x**3 * z4 - p2 * x**2 * z2 + p1 * p2 * x * z2 - p1 * p2
    e2 = odd + (p1 - 1) * x**3 * z6 - (p1 + 1) * x**2 * z4
    if ridge == 0 and p1 == p2 and noise2 > 0:
        return math.inf
    return (signal2 * e1 + noise2 * e2) / e0
