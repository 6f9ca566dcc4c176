r"""Annealing: spins that flip at random, while the temperature falls.

One step: choose one of N spins at random; flip it if the energy falls, otherwise with probability
:math:`e^{-\beta \Delta E}` (Metropolis).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from course_utils.dynamics import kicks
from course_utils.interrupts import interruptible
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, whole

if TYPE_CHECKING:
    from course_utils.models.spin_glass import SpinGlass

# Attempted flips in one call of the compiled loop: some tenths of a second.
_WORK = 20_000_000


@dataclass(frozen=True, eq=False)
class Annealed:
    """What many runs of one cooling schedule left.

    Attributes
    ----------
    energies : numpy.ndarray, (runs, records)
        Energy of each run at each recorded step.
    recorded : numpy.ndarray of int, (records,)
        After how many steps each record was taken.
    spins : numpy.ndarray of int8, (runs, N)
        The last configuration of each run, -1 or +1.
    """

    energies: npt.NDArray[np.float64]
    recorded: npt.NDArray[np.int64]
    spins: npt.NDArray[np.int8]


def anneal(
    glass: SpinGlass, betas: npt.ArrayLike, *, replicas: int, record_every: int | None = None, seed: Seed
) -> Annealed:
    r"""Cool many copies of a glass, each from its own random configuration.

    Parameters
    ----------
    glass : SpinGlass
        What is cooled.
    betas : array_like, (steps,)
        Inverse temperature :math:`\beta = 1/T` of each step (one attempted flip); at least 0.
    replicas : int
        How many independent runs.
    record_every : int, optional
        Record the energy after each so many steps. Without it only the last energy is recorded.
    seed : int or numpy.random.Generator
        Where the runs' own generators start.

    Returns
    -------
    Annealed
        After an interrupt: the runs that were finished, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    S. Kirkpatrick, C. D. Gelatt and M. P. Vecchi, Science 220, 671 (1983), doi:10.1126/science.220.4598.671.

    Examples
    --------
    >>> from course_utils.models.spin_glass import SpinGlass
    >>> glass = SpinGlass.draw(10, seed=1)
    >>> cooled = anneal(glass, np.linspace(0, 6, 400), replicas=500, seed=2)
    >>> bool((cooled.energies[:, -1] < glass.ground_energy + 1e-9).mean() > 0.5)
    True
    """
    if not hasattr(glass, "couplings"):
        raise TypeError(f"glass must be a SpinGlass; got {glass!r}")
    schedule = finite_array("betas", betas, ndim=1, least=0)
    replicas = whole("replicas", replicas)
    every = len(schedule) if record_every is None else whole("record_every", record_every, most=len(schedule))
    recorded = np.arange(every, len(schedule) + 1, every)
    state = kicks.streams(generator(seed), replicas)
    spins = np.empty((replicas, glass.sites), dtype=np.int8)
    energies = np.empty((replicas, len(recorded)))
    from course_utils.dynamics.kernels import walkers as kernels  # numba imports slowly

    batch, done = max(1, _WORK // len(schedule)), 0
    with interruptible(replicas, "Annealing") as bar:
        while done < replicas:
            some = slice(done, min(replicas, done + batch))
            kernels.anneal(
                glass.couplings, schedule, every, np.ascontiguousarray(state[:, some]), spins[some], energies[some]
            )
            bar.update(some.stop - done)
            done = some.stop
    # The energies were added up flip by flip; the last is computed afresh, free of the rounding of thousands of sums.
    if len(schedule) % every == 0 and done:
        energies[:done, -1] = glass.energy(spins[:done])
    return Annealed(energies[:done], recorded, spins[:done])
