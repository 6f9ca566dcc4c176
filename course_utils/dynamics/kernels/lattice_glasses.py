"""The compiled loops of lattice glasses: 64 draws of the bonds in the 64 bits of a word (see `kernels.multispin`).

The lattice is a stack of rows along its last axis, black and white squares apart: (rows, L/2) words of each colour. A
bond is a bit as well, 1 where it is -1. ``beyond`` (rows, 2 or 4) says which rows lie beside a row, ``odd`` (rows,) in
which column its first black square stands. The bonds of a square come in the order: the rows of ``beyond``, the square
of the same place, the square beside that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.compiling import kernel, part
from course_utils.dynamics.kernels.generators import xorshift128
from course_utils.dynamics.kernels.multispin import DIGITS, PLANES, _count, _counted

U = np.uint64


@part
def _beside(row: Any, side: Any, first: Any) -> None:
    """Copy the squares on the other side of each square of a row."""
    width = row.shape[0]
    if first:
        side[0] = row[width - 1]
        side[1:] = row[: width - 1]
    else:
        side[width - 1] = row[0]
        side[: width - 1] = row[1:]


@part
def _majority(a: Any, b: Any, c: Any) -> Any:
    return (a & b) | ((a | b) & c)


@part
def _flip_plane(here: Any, near: Any, bonds: Any, s0: Any, s1: Any, digits: Any, starts: Any) -> None:
    """Try a row of squares with four neighbours."""
    d4, d8, f4, f8 = digits[0], digits[1], np.int64(starts[0]), np.int64(starts[1])
    up, down, beside, side = near
    bond_up, bond_down, bond_beside, bond_side = bonds
    for j in range(here.shape[0]):
        p, q = xorshift128(s0[j], s1[j])
        w = p + q
        r4 = U((np.int64(w >> U(33)) - f4) >> 63)
        r8 = U((np.int64(w >> U(33)) - f8) >> 63)
        for k in range(DIGITS):
            p, q = xorshift128(p, q)
            w = p + q
            r4 = (w & (d4[k] | r4)) | (d4[k] & r4)
            r8 = (w & (d8[k] | r8)) | (d8[k] & r8)
        s0[j], s1[j] = p, q
        s = here[j]
        a, b = up[j] ^ s ^ bond_up[j], down[j] ^ s ^ bond_down[j]
        c, d = beside[j] ^ s ^ bond_beside[j], side[j] ^ s ^ bond_side[j]
        two = (a & b) | (c & d) | ((a | b) & (c | d))
        here[j] = s ^ (two | ((a | b | c | d) & r4) | r8)


@part
def _flip_space(here: Any, near: Any, bonds: Any, s0: Any, s1: Any, digits: Any, starts: Any) -> None:
    """Try a row of squares with six neighbours."""
    d4, d8, d12 = digits[0], digits[1], digits[2]
    f4, f8, f12 = np.int64(starts[0]), np.int64(starts[1]), np.int64(starts[2])
    up, down, front, back, beside, side = near
    bond_up, bond_down, bond_front, bond_back, bond_beside, bond_side = bonds
    for j in range(here.shape[0]):
        p, q = xorshift128(s0[j], s1[j])
        w = p + q
        r4 = U((np.int64(w >> U(33)) - f4) >> 63)
        r8 = U((np.int64(w >> U(33)) - f8) >> 63)
        r12 = U((np.int64(w >> U(33)) - f12) >> 63)
        for k in range(DIGITS):
            p, q = xorshift128(p, q)
            w = p + q
            r4 = (w & (d4[k] | r4)) | (d4[k] & r4)
            r8 = (w & (d8[k] | r8)) | (d8[k] & r8)
            r12 = (w & (d12[k] | r12)) | (d12[k] & r12)
        s0[j], s1[j] = p, q
        s = here[j]
        a, b = up[j] ^ s ^ bond_up[j], down[j] ^ s ^ bond_down[j]
        c, d = beside[j] ^ s ^ bond_beside[j], side[j] ^ s ^ bond_side[j]
        e, f = front[j] ^ s ^ bond_front[j], back[j] ^ s ^ bond_back[j]
        # How many of the six are unsatisfied, in base 2: ones, twos, fours.
        one_abc, one_def = a ^ b ^ c, d ^ e ^ f
        ones = one_abc ^ one_def
        two_abc, two_def, carry = _majority(a, b, c), _majority(d, e, f), one_abc & one_def
        twos, fours = two_abc ^ two_def ^ carry, _majority(two_abc, two_def, carry)
        two = fours | twos
        here[j] = s ^ (fours | (twos & ones) | (two & r4) | ((two | ones) & r8) | r12)


@kernel
def sweep(squares: Any, bonds: Any, beyond: Any, odd: Any, state: Any, digits: Any, starts: Any, side: Any) -> None:
    """Try to flip every spin of every draw once (Metropolis); ``squares`` is (2, rows, L/2)."""
    for colour in range(2):
        other, seen = squares[1 - colour], bonds[colour]
        for i in range(squares.shape[1]):
            here, beside, beyond_this = squares[colour, i], other[i], beyond[i]
            _beside(beside, side, (odd[i] + colour) % 2 == 0)
            up, down = other[beyond_this[0]], other[beyond_this[1]]
            if beyond.shape[1] == 2:
                near, held = (up, down, beside, side), (seen[0, i], seen[1, i], seen[2, i], seen[3, i])
                _flip_plane(here, near, held, state[0], state[1], digits, starts)
            else:
                front, back = other[beyond_this[2]], other[beyond_this[3]]
                around = up, down, front, back, beside, side
                tied = seen[0, i], seen[1, i], seen[2, i], seen[3, i], seen[4, i], seen[5, i]
                _flip_space(here, around, tied, state[0], state[1], digits, starts)


@kernel
def read(squares: Any, bonds: Any, beyond: Any, odd: Any, side: Any, unsatisfied: Any) -> None:
    """Count the unsatisfied bonds of each of the 64 draws: every bond has one black end."""
    planes = np.zeros(PLANES, np.uint64)
    last, none = bonds.shape[1] - 2, U(0)
    for i in range(squares.shape[1]):
        here, beside = squares[0, i], squares[1, i]
        _beside(beside, side, odd[i] % 2 == 0)
        for j in range(here.shape[0]):
            s = here[j]
            a = squares[1, beyond[i, 0], j] ^ s ^ bonds[0, 0, i, j]
            b = squares[1, beyond[i, 1], j] ^ s ^ bonds[0, 1, i, j]
            c, d = beside[j] ^ s ^ bonds[0, last, i, j], side[j] ^ s ^ bonds[0, last + 1, i, j]
            _count(planes, a, b, c, d)
            if last == 4:
                a = squares[1, beyond[i, 2], j] ^ s ^ bonds[0, 2, i, j]
                b = squares[1, beyond[i, 3], j] ^ s ^ bonds[0, 3, i, j]
                _count(planes, a, b, none, none)
    _counted(planes, unsatisfied)


@kernel
def differing(first: Any, second: Any, numbers: Any) -> None:
    """Count, for each draw, the spins in which two configurations differ."""
    planes = np.zeros(PLANES, np.uint64)
    for colour in range(2):
        for i in range(first.shape[1]):
            for j in range(first.shape[2]):
                _count(planes, first[colour, i, j] ^ second[colour, i, j], U(0), U(0), U(0))
    _counted(planes, numbers)


@kernel
def exchange(warm: Any, cold: Any, counts_warm: Any, counts_cold: Any, gap: Any, random: Any, accepted: Any) -> None:
    """Exchange two temperatures in those draws that accept it; ``gap`` is twice the difference in 1 / T."""
    p, q = random[0], random[1]
    mask = U(0)
    for draw in range(64):
        exponent = gap * (counts_cold[draw] - counts_warm[draw])
        p, q = xorshift128(p, q)
        if exponent >= 0.0 or ((p + q) >> U(11)) * 2.0**-53 < np.exp(exponent):
            mask |= U(1) << U(draw)
            counts_warm[draw], counts_cold[draw] = counts_cold[draw], counts_warm[draw]
            accepted[draw] += 1
    random[0], random[1] = p, q
    for colour in range(2):
        for i in range(warm.shape[1]):
            for j in range(warm.shape[2]):
                moved = (warm[colour, i, j] ^ cold[colour, i, j]) & mask
                warm[colour, i, j] ^= moved
                cold[colour, i, j] ^= moved


@kernel
def run(
    copies: Any, bonds: Any, beyond: Any, odd: Any, state: Any, random: Any, digits: Any, starts: Any, betas: Any,
    every: int, unsatisfied: Any, differ: Any, lowest: Any, accepted: Any,
) -> None:  # fmt: skip
    """Make ``every`` sweeps and offer all exchanges before each record.

    ``copies`` (2, T, 2, rows, L/2); ``unsatisfied`` (records, 2, T, 64); ``differ`` (records, T, 64).
    """
    side = np.empty(copies.shape[4], np.uint64)
    for record in range(unsatisfied.shape[0]):
        for copy in range(2):
            counts = unsatisfied[record, copy]
            for t in range(betas.shape[0]):
                here = copies[copy, t]
                for _ in range(every):
                    sweep(here, bonds, beyond, odd, state, digits[t], starts[t], side)
                read(here, bonds, beyond, odd, side, counts[t])
                for draw in range(64):
                    lowest[draw] = min(lowest[draw], counts[t, draw])
            for t in range(betas.shape[0] - 1):
                gap = 2 * (betas[t + 1] - betas[t])
                exchange(copies[copy, t], copies[copy, t + 1], counts[t], counts[t + 1], gap, random, accepted[t])
        for t in range(betas.shape[0]):
            differing(copies[0, t], copies[1, t], differ[record, t])
