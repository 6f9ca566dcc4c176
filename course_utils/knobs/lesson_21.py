"""The picture behind lesson 21's knob: a square-lattice magnet that follows the temperature."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from course_utils.dynamics import clusters
from course_utils.models import Ising
from course_utils.seeding import Seed, generator
from course_utils.theory import kaufman1949, onsager1944, yang1952
from course_utils.validation import positive, whole

TEMPERATURES = np.linspace(1.5, 3.5, 401)
# How often every spin is flipped, on average, between the cold start and the picture.
TURNS = 14


def _clusters(side: int, temperature: float) -> int:
    """Return how many clusters flip each spin about `TURNS` times, from the known mean size of a cluster."""
    distance = temperature / onsager1944.CRITICAL_TEMPERATURE - 1
    share = 1.09 * side**-0.25  # at the critical temperature
    if distance < 0:
        share = max(share, float(yang1952.magnetisation(temperature)) ** 2)
    elif distance > 0:
        share = min(share, (3.5 + 1.1 * distance**-1.75) / side**2)
    return math.ceil(TURNS / share)


def magnet(temperature: float, side: int = 256, moment: int = 0, *, seed: Seed = 0) -> dict[str, Any]:
    """Draw one lattice at a temperature: start cold and flip clusters until the start is forgotten.

    Parameters
    ----------
    temperature : float
        In units of J / k_B; positive.
    side : int
        Side of the lattice, 2 or more.
    moment : int
        Which draw: another moment in the life of the same magnet.
    seed : int or numpy.random.Generator
        Randomness.

    Returns
    -------
    dict
        Arrays for `plots.magnet`, and the numbers that the panel reads out.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of its range.
    """
    heat, side = positive("temperature", temperature), whole("side", side, least=2)
    moment = whole("moment", moment, least=0)
    random = generator(seed) if isinstance(seed, np.random.Generator) else np.random.default_rng([seed, moment])
    number = _clusters(side, heat)
    record = clusters.wolff(Ising(side), [heat], replicas=1, records=1, clusters=number, burn_in=0, seed=random)
    order, energy = float(record.magnetisations[0, 0, 0]), float(record.energies[0, 0, 0])
    return {
        "spins": record.spins[0, 0],
        "point": np.array([heat, abs(order)]),
        "temperatures": TEMPERATURES,
        "yang": yang1952.magnetisation(TEMPERATURES),
        "order |m| at this moment": round(abs(order), 3),
        "order of an endless magnet (Yang)": round(float(yang1952.magnetisation(heat)), 3),
        "energy per spin at this moment": round(energy, 3),
        "mean energy at this size (Kaufman)": round(float(kaufman1949.energy(side, heat)), 3),
    }
