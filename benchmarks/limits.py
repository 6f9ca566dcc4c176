"""What the machine can do at most, measured in the same run as the benches: one thread, once per run."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import harness  # noqa: F401  (one thread, before numpy and torch are loaded)


def _best(work: Callable[[], object], rounds: int = 7) -> float:
    """Return the shortest processor time of ``work``: a limit is what the machine does when nothing disturbs it."""
    work()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


@cache
def matrix_product(size: int = 1024) -> float:
    """Return GFLOP/s of the product of two large square matrices in single precision, on one thread."""
    import torch

    torch.set_num_threads(1)
    a, b = torch.randn(size, size), torch.randn(size, size)
    out = torch.empty(size, size)
    return 2e-9 * size**3 / _best(lambda: torch.mm(a, b, out=out))


@cache
def random_words() -> float:
    """Return 64-bit random words per second of the generator of multi-spin coding (xorshift128+, one per column)."""
    import numpy as np
    from numba import njit

    from course_utils.dynamics.kernels.generators import xorshift128

    @njit
    def draw(state: np.ndarray, total: np.ndarray, rounds: int) -> None:
        s0, s1 = state[0], state[1]
        for _ in range(rounds):
            for j in range(total.shape[0]):
                p, q = s0[j], s1[j]
                t = total[j]
                for _k in range(8):
                    p, q = xorshift128(p, q)
                    t ^= p + q
                total[j] = t
                s0[j], s1[j] = p, q

    columns, rounds = 128, 20_000
    state = np.random.default_rng(1).integers(1, 2**63, size=(2, columns), dtype=np.uint64)
    total = np.zeros(columns, np.uint64)
    return 8 * columns * rounds / _best(lambda: draw(state, total, rounds))


@cache
def normals() -> float:
    """Return kicks per second of the compiled walkers: numbers Gaussian in their first six moments, from xoshiro128."""
    import numpy as np
    from numba import njit

    from course_utils.dynamics import kicks
    from course_utils.dynamics.kernels.generators import xoshiro128
    from course_utils.dynamics.kernels.walkers import _kick

    @njit(fastmath={"contract", "nsz", "arcp"})
    def draw(total: np.ndarray, state: np.ndarray, k1: Any, k3: Any, k5: Any, rounds: int) -> None:
        sa, sb, sc, sd = state[0], state[1], state[2], state[3]
        for _ in range(rounds):
            for i in range(total.shape[0]):
                a, b, c, d = sa[i], sb[i], sc[i], sd[i]
                total[i] += _kick(a, b, c, d, k1, k3, k5)
                sa[i], sb[i], sc[i], sd[i] = xoshiro128(a, b, c, d)

    walkers, rounds = 256, 100_000
    state, total = kicks.streams(np.random.default_rng(1), walkers), np.zeros(walkers, np.float32)
    k1, k3, k5 = kicks.kick(0.25, 2e-3)
    return walkers * rounds / _best(lambda: draw(total, state, k1, k3, k5, rounds))


@cache
def bandwidth() -> float:
    """Return bytes per second, read and written, of a copy that fits into no cache."""
    import numpy as np

    source, target = np.ones(2**24), np.zeros(2**24)
    return 2 * source.nbytes / _best(lambda: np.copyto(target, source))


def described() -> list[tuple[str, str]]:
    """Return what was measured, in words and with units."""
    return [
        ("product of two matrices, single precision", f"{matrix_product():.1f} GFLOP/s"),
        ("random words of 64 bits (xorshift128+, as the spins draw them)", f"{random_words() / 1e9:.2f} per ns"),
        ("kicks (xoshiro128 bent to a Gaussian, as the walkers draw them)", f"{normals() / 1e9:.2f} per ns"),
        ("copy through memory, read and written", f"{bandwidth() / 1e9:.1f} GB/s"),
    ]
