"""Randomness is an argument: seeds that a lesson names, and one variable that shifts them all."""

from __future__ import annotations

import os
from typing import TypeAlias

import numpy as np

from course_utils.validation import whole

Seed: TypeAlias = int | np.random.Generator


def course_seed() -> int:
    """Return the shift that the environment variable ``COURSE_SEED`` asks for (0 when it is not set).

    Raises
    ------
    ValueError
        If the variable holds something else than a whole number, 0 or more.
    """
    raw = os.environ.get("COURSE_SEED", "0")
    if not raw.strip().isdecimal():
        raise ValueError(f"the environment variable COURSE_SEED must be a whole number, at least 0; got {raw!r}")
    return int(raw)


def seed(index: int) -> int:
    """Return the lesson's seed number ``index``, shifted by ``COURSE_SEED``.

    Two indices never share a stream, nor do two values of ``COURSE_SEED``: both enter a
    `numpy.random.SeedSequence`.

    Parameters
    ----------
    index : int
        Which seed of the lesson, 0 or more.

    Returns
    -------
    int
        A seed between 0 and 2**63.

    Raises
    ------
    TypeError, ValueError
        If ``index`` is not a whole number, 0 or more.

    Examples
    --------
    >>> seed(1) == seed(1), seed(1) == seed(2)
    (True, False)
    """
    index = whole("index", index, least=0)
    return int(np.random.SeedSequence([course_seed(), index]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def generator(seed: Seed) -> np.random.Generator:
    """Return a random generator for a ``seed`` argument.

    Parameters
    ----------
    seed : int or numpy.random.Generator
        A whole number, 0 or more, starts a new stream; a generator is used as it is and moves on.

    Raises
    ------
    TypeError, ValueError
        If it is neither.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(whole("seed", seed, least=0))
