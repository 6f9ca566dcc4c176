"""The picture behind lesson 00's knob: choices made under noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.measure.statistics import proportion
from course_utils.seeding import Seed, generator
from course_utils.theory import boltzmann1868
from course_utils.validation import positive, whole

ENERGIES = (0.0, 0.5, 1.0, 1.5, 2.0)
"""The five options that are chosen from; the lower the better."""


def noisy_choices(temperature: float, *, draws: int = 2000, seed: Seed = 0) -> dict[str, Any]:
    r"""Choose the lowest of five energies many times, each time under fresh noise, and count.

    Each energy is lowered by :math:`T g`, where :math:`g` is Gumbel noise. The choice then follows Boltzmann's law
    exactly, at temperature :math:`T`.

    Parameters
    ----------
    temperature : float
        Strength of the noise in units of the energies; positive.
    draws : int
        How many choices are made.
    seed : int or numpy.random.Generator
        Randomness.

    Returns
    -------
    dict
        Arrays of shape (5,): ``energies``, ``boltzmann``, ``fraction`` and ``error``; and the numbers that the panel
        reads out.

    Raises
    ------
    TypeError, ValueError
        If the temperature is not positive or ``draws`` is not a whole number above 0.

    References
    ----------
    E. J. Gumbel, Statistical Theory of Extreme Values and Some Practical Applications, National Bureau of Standards
    Applied Mathematics Series 33 (1954).
    """
    temperature = positive("temperature", temperature)
    draws = whole("draws", draws)
    energies = np.array(ENERGIES)
    noise = generator(seed).gumbel(size=(draws, energies.size))
    chosen = (energies - temperature * noise).argmin(axis=1)
    counted = [proportion(int((chosen == k).sum()), draws) for k in range(energies.size)]
    boltzmann = boltzmann1868.occupation(energies, temperature)
    return {
        "energies": energies,
        "boltzmann": boltzmann,
        "fraction": np.array([c.mean for c in counted]),
        "error": np.array([c.error for c in counted]),
        "best option chosen (measured)": round(counted[0].mean, 3),
        "best option chosen (Boltzmann)": round(float(boltzmann[0]), 3),
        "worst option chosen (measured)": round(counted[-1].mean, 3),
    }
