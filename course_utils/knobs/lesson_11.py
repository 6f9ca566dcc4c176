"""The picture behind lesson 11's knob: a thousand travellers in two wells."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.dynamics import langevin
from course_utils.models import DoubleWell
from course_utils.seeding import Seed
from course_utils.theory import gibbs1902, pontryagin1933
from course_utils.validation import positive, real, whole

GRID = np.linspace(-2.0, 2.0, 241)
EDGES = np.linspace(-2.0, 2.0, 41)
TIME_STEP = 0.01


def travellers(
    temperature: float, tilt: float = 0.0, waiting: float = 20.0, *, walkers: int = 1024, seed: Seed = 0
) -> dict[str, Any]:
    """Let walkers start in the left well, wait, and look where they are.

    Parameters
    ----------
    temperature : float
        Temperature in units of the barrier; positive.
    tilt : float
        Slope added to the double well, from -1 to 1; negative tilts it down to the right.
    waiting : float
        How long the walkers walk, in units of the walker's own time; positive.
    walkers : int
        How many.
    seed : int or numpy.random.Generator
        Randomness.

    Returns
    -------
    dict
        Arrays for `plots.travellers`, and the numbers that the panel reads out.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of its range.
    """
    temperature = positive("temperature", temperature)
    well = DoubleWell(barrier=1.0, tilt=real("tilt", tilt, least=-1, most=1))
    waiting, walkers = positive("waiting", waiting), whole("walkers", walkers)
    left, right = well.minima[0], well.minima[-1]
    ridge = well.maxima[0]
    positions = langevin.walk_quartic(
        well,
        np.full(walkers, left),
        temperature=temperature,
        time_step=TIME_STEP,
        steps=max(1, round(waiting / TIME_STEP)),
        seed=seed,
    )
    histogram, _ = np.histogram(positions, EDGES, density=True)
    return {
        "grid": GRID,
        "energy": well.energy(GRID),
        "boltzmann": gibbs1902.density(well.energy, GRID, temperature=temperature),
        "positions": positions,
        "heights": well.energy(positions),
        "edges": EDGES,
        "histogram": histogram,
        "on the right (measured)": round(float((positions > ridge).mean()), 3),
        "on the right in the end (Boltzmann)": round(
            gibbs1902.population(well.energy, ridge, 10.0, temperature=temperature), 3
        ),
        "mean escape time (exact)": float(
            f"{pontryagin1933.mean_time(well.energy, start=left, target=right, temperature=temperature):.3g}"
        ),
    }
