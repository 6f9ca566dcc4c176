"""Watanabe (2009): the learning coefficient, or how the volume of good weights shrinks near a minimum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, whole

Array = npt.NDArray[np.float64]


def monomial(powers: Sequence[int]) -> tuple[float, int]:
    r"""Learning coefficient and multiplicity of a loss that is one product, :math:`K = \prod_j w_j^{k_j}`.

    .. math::
        \lambda = \min_j \frac{1}{k_j}, \qquad m = \text{number of } j \text{ that reach the minimum}

    Parameters
    ----------
    powers : sequence of int
        The even powers :math:`k_j`, at least 2.

    Returns
    -------
    (float, int)
        The coefficient and the multiplicity: the volume of :math:`K < \epsilon` vanishes as
        :math:`\epsilon^\lambda (-\ln\epsilon)^{m-1}`.

    Raises
    ------
    TypeError, ValueError
        If the powers are not even whole numbers of at least 2.

    References
    ----------
    S. Watanabe, Algebraic Geometry and Statistical Learning Theory, Cambridge University Press (2009),
    doi:10.1017/CBO9780511800474.

    Examples
    --------
    >>> monomial([4]), monomial([2, 2]), monomial([2, 4])
    ((0.25, 1), (0.5, 2), (0.25, 1))
    """
    if isinstance(powers, (str, bytes)) or not isinstance(powers, Sequence) or not powers:
        raise TypeError(f"powers must be a sequence of even whole numbers; got {powers!r:.80}")
    checked = [whole(f"powers[{j}]", power, least=2) for j, power in enumerate(powers)]
    if any(power % 2 for power in checked):
        raise ValueError(f"powers must be even, or the loss has no minimum; got {checked}")
    return 1 / max(checked), checked.count(max(checked))


def _level(level: npt.ArrayLike) -> Array:
    levels = finite_array("level", level)
    if not ((levels > 0) & (levels <= 1)).all():
        raise ValueError(f"level must lie above 0 and be at most 1; got {levels.min():g} to {levels.max():g}")
    return levels


def bowl_volume(level: npt.ArrayLike) -> Array:
    r"""Share of the square :math:`[-1, 1]^2` where :math:`w_1^2 + w_2^2 < \epsilon`, for levels from 0 to 1.

    .. math::
        V(\epsilon) = \tfrac{\pi}{4}\, \epsilon

    Parameters
    ----------
    level : array_like
        :math:`\epsilon`, above 0 and at most 1.

    Raises
    ------
    TypeError, ValueError
        If a level is not such a number.

    Examples
    --------
    >>> bowl_volume(0.01).round(5)
    np.float64(0.00785)
    """
    return np.asarray(np.pi / 4 * _level(level))[()]


def quartic_volume(level: npt.ArrayLike) -> Array:
    r"""Share of the square where :math:`w_1^4 + w_2^4 < \epsilon`: a minimum whose Hessian is zero.

    .. math::
        V(\epsilon) = \frac{\Gamma(5/4)^2}{\Gamma(3/2)}\, \epsilon^{1/2}

    Parameters, errors: as `bowl_volume`.

    Examples
    --------
    >>> quartic_volume(0.01).round(5)
    np.float64(0.0927)
    """
    return np.asarray(_QUARTIC * np.sqrt(_level(level)))[()]


def cross_volume(level: npt.ArrayLike) -> Array:
    r"""Share of the square where :math:`w_1^2 w_2^2 < \epsilon`: a whole cross of minima.

    .. math::
        V(\epsilon) = \sqrt\epsilon\,\bigl(1 - \tfrac12 \ln \epsilon\bigr)

    Parameters, errors: as `bowl_volume`.

    Examples
    --------
    >>> cross_volume([1.0, 0.01]).round(5)
    array([1.     , 0.33026])
    """
    levels = _level(level)
    return np.asarray(np.sqrt(levels) * (1 - 0.5 * np.log(levels)))[()]


_QUARTIC = 0.9270373386506859  # Γ(5/4)² / Γ(3/2)


def mean_energy(beta: npt.ArrayLike, coefficient: float, multiplicity: int, offset: float) -> Array:
    r"""Mean loss over temperature at a minimum of these numbers, to leading order for large :math:`\beta`.

    .. math::
        \beta \langle K \rangle = \frac{\partial}{\partial \ln\beta} \bigl[\lambda \ln\beta
        - (m - 1) \ln(\ln\beta + c)\bigr] = \lambda - \frac{m - 1}{\ln\beta + c}

    A quadratic direction has :math:`\lambda = 1/2`: equipartition. Each multiple root costs a logarithm.

    Parameters
    ----------
    beta : array_like
        :math:`\beta = 1/T`, large enough that :math:`\ln\beta + c > 0`.
    coefficient : float
        :math:`\lambda`.
    multiplicity : int
        :math:`m`.
    offset : float
        :math:`c`, which depends on the shape away from the minimum.

    Raises
    ------
    TypeError, ValueError
        If the logarithm plus the offset is not positive everywhere.

    Examples
    --------
    >>> mean_energy(np.e**10, 7.0, 2, 0.0).round(6)
    np.float64(6.9)
    """
    depth = np.log(finite_array("beta", beta)) + float(offset)
    if not (depth > 0).all():
        raise ValueError(f"beta must be large: its logarithm plus {offset:g} must be above 0")
    return np.asarray(coefficient - (whole("multiplicity", multiplicity) - 1) / depth)[()]
