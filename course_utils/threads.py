"""How many threads: one in simulations, and many simulations side by side instead.

Two torch threads that share a busy two-core machine ran small simulations up to a hundred times slower than one: each
of their thousands of short operations waits for the slower of the two. Chains, networks and settings are independent
of each other and gain from every core. So the choice of this course is one thread inside a simulation (`threads`), as
many simulations at once as there are cores (`workers`), and never more of them than cores. The environment variable
``COURSE_THREADS`` changes the first; the second follows.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from course_utils.validation import whole


def cores() -> int:
    """Return how many processor cores this process may use: its affinity and its container's limit count.

    Examples
    --------
    >>> cores() >= 1
    True
    """
    from joblib import cpu_count

    return max(1, int(cpu_count()))


def threads(asked: int | None = None) -> int:
    """Return the number of threads inside one simulation.

    Parameters
    ----------
    asked : int, optional
        What the caller wants; without it, the environment variable ``COURSE_THREADS``; without that, 1.

    Returns
    -------
    int
        Never more than there are cores.

    Raises
    ------
    TypeError, ValueError
        If ``asked`` or ``COURSE_THREADS`` is not a whole number, at least 1.

    Examples
    --------
    >>> threads(1)
    1
    """
    if asked is None:
        raw = os.environ.get("COURSE_THREADS", "").strip() or "1"
        if not (raw.isdecimal() and int(raw)):
            raise ValueError(f"the environment variable COURSE_THREADS must be a whole number, at least 1; got {raw!r}")
        asked = int(raw)
    return min(whole("threads", asked), cores())


def workers(asked: int | None = None) -> int:
    """Return how many processes to run side by side, so that they do not have more threads than there are cores.

    Parameters
    ----------
    asked : int, optional
        The most that the caller wants; without it, as many as fit.

    Returns
    -------
    int
        At least 1; times `threads` never more than `cores`.

    Raises
    ------
    TypeError, ValueError
        If ``asked`` is not a whole number, at least 1.

    Examples
    --------
    >>> workers(1)
    1
    """
    fitting = max(1, cores() // threads())
    return fitting if asked is None else min(whole("workers", asked), fitting)


@contextlib.contextmanager
def limit_threads(number: int | None = None) -> Iterator[int]:
    """Limit the threads of torch and of the linear algebra under numpy for a while, then put them back.

    For a ``with`` statement, or as a decorator ``@limit_threads()`` of a function. Torch is limited if it has been
    imported; it is not imported for this. The linear algebra (BLAS, OpenMP) is limited if the package threadpoolctl is
    there, which scikit-learn brings along.

    Parameters
    ----------
    number : int, optional
        See `threads`: without it ``COURSE_THREADS``, or 1.

    Yields
    ------
    int
        The number of threads in force.

    Raises
    ------
    TypeError, ValueError
        If the number is not whole and at least 1; nothing has been changed then.

    Notes
    -----
    The number of threads belongs to the whole process: do not use this in two Python threads at once. Numba's parallel
    loops run over independent chains; they are not limited.

    Examples
    --------
    >>> with limit_threads() as number:
    ...     number
    1
    >>> @limit_threads()
    ... def simulate():
    ...     return "one thread"
    >>> simulate()
    'one thread'
    """
    number = threads(number)
    torch: Any = sys.modules.get("torch")
    before = torch.get_num_threads() if hasattr(torch, "get_num_threads") else None
    with _limited_algebra(number):
        if before is not None:
            torch.set_num_threads(number)
        try:
            yield number
        finally:
            if before is not None:
                torch.set_num_threads(before)


def _limited_algebra(number: int) -> contextlib.AbstractContextManager[Any]:
    try:
        threadpoolctl = importlib.import_module("threadpoolctl")
    except ImportError:
        return contextlib.nullcontext()
    return threadpoolctl.threadpool_limits(number)
