r"""Parallel tempering: replicas at many temperatures that exchange places, so that no valley holds one for ever.

Two neighbours exchange their temperatures with probability
:math:`\min\bigl(1, e^{(\beta - \beta')(E - E')}\bigr)`, which keeps Boltzmann's law at every temperature exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from course_utils.dynamics.chains import at_once, checked
from course_utils.interrupts import interruptible
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, whole

if TYPE_CHECKING:
    from course_utils.models.spin_glass import SpinGlass

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TemperedRecord:
    """What two independent copies of each of many glasses left at each temperature, in the order of time.

    Attributes
    ----------
    temperatures : numpy.ndarray, (T,)
    energies : numpy.ndarray, (glasses, T, 2, records)
        Energy per spin of the two copies.
    overlaps : numpy.ndarray, (glasses, T, records)
        Overlap q of the two copies, from -1 to 1.
    lowest : numpy.ndarray, (glasses,)
        The lowest energy per spin that was met: an upper bound of the ground state's.
    exchanged : numpy.ndarray, (glasses, T - 1)
        Fraction of the exchanges between neighbouring temperatures that were accepted.
    """

    temperatures: Array
    energies: Array
    overlaps: Array
    lowest: Array
    exchanged: Array


def temper(
    glasses: SpinGlass | Sequence[SpinGlass],
    temperatures: npt.ArrayLike,
    *,
    sweeps: int,
    burn_in: int | None = None,
    record_every: int = 1,
    threads: int = 1,
    seed: Seed,
) -> TemperedRecord:
    r"""Bring fully connected glasses into equilibrium at many temperatures at once.

    Parameters
    ----------
    glasses : SpinGlass or list of SpinGlass
        One draw of the couplings or several, all with the same number of spins N. Where all couplings of a glass have
        the same size, :math:`J_{ij} = \pm J`, a faster way to the same result is taken.
    temperatures : array_like, (T,)
        Two or more, each below the one before; neighbours close enough to exchange.
    sweeps : int
        How many times each spin is tried (and all exchanges offered) after the burn-in.
    burn_in : int, optional
        Sweeps before the first that counts. Without it as many as ``sweeps``.
    record_every : int
        Sweeps between two records.
    threads : int
        How many glasses run at the same time; at most the number of cores. The results do not depend on it.
    seed : int or numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    TemperedRecord
        After an interrupt: the glasses that were finished, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    K. Hukushima, K. Nemoto, J. Phys. Soc. Jpn. 65, 1604 (1996), doi:10.1143/JPSJ.65.1604.

    Examples
    --------
    >>> from course_utils.models.spin_glass import SpinGlass
    >>> glass = SpinGlass.draw(12, seed=1)
    >>> record = temper(glass, [1.5, 1.0, 0.7, 0.5], sweeps=500, seed=2)
    >>> record.energies.shape, record.overlaps.shape
    ((1, 4, 2, 500), (1, 4, 500))
    >>> bool(abs(record.lowest[0] * 12 - glass.ground_energy) < 1e-5)
    True
    """
    systems = _glasses(glasses)
    heat = ladder(temperatures)
    sweeps = whole("sweeps", sweeps)
    every = whole("record_every", record_every, most=sweeps)
    burn_in = sweeps if burn_in is None else whole("burn_in", burn_in, least=0)
    threads = checked(threads)
    streams = generator(seed).spawn(len(systems))
    size, records = systems[0].sites, sweeps // every
    record = TemperedRecord(
        heat,
        np.empty((len(systems), heat.size, 2, records)),
        np.empty((len(systems), heat.size, records)),
        np.empty(len(systems)),
        np.empty((len(systems), heat.size - 1)),
    )

    def one(k: int) -> None:
        run = _Bits if _alike(systems[k].couplings) else _Fields
        seen, overlaps, record.lowest[k], record.exchanged[k] = run(systems[k].couplings, heat, streams[k]).series(
            burn_in, every, records
        )
        record.energies[k], record.overlaps[k] = np.moveaxis(seen, 0, -1).swapaxes(0, 1) / size, overlaps.T

    done = 0
    with at_once(threads) as everywhere, interruptible(len(systems), "Tempering") as bar:
        while done < len(systems):
            some = range(done, min(len(systems), done + threads))
            everywhere(one, some)
            done = some.stop
            bar.update(len(some))
    arrays = record.energies, record.overlaps, record.lowest / size, record.exchanged
    return TemperedRecord(heat, *(array[:done] for array in arrays))


def _glasses(glasses: SpinGlass | Sequence[SpinGlass]) -> list[SpinGlass]:
    several: list[Any] = [glasses] if hasattr(glasses, "couplings") else list(glasses)
    if not several or not all(hasattr(glass, "couplings") and hasattr(glass, "sites") for glass in several):
        raise TypeError(f"glasses must be a SpinGlass or a list of them; got {glasses!r:.80}")
    sizes = sorted({glass.sites for glass in several})
    if len(sizes) > 1:
        raise ValueError(f"glasses must all have the same number of spins; got {', '.join(map(str, sizes))}")
    return several


def ladder(temperatures: npt.ArrayLike) -> Array:
    """Return temperatures that fall from the hottest to the coldest.

    Raises
    ------
    TypeError, ValueError
        If they are not two or more positive numbers, each below the one before.
    """
    heat = finite_array("temperatures", temperatures, ndim=1, least_size=2, above=0)
    if not (np.diff(heat) < 0).all():
        raise ValueError(f"temperatures must fall, from the hottest to the coldest; got {heat.tolist()!r:.80}")
    return heat


def _alike(couplings: Array) -> bool:
    """Say whether all couplings have the same size and none is missing."""
    sizes = np.abs(couplings[np.triu_indices(len(couplings), 1)])
    return bool(sizes[0] > 0 and (sizes == sizes[0]).all())


class _Fields:
    """A glass of any couplings, its two copies at all temperatures."""

    def __init__(self, couplings: Array, heat: Array, random: np.random.Generator) -> None:
        self.betas, count = 1 / heat, heat.size
        self.place = np.tile(np.arange(count), 2)
        self.lane = np.arange(2 * count).reshape(2, count)
        self.state = random.integers(1, 2**64, size=2, dtype=np.uint64)
        self.lowest, self.accepted = np.array([np.inf]), np.zeros(count - 1, dtype=np.int64)
        self.scale = 1.0
        self._prepare(couplings, random)

    def _prepare(self, couplings: Array, random: np.random.Generator) -> None:
        self.couplings = np.ascontiguousarray(couplings), np.ascontiguousarray(couplings, dtype=np.float32)
        self.spins = (random.integers(0, 2, size=(len(self.place), len(couplings))) * 2 - 1).astype(np.float32)

    def _run(self, every: int, seen: Array, overlaps: Array) -> None:
        from course_utils.dynamics.kernels import tempering as kernels  # numba imports slowly

        kernels.run_fields(
            *self.couplings, self.spins, self.betas, self.lane, self.place, self.state, every, seen, overlaps,
            self.lowest, self.accepted,
        )  # fmt: skip

    def series(self, burn_in: int, every: int, records: int) -> tuple[Array, Array, float, Array]:
        """Return energies (records, 2, T), overlaps (records, T), the lowest energy, the fractions exchanged."""
        count = len(self.betas)
        if burn_in:
            self._run(burn_in, np.empty((1, 2, count)), np.empty((1, count)))
        seen, overlaps = np.empty((records, 2, count)), np.empty((records, count))
        self._run(every, seen, overlaps)
        exchanged = self.accepted / (2 * (burn_in + records * every))
        return seen * self.scale, overlaps, float(self.lowest[0]) * self.scale, exchanged


class _Bits(_Fields):
    """A glass whose couplings are all +-J: energies are counted in J."""

    def _prepare(self, couplings: Array, random: np.random.Generator) -> None:
        size, lanes = len(couplings), len(self.place)
        self.scale = float(np.abs(couplings[0, 1]))
        self.betas = self.betas * self.scale
        words = -(-size // 64)
        negative = np.zeros((size, 64 * words), dtype=bool)
        negative[:, :size] = couplings < 0
        self.rows = np.packbits(negative, axis=1, bitorder="little").view("<u8").astype(np.uint64)
        down = np.zeros((lanes, 64 * words), dtype=bool)
        down[:, :size] = random.integers(0, 2, size=(lanes, size))
        packed = np.packbits(down, axis=1, bitorder="little").view("<u8").astype(np.uint64)
        self.words = np.ascontiguousarray(packed.T)
        spins = 1.0 - 2 * down[:, :size]
        self.energies = np.rint(-0.5 * ((spins @ couplings) * spins).sum(1) / self.scale).astype(np.int64)
        self.states = random.integers(1, 2**64, size=(2, lanes), dtype=np.uint64)
        # Free where the energy does not rise; elsewhere the largest word that still accepts.
        chance = np.exp(-2 * self.betas[:, None] * np.maximum(np.arange(-size, size), 0))
        limits = [[int(p * 2**64) - 1 if p < 1 else 2**64 - 1 for p in row] for row in chance]
        self.limits = np.array([[max(limit, 0) for limit in row] for row in limits], dtype=np.uint64)

    def _run(self, every: int, seen: Array, overlaps: Array) -> None:
        from course_utils.dynamics.kernels import tempering as kernels  # numba imports slowly

        kernels.run_bits(
            self.rows, self.words, self.energies, self.limits, self.betas, self.lane, self.place, self.states,
            self.state, self.rows.shape[0], every, seen, overlaps, self.lowest, self.accepted,
        )  # fmt: skip
