"""The compiled loops that flip spins with any couplings, and the clusters of Wolff.

Spins of R replicas stand side by side, (N, R), so that one instruction flips a spin in several replicas; each replica
has a generator and a temperature of its own. Couplings come as rows of a sparse matrix: ``first`` says where a row
begins, ``partner`` and ``strength`` what stands in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.compiling import kernel, part
from course_utils.dynamics.kernels.generators import exponential, xorshift128, xoshiro128

U, F = np.uint32, np.float32


@part
def _uniform(a: Any, d: Any) -> Any:
    """Return a number between 0 and 1 in steps of 2^-24; it is never 0, at which the coldest spin would flip."""
    return F(np.int32(U(U(a + d) >> U(8)))) * F(2.0**-24) + F(2.0**-25)


@part
def _field(field: Any, row: Any, strengths: Any, spins: Any) -> None:
    for r in range(field.shape[0]):
        field[r] = F(0)
    for k in range(row.shape[0]):
        there, strength = spins[row[k]], strengths[k]
        for r in range(field.shape[0]):
            field[r] += strength * there[r]


@kernel
def metropolis(
    first: Any, partner: Any, strength: Any, external: Any, spins: Any, state: Any, betas: Any, sweeps: int
) -> None:
    """Try each spin in turn: flip it if the energy falls, otherwise with the Boltzmann factor of the cost."""
    field = np.empty(spins.shape[1], np.float32)
    sa, sb, sc, sd = state[0], state[1], state[2], state[3]
    for _ in range(sweeps):
        for i in range(spins.shape[0]):
            here = spins[i]
            _field(field, partner[first[i] : first[i + 1]], strength[first[i] : first[i + 1]], spins)
            for r in range(field.shape[0]):
                a, b, c, d = sa[r], sb[r], sc[r], sd[r]
                u = _uniform(a, d)
                sa[r], sb[r], sc[r], sd[r] = xoshiro128(a, b, c, d)
                s = here[r]
                chance = exponential(F(-2) * betas[r] * s * (field[r] + external[i]))
                here[r] = -s if u < chance else s


@kernel
def heat_bath(
    first: Any, partner: Any, strength: Any, external: Any, spins: Any, state: Any, betas: Any, sweeps: int
) -> None:
    """Draw each spin in turn from its Boltzmann law between its neighbours, whatever it was."""
    field = np.empty(spins.shape[1], np.float32)
    sa, sb, sc, sd = state[0], state[1], state[2], state[3]
    for _ in range(sweeps):
        for i in range(spins.shape[0]):
            here = spins[i]
            _field(field, partner[first[i] : first[i + 1]], strength[first[i] : first[i + 1]], spins)
            for r in range(field.shape[0]):
                a, b, c, d = sa[r], sb[r], sc[r], sd[r]
                u = _uniform(a, d)
                sa[r], sb[r], sc[r], sd[r] = xoshiro128(a, b, c, d)
                # up with probability 1 / (1 + e^-2 beta h), without a division by an infinity
                weight = exponential(F(-2) * betas[r] * (field[r] + external[i]))
                here[r] = F(1) if u * (F(1) + weight) < F(1) else F(-1)


@kernel
def wolff(spins: Any, neighbours: Any, limit: Any, state: Any, clusters: int, stack: Any) -> int:
    """Flip clusters, each grown from a random spin; return how many spins were flipped in all.

    ``limit`` is the probability that a bond joins its two equal spins, times 2^64.
    """
    p, q = state[0], state[1]
    sites, flipped = np.uint64(spins.shape[0]), 0
    for _ in range(clusters):
        p, q = xorshift128(p, q)
        site = np.int64((((p + q) >> np.uint64(32)) * sites) >> np.uint64(32))
        kind = spins[site]
        spins[site] = -kind
        stack[0], waiting = site, 1
        flipped += 1
        while waiting > 0:
            waiting -= 1
            row = neighbours[stack[waiting]]
            for k in range(row.shape[0]):
                there = row[k]
                if spins[there] == kind:
                    p, q = xorshift128(p, q)
                    if p + q < limit:
                        spins[there] = -kind
                        stack[waiting] = there
                        waiting += 1
                        flipped += 1
    state[0], state[1] = p, q
    return flipped


@part
def _read(spins: Any, right: Any, below: Any) -> Any:
    bonds, total = 0, 0
    for i in range(spins.shape[0]):
        total += spins[i]
        bonds += spins[i] * (spins[right[i]] + spins[below[i]])
    return bonds, total


@kernel
def wolff_run(spins: Any, neighbours: Any, limit: Any, state: Any, every: int, bonds: Any, totals: Any) -> None:
    """Flip ``every`` clusters before each record."""
    stack = np.empty(spins.shape[0], np.int64)
    for record in range(bonds.shape[0]):
        wolff(spins, neighbours, limit, state, every, stack)
        bonds[record], totals[record] = _read(spins, neighbours[:, 0], neighbours[:, 1])
