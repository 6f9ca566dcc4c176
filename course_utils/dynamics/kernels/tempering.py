"""The compiled loops of parallel tempering: for a glass of real couplings, and for one whose couplings are all alike.

A lane is one replica; lanes keep their spins, and an exchange gives them each other's temperature. Lanes 0 ... T-1 are
the first copy of the glass, T ... 2T-1 the second; ``place`` says at which temperature a lane is, ``lane`` (copies, T)
which lane is at a temperature.

Real couplings: every lane keeps its local fields, and a flip adds one row of the matrix to them. Couplings of +-1: a
spin is a bit, and its field is counted from the bits that differ from the row's; the lanes' generators do not wait for
each other, and nothing is decided by a jump.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.compiling import kernel, part
from course_utils.dynamics.kernels.generators import xorshift128

U = np.uint64


@part
def _ones(word: Any) -> Any:
    """Return how many bits of a word are 1 (compilers know this pattern and make it one instruction)."""
    word = word - ((word >> U(1)) & U(0x5555555555555555))
    word = (word & U(0x3333333333333333)) + ((word >> U(2)) & U(0x3333333333333333))
    word = (word + (word >> U(4))) & U(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * U(0x0101010101010101)) >> U(56))


@kernel
def exchange(energies: Any, betas: Any, lane: Any, place: Any, state: Any, accepted: Any) -> None:
    """Offer each pair of neighbouring temperatures an exchange, from the hottest (the first) down."""
    count = betas.shape[0]
    p, q = state[0], state[1]
    for copy in range(lane.shape[0]):
        for t in range(count - 1):
            first, second = lane[copy, t], lane[copy, t + 1]
            exponent = (betas[t + 1] - betas[t]) * (energies[second] - energies[first])
            p, q = xorshift128(p, q)
            if exponent >= 0.0 or ((p + q) >> U(11)) * 2.0**-53 < np.exp(exponent):
                lane[copy, t], lane[copy, t + 1] = second, first
                place[first], place[second] = t + 1, t
                accepted[t] += 1
    state[0], state[1] = p, q


@part
def _refresh(couplings: Any, spins: Any, fields: Any) -> Any:
    """Compute the local fields of one lane afresh, free of the rounding of many sums; return the energy."""
    energy = 0.0
    for i in range(spins.shape[0]):
        field = 0.0
        for j in range(spins.shape[0]):
            field += couplings[i, j] * spins[j]
        fields[i] = field
        energy -= 0.5 * field * spins[i]
    return energy


@kernel
def sweep_fields(couplings: Any, spins: Any, fields: Any, energies: Any, betas: Any, place: Any, state: Any) -> None:
    """Try every spin of every lane once (Metropolis)."""
    p, q = state[0], state[1]
    for r in range(spins.shape[0]):
        here, field = spins[r], fields[r]
        twice = np.float32(2 * betas[place[r]])
        change = 0.0
        for i in range(here.shape[0]):
            cost = twice * here[i] * field[i]
            accept = cost <= np.float32(0)
            if not accept and cost < np.float32(40):
                p, q = xorshift128(p, q)
                accept = ((p + q) >> U(11)) * 2.0**-53 < np.exp(-np.float64(cost))
            if accept:
                change += 2.0 * here[i] * field[i]
                step = np.float32(-2) * here[i]
                here[i] = -here[i]
                row = couplings[i]
                for j in range(field.shape[0]):
                    field[j] += step * row[j]
        energies[r] += change
    state[0], state[1] = p, q


@kernel
def sweep_bits(rows: Any, spins: Any, energies: Any, limits: Any, place: Any, states: Any, size: int) -> None:
    """Try every spin of every lane once; energies and fields are whole numbers of couplings.

    ``rows`` (N, words): bit j of row i is 1 where the coupling is negative. ``spins`` (words, lanes): 1 is down.
    ``limits`` (T, 2 N): acceptance times 2^64 for the product of spin and field, from -N.
    """
    words, lanes = spins.shape
    flat, each = limits.reshape(-1), limits.shape[1]
    begin, product = np.empty(lanes, np.int64), np.empty(lanes, np.int64)
    entry, limit = np.empty(lanes, np.uint64), np.empty(lanes, np.uint64)
    for r in range(lanes):
        begin[r] = place[r] * each + size
    for i in range(size):
        word, shift = i >> 6, U(i & 63)
        # One loop for each step: all but the one that looks up the table use the vector unit.
        for r in range(lanes):
            product[r] = _ones(spins[0, r] ^ rows[i, 0])
        for w in range(1, words):
            for r in range(lanes):
                product[r] += _ones(spins[w, r] ^ rows[i, w])
        for r in range(lanes):
            spin = 1 - 2 * np.int64((spins[word, r] >> shift) & U(1))
            # From the bits that differ to spin times field; the coupling of the spin to itself (a bit 0) is taken away.
            product[r] = spin * (size - 2 * product[r]) - 1
            entry[r] = U(begin[r] + product[r])
        for r in range(lanes):
            limit[r] = flat[entry[r]]
        for r in range(lanes):
            p, q = xorshift128(states[0, r], states[1, r])
            states[0, r], states[1, r] = p, q
            flip = p + q <= limit[r]
            spins[word, r] ^= U(flip) << shift
            energies[r] += 2 * product[r] if flip else 0


@part
def _overlap_fields(first: Any, second: Any) -> Any:
    total = np.float32(0)
    for i in range(first.shape[0]):
        total += first[i] * second[i]
    return total


@kernel
def run_fields(
    couplings: Any, single: Any, spins: Any, betas: Any, lane: Any, place: Any, state: Any, every: int, seen: Any,
    overlaps: Any, lowest: Any, accepted: Any,
) -> None:  # fmt: skip
    """Make ``every`` sweeps with exchanges before each record: energies (records, copies, T), overlaps (records, T).

    ``single`` are the couplings in single precision, for the sums; where digits count the double ones are used.
    """
    lanes, size = spins.shape
    fields, energies = np.empty((lanes, size), np.float32), np.empty(lanes)
    sweeps = 0
    for record in range(seen.shape[0]):
        for _ in range(every):
            if sweeps % 100 == 0:
                for r in range(lanes):
                    energies[r] = _refresh(couplings, spins[r], fields[r])
            sweeps += 1
            sweep_fields(single, spins, fields, energies, betas, place, state)
            for r in range(lanes):
                if energies[r] < lowest[0] - 1e-6 * size:
                    energies[r] = _refresh(couplings, spins[r], fields[r])
                    lowest[0] = min(lowest[0], energies[r])
            exchange(energies, betas, lane, place, state, accepted)
        for t in range(betas.shape[0]):
            for copy in range(2):
                seen[record, copy, t] = energies[lane[copy, t]]
            overlaps[record, t] = _overlap_fields(spins[lane[0, t]], spins[lane[1, t]]) / size


@kernel
def run_bits(
    rows: Any, spins: Any, energies: Any, limits: Any, betas: Any, lane: Any, place: Any, states: Any, state: Any,
    size: int, every: int, seen: Any, overlaps: Any, lowest: Any, accepted: Any,
) -> None:  # fmt: skip
    """Make ``every`` sweeps with exchanges before each record; energies are in couplings, ``betas`` per coupling."""
    for record in range(seen.shape[0]):
        for _ in range(every):
            sweep_bits(rows, spins, energies, limits, place, states, size)
            exchange(energies, betas, lane, place, state, accepted)
            lowest[0] = min(lowest[0], np.float64(energies.min()))
        for t in range(betas.shape[0]):
            for copy in range(2):
                seen[record, copy, t] = energies[lane[copy, t]]
            differ = 0
            for w in range(spins.shape[0]):
                differ += _ones(spins[w, lane[0, t]] ^ spins[w, lane[1, t]])
            overlaps[record, t] = 1 - 2.0 * differ / size
