r"""The kicks of the compiled walkers: cheap, and Gaussian as far as a walker can tell.

A sum :math:`g` of four uniform numbers is Gaussian only roughly (its kurtosis is 2.7 instead of 3), and at a finite
time step a walker notices. The odd polynomial :math:`c_1 g + c_3 g^3 + c_5 g^5` bends it so that the second, fourth and
sixth moments are 1, 3 and 15, as a Gaussian's: what is left enters the averages only with the third power of the time
step.
The largest kick is 4.565 standard deviations.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# For g of unit variance; tests/test_langevin.py solves the three moment equations again.
BEND = (0.97150711770, 0.00088292649609, 0.00233126057316)
# The standard deviation of the sum of four numbers that are uniform on the 2^16 whole numbers from 0.
_DEVIATION = math.sqrt(4 * (2.0**32 - 1) / 12)


def streams(generator: np.random.Generator, walkers: int) -> npt.NDArray[np.uint32]:
    """Return the state of one generator for each walker, shape (4, walkers).

    The states are 128 random bits each from numpy's own generator: independent between walkers, and never all zero
    (the one state from which xoshiro does not move).
    """
    state = generator.integers(0, 2**32, size=(4, walkers), dtype=np.uint32)
    state[0] |= np.uint32(1)
    return state


def kick(temperature: float, time_step: float) -> tuple[np.float32, ...]:
    """Return the polynomial that turns the raw sum into a kick of variance 2 kT dt."""
    size = math.sqrt(2 * temperature * time_step)
    return tuple(np.float32(size * bend / _DEVIATION**power) for bend, power in zip(BEND, (1, 3, 5), strict=True))


def drift(coefficients: tuple[float, ...], time_step: float) -> tuple[np.float32, ...]:
    """Return force times time step, as the four coefficients of a cubic, for a potential given by its coefficients."""
    return tuple(np.float32(-time_step * power * coefficients[power]) for power in range(1, 5))
