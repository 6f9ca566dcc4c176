"""The random numbers of the compiled loops: one step of each generator, and what is made of its words.

Here is nothing to improve: the next word is part of what a seed promises. (Numba does not notice a change in this file
when it loads a loop that it has compiled before: after one, delete the ``__pycache__`` folders.)

References: D. Blackman, S. Vigna, ACM Trans. Math. Softw. 47, 36 (2021), doi:10.1145/3460772 (xoshiro);
G. Marsaglia, J. Stat. Softw. 8, 14 (2003), doi:10.18637/jss.v008.i14 (xorshift).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.compiling import part

U, W, F = np.uint32, np.uint64, np.float32


@part
def xoshiro128(a: Any, b: Any, c: Any, d: Any) -> Any:
    """Return the next state of four 32-bit words; every operation is wrapped, or numba would go over to 64 bits."""
    shifted = U(b << U(9))
    c, d = U(c ^ a), U(d ^ b)
    b, a = U(b ^ c), U(a ^ d)
    c = U(c ^ shifted)
    d = U(U(d << U(11)) | U(d >> U(21)))
    return a, b, c, d


@part
def xorshift128(p: Any, q: Any) -> Any:
    """Return the next state of two 64-bit words; the random word is their sum."""
    t = p ^ (p << W(23))
    t = t ^ (t >> W(17))
    return q, t ^ (q ^ (q >> W(26)))


@part
def xorshift64(state: Any) -> Any:
    """Return the next state of one 64-bit word, which is the random word, too."""
    state ^= state << W(13)
    state ^= state >> W(7)
    return state ^ (state << W(17))


@part
def exponential(x: Any) -> Any:
    """Return exp(x) to 3e-6 in arithmetic that the vector unit can do: 2^n times a polynomial on [-ln2/2, ln2/2]."""
    x = min(max(x, F(-87.0)), F(80.0))
    n = np.floor(x * F(1.44269504) + F(0.5))
    # ln 2 in two parts, the first with few enough digits for the product to be exact.
    r = x - n * F(0.693359375) - n * F(-2.12194440e-4)
    series = F(1) + r * (F(1) + r * (F(1 / 2) + r * (F(1 / 6) + r * (F(1 / 24) + r * F(1 / 120)))))
    return series * np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
