r"""Replicated annealing: copies of a binary perceptron that hold on to a common centre find wide places.

Copies :math:`w_1 \dots w_y` and a centre :math:`c`, all of weights ±1, are annealed together with the weight

.. math::
    P(c, w_1, \dots, w_y) \propto \prod_{a=1}^y e^{-\beta E(w_a) + \gamma\, c \cdot w_a} .

Summed over the copies, the centre has :math:`P(c) \propto e^{y\, \phi(c)}`, where :math:`\phi(c) = \ln \sum_w
e^{-\beta E(w) + \gamma\, c \cdot w}` is the *local entropy*: it is large where many solutions are near. One copy
without coupling is plain simulated annealing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from course_utils.interrupts import interruptible
from course_utils.models.binary_perceptron import BinaryPerceptron
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, whole

Signs = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]

# Tried spins times patterns in one call of the compiled loop: short enough for an interrupt to be heard.
_WORK = 200_000_000


@dataclass(frozen=True, eq=False)
class Replicas:
    """Where a search ended, and its energies on the way.

    Attributes
    ----------
    centres : numpy.ndarray of int8, (perceptrons, N)
        The centres.
    copies : numpy.ndarray of int8, (perceptrons, y, N)
        The copies around them.
    energies : numpy.ndarray of int64, (perceptrons, y, sweeps)
        Violated patterns of each copy after each sweep.
    centre_energies : numpy.ndarray of int64, (perceptrons, sweeps)
        Violated patterns of the centre.
    """

    centres: Signs
    copies: Signs
    energies: Counts
    centre_energies: Counts


def anneal(
    perceptrons: BinaryPerceptron | Sequence[BinaryPerceptron],
    *,
    copies: int,
    betas: npt.ArrayLike,
    couplings: npt.ArrayLike,
    seed: Seed,
) -> Replicas:
    r"""Anneal copies of each perceptron around a centre, one sweep for each entry of the schedules.

    In a sweep each copy tries N flips (Metropolis); then the centre is drawn afresh, weight by weight, with
    :math:`P(c_i = 1) = 1 / (1 + e^{-2 \gamma \sum_a w_{a,i}})`. With constant schedules this samples the law above.

    Parameters
    ----------
    perceptrons : BinaryPerceptron or sequence of them
        All with the same numbers of weights and patterns.
    copies : int
        :math:`y`.
    betas : array_like, (sweeps,)
        Inverse temperature :math:`\beta \ge 0` in each sweep.
    couplings : float or array_like (sweeps,)
        Coupling :math:`\gamma \ge 0`; 0 lets the copies go their own ways.
    seed : int or numpy.random.Generator
        Starts and moves.

    Returns
    -------
    Replicas
        After an interrupt: the perceptrons that were done, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the perceptrons differ in size.

    References
    ----------
    C. Baldassi, C. Borgs, J. T. Chayes, A. Ingrosso, C. Lucibello, L. Saglietti, R. Zecchina, PNAS 113, E7655 (2016),
    doi:10.1073/pnas.1608103113.

    Examples
    --------
    >>> hard = BinaryPerceptron.draw(21, patterns=10, seed=1)
    >>> found = anneal(hard, copies=3, betas=np.linspace(0.5, 5, 200), couplings=np.linspace(0.1, 1, 200), seed=2)
    >>> found.centres.shape, found.copies.shape, found.energies[0, :, -1].tolist()
    ((1, 21), (1, 3, 21), [0, 0, 0])
    """
    tasks = [perceptrons] if isinstance(perceptrons, BinaryPerceptron) else list(perceptrons)
    if not tasks or not all(isinstance(task, BinaryPerceptron) for task in tasks):
        raise TypeError(f"perceptrons must be a BinaryPerceptron or a sequence of them; got {perceptrons!r:.80}")
    if len({task.patterns.shape for task in tasks}) > 1:
        raise ValueError(f"perceptrons must all have one shape; got {sorted({task.patterns.shape for task in tasks})}")
    count, heat = whole("copies", copies), finite_array("betas", betas, ndim=1, least=0)
    pull = (
        np.broadcast_to(finite_array("couplings", couplings, least=0), heat.shape)
        if np.ndim(couplings) == 0
        else finite_array("couplings", couplings, ndim=1, least=0)
    )
    if pull.shape != heat.shape:
        raise ValueError(f"couplings must be one number, or one per sweep ({heat.size}); got shape {pull.shape}")
    return _run(tasks, count, heat, np.ascontiguousarray(pull), seed)


def _run(
    tasks: list[BinaryPerceptron], count: int, betas: npt.NDArray[np.float64], couplings: npt.NDArray[np.float64],
    seed: Seed,
) -> Replicas:  # fmt: skip
    """Do the work, some perceptrons at a time."""
    from course_utils.dynamics.kernels import replicas as replica_kernels  # numba imports slowly

    many, (rows, size), sweeps = len(tasks), tasks[0].patterns.shape, betas.size
    random = generator(seed)
    drawn = random.integers(0, 2, size=(many, count + 1, size), dtype=np.int8) * np.int8(2) - np.int8(1)
    states = random.integers(1, 2**64, size=many, dtype=np.uint64)
    patterns = np.ascontiguousarray(np.stack([task.patterns for task in tasks]).swapaxes(1, 2))
    copies, centres = np.ascontiguousarray(drawn[:, 1:]), np.ascontiguousarray(drawn[:, 0])
    energies, own = np.zeros((many, count, sweeps), np.int64), np.zeros((many, sweeps), np.int64)
    some, done = max(1, _WORK // (count * sweeps * size * rows)), 0
    with interruptible(many, "Replicas") as bar:
        while done < many:
            now = slice(done, min(many, done + some))
            replica_kernels.search(
                patterns[now], copies[now], centres[now], states[now], betas, couplings, energies[now], own[now]
            )
            bar.update(now.stop - done)
            done = now.stop
    return Replicas(centres[:done], copies[:done], energies[:done], own[:done])
