r"""Two factors of a matrix in a heat bath, each drawn in turn from its exact distribution given the other.

.. math::
    p(A, B) \propto \exp\bigl[-\tfrac\beta2 \lVert BA - M \rVert^2 - \tfrac12 \lVert A \rVert^2
    - \tfrac12 \lVert B \rVert^2\bigr]

Given :math:`A`, the rows of :math:`B` are independent Gaussians of precision :math:`\beta AA^{\mathsf T} + 1` and mean
:math:`\beta (\beta AA^{\mathsf T} + 1)^{-1} A M^{\mathsf T}`, and the other way round: no step size, no rejection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from course_utils.interrupts import interruptible
from course_utils.models import reduced_rank
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, whole

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Heated:
    """What was seen in the heat bath.

    Attributes
    ----------
    energies : numpy.ndarray, (temperatures, chains)
        Mean loss of each chain, over the kept sweeps.
    halves : numpy.ndarray, (2, temperatures, chains)
        The same for the first and the second half of them: they agree if the start is forgotten.
    """

    energies: Array
    halves: Array


def _other(fixed: Array, aim: Array, beta: Array, random: np.random.Generator) -> Array:
    """Draw B, turned, given A: columns of the returned (chains, hidden, rows) are the rows of B."""
    chains, hidden, entering = fixed.shape
    # least squares by QR: squaring the factor, as the precision does, would lose its small singular values
    tall = np.concatenate([np.sqrt(beta) * fixed.mT, np.broadcast_to(np.eye(hidden), (chains, hidden, hidden))], axis=1)
    frame, root = np.linalg.qr(tall)
    centre = frame[:, :entering].mT @ aim.T * np.sqrt(beta)
    return np.asarray(np.linalg.solve(root, centre + random.standard_normal(centre.shape)))


def sample(
    aim: npt.ArrayLike,
    betas: npt.ArrayLike,
    *,
    hidden: int,
    chains: int = 32,
    sweeps: int = 1000,
    burn_in: int = 300,
    seed: Seed,
) -> Heated:
    r"""Sample the factors of a target at several temperatures at once (Gibbs sampling).

    Parameters
    ----------
    aim : array_like, (rows, columns)
        :math:`M`.
    betas : array_like, (temperatures,)
        :math:`\beta`, positive.
    hidden : int
        How many hidden units: the inner size of the product.
    chains : int
        Independent chains at each temperature.
    sweeps, burn_in : int
        Sweeps over both factors that count (at least 2), and those before them that do not.
    seed : int or numpy.random.Generator
        Where starts and draws come from.

    Returns
    -------
    Heated

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> cold = sample(reduced_rank.target(2, rows=2, columns=2), [1e6], hidden=2, chains=64, sweeps=200, seed=1)
    >>> bool(abs(1e6 * cold.energies.mean() - 2) < 0.1)  # four weights of eight are stiff: half a unit of T each
    True
    """
    matrix = finite_array("aim", aim, ndim=2)
    beta = finite_array("betas", betas, ndim=1)
    if not (beta > 0).all():
        raise ValueError(f"betas must be positive; got {beta.min():g}")
    hidden, chains, random = whole("hidden", hidden), whole("chains", chains), generator(seed)
    sweeps, burn_in = whole("sweeps", sweeps, least=2), whole("burn_in", burn_in, least=0)
    each = np.repeat(beta, chains)[:, None, None]
    first = random.standard_normal((len(each), hidden, matrix.shape[1]))
    sums, counts = np.zeros((2, len(each))), np.zeros(2)
    with interruptible(sweeps + burn_in, "two factors in a heat bath") as bar:
        for sweep in range(sweeps + burn_in):
            second = _other(first, matrix, each, random).mT
            first = _other(second.mT, matrix.T, each, random)
            if sweep >= burn_in:
                half = int(sweep >= burn_in + sweeps // 2)
                sums[half] += reduced_rank.loss(first, second, matrix)
                counts[half] += 1
            bar.update(1)
    shape = (beta.size, chains)
    halves = (sums / np.maximum(counts, 1)[:, None]).reshape(2, *shape)
    return Heated((sums.sum(0) / max(counts.sum(), 1)).reshape(shape), halves)
