"""The compiled loops of multi-spin coding: 64 lattices in the 64 bits of a word, flipped by one and the same logic.

A spin is a bit (1 is up). The lattice is kept as its two sublattices, the black and the white squares of a chessboard,
each L rows of L/2 words; the neighbours of a black square are all white, so that a whole row is flipped at once. The
neighbours in the same row stand at the same place of the other sublattice and one place beside it; the second are
copied aside first, so that the inner loop runs over plain arrays and the compiler can use the vector unit.

Random bits with probability p: the digits of p in base 2, from the last to the first, each with one random word w:
``r = w | r`` where the digit is 1, ``r = w & r`` where it is 0. After K digits the probability is
(the first K digits of p) + 2^-K (probability of the bit that r started with). To start with ones as often as the
remaining digits say makes it p exactly, with few digits: all 64 replicas share that start, but two spins of one replica
never do, so that every replica alone is an exact Metropolis run.

The random words are xorshift128+ (S. Vigna, J. Comput. Appl. Math. 315, 175 (2017)), one generator a column.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.dynamics.compile import kernel, part

U = np.uint64
DIGITS = 8
PLANES = 28  # bit counters up to 2^28


@part
def _next(p: Any, q: Any) -> Any:
    """Return the generator's next state; its random word is the sum of the two."""
    t = p ^ (p << U(23))
    t = t ^ (t >> U(17))
    return q, t ^ (q ^ (q >> U(26)))


@kernel
def sweep(black: Any, white: Any, state: Any, digits: Any, starts: Any) -> None:
    """Try to flip every spin of every replica once (Metropolis).

    ``digits`` (2, DIGITS): for the costs 4 and 8, words of ones where the acceptance has the digit 1, last digit first.
    ``starts`` (2,): the probability of what is left after these digits, times 2^31.
    """
    size, width = black.shape
    s0, s1 = state[0], state[1]
    d4, d8 = digits[0], digits[1]
    f4, f8 = np.int64(starts[0]), np.int64(starts[1])
    side = np.empty(width, np.uint64)
    for colour in range(2):
        mine, other = (black, white) if colour == 0 else (white, black)
        for i in range(size):
            here, beside = mine[i], other[i]
            up, down = other[i - 1 if i > 0 else size - 1], other[i + 1 if i < size - 1 else 0]
            if (i + colour) % 2 == 0:
                side[0] = beside[width - 1]
                side[1:] = beside[: width - 1]
            else:
                side[width - 1] = beside[0]
                side[: width - 1] = beside[1:]
            for j in range(width):
                p, q = _next(s0[j], s1[j])
                w = p + q
                # A number below the limit leaves a sign bit, which is spread over the word. The two limits may look at
                # the same number: a spin asks for one of them only.
                r4 = U((np.int64(w >> U(33)) - f4) >> 63)
                r8 = U((np.int64(w >> U(33)) - f8) >> 63)
                for k in range(DIGITS):
                    p, q = _next(p, q)
                    w = p + q
                    r4 = (w & (d4[k] | r4)) | (d4[k] & r4)
                    r8 = (w & (d8[k] | r8)) | (d8[k] & r8)
                s0[j], s1[j] = p, q
                s = here[j]
                a, b, c, d = up[j] ^ s, down[j] ^ s, beside[j] ^ s, side[j] ^ s
                some_ab, both_ab, some_cd, both_cd = a | b, a & b, c | d, c & d
                # Two or more neighbours that disagree: free. One: at cost 4. None: at cost 8.
                here[j] = s ^ (both_ab | both_cd | (some_ab & some_cd) | ((some_ab | some_cd) & r4) | r8)


@part
def _count(planes: Any, a: Any, b: Any, c: Any, d: Any) -> None:
    """Add four words of bits to 64 counters, kept as the digits (planes) of 64 numbers in base 2."""
    ones, twos = planes[0], planes[1]
    carry_ab = (ones & (a | b)) | (a & b)
    ones = ones ^ a ^ b
    carry_cd = (ones & (c | d)) | (c & d)
    planes[0] = ones ^ c ^ d
    carry = (twos & (carry_ab | carry_cd)) | (carry_ab & carry_cd)
    planes[1] = twos ^ carry_ab ^ carry_cd
    k = 2
    while carry != U(0):
        kept = planes[k] & carry
        planes[k] = planes[k] ^ carry
        carry = kept
        k += 1


@part
def _counted(planes: Any, numbers: Any) -> None:
    for replica in range(64):
        number = np.int64(0)
        for k in range(PLANES):
            number += np.int64((planes[k] >> U(replica)) & U(1)) << k
        numbers[replica] = number


@kernel
def read(black: Any, white: Any, unsatisfied: Any, up_spins: Any) -> None:
    """Count the unsatisfied bonds and the spins that point up, for each of the 64 replicas."""
    size, width = black.shape
    bonds, spins = np.zeros(PLANES, np.uint64), np.zeros(PLANES, np.uint64)
    for i in range(size):
        here, beside = black[i], white[i]
        up, down = white[i - 1 if i > 0 else size - 1], white[i + 1 if i < size - 1 else 0]
        for j in range(width):
            left, right = j - 1 if j > 0 else width - 1, j + 1 if j < width - 1 else 0
            side = beside[left if i % 2 == 0 else right]
            s = here[j]
            _count(bonds, s ^ up[j], s ^ down[j], s ^ beside[j], s ^ side)
            if i % 2 == 0:
                _count(spins, s, beside[j], black[i + 1, j], white[i + 1, j])
    _counted(bonds, unsatisfied)
    _counted(spins, up_spins)


@kernel
def run(
    black: Any, white: Any, state: Any, digits: Any, starts: Any, every: int, unsatisfied: Any, up_spins: Any
) -> None:
    """Make ``every`` sweeps before each record; there are as many records as ``unsatisfied`` has rows."""
    for record in range(unsatisfied.shape[0]):
        for _ in range(every):
            sweep(black, white, state, digits, starts)
        read(black, white, unsatisfied[record], up_spins[record])
