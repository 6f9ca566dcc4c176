"""Parallel over chains: the compiled loops let go of the interpreter, so that threads can run several at once.

One thread is what every function takes without being told; more can be asked for, never more than there are cores. The
results do not depend on it, because every chain has a generator of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from course_utils.threads import cores
from course_utils.validation import whole


def checked(threads: int) -> int:
    """Return the number of threads.

    Raises
    ------
    TypeError, ValueError
        If it is not a whole number from 1 to the number of cores.
    """
    return whole("threads", threads, most=cores())


@contextmanager
def at_once(threads: int) -> Iterator[Callable[[Callable[[int], Any], range], Any]]:
    """Yield a function that calls another for each number of a range: in this thread, or in several."""
    if threads == 1:
        yield lambda work, numbers: [work(number) for number in numbers]
        return
    with ThreadPoolExecutor(threads) as pool:
        yield lambda work, numbers: list(pool.map(work, numbers))


def pieces(total: int, piece: int) -> list[int]:
    """Cut a number of sweeps into pieces that an interrupt can come between."""
    return [piece] * (total // piece) + ([total % piece] if total % piece else [])
