r"""Parallel tempering of lattice glasses: 64 draws of the bonds at once, two copies of each at every temperature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from course_utils.dynamics.chains import at_once, checked
from course_utils.dynamics.multispin import acceptance
from course_utils.dynamics.tempering import TemperedRecord, ladder
from course_utils.interrupts import interruptible
from course_utils.seeding import Seed, generator
from course_utils.validation import one_of, whole

if TYPE_CHECKING:
    from course_utils.models.edwards_anderson import EdwardsAnderson

Array = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

# Attempted flips in one call of the compiled loop: some tenths of a second.
_WORK = 1_000_000_000
_DRAWS = 64


def temper_lattices(
    glass: EdwardsAnderson,
    temperatures: npt.ArrayLike,
    *,
    sweeps: int,
    burn_in: int | None = None,
    record_every: int = 5,
    start: str = "hot",
    threads: int = 1,
    seed: Seed,
) -> TemperedRecord:
    r"""Bring many draws of a lattice glass into equilibrium at many temperatures at once.

    Parameters
    ----------
    glass : EdwardsAnderson
        The draws; 64 take as long as one.
    temperatures : array_like, (T,)
        Two or more, each below the one before; neighbours close enough to exchange.
    sweeps : int
        How many times each spin is tried after the burn-in.
    burn_in : int, optional
        Sweeps before the first that counts. Without it as many as ``sweeps``.
    record_every : int
        Sweeps between two records; all exchanges are offered just before each record.
    start : {"hot", "cold"}
        All spins at random, or all up.
    threads : int
        How many groups of 64 draws run at the same time; at most the number of cores. The results do not depend on it.
    seed : int or numpy.random.Generator
        Where the random words come from.

    Returns
    -------
    TemperedRecord
        After an interrupt: the groups of 64 draws that were finished, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    K. Hukushima, K. Nemoto, J. Phys. Soc. Jpn. 65, 1604 (1996), doi:10.1143/JPSJ.65.1604.

    Examples
    --------
    >>> from course_utils.models.edwards_anderson import EdwardsAnderson
    >>> glass = EdwardsAnderson.draw(8, samples=64, seed=1)
    >>> record = temper_lattices(glass, [2.0, 1.5, 1.1, 0.8], sweeps=500, seed=2)
    >>> record.overlaps.shape, bool(-1.5 < record.lowest.mean() < -1.3)
    ((64, 4, 100), True)
    """
    if not (hasattr(glass, "bonds") and hasattr(glass, "samples")):
        raise TypeError(f"glass must be an EdwardsAnderson; got {glass!r:.80}")
    heat = ladder(temperatures)
    sweeps = whole("sweeps", sweeps)
    every = whole("record_every", record_every, most=sweeps)
    burn_in = sweeps if burn_in is None else whole("burn_in", burn_in, least=0)
    one_of("start", start, ("hot", "cold"))
    threads = checked(threads)
    groups = -(-glass.samples // _DRAWS)
    streams = generator(seed).spawn(groups)
    found: list[_Group] = []
    with at_once(threads) as everywhere, interruptible(groups, "Tempering") as bar:
        for first in range(0, groups, threads):
            some = range(first, min(groups, first + threads))
            found += everywhere(lambda g: _Group(glass, g, heat, start, streams[g]).run(burn_in, every, sweeps), some)
            bar.update(len(some))
    sites, bonds = glass.sites, glass.dimension * glass.sites

    def gathered(parts: list[npt.NDArray[np.int64]], axis: int, empty: tuple[int, ...]) -> Array:
        """Draws first, of those groups that were finished."""
        if not parts:
            return np.empty((0, *empty))
        return np.moveaxis(np.concatenate(parts, axis), axis, 0)[: glass.samples].astype(np.float64)

    records, count = sweeps // every, heat.size
    unsatisfied = np.moveaxis(gathered([g.unsatisfied for g in found], 3, (records, 2, count)), 1, -1)
    differ = np.moveaxis(gathered([g.differ for g in found], 2, (records, count)), 1, -1)
    accepted = gathered([g.accepted for g in found], 1, (count - 1,))
    return TemperedRecord(
        heat,
        (2 * unsatisfied.swapaxes(1, 2) - bonds) / sites,
        1 - 2 * differ / sites,
        (2 * gathered([g.lowest for g in found], 0, ()) - bonds) / sites,
        accepted / (2 * (records + burn_in // every)),
    )


class _Group:
    """Sixty-four draws, two copies of each at all temperatures, as words."""

    def __init__(
        self, glass: EdwardsAnderson, group: int, heat: Array, start: str, random: np.random.Generator
    ) -> None:
        size, dimension = glass.side, glass.dimension
        rows, width = size ** (dimension - 1), size // 2
        grid = np.indices((size,) * (dimension - 1)).reshape(dimension - 1, rows)
        self.odd = grid.sum(0) % 2
        place = np.arange(rows).reshape((size,) * (dimension - 1))
        self.beyond = np.stack([np.roll(place, -s, a).ravel() for a in range(dimension - 1) for s in (1, -1)], axis=-1)
        self.bonds = self._bond_words(glass, glass.bonds[group * _DRAWS :][:_DRAWS] < 0)
        shape = 2, heat.size, 2, rows, width
        self.copies = np.zeros(shape, dtype=np.uint64)
        if start == "hot":
            self.copies = random.integers(0, 2**64, size=shape, dtype=np.uint64)
        else:
            self.copies -= np.uint64(1)
        self.state = random.integers(1, 2**64, size=(2, width), dtype=np.uint64)
        self.random = random.integers(1, 2**64, size=2, dtype=np.uint64)
        tables = [acceptance(float(temperature), (4.0, 8.0, 12.0)) for temperature in heat]
        self.digits, self.starts = (np.stack(part) for part in zip(*tables, strict=True))
        self.betas = 1 / heat
        self.lowest = np.full(_DRAWS, np.iinfo(np.int64).max)
        self.accepted = np.zeros((heat.size - 1, _DRAWS), dtype=np.int64)
        self.unsatisfied = np.empty((0, 2, heat.size, _DRAWS), dtype=np.int64)
        self.differ = np.empty((0, heat.size, _DRAWS), dtype=np.int64)

    def _bond_words(self, glass: EdwardsAnderson, negative: npt.NDArray[np.bool_]) -> Words:
        """Return the bonds that each square sees, (2, 2 d, rows, L/2)."""
        size, dimension = glass.side, glass.dimension
        bits = np.zeros((*negative.shape[1:], _DRAWS), dtype=bool)
        bits[..., : len(negative)] = np.moveaxis(negative, 0, -1)
        words = np.packbits(bits, axis=-1, bitorder="little").view("<u8")[..., 0].astype(np.uint64)
        ahead = words.reshape(dimension, -1, size)
        behind = np.stack([np.roll(words[a], 1, a) for a in range(dimension)]).reshape(dimension, -1, size)
        rows = np.arange(len(self.odd))[:, None]
        seen = np.empty((2, 2 * dimension, len(rows), size // 2), dtype=np.uint64)
        for colour in range(2):
            first = (self.odd[:, None] + colour) % 2
            columns = 2 * np.arange(size // 2) + first
            for axis in range(dimension - 1):
                seen[colour, 2 * axis] = ahead[axis, rows, columns]
                seen[colour, 2 * axis + 1] = behind[axis, rows, columns]
            # An even column finds the square of its own place ahead of it, an odd one behind it.
            here, there = ahead[-1, rows, columns], behind[-1, rows, columns]
            seen[colour, -2] = np.where(first == 0, here, there)
            seen[colour, -1] = np.where(first == 0, there, here)
        return seen

    def run(self, burn_in: int, every: int, sweeps: int) -> _Group:
        """Run until the end; what was seen stays in ``unsatisfied``, ``differ``, ``lowest`` and ``accepted``."""
        self._steps(every, burn_in // every)
        self.unsatisfied, self.differ = self._steps(every, sweeps // every)
        return self

    def _steps(self, every: int, records: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        from course_utils.dynamics.kernels import lattice_glasses as kernels  # numba imports slowly

        count = len(self.betas)
        unsatisfied = np.empty((records, 2, count, _DRAWS), dtype=np.int64)
        differ = np.empty((records, count, _DRAWS), dtype=np.int64)
        batch = max(1, _WORK // (every * self.copies.size * _DRAWS))
        for begin in range(0, records, batch):
            some = slice(begin, begin + batch)
            kernels.run(
                self.copies, self.bonds, self.beyond, self.odd, self.state, self.random, self.digits, self.starts,
                self.betas, every, unsatisfied[some], differ[some], self.lowest, self.accepted,
            )  # fmt: skip
        return unsatisfied, differ
