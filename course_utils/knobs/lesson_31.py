"""The picture behind lesson 31's knob: two copies of one glass, cooled apart, and how alike such copies are."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.dynamics.annealing import anneal
from course_utils.dynamics.tempering import temper
from course_utils.models.spin_glass import SpinGlass
from course_utils.validation import real, whole

Array = npt.NDArray[np.float64]

SIDE = 8
GLASSES = 12
EDGES = np.arange(-32.5, 33) / 32  # one bin for each overlap that 64 spins can have
MIDDLE = 0.3
"""Overlaps below this in absolute value count as unlike."""
_LADDER = np.geomspace(2.0, 0.25, 14)
_RUNS = 60


@lru_cache(maxsize=GLASSES)
def _glass(number: int) -> SpinGlass:
    return SpinGlass.draw(SIDE**2, seed=3100 + number)


@lru_cache(maxsize=4 * GLASSES)
def equilibrium(glass: int, temperature: float) -> Array:
    """Return overlaps of two equilibrated copies of one of the panel's glasses at one temperature.

    Parameters
    ----------
    glass : int
        Its number, 1 to 12.
    temperature : float
        0.25 to 2.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of its range.
    """
    number = whole("glass", glass, most=GLASSES)
    heat = real("temperature", temperature, least=0.25, most=2.0)
    above = _LADDER[heat * 1.02 < _LADDER]
    ladder = np.append(above, heat) if above.size else np.array([heat * 1.2, heat])
    record = temper(_glass(number), ladder, sweeps=1800, burn_in=400, seed=31)
    return record.overlaps[0, -1]


def share_unlike(glass: int, temperature: float) -> float:
    """Return which share of the pairs of equilibrated copies has an overlap below 0.3 in absolute value.

    Parameters
    ----------
    glass : int
        Its number, 1 to 12.
    temperature : float
        0.25 to 2.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> 0.9 < share_unlike(1, 2.0) <= 1.0
    True
    """
    return float((np.abs(equilibrium(glass, temperature)) < MIDDLE).mean())


def two_copies(temperature: float, glass: int = 1, sweeps: int = 100) -> dict[str, Any]:
    """Cool copies of one glass by single flips, each from its own start, and compare them.

    Parameters
    ----------
    temperature : float
        Where the cooling ends, 0.25 to 2; it begins at 2.
    glass : int
        Which couplings, 1 to 12.
    sweeps : int
        How long the cooling takes: how often each spin is tried.

    Returns
    -------
    dict
        Arrays for `plots.two_copies`, and the numbers that the panel reads out.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of its range.
    """
    heat, number = real("temperature", temperature, least=0.25, most=2.0), whole("glass", glass, most=GLASSES)
    steps = whole("sweeps", sweeps, most=400) * SIDE**2
    alike = equilibrium(number, heat)
    cooled = anneal(_glass(number), np.linspace(0.5, 1 / heat, steps), replicas=_RUNS, seed=7)
    spins = cooled.spins.astype(float)
    pairs = (spins[::2] * spins[1::2]).mean(1)
    first, second = spins[0].reshape(SIDE, SIDE), spins[1].reshape(SIDE, SIDE)
    every = (spins @ spins.T / SIDE**2)[np.triu_indices(_RUNS, 1)]
    return {
        "first": first,
        "second": second,
        "edges": EDGES,
        "pairs": np.histogram(np.concatenate([every, -every]), EDGES, density=True)[0],
        "equilibrium": np.histogram(np.concatenate([alike, -alike]), EDGES, density=True)[0],
        "overlap": pairs[:1],
        "overlap of A and B": round(float(pairs[0]), 2),
        "energy per spin, mean of the cooled copies": round(float(cooled.energies[:, -1].mean()) / SIDE**2, 3),
        "unlike pairs in equilibrium (|q| < 0.3)": f"{100 * share_unlike(number, heat):.0f} %",
    }
