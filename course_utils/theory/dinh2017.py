r"""Dinh, Pascanu, Bengio and Bengio (2017): the same function, as sharp as you like.

A unit of a ReLU network does the same work if what enters it is scaled by :math:`a > 0` and what leaves it by
:math:`1/a`, since :math:`\max(0, a z) = a \max(0, z)`. In the new coordinates a step of the first layer is worth
:math:`1/a` of the old one, a step of the second :math:`a`: blocks of the Hessian are scaled by :math:`1/a^2` and
:math:`a^2`, and so are their traces.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]


def rescaled_trace(
    factors: npt.ArrayLike, *, entering: float | npt.ArrayLike, leaving: float | npt.ArrayLike,
    others: float | npt.ArrayLike = 0.0,
) -> Array:  # fmt: skip
    r"""Trace of the Hessian after a hidden layer has been rescaled.

    .. math::
        \operatorname{tr} H(a) = \frac{t_1}{a^2} + t_0 + a^2\,t_2

    Parameters
    ----------
    factors : array_like
        :math:`a`, by which weights and biases that enter the layer are multiplied; above 0.
    entering, leaving, others : float or array_like
        Traces before: :math:`t_1` of the weights and biases that enter the layer, :math:`t_2` of the weights that leave
        it (divided by a), :math:`t_0` of all else (the biases of the next layer). Broadcast against ``factors``.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    TypeError, ValueError
        If a factor is not above 0, or a number is not finite.

    References
    ----------
    L. Dinh, R. Pascanu, S. Bengio, Y. Bengio, ICML (2017), arXiv:1703.04933.

    Examples
    --------
    >>> rescaled_trace([1, 10], entering=4.0, leaving=2.0, others=0.5)
    array([  6.5 , 200.54])
    """
    scale = finite_array("factors", factors, above=0)
    first, second = finite_array("entering", entering), finite_array("leaving", leaving)
    return np.asarray(first / scale**2 + finite_array("others", others) + second * scale**2)


def flattest(entering: float, leaving: float) -> float:
    r"""Return the factor with the smallest trace, :math:`a = (t_1/t_2)^{1/4}`.

    Raises
    ------
    TypeError, ValueError
        If a trace is not above 0.

    Examples
    --------
    >>> flattest(16.0, 1.0)
    2.0
    """
    first = finite_array("entering", entering, above=0)
    return float((first / finite_array("leaving", leaving, above=0)) ** 0.25)
