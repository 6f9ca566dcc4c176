"""How a binary perceptron may look for a solution: flips downhill, which get stuck, and hidden states, which do not."""

from __future__ import annotations

import numpy as np

from course_utils.models.binary_perceptron import BinaryPerceptron, Signs
from course_utils.seeding import Seed, generator
from course_utils.validation import real, whole


def descend(perceptron: BinaryPerceptron, *, sweeps: int = 100, seed: Seed) -> Signs:
    r"""Try one weight after the other, in random order, and flip it if the energy does not rise.

    The motion of a glass at temperature zero; flips that cost nothing are taken, so that it can wander on a plain.

    Parameters
    ----------
    perceptron : BinaryPerceptron
        The patterns.
    sweeps : int
        How many flips are tried, in units of N.
    seed : int or numpy.random.Generator
        Where start and order come from.

    Returns
    -------
    numpy.ndarray of int8, (N,)
        Where it stood at the end, or when it met a solution.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> easy = BinaryPerceptron.draw(101, patterns=3, seed=1)
    >>> int(easy.energies(descend(easy, seed=2)))
    0
    """
    sweeps, random = whole("sweeps", sweeps), generator(seed)
    weights = (2 * random.integers(0, 2, perceptron.inputs) - 1).astype(np.int8)
    twice, fields = 2 * perceptron.patterns.astype(np.int64).T, perceptron.fields(weights)
    energy = int((fields < 0).sum())
    for k in random.integers(0, perceptron.inputs, sweeps * perceptron.inputs):
        if energy == 0:
            break
        after = fields - weights[k] * twice[k]
        cost = int((after < 0).sum())
        if cost <= energy:
            energy, fields, weights[k] = cost, after, -weights[k]
    return weights


def hidden_states(
    perceptron: BinaryPerceptron, *, most: int = 1000, reinforce: float = 0.3, seed: Seed
) -> tuple[Signs, int | None]:
    r"""Learn pattern by pattern, each weight being the sign of a hidden odd number (SBPI).

    A pattern on the wrong side moves all hidden numbers by :math:`2\xi_i`. One that is only just on the right side,
    with a sum of 1, moves, with some probability, those that already help it. So weights that are needed become
    hard to turn.

    Parameters
    ----------
    perceptron : BinaryPerceptron
        The patterns.
    most : int
        How often to go through all patterns at most.
    reinforce : float
        Probability of the second kind of move, from 0 to 1.
    seed : int or numpy.random.Generator
        Where start, order and draws come from.

    Returns
    -------
    weights : numpy.ndarray of int8, (N,)
    passes : int or None
        How often it went through all patterns; None if it found no solution.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    C. Baldassi, A. Braunstein, N. Brunel, R. Zecchina, PNAS 104, 11079 (2007), doi:10.1073/pnas.0700324104.

    Examples
    --------
    >>> task = BinaryPerceptron.draw(101, load=0.4, seed=1)
    >>> weights, passes = hidden_states(task, seed=2)
    >>> int(task.energies(weights)), passes is not None
    (0, True)
    """
    most, chance, random = whole("most", most), real("reinforce", reinforce, least=0, most=1), generator(seed)
    patterns = perceptron.patterns.astype(np.int64)
    hidden = 2 * random.integers(0, 2, perceptron.inputs) - 1
    for passed in range(1, most + 1):
        for row in patterns[random.permutation(len(patterns))]:
            helps = row * hidden > 0
            total = 2 * int(helps.sum()) - perceptron.inputs
            if total < 0:
                hidden += 2 * row
            elif total == 1 and random.random() < chance:
                hidden += 2 * row * helps
        weights = np.sign(hidden).astype(np.int8)
        if perceptron.energies(weights) == 0:
            return weights, passed
    return weights, None
