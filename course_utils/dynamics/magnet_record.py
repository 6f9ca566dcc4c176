"""What a run of spins leaves behind: the same for every way of flipping them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MagnetRecord:
    """Energies and magnetisations of T temperatures × R independent replicas, in the order of time.

    Attributes
    ----------
    sites : int
        Number of spins N of one replica.
    temperatures : numpy.ndarray, (T,)
        Temperatures in units of J / k_B.
    energies : numpy.ndarray, (T, R, records)
        Energy per spin.
    magnetisations : numpy.ndarray, (T, R, records)
        Magnetisation per spin, from -1 to 1.
    spins : numpy.ndarray of int8, (T, R, ...)
        The last configurations, -1 or +1.
    """

    sites: int
    temperatures: Array
    energies: Array
    magnetisations: Array
    spins: npt.NDArray[np.int8]
