"""The inner loop of a search by several copies of a binary perceptron that hold on to a common centre."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from course_utils.compiling import kernel
from course_utils.dynamics.kernels.generators import xorshift64

Bytes = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

_UNIT = 2.0**-53


@kernel
def search(
    patterns: Bytes,
    copies: Bytes,
    centres: Bytes,
    states: Words,
    betas: Floats,
    couplings: Floats,
    energies: Counts,
    centre_energies: Counts,
) -> None:
    """Anneal copies and centre of every perceptron; all arrays but the first and the schedules change in place.

    Parameters
    ----------
    patterns : numpy.ndarray of int8, (K, N, P)
        Of each perceptron, one weight's entries side by side.
    copies, centres : numpy.ndarray of int8, (K, y, N) and (K, N)
        Weights of -1 and +1.
    states : numpy.ndarray of uint64, (K,)
        Of the generators; not 0.
    betas, couplings : numpy.ndarray, (T,)
        Inverse temperature and coupling in each sweep.
    energies, centre_energies : numpy.ndarray of int64, (K, y, T) and (K, T)
        Violated patterns of each copy and of the centre, after each sweep.
    """
    many, size, rows = patterns.shape
    count = copies.shape[1]
    fields, own = np.zeros((count, rows), np.int64), np.zeros(rows, np.int64)
    for k in range(many):
        state = states[k]
        fields[:] = 0
        for a in range(count):
            for i in range(size):
                for m in range(rows):
                    fields[a, m] += patterns[k, i, m] * copies[k, a, i]
        for t in range(betas.size):
            for a in range(count):
                for _ in range(size):
                    state = xorshift64(state)
                    i = int((state >> np.uint64(11)) % np.uint64(size))
                    w = copies[k, a, i]
                    rise = 0
                    for m in range(rows):
                        old = fields[a, m]
                        rise += int(old - 2 * patterns[k, i, m] * w < 0) - int(old < 0)
                    cost = betas[t] * rise + 2.0 * couplings[t] * w * centres[k, i]
                    state = xorshift64(state)
                    if cost <= 0 or (state >> np.uint64(11)) * _UNIT < math.exp(-cost):
                        copies[k, a, i] = -w
                        for m in range(rows):
                            fields[a, m] -= 2 * patterns[k, i, m] * w
                wrong = 0
                for m in range(rows):
                    wrong += int(fields[a, m] < 0)
                energies[k, a, t] = wrong
            own[:] = 0
            for i in range(size):
                pull = 0
                for a in range(count):
                    pull += copies[k, a, i]
                state = xorshift64(state)
                up = (state >> np.uint64(11)) * _UNIT * (1.0 + math.exp(-2.0 * couplings[t] * pull)) < 1.0
                centres[k, i] = 1 if up else -1
                for m in range(rows):
                    own[m] += patterns[k, i, m] * centres[k, i]
            wrong = 0
            for m in range(rows):
                wrong += int(own[m] < 0)
            centre_energies[k, t] = wrong
        states[k] = state
