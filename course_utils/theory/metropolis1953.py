r"""Metropolis and others (1953): every probability of every state at every step, for a system that can be written down.

One step: choose one of N spins at random; flip it if the energy falls, otherwise with probability
:math:`e^{-\beta \Delta E}`. For :math:`2^N` states the probabilities obey the master equation

.. math::
    p_{t+1}(s) = p_t(s) + \frac1N \sum_{i=1}^N \bigl[ p_t(s^i)\, a(s^i \to s) - p_t(s)\, a(s \to s^i) \bigr],
    \qquad a = \min(1, e^{-\beta_t \Delta E})

with :math:`s^i` the state with spin i flipped. Nothing is sampled.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]


def _checked(energies: npt.ArrayLike, betas: npt.ArrayLike) -> tuple[Array, Array, int]:
    energy = finite_array("energies", energies, ndim=1, least_size=2)
    spins = int(energy.size).bit_length() - 1
    if energy.size != 2**spins or spins > 20:
        raise ValueError(f"energies must hold one entry for each of 2^N states, N at most 20; got {energy.size}")
    return energy, finite_array("betas", betas, ndim=1, least=0), spins


def anneal(energies: npt.ArrayLike, betas: npt.ArrayLike) -> Array:
    """Probability of every state after a cooling schedule that starts from all states alike.

    Parameters
    ----------
    energies : array_like, (2^N,)
        Energy of each state; state number n has spin i up where bit i of n is 1.
    betas : array_like, (steps,)
        Inverse temperature of each step (one attempted flip); at least 0.

    Returns
    -------
    numpy.ndarray, (2^N,)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    N. Metropolis, A. W. Rosenbluth, M. N. Rosenbluth, A. H. Teller and E. Teller, J. Chem. Phys. 21, 1087 (1953),
    doi:10.1063/1.1699114; cooling: S. Kirkpatrick, C. D. Gelatt and M. P. Vecchi, Science 220, 671 (1983),
    doi:10.1126/science.220.4598.671.

    Examples
    --------
    Two spins that want to be alike, held at β = 1 long enough to forget the start:

    >>> anneal([-1.0, 1.0, 1.0, -1.0], np.ones(200)).round(4)
    array([0.4404, 0.0596, 0.0596, 0.4404])
    """
    energy, schedule, spins = _checked(energies, betas)
    # A deque of length one keeps only the last.
    return deque(_history(energy, schedule, spins), maxlen=1)[0]


def mean_energies(energies: npt.ArrayLike, betas: npt.ArrayLike) -> Array:
    """Mean energy after each step of a cooling schedule (see `anneal`), shape (steps,).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> mean_energies([-1.0, 1.0, 1.0, -1.0], [0.0, 50.0]).round(3)
    array([ 0., -1.])
    """
    energy, schedule, spins = _checked(energies, betas)
    return np.array([probability @ energy for probability in _history(energy, schedule, spins)])


def ground_probability(energies: npt.ArrayLike, betas: npt.ArrayLike) -> float:
    """Probability that a cooling schedule ends in a state of lowest energy (see `anneal`).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> round(ground_probability([-1.0, 1.0, 1.0, -1.0], [0.0, 0.5, 1.0]), 4)
    0.8896
    """
    energy, schedule, _ = _checked(energies, betas)
    return float(anneal(energy, schedule)[lowest(energy)].sum())


def lowest(energies: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which states have the lowest energy, up to rounding: True or False for each entry."""
    energy = finite_array("energies", energies)
    return energy < energy.min() + 1e-9 * max(1.0, float(np.abs(energy).max()))


def _history(energy: Array, schedule: Array, spins: int) -> Iterator[Array]:
    """Yield the probabilities after each step."""
    neighbour = np.arange(energy.size)[:, None] ^ (1 << np.arange(spins))
    uphill = np.maximum(energy[neighbour] - energy[:, None], 0.0)
    spin = np.arange(spins)
    probability = np.full(energy.size, 1 / energy.size)
    for beta in schedule:
        leaving = probability[:, None] * np.exp(-beta * uphill) / spins
        probability = probability - leaving.sum(1) + leaving[neighbour, spin].sum(1)
        yield probability
