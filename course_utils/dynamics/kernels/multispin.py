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

A word and its opposite are equally random, so that ``w | r`` may be written ``~(w & ~r)``: where the digit is 1, r is
turned over before and after the step of a digit 0. Between two steps r is then turned where their digits differ, and a
digit costs ``r = (w & r) ^ turn``: one instruction on a recent processor.

The random words are xorshift128+ (S. Vigna, J. Comput. Appl. Math. 315, 175 (2017)), one generator a column.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.compiling import kernel, part
from course_utils.dynamics.kernels.generators import xorshift128

U = np.uint64
DIGITS = 8
PLANES = 28  # bit counters up to 2^28


@part
def _flip(mine: Any, other: Any, first: int, state: Any, begins: Any, turns: Any, starts: Any, side: Any) -> None:
    """Try every square of one colour; ``first`` is the column of its first square in row 0."""
    size, width = mine.shape
    b4, b8, f4, f8 = begins[0], begins[1], np.int64(starts[0]), np.int64(starts[1])
    for i in range(size):
        up, down = i - 1 if i > 0 else size - 1, i + 1 if i < size - 1 else 0
        if (i + first) % 2 == 0:
            side[0] = other[i, width - 1]
            for j in range(1, width):
                side[j] = other[i, j - 1]
        else:
            side[width - 1] = other[i, 0]
            for j in range(width - 1):
                side[j] = other[i, j + 1]
        for j in range(width):
            p, q = xorshift128(state[0, j], state[1, j])
            w = p + q
            # A number below the limit leaves a sign bit, which is spread over the word. The two limits may look at the
            # same number: a spin asks for one of them only.
            r4 = U((np.int64(w >> U(33)) - f4) >> 63) ^ b4
            r8 = U((np.int64(w >> U(33)) - f8) >> 63) ^ b8
            for k in range(DIGITS):
                p, q = xorshift128(p, q)
                w = p + q
                r4 = (w & r4) ^ turns[0, k]
                r8 = (w & r8) ^ turns[1, k]
            state[0, j], state[1, j] = p, q
            s = mine[i, j]
            a, b, c, d = other[up, j] ^ s, other[down, j] ^ s, other[i, j] ^ s, side[j] ^ s
            some_ab, both_ab, some_cd, both_cd = a | b, a & b, c | d, c & d
            # Two or more neighbours that disagree: free. One: at cost 4. None: at cost 8.
            some, two = some_ab | some_cd, both_ab | both_cd | (some_ab & some_cd)
            mine[i, j] = s ^ (two | (some & r4) | (~some & r8))


@kernel
def sweep(black: Any, white: Any, state: Any, digits: Any, starts: Any) -> None:
    """Try to flip every spin of every replica once (Metropolis).

    ``digits`` (2, DIGITS): for the costs 4 and 8, words of ones where the acceptance has the digit 1, last digit first.
    ``starts`` (2,): the probability of what is left after these digits, times 2^31.
    """
    begins, turns = digits[:, 0], digits.copy()
    turns[:, :-1] ^= digits[:, 1:]
    side = np.empty(black.shape[1], np.uint64)
    _flip(black, white, 0, state, begins, turns, starts, side)
    _flip(white, black, 1, state, begins, turns, starts, side)


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


@part
def _tally(words: Any, planes: Any, carry: Any, rows: int) -> None:
    """Add four words to the counters of each column: a digit of all columns at a time, so that the vector unit helps.

    ``planes`` (digits, L/2); ``rows`` is how many times words were added, with this one: it says how many digits count.
    """
    for j in range(carry.shape[0]):
        a, b, c, d = words[0, j], words[1, j], words[2, j], words[3, j]
        ones, twos = planes[0, j], planes[1, j]
        carry_ab = (ones & (a | b)) | (a & b)
        ones = ones ^ a ^ b
        carry_cd = (ones & (c | d)) | (c & d)
        planes[0, j] = ones ^ c ^ d
        carry[j] = (twos & (carry_ab | carry_cd)) | (carry_ab & carry_cd)
        planes[1, j] = twos ^ carry_ab ^ carry_cd
    k = 2
    while rows >> (k - 2) > 0:
        for j in range(carry.shape[0]):
            kept = planes[k, j] & carry[j]
            planes[k, j] ^= carry[j]
            carry[j] = kept
        k += 1


@part
def _summed(columns: Any, numbers: Any) -> None:
    """Add up the counters of all columns."""
    planes = np.zeros(PLANES, np.uint64)
    for k in range(columns.shape[0]):
        for j in range(columns.shape[1]):
            _count(planes[k:], columns[k, j], U(0), U(0), U(0))
    _counted(planes, numbers)


@kernel
def read(black: Any, white: Any, unsatisfied: Any, up_spins: Any) -> None:
    """Count the unsatisfied bonds and the spins that point up, for each of the 64 replicas."""
    size, width = black.shape
    digits = 3
    while size >> (digits - 2) > 0:
        digits += 1
    bonds, spins = np.zeros((digits, width), np.uint64), np.zeros((digits, width), np.uint64)
    words, carry = np.empty((4, width), np.uint64), np.empty(width, np.uint64)
    for i in range(size):
        up, down = i - 1 if i > 0 else size - 1, i + 1 if i < size - 1 else 0
        for j in range(width):
            s = black[i, j]
            words[0, j], words[1, j], words[2, j] = s ^ white[up, j], s ^ white[down, j], s ^ white[i, j]
        if i % 2 == 0:
            words[3, 0] = black[i, 0] ^ white[i, width - 1]
            for j in range(1, width):
                words[3, j] = black[i, j] ^ white[i, j - 1]
        else:
            words[3, width - 1] = black[i, width - 1] ^ white[i, 0]
            for j in range(width - 1):
                words[3, j] = black[i, j] ^ white[i, j + 1]
        _tally(words, bonds, carry, i + 1)
        if i % 2 == 0:
            for j in range(width):
                words[0, j], words[1, j], words[2, j] = black[i, j], white[i, j], black[i + 1, j]
                words[3, j] = white[i + 1, j]
            _tally(words, spins, carry, i // 2 + 1)
    _summed(bonds, unsatisfied)
    _summed(spins, up_spins)


@kernel
def run(
    black: Any, white: Any, state: Any, digits: Any, starts: Any, every: int, unsatisfied: Any, up_spins: Any
) -> None:
    """Make ``every`` sweeps before each record; there are as many records as ``unsatisfied`` has rows."""
    for record in range(unsatisfied.shape[0]):
        for _ in range(every):
            sweep(black, white, state, digits, starts)
        read(black, white, unsatisfied[record], up_spins[record])
