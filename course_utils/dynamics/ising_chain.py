"""Chains of spins with free ends, drawn exactly: their bonds do not know of each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.dynamics.magnet_record import MagnetRecord
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, whole

# Spins in one go: some ten megabytes.
_PIECE = 4_000_000


def draw(
    sites: int, temperatures: npt.ArrayLike, *, replicas: int = 64, records: int = 100, seed: Seed
) -> MagnetRecord:
    r"""Draw chains of Ising spins, each from Boltzmann's law and independent of all others.

    The first spin is up or down; each further one agrees with the one before it with probability
    :math:`1 / (1 + e^{-2/T})`.

    Parameters
    ----------
    sites : int
        Number of spins :math:`N` of a chain, 2 or more.
    temperatures : array_like, (T,)
        Temperatures in units of :math:`J / k_B`; positive.
    replicas, records : int
        How many chains: ``replicas`` groups of ``records`` at each temperature.
    seed : int or numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    MagnetRecord
        As if it were a run of spins; ``sites`` holds the last chain of each group.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    E. Ising, Z. Phys. 31, 253 (1925), doi:10.1007/BF02980577.

    Examples
    --------
    >>> chains = draw(100, [0.5, 2.0], seed=1)
    >>> chains.energies.mean((1, 2)).round(2)  # (1 - 1 / N) times -tanh(1 / T)
    array([-0.95, -0.46])
    """
    length = whole("sites", sites, least=2)
    heat = finite_array("temperatures", temperatures, ndim=1, above=0)
    replicas, records = whole("replicas", replicas), whole("records", records)
    random = generator(seed)
    energies, totals = np.empty((2, heat.size, replicas, records))
    last = np.empty((heat.size, replicas, length), dtype=np.int8)
    at_once = max(1, _PIECE // (replicas * length))
    for t, temperature in enumerate(heat):
        disagree = 1 / (1 + np.exp(2 / temperature))
        for begin in range(0, records, at_once):
            piece = slice(begin, min(begin + at_once, records))
            turns = random.random((replicas, piece.stop - begin, length), dtype=np.float32) < disagree
            turns[..., 0] = random.random(turns.shape[:2]) < 0.5  # which way the first one points
            down = np.logical_xor.accumulate(turns, axis=-1)
            totals[t, :, piece] = length - 2 * down.sum(-1)
            energies[t, :, piece] = 2 * turns[..., 1:].sum(-1) - (length - 1)
        last[t] = 1 - 2 * down[:, -1].astype(np.int8)
    return MagnetRecord(length, heat, energies / length, totals / length, last)
