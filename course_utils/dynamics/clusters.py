r"""Clusters: flip a whole region of equal spins at once, so that the critical point is no longer slow.

From a random spin a cluster grows: each bond to an equal neighbour joins it with probability
:math:`p = 1 - e^{-2\beta}`. The cluster is flipped, always. The probability is chosen such that this keeps Boltzmann's
law exactly.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from course_utils.dynamics.chains import pieces
from course_utils.dynamics.magnet_record import MagnetRecord
from course_utils.interrupts import interruptible
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, one_of, whole

if TYPE_CHECKING:
    from course_utils.models.ising import Ising

# Spins looked at in one call of a compiled loop: some tenths of a second.
_WORK = 5_000_000


def wolff(
    model: Ising,
    temperatures: npt.ArrayLike,
    *,
    replicas: int,
    records: int,
    clusters: int = 5,
    burn_in: int | None = None,
    start: str = "cold",
    seed: Seed,
) -> MagnetRecord:
    r"""Flip clusters of a square-lattice magnet (Wolff), in independent replicas at each of many temperatures.

    Parameters
    ----------
    model : Ising
        The lattice.
    temperatures : array_like, (T,)
        Temperatures in units of :math:`J / k_B`; positive.
    replicas : int
        Independent replicas at each temperature; with 16 or more the error bars are good to a fifth.
    records : int
        How many records of each replica.
    clusters : int
        Clusters flipped between two records. At the critical temperature a cluster holds a fraction of about
        :math:`L^{-1/4}` of all spins, at high temperatures a few spins only.
    burn_in : int, optional
        Clusters before the first that counts. Without it a fifth of ``records * clusters``. From a hot start the first
        clusters are small: ten times as many are needed as from a cold one.
    start : {"cold", "hot"}
        All spins alike, or all at random.
    seed : int or numpy.random.Generator
        Where the random words come from.

    Returns
    -------
    MagnetRecord
        After an interrupt: the replicas that were finished at all temperatures, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    U. Wolff, Phys. Rev. Lett. 62, 361 (1989), doi:10.1103/PhysRevLett.62.361.

    Examples
    --------
    >>> from course_utils.models.ising import Ising
    >>> record = wolff(Ising(16), [2.27], replicas=16, records=300, seed=1)
    >>> bool(abs(record.energies.mean() + 1.453) < 0.02)
    True
    """
    if not (hasattr(model, "side") and hasattr(model, "sites")):
        raise TypeError(f"model must be an Ising; got {model!r:.80}")
    heat = finite_array("temperatures", temperatures, ndim=1, above=0)
    replicas, records, clusters = whole("replicas", replicas), whole("records", records), whole("clusters", clusters)
    burn_in = records * clusters // 5 if burn_in is None else whole("burn_in", burn_in, least=0)
    one_of("start", start, ("cold", "hot"))
    random = generator(seed)
    sites, shape = model.sites, (heat.size, replicas)
    spins = np.ones((replicas, heat.size, sites), dtype=np.int8)
    if start == "hot":
        spins = random.integers(0, 2, size=spins.shape, dtype=np.int8) * np.int8(2) - np.int8(1)
    states = random.integers(1, 2**64, size=(replicas, heat.size, 2), dtype=np.uint64)
    bonds, totals = np.empty((2, *shape, records), dtype=np.int64)
    neighbours = _neighbours(model.side)
    limits = [np.uint64(min(2**64 - 1, int(-math.expm1(-2 / temperature) * 2**64))) for temperature in heat]
    batch, done = max(1, _WORK // (clusters * sites)), 0
    from course_utils.dynamics.kernels import flips as kernels  # numba imports slowly

    stack = np.empty(sites, dtype=np.int64)
    with interruptible(replicas * heat.size * (records * clusters + burn_in), "Clusters") as bar:
        for replica in range(replicas):
            for t, limit in enumerate(limits):
                here, state = spins[replica, t], states[replica, t]
                for number in pieces(burn_in, max(1, _WORK // sites)):
                    kernels.wolff(here, neighbours, limit, state, number, stack)
                    bar.update(number)
                for begin in range(0, records, batch):
                    energy, total = bonds[t, replica, begin:][:batch], totals[t, replica, begin:][:batch]
                    kernels.wolff_run(here, neighbours, limit, state, clusters, energy, total)
                    bar.update(len(energy) * clusters)
            done = replica + 1
    last = np.moveaxis(spins[:done], 0, 1).reshape(heat.size, done, model.side, model.side)
    return MagnetRecord(sites, heat, -bonds[:, :done] / sites, totals[:, :done] / sites, last)


def _neighbours(size: int) -> npt.NDArray[np.int32]:
    """Return the numbers of the four neighbours of each site, (N, 4): right, below, left, above."""
    place = np.arange(size * size, dtype=np.int32).reshape(size, size)
    turned = [np.roll(place, -step, axis).ravel() for step in (1, -1) for axis in (1, 0)]
    return np.ascontiguousarray(np.stack(turned, axis=-1))
