r"""Sixty-four magnets at once: Metropolis by multi-spin coding.

One word of the machine holds the spins of one place in 64 independent replicas, and a handful of logical operations
flips them all. Each replica alone is an exact Metropolis run on a chessboard: all black squares, then all white ones,
each flipped with probability :math:`\min(1, e^{-\beta \Delta E})`. The 64 replicas give error bars for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from course_utils.dynamics.chains import at_once, checked, pieces
from course_utils.dynamics.magnet_record import MagnetRecord
from course_utils.interrupts import interruptible
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, one_of, whole

REPLICAS = 64
Words = npt.NDArray[np.uint64]

# Attempted flips in one call of a compiled loop: some tenths of a second.
_WORK = 2_000_000_000


def pack(spins: npt.ArrayLike) -> Words:
    """Pack configurations of 64 replicas into words, black and white squares apart.

    Parameters
    ----------
    spins : array_like, (..., 64, L, L)
        -1 or +1; L even. A square is black where row + column is even.

    Returns
    -------
    numpy.ndarray of uint64, (..., 2, L, L/2)
        Bit r of a word is the spin of replica r, 1 for up.

    Raises
    ------
    TypeError, ValueError
        If the spins are not of this kind.
    """
    states = np.asarray(spins)
    shape = states.shape
    fits = len(shape) >= 3 and shape[-3] == REPLICAS and shape[-1] == shape[-2] and shape[-1] % 2 == 0 and shape[-1]
    if not fits or not (np.abs(states) == 1).all():
        raise ValueError(f"spins must hold -1 or +1, shape (..., {REPLICAS}, L, L) with L even; got shape {shape}")
    bits = np.moveaxis(states > 0, -3, -1)
    words = np.packbits(bits, axis=-1, bitorder="little").view("<u8")[..., 0].astype(np.uint64)
    return np.ascontiguousarray(words[..., *_squares(shape[-1])])


def unpack(words: Words) -> npt.NDArray[np.int8]:
    """Return the spins (..., 64, L, L) of words (..., 2, L, L/2): the inverse of `pack`."""
    size = words.shape[-2]
    lattice = np.empty((*words.shape[:-3], size, size), dtype="<u8")
    lattice[..., *_squares(size)] = words
    bits = np.unpackbits(lattice[..., None].view(np.uint8), axis=-1, bitorder="little")
    return np.moveaxis(bits, -1, -3).astype(np.int8) * 2 - 1


def _squares(side: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return row and column of the squares of each colour, to index with: (2, L, L/2) when broadcast."""
    colour, row, place = np.ix_(range(2), range(side), range(side // 2))
    return row, 2 * place + (row + colour) % 2


def acceptance(temperature: float, costs: tuple[float, ...] = (4.0, 8.0)) -> tuple[Words, npt.NDArray[np.int64]]:
    """Return the acceptance of each cost as binary digits and the rest (see `kernels.multispin`)."""
    from course_utils.dynamics.kernels.multispin import DIGITS

    digits, starts = np.zeros((len(costs), DIGITS), dtype=np.uint64), np.zeros(len(costs), dtype=np.int64)
    for row, cost in enumerate(costs):
        rest, number = math.modf(math.exp(-cost / temperature) * 2**DIGITS)
        digits[row] = [2**64 - 1 if (int(number) >> k) & 1 else 0 for k in range(DIGITS)]
        starts[row] = round(rest * 2**31)
    return digits, starts


def simulate(
    side: int,
    temperatures: npt.ArrayLike,
    *,
    sweeps: int,
    burn_in: int | None = None,
    record_every: int = 10,
    start: str | npt.ArrayLike = "cold",
    threads: int = 1,
    seed: Seed,
) -> MagnetRecord:
    r"""Let 64 replicas of a square-lattice magnet run at each of many temperatures.

    Parameters
    ----------
    side : int
        Side :math:`L` of the lattice, even, 4 or more (on a side of 2 this way of flipping never leaves some states).
    temperatures : array_like, (T,)
        Temperatures in units of :math:`J / k_B`; positive.
    sweeps : int
        How many times each spin is tried after the burn-in.
    burn_in : int, optional
        Sweeps before the first that counts. Without it a quarter of ``sweeps``. At the critical temperature the time
        after which the sign of :math:`m` is forgotten grows like :math:`L^{2.17}` sweeps (Nightingale and Blöte 1996);
        :math:`|m|` and the energy forget much sooner.
    record_every : int
        Sweeps between two records.
    start : {"cold", "hot"} or array_like, (T, 64, L, L)
        All spins alike (in half of the replicas up, in half down), all at random, or the spins of a former run.
    threads : int
        How many temperatures run at the same time; at most the number of cores. The results do not depend on it.
    seed : int or numpy.random.Generator
        Where the random words come from.

    Returns
    -------
    MagnetRecord
        After an interrupt: the records that there are, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Notes
    -----
    Far above the critical temperature nearly every spin flips in nearly every sweep: records of :math:`|m|` and of the
    energy forget the past in about :math:`T` sweeps there, and single states (stripes along the diagonal, for instance)
    only turn into their mirror image. They weigh less than one part in :math:`10^4` even on a side of 4.

    References
    ----------
    N. Metropolis, A. W. Rosenbluth, M. N. Rosenbluth, A. H. Teller, E. Teller, J. Chem. Phys. 21, 1087 (1953),
    doi:10.1063/1.1699114.
    M. P. Nightingale, H. W. J. Blöte, Phys. Rev. Lett. 76, 4548 (1996), doi:10.1103/PhysRevLett.76.4548.

    Examples
    --------
    >>> magnet = simulate(16, [1.5, 3.0], sweeps=400, record_every=20, seed=1)
    >>> magnet.energies.shape
    (2, 64, 20)
    >>> magnet.energies.mean((1, 2)).round(1)
    array([-2. , -0.8])
    """
    side = _even(side)
    heat = finite_array("temperatures", temperatures, ndim=1, above=0)
    sweeps = whole("sweeps", sweeps)
    every = whole("record_every", record_every, most=sweeps)
    burn_in = sweeps // 4 if burn_in is None else whole("burn_in", burn_in, least=0)
    threads = checked(threads)
    random = generator(seed)
    words = _start(side, heat.size, start, random)
    state = random.integers(1, 2**64, size=(heat.size, 2, side // 2), dtype=np.uint64)
    magnets = _Magnets(words, state, [acceptance(float(temperature)) for temperature in heat])
    counts = np.empty((2, heat.size, sweeps // every, REPLICAS), dtype=np.int64)
    with at_once(threads) as everywhere:
        done = _run(magnets, burn_in, every, counts, lambda work: everywhere(work, range(heat.size)))
    unsatisfied, up = np.moveaxis(counts[:, :, :done], -1, -2) / side**2
    return MagnetRecord(side**2, heat, 2 * unsatisfied - 2, 2 * up - 1, unpack(words))


class _Magnets(NamedTuple):
    """The words, the generators and the acceptances of each temperature."""

    words: Words
    state: Words
    tables: list[tuple[Words, npt.NDArray[np.int64]]]

    def at(self, t: int, *more: Any) -> tuple[Any, ...]:
        """Return what the compiled loops take for one temperature."""
        return self.words[t, 0], self.words[t, 1], self.state[t], *self.tables[t], *more


def _run(
    magnets: _Magnets, burn_in: int, every: int, counts: npt.NDArray[np.int64], everywhere: Callable[[Any], Any]
) -> int:
    """Fill the counts (unsatisfied bonds, up spins) at all temperatures; return how many records there are."""
    from course_utils.dynamics.kernels import multispin as kernels  # numba imports slowly

    piece = max(1, _WORK // (magnets.words[0].size * REPLICAS))
    records, done = counts.shape[2], 0
    unread = np.empty((*counts.shape[:2], 1, REPLICAS), dtype=np.int64)

    def advance(number: int) -> None:
        everywhere(lambda t: kernels.run(*magnets.at(t, number, *unread[:, t])))
        bar.update(number)

    with interruptible(burn_in + records * every, "Spins") as bar:
        for number in pieces(burn_in, piece):
            advance(number)
        while done < records:
            *before, step = pieces(every, piece)
            for number in before:
                advance(number)
            some = slice(done, min(records, done + (1 if before else max(1, piece // every))))
            everywhere(lambda t, step=step, some=some: kernels.run(*magnets.at(t, step, *counts[:, t, some])))
            bar.update((some.stop - done) * step)
            done = some.stop
    return done


def _even(side: int) -> int:
    side = whole("side", side, least=4)
    if side % 2:
        raise ValueError(f"side must be even, so that the lattice is a chessboard; got {side}")
    return side


def _start(side: int, count: int, start: str | npt.ArrayLike, random: np.random.Generator) -> Words:
    if isinstance(start, str):
        one_of("start", start, ("cold", "hot"))
        if start == "hot":
            return random.integers(0, 2**64, size=(count, 2, side, side // 2), dtype=np.uint64)
        return np.full((count, 2, side, side // 2), 0x5555555555555555, dtype=np.uint64)
    spins = np.asarray(start)
    if spins.shape != (count, REPLICAS, side, side):
        raise ValueError(
            f"start must be 'cold', 'hot' or spins of shape ({count}, {REPLICAS}, {side}, {side}); got {spins.shape}"
        )
    return pack(spins)
