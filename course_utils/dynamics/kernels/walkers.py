"""The compiled loops. Each walker carries its own generator, so that whole groups of walkers move in one instruction.

The loops run over blocks of walkers that fit the first-level cache, and inside a block over the steps. They take
views of the block (``positions[a:b]``), because an index that could be negative keeps the compiler from using the
vector unit. Every operation on a uint32 is wrapped in ``np.uint32``: numba would otherwise go over to 64 bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.compiling import kernel, part
from course_utils.dynamics.kernels.generators import exponential, xoshiro128
from course_utils.models.mueller_brown import AMPLITUDE, CENTRE_X, CENTRE_Y, XX, XY, YY

U, F = np.uint32, np.float32
BLOCK = 256
TERMS = tuple(tuple(F(value) for value in term) for term in zip(AMPLITUDE, XX, XY, YY, CENTRE_X, CENTRE_Y, strict=True))


@part
def _kick(a: Any, b: Any, c: Any, d: Any, k1: Any, k3: Any, k5: Any) -> Any:
    """Return one kick: the sum of four 16-bit numbers, bent so that its moments are a Gaussian's (see kicks.py)."""
    u, v = U(a + d), U(b + c)
    total = np.int32(U(U(u & U(0xFFFF)) + U(u >> U(16))) + U(U(v & U(0xFFFF)) + U(v >> U(16))))
    g = F(total) - F(131070.0)
    square = g * g
    return g * (k1 + square * (k3 + square * k5))


@kernel
def walk_quartic(x: Any, state: Any, drift: Any, kick: Any, steps: int) -> None:
    """Move all walkers by ``steps`` steps; ``drift`` is force times time step as a cubic polynomial."""
    f0, f1, f2, f3 = drift
    k1, k3, k5 = kick
    for start in range(0, x.shape[0], BLOCK):
        stop = min(start + BLOCK, x.shape[0])
        here = x[start:stop]
        sa, sb, sc, sd = state[0, start:stop], state[1, start:stop], state[2, start:stop], state[3, start:stop]
        for _ in range(steps):
            for i in range(here.shape[0]):
                a, b, c, d = sa[i], sb[i], sc[i], sd[i]
                kicked = _kick(a, b, c, d, k1, k3, k5)
                sa[i], sb[i], sc[i], sd[i] = xoshiro128(a, b, c, d)
                v = here[i]
                here[i] = v + (f0 + v * (f1 + v * (f2 + v * f3))) + kicked


@kernel
def escape_quartic(x: Any, walked: Any, state: Any, drift: Any, kick: Any, low: Any, high: Any, steps: int) -> None:
    """Move the walkers that are between ``low`` and ``high``; the others rest. ``walked`` counts the steps made."""
    f0, f1, f2, f3 = drift
    k1, k3, k5 = kick
    for start in range(0, x.shape[0], BLOCK):
        stop = min(start + BLOCK, x.shape[0])
        here, count = x[start:stop], walked[start:stop]
        sa, sb, sc, sd = state[0, start:stop], state[1, start:stop], state[2, start:stop], state[3, start:stop]
        for _ in range(steps):
            for i in range(here.shape[0]):
                a, b, c, d = sa[i], sb[i], sc[i], sd[i]
                kicked = _kick(a, b, c, d, k1, k3, k5)
                sa[i], sb[i], sc[i], sd[i] = xoshiro128(a, b, c, d)
                v = here[i]
                inside = (v > low) & (v < high)
                moved = v + (f0 + v * (f1 + v * (f2 + v * f3))) + kicked
                here[i] = moved if inside else v
                count[i] += np.int32(inside)


@part
def _term(x: Any, y: Any, term: Any) -> Any:
    """Return the slope of one of the four Gaussians of the landscape."""
    amplitude, xx, xy, yy, centre_x, centre_y = term
    u, v = x - centre_x, y - centre_y
    value = amplitude * exponential(xx * u * u + xy * u * v + yy * v * v)
    return value * (F(2) * xx * u + xy * v), value * (xy * u + F(2) * yy * v)


@part
def mueller_brown_slope(x: Any, y: Any) -> Any:
    """Return the two components of the slope of the Müller–Brown landscape, in single precision."""
    # Four calls, not a loop: a loop inside keeps the compiler from using the vector unit.
    x1, y1 = _term(x, y, TERMS[0])
    x2, y2 = _term(x, y, TERMS[1])
    x3, y3 = _term(x, y, TERMS[2])
    x4, y4 = _term(x, y, TERMS[3])
    return x1 + x2 + x3 + x4, y1 + y2 + y3 + y4


@kernel
def escape_mueller_brown(
    x: Any, y: Any, walked: Any, state: Any, time_step: Any, kick: Any, disc: Any, steps: int
) -> None:
    """Move the walkers that are outside the disc (centre x, centre y, radius squared); the others rest."""
    k1, k3, k5 = kick
    disc_x, disc_y, disc_square = disc
    for start in range(0, x.shape[0], BLOCK):
        stop = min(start + BLOCK, x.shape[0])
        here_x, here_y, count = x[start:stop], y[start:stop], walked[start:stop]
        sa, sb, sc, sd = state[0, start:stop], state[1, start:stop], state[2, start:stop], state[3, start:stop]
        for _ in range(steps):
            for i in range(here_x.shape[0]):
                a, b, c, d = sa[i], sb[i], sc[i], sd[i]
                kick_x = _kick(a, b, c, d, k1, k3, k5)
                a, b, c, d = xoshiro128(a, b, c, d)
                kick_y = _kick(a, b, c, d, k1, k3, k5)
                sa[i], sb[i], sc[i], sd[i] = xoshiro128(a, b, c, d)
                u, v = here_x[i], here_y[i]
                slope_x, slope_y = mueller_brown_slope(u, v)
                outside = (u - disc_x) * (u - disc_x) + (v - disc_y) * (v - disc_y) > disc_square
                here_x[i] = u - time_step * slope_x + kick_x if outside else u
                here_y[i] = v - time_step * slope_y + kick_y if outside else v
                count[i] += np.int32(outside)


@kernel
def anneal(couplings: Any, betas: Any, every: int, state: Any, spins: Any, energies: Any) -> None:
    """Cool run after run by random-site Metropolis steps; ``state`` holds one generator for each run."""
    size = couplings.shape[0]
    field = np.empty(size)
    scale = 1.0 / 4294967296.0
    for run in range(spins.shape[0]):
        a, b, c, d = state[0, run], state[1, run], state[2, run], state[3, run]
        here = spins[run]
        for i in range(size):
            here[i] = 1 if U(a + d) >> U(31) else -1
            a, b, c, d = xoshiro128(a, b, c, d)
        energy = 0.0
        for i in range(size):
            field[i] = 0.0
            for j in range(size):
                field[i] += couplings[i, j] * here[j]
            energy -= 0.5 * field[i] * here[i]
        record = 0
        for step in range(betas.shape[0]):
            # The upper bits of a 32-bit number times N: a spin, chosen evenly to one part in 2^32 / N.
            site = np.int64((np.uint64(U(a + d)) * np.uint64(size)) >> np.uint64(32))
            a, b, c, d = xoshiro128(a, b, c, d)
            cost = 2.0 * here[site] * field[site]
            accept = cost <= 0.0
            if not accept:
                accept = U(a + d) * scale < np.exp(-betas[step] * cost)
                a, b, c, d = xoshiro128(a, b, c, d)
            if accept:
                change = -2.0 * here[site]
                here[site] = -here[site]
                energy += cost
                for j in range(size):
                    field[j] += change * couplings[j, site]
            if (step + 1) % every == 0:
                energies[run, record] = energy
                record += 1
