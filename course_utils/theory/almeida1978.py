r"""De Almeida and Thouless (1978): the line below which treating all copies of a mean-field glass alike is unstable.

Couplings are :math:`J_{ij} \sim \mathcal N(0, 1/N)`, the energy is :math:`-\sum_{i<j} J_{ij} s_i s_j - h \sum_i s_i`.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from course_utils.theory.kirkpatrick1978 import local_fields, overlap
from course_utils.validation import real


def stability(temperature: float, field: float = 0.0) -> float:
    r"""Curvature of the free energy against making some pairs of copies more alike than others.

    .. math::
        \lambda = 1 - \beta^2 \bigl\langle \operatorname{sech}^4 \beta(\sqrt q\, z + h) \bigr\rangle

    Above 0 the symmetric solution holds; below 0 the symmetry of the copies breaks.

    Parameters
    ----------
    temperature : float
        :math:`T`, 0.001 or more.
    field : float
        Uniform field :math:`h`.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    J. R. L. de Almeida and D. J. Thouless, J. Phys. A 11, 983 (1978), doi:10.1088/0305-4470/11/5/028.

    Examples
    --------
    >>> round(stability(0.4), 5), round(stability(1.2), 5)
    (-0.60697, 0.30556)
    """
    fields, weights = local_fields(overlap(temperature, field), temperature, field)
    drop = 1 / np.cosh(np.clip(fields / temperature, -170, 170)) ** 4
    return float(1 - weights @ drop / temperature**2)


def critical_temperature(field: float) -> float:
    r"""Temperature at which the symmetric solution becomes unstable in a field: the de Almeida–Thouless line.

    In a small field :math:`1 - T \simeq (3/4)^{1/3} |h|^{2/3}`; in a large one T falls to 0 but is never 0.

    Parameters
    ----------
    field : float
        Uniform field :math:`h`, from -2.5 to 2.5.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If ``field`` is not of this kind.

    References
    ----------
    J. R. L. de Almeida and D. J. Thouless, J. Phys. A 11, 983 (1978), doi:10.1088/0305-4470/11/5/028.

    Examples
    --------
    >>> [round(critical_temperature(h), 5) for h in (0.0, 0.1, 0.5, 1.0)]
    [1.0, 0.81885, 0.5351, 0.32118]
    """
    h = abs(real("field", field, least=-2.5, most=2.5))
    if h < 1e-6:  # 1 - T is below 1e-4 and given by the law of small fields, which is then right to 1e-8
        return float(1 - (3 / 4) ** (1 / 3) * h ** (2 / 3))
    return float(brentq(stability, 5e-3, 1.0, args=(h,), xtol=1e-13))
