r"""What is read off a magnet: order, energy, and how much both fluctuate; errors come from independent replicas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from course_utils.dynamics.magnet_record import MagnetRecord
from course_utils.measure.statistics import Estimate, estimate, jackknife

Array = npt.NDArray[np.float64]

# A jackknife with fewer says next to nothing about its own error.
_FEWEST = 3


def energy(record: MagnetRecord) -> list[Estimate]:
    r"""Mean energy per spin, :math:`u = \langle E \rangle / N`, at each temperature.

    Parameters
    ----------
    record : MagnetRecord
        What a run left: at least 3 replicas and one record.

    Returns
    -------
    list of Estimate
        One for each temperature.

    Raises
    ------
    TypeError, ValueError
        If ``record`` is not such a record.

    Examples
    --------
    >>> import numpy as np
    >>> m = np.array([[[1.0, 0.5], [-1.0, -1.0], [0.5, 1.0], [1.0, 1.0]]])
    >>> record = MagnetRecord(4, np.array([2.0]), -2 * m**2, m, np.empty((1, 4, 2, 2), np.int8))
    >>> print(energy(record)[0], magnetisation(record)[0], binder(record)[0])
    -1.62 ± 0.22 0.875 ± 0.072 0.616 ± 0.035
    """
    return [estimate(series.mean(1)) for series in _checked(record).energies]


def magnetisation(record: MagnetRecord) -> list[Estimate]:
    r"""Mean size of the magnetisation per spin, :math:`\langle |m| \rangle`, at each temperature.

    The magnetisation itself averages to zero on a finite lattice: it turns around.

    Parameters
    ----------
    record : MagnetRecord
        What a run left: at least 3 replicas and one record.

    Returns
    -------
    list of Estimate

    Raises
    ------
    TypeError, ValueError
        If ``record`` is not such a record.
    """
    return [estimate(np.abs(series).mean(1)) for series in _checked(record).magnetisations]


def specific_heat(record: MagnetRecord) -> list[Estimate]:
    r"""Specific heat per spin from the fluctuations of the energy, at each temperature.

    .. math::
        c = \frac{N}{T^2} \bigl( \langle u^2 \rangle - \langle u \rangle^2 \bigr)

    Parameters
    ----------
    record : MagnetRecord
        What a run left: at least 3 replicas and one record.

    Returns
    -------
    list of Estimate
        In units of :math:`k_B`; errors by the jackknife over replicas.

    Raises
    ------
    TypeError, ValueError
        If ``record`` is not such a record.
    """
    record = _checked(record)
    # Around the mean, where no digits are lost.
    series = record.energies - record.energies.mean((1, 2), keepdims=True)
    return _derived(series, (1, 2), lambda mean, heat: record.sites / heat**2 * (mean[1] - mean[0] ** 2), record)


def susceptibility(record: MagnetRecord, *, about_zero: bool = False) -> list[Estimate]:
    r"""Susceptibility per spin from the fluctuations of the magnetisation, at each temperature.

    .. math::
        \chi = \frac{N}{T} \bigl( \langle m^2 \rangle - \langle |m| \rangle^2 \bigr)
        \qquad\text{or, about zero,}\qquad \chi = \frac{N}{T} \langle m^2 \rangle

    The first has a peak near the critical temperature; the second is the true one above it, and grows like
    :math:`L^{7/4}` at it.

    Parameters
    ----------
    record : MagnetRecord
        What a run left: at least 3 replicas and one record.
    about_zero : bool
        Which of the two.

    Returns
    -------
    list of Estimate
        In units of :math:`1 / J`; errors by the jackknife over replicas.

    Raises
    ------
    TypeError, ValueError
        If ``record`` is not such a record.
    """
    record = _checked(record)
    subtracted = 0.0 if about_zero else 1.0
    return _derived(
        np.abs(record.magnetisations),
        (1, 2),
        lambda mean, heat: record.sites / heat * (mean[1] - subtracted * mean[0] ** 2),
        record,
    )


def binder(record: MagnetRecord) -> list[Estimate]:
    r"""Binder's cumulant, :math:`U_4 = 1 - \langle m^4 \rangle / 3 \langle m^2 \rangle^2`, at each temperature.

    Curves of different sizes cross where the transition is: 2/3 in the ordered phase, 0 in the disordered one.

    Parameters
    ----------
    record : MagnetRecord
        What a run left: at least 3 replicas and one record.

    Returns
    -------
    list of Estimate
        Errors by the jackknife over replicas.

    Raises
    ------
    TypeError, ValueError
        If ``record`` is not such a record.

    References
    ----------
    K. Binder, Z. Phys. B 43, 119 (1981), doi:10.1007/BF01293604.
    """
    record = _checked(record)
    return _derived(record.magnetisations, (2, 4), lambda mean, _: 1 - mean[1] / (3 * mean[0] ** 2), record)


def _derived(
    series: Array, powers: tuple[int, int], formula: Callable[[Array, float], float], record: MagnetRecord
) -> list[Estimate]:
    """Return a formula of two moments with its error, leaving out one replica at a time."""
    moments = np.stack([(series**power).mean(2) for power in powers], axis=-1)
    found = []
    for draws, temperature in zip(moments, record.temperatures, strict=True):
        heat = float(temperature)
        found.append(jackknife(draws, lambda some, heat=heat: formula(some.mean(0), heat)))  # type: ignore[misc]
    return found


def _checked(record: MagnetRecord) -> MagnetRecord:
    if not isinstance(record, MagnetRecord):
        raise TypeError(f"record must be a MagnetRecord; got a {type(record).__name__}")
    _, replicas, records = record.energies.shape
    if replicas < _FEWEST or records < 1:
        raise ValueError(
            f"record must hold at least {_FEWEST} replicas and 1 record for an error bar; "
            f"got {replicas} replicas and {records} records"
        )
    return record
