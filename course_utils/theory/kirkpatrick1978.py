r"""Kirkpatrick and Sherrington (1978): the symmetric solution of the mean-field glass, and the entropy that betrays it.

If all copies of the glass are assumed to be equally alike, one number q says how much. The free energy that follows is
right above the glass temperature; below, it is unstable, and without a field its entropy is negative under T = 0.27,
which no system of N spins can have. Couplings are :math:`J_{ij} \sim \mathcal N(0, 1/N)`, the energy is
:math:`-\sum_{i<j} J_{ij} s_i s_j - h \sum_i s_i`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from course_utils.validation import real

Array = npt.NDArray[np.float64]

_STEPS = 4001
_REACH = 12.0  # a Gaussian is below 1e-31 beyond


def local_fields(overlap: float, temperature: float, field: float = 0.0) -> tuple[Array, Array]:
    r"""Fields :math:`\sqrt q\, z + h` on the spins, and their Gaussian weights, for averages of functions of field / T.

    The places are densest where the field changes sign, on the scale of T: there tanh(field / T) becomes a step when T
    is small, and equally spaced places (or those of Gauss and Hermite) give wrong averages.

    Parameters
    ----------
    overlap : float
        :math:`q`, from 0 to 1.
    temperature : float
        :math:`T`; positive.
    field : float
        Uniform field :math:`h`.

    Returns
    -------
    fields, weights : numpy.ndarray
        Both of one axis; the weights add up to 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> fields, weights = local_fields(0.25, 0.4, field=0.3)
    >>> (weights @ fields).round(9), (weights @ fields**2).round(9)
    (np.float64(0.3), np.float64(0.34))
    """
    heat, h = real("temperature", temperature, above=0), real("field", field)
    width = np.sqrt(real("overlap", overlap, least=0, most=1))
    if width == 0:
        return np.array([h]), np.array([1.0])
    centre, scale = -h / width, heat / width
    if abs(centre) > _REACH or scale > 1:
        z = np.linspace(-_REACH, _REACH, _STEPS)
        weights = np.exp(-(z**2) / 2)
    else:
        reach = np.arcsinh((_REACH + abs(centre)) / scale)
        place = np.linspace(-reach, reach, _STEPS)
        z = centre + scale * np.sinh(place)
        weights = np.exp(-(z**2) / 2) * np.cosh(place)
    return width * z + h, weights / weights.sum()


def overlap(temperature: float, field: float = 0.0) -> float:
    r"""Overlap of two states of the same glass, if all pairs of states had the same.

    .. math::
        q = \bigl\langle \tanh^2 \beta(\sqrt q\, z + h) \bigr\rangle_{z \sim \mathcal N(0, 1)}

    Parameters
    ----------
    temperature : float
        :math:`T`, 0.001 or more.
    field : float
        Uniform field :math:`h`.

    Returns
    -------
    float
        The largest solution: 0 without a field at T = 1 and above.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    D. Sherrington and S. Kirkpatrick, Phys. Rev. Lett. 35, 1792 (1975), doi:10.1103/PhysRevLett.35.1792.

    Examples
    --------
    >>> round(overlap(0.4), 6), overlap(1.2)
    (0.633754, 0.0)
    """
    heat, h = real("temperature", temperature, least=1e-3), real("field", field)
    if h == 0 and heat >= 1:
        return 0.0

    def excess(q: float) -> float:
        fields, weights = local_fields(q, heat, h)
        return float(weights @ np.tanh(fields / heat) ** 2 - q)

    low = 0.0 if h else (1 - heat) / 2  # near T = 1 the overlap is 1 - T, and it is never below half of that
    return float(brentq(excess, low, 1.0, xtol=1e-15, rtol=1e-14))


def _log_cosh(x: Array) -> Array:
    """Return ln 2cosh without overflow."""
    return np.asarray(np.logaddexp(x, -x))


def free_energy(temperature: float, field: float = 0.0) -> float:
    r"""Free energy per spin of the symmetric solution.

    .. math::
        f = -T \langle \ln 2\cosh \beta(\sqrt q\, z + h) \rangle - \frac{\beta}{4} (1 - q)^2

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
    S. Kirkpatrick and D. Sherrington, Phys. Rev. B 17, 4384 (1978), doi:10.1103/PhysRevB.17.4384.

    Examples
    --------
    >>> round(free_energy(0.4), 6)
    -0.780904
    """
    q = overlap(temperature, field)
    fields, weights = local_fields(q, temperature, field)
    return float(-temperature * (weights @ _log_cosh(fields / temperature)) - (1 - q) ** 2 / (4 * temperature))


def energy(temperature: float, field: float = 0.0) -> float:
    r"""Energy per spin of the symmetric solution.

    .. math::
        u = -\frac{\beta}{2} (1 - q^2) - h \langle \tanh \beta(\sqrt q\, z + h) \rangle

    Parameters
    ----------
    temperature : float
        :math:`T`; 0 (without a field: :math:`-\sqrt{2/\pi}`), or 0.001 or more.
    field : float
        Uniform field :math:`h`; 0 at T = 0.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    S. Kirkpatrick and D. Sherrington, Phys. Rev. B 17, 4384 (1978), doi:10.1103/PhysRevB.17.4384.

    Examples
    --------
    >>> round(energy(0.4), 6), round(energy(0.0), 6)
    (-0.747945, -0.797885)
    """
    if _frozen(temperature, field):
        return float(-np.sqrt(2 / np.pi))
    q = overlap(temperature, field)
    fields, weights = local_fields(q, temperature, field)
    return float(-(1 - q**2) / (2 * temperature) - field * (weights @ np.tanh(fields / temperature)))


def entropy(temperature: float, field: float = 0.0) -> float:
    r"""Entropy per spin of the symmetric solution: below 0 when it is cold, so the solution must be wrong.

    .. math::
        s = \langle \ln 2\cosh a - a \tanh a \rangle - \frac{\beta^2}{4} (1 - q)^2, \qquad a = \beta(\sqrt q\, z + h)

    Without a field it falls to :math:`-1/2\pi` at T = 0.

    Parameters
    ----------
    temperature : float
        :math:`T`; 0 (without a field), or 0.001 or more.
    field : float
        Uniform field :math:`h`; 0 at T = 0.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    S. Kirkpatrick and D. Sherrington, Phys. Rev. B 17, 4384 (1978), doi:10.1103/PhysRevB.17.4384.

    Examples
    --------
    >>> round(entropy(0.4), 6), round(entropy(0.2), 6), round(entropy(0.0), 6)
    (0.082398, -0.044518, -0.159155)
    """
    if _frozen(temperature, field):
        return float(-1 / (2 * np.pi))
    fields, weights = local_fields(overlap(temperature, field), temperature, field)
    slope = fields / temperature
    stiffness = weights @ (1 / np.cosh(np.clip(slope, -350, 350)) ** 2) / temperature  # (1 - q) / T, and not 1 - 1
    return float(weights @ (_log_cosh(slope) - slope * np.tanh(slope)) - stiffness**2 / 4)


def _frozen(temperature: float, field: float) -> bool:
    """Tell whether it is T = 0, for which only the case without a field is known in closed form.

    Raises
    ------
    ValueError
        If there is a field at T = 0.
    """
    if real("temperature", temperature, least=0) > 0:
        return False
    if real("field", field) != 0:
        raise ValueError(f"field must be 0 at temperature 0; got {field:g}")
    return True
